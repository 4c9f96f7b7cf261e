/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: changes what a call was judged by while the call is under way. See box.h.
 *
 * The race is run for a bounded time. Paths of w and s differ in one byte, which is flipped.
 */
#include "race.h"

#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/time.h>

/* The path is written by the kernel: read(2) of a pipe, into the very byte. */
static void *flip_kernel(void *data)
{
	int pair[2];

	(void)data;
	NEED(pipe(pair) == 0);
	pin(1);
	while (!atomic_load(&shared->stop)) {
		if (write(pair[1], "sw", 2) != 2 || read(pair[0], shared->flip, 1) != 1 ||
		    read(pair[0], shared->flip, 1) != 1)
			break;
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* The same by AIO, whose write comes when it comes. */
static void *flip_aio(void *data)
{
	int fd = open(at("w/bytes"), O_RDWR | O_CREAT, 0600);
	struct iocb block = { .aio_fildes = (uint32_t)fd,
			      .aio_lio_opcode = IOCB_CMD_PREAD,
			      .aio_buf = (uint64_t)shared->flip,
			      .aio_nbytes = 1 };
	struct iocb *blocks[] = { &block };
	struct io_event event;
	aio_context_t context = 0;

	(void)data;
	NEED(fd >= 0 && write(fd, "sw", 2) == 2 && syscall(SYS_io_setup, 4, &context) == 0);
	pin(1);
	while (!atomic_load(&shared->stop)) {
		block.aio_offset = !block.aio_offset;
		if (syscall(SYS_io_submit, context, 1, blocks) != 1 ||
		    syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
			break;
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* All that can be done to a file by its path, again and again. What it did to s, the world tells.
 */
static void use_path(void)
{
	double end = stopwatch_seconds() + RACE;
	unsigned long right = 0, refused = 0;

	for (unsigned int i = 0; race_on(end, right > 20 && refused > 20); i++) {
		int fd = open(shared->path, i % 4 ? O_RDONLY : O_RDWR | O_CREAT, 0644);

		if (is_canary(fd))
			broke("read s through a path that changed");
		right += fd >= 0;
		refused += fd < 0;
		if (fd >= 0)
			close(fd);
		if (i % 8 == 0 && chmod(shared->path, 0640 | (i % 16 ? 4 : 0)) < 0)
			refused++;
		if (i % 8 == 1)
			TRY(truncate(shared->path, 100));
		if (i % 8 == 2)
			utimensat(AT_FDCWD, shared->path, NULL, 0);
	}
	/* Else there was no race. */
	NEED(broken || (right > 2 && refused > 2));
}

static void a01_thread(void)
{
	shared_make("canary");
	thread_start(flip_run);
	use_path();
	thread_end();
}

static void a01_process(void)
{
	shared_make("canary");
	process_start();
	use_path();
	process_end();
}

static void a01_vm(void)
{
	static char stack[65536];

	shared_make("canary");
	flipper = clone(flip_process, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	NEED(flipper > 0);
	use_path();
	atomic_store(&shared->stop, 1);
	process_end();
}

static void a01_kernel(void)
{
	shared_make("canary");
	thread_start(flip_kernel);
	use_path();
	thread_end();
	atomic_store(&shared->stop, 0);
	thread_start(flip_aio);
	use_path();
	thread_end();
}

/* In s, this program says that it runs by its status; in w, too, but by another. */
static int where_am_i(void)
{
	char exe[PATH_MAX] = "";

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return 44;
	return strstr(exe, "/s/elf") || strstr(exe, "/r/elf") ? 43 : 42;
}

static void use_exec(const char *path, double time)
{
	static char *const envp[] = { NULL };
	double end = stopwatch_seconds() + time;
	unsigned long ran = 0;

	while (race_on(end, ran > 0)) {
		char *const argv[] = { (char *)path, (char *)"where", NULL };
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execve(path, argv, envp);
			_exit(41);
		}
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 43)
			broke("ran what may not be run");
		ran += WIFEXITED(status) && WEXITSTATUS(status) == 42;
	}
	NEED(broken || ran > 0);
}

static void a02(void)
{
	shared_make("elf");
	process_start();
	use_exec(shared->path, RACE);
	process_end();
}

/* The interpreter of an ELF program, which only the kernel looks at: ../s/elf instead of ld.so. */
/* A program in a view is executed by a descriptor and "", which is the end of the caller's path:
 * where another process puts a path to s. */
static void a02_view(void)
{
	char *end;

	shared_make("");
	end = shared->path + sprintf(shared->path, "/view/elf");
	sprintf(end + 1, "%s/s/elf", getenv("X") + 1);
	shared->flip = end;
	shared->other = '/';
	process_start();
	use_exec(shared->path, RACE);
	process_end();
}

/* And another thread puts a program in the place of the descriptor that may be read, not run. */
static void *swap_descriptors(void *data)
{
	int other = *(int *)data;

	pin(1);
	for (int fd = 10;; fd = fd == 3 ? 10 : fd - 1) {
		if (fd != other)
			dup2(other, fd);
		close(fd == other ? -1 : fd);
	}
	return NULL;
}

static void a02_view_descriptor(void)
{
	static char *const argv[] = { (char *)"elf", (char *)"where", NULL }, *const envp[] = {
		NULL
	};
	double end = stopwatch_seconds() + RACE;
	int other = open(at("r/elf"), O_RDONLY), status;
	unsigned long ran = 0;

	NEED(dup2(other, 20) == 20);
	other = 20;
	while (race_on(end, ran > 20)) {
		pid_t pid = fork();

		if (pid == 0) {
			pin(0);
			if (pthread_create(&thread, NULL, swap_descriptors, &other) == 0)
				execve("/view/elf", argv, envp);
			_exit(41);
		}
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 43)
			broke("ran what may not be run");
		ran += WIFEXITED(status) && WEXITSTATUS(status) == 42;
	}
	NEED(broken || ran > 0);
}

static void a02_interpreter(void)
{
	static const char loader[] = "/lib64/ld-linux-x86-64.so.2";
	static char bytes[1 << 20];
	int fd = open(at("w/elf"), O_RDONLY), status;
	ssize_t n = read(fd, bytes, sizeof(bytes));
	char *found = n > 0 ? memmem(bytes, (size_t)n, loader, sizeof(loader)) : NULL;
	pid_t pid;

	NEED(found && chdir(at("w")) == 0);
	memset(found, 0, sizeof(loader));
	memcpy(found, "../s/elf", 9);
	fd = open(at("w/patched"), O_WRONLY | O_CREAT, 0755);
	NEED(fd >= 0 && write(fd, bytes, (size_t)n) == n && close(fd) == 0);
	pid = fork();
	if (pid == 0) {
		execl(at("w/patched"), "patched", "where", NULL);
		_exit(41);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	/* It fails in execve; natively the kernel takes what is there, whatever comes of it. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 41)
		broke("an interpreter of s was taken");
}

static void make_script(const char *name, const char *interpreter)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0755);

	NEED(fd >= 0 && dprintf(fd, "#!%s\n", interpreter) > 0 && close(fd) == 0);
}

static void *rename_run(void *data)
{
	const char *const *names = data;

	pin(1);
	while (!atomic_load(&shared->stop)) {
		syscall(SYS_renameat2, AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE);
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* What is run becomes another script, with another interpreter, after it was looked at. */
static void a03(void)
{
	const char *names[] = { strdup(at("w/script")), strdup(at("w/script2")) };

	shared_make("");
	make_script(names[0], at("w/elf"));
	make_script(names[1], at("s/elf"));
	NEED(pthread_create(&thread, NULL, rename_run, names) == 0);
	use_exec(names[0], 2 * RACE);
	thread_end();
}

static int swapped[2];

static void *swap_run(void *data)
{
	int number = *(int *)data;

	pin(1);
	while (!atomic_load(&shared->stop)) {
		dup2(swapped[0], number);
		dup2(swapped[1], number);
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* 20 is s, 21 is s/canary, open for reading: somebody gave them to us. */
static void a04(void)
{
	int number = 30;
	double end;
	char bytes[4096];

	shared_make("");
	for (int round = 0; round < 2; round++) {
		swapped[0] = round ? open(at("w/canary"), O_RDWR) : open(at("w"), O_RDONLY);
		swapped[1] = round ? 21 : 20;
		NEED(swapped[0] >= 0 && dup2(swapped[0], number) == number);
		atomic_store(&shared->stop, 0);
		NEED(pthread_create(&thread, NULL, swap_run, &number) == 0);
		end = stopwatch_seconds() + RACE / 2;
		while (stopwatch_seconds() < end) {
			int fd = round ? -1 : openat(number, "canary", O_RDONLY);

			if (is_canary(fd))
				broke("read s through a descriptor that changed");
			if (fd >= 0)
				close(fd);
			if (!round) {
				mkdirat(number, "made", 0755);
				fd = (int)syscall(SYS_getdents64, number, bytes, sizeof(bytes));
				if (fd > 0 && memmem(bytes, (size_t)fd, "fifo2", 5))
					broke("listed s");
				continue;
			}
			fchmod(number, 0606);
			futimens(number, NULL);
			fd = open("/proc/self/fd/30", O_RDWR);
			if (is_canary(fd))
				broke("opened s for writing");
			if (fd >= 0)
				close(fd);
		}
		thread_end();
	}
}

static char *vanishing;

static void *vanish_run(void *data)
{
	(void)data;
	pin(1);
	while (!atomic_load(&shared->stop)) {
		munmap(vanishing + 4096, 4096);
		mmap(vanishing + 4096, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* The end of a path is on a page that comes and goes, and comes back empty. */
static void a05(void)
{
	const char *path = at("s/canary");
	size_t cut = strlen(path) - 3;
	struct stat st;
	double end;

	shared_make("");
	vanishing = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(vanishing != MAP_FAILED);
	memcpy(vanishing + 4096 - cut, path, cut);
	thread_start(vanish_run);
	end = stopwatch_seconds() + RACE;
	while (stopwatch_seconds() < end) {
		int fd = open(vanishing + 4096 - cut, O_RDONLY);

		if (fd >= 0)
			broke("opened what is not there");
		/* Results, too. */
		if (stat(at("w/canary"), (void *)(vanishing + 4096 - 64)) < 0 && errno != EFAULT)
			broke("stat");
		if (readlink("/proc/self/exe", vanishing + 4090, 100) < 0 && errno != EFAULT)
			broke("readlink");
	}
	thread_end();
	NEED(stat(at("w/canary"), &st) == 0);
}

/* w/d is a directory, w/l a link to s: they change places. */
static void a06(void)
{
	const char *names[] = { strdup(at("w/d")), strdup(at("w/l")) };
	unsigned long right = 0;
	double end;
	int fd;

	shared_make("");
	NEED(mkdir(at("w/d"), 0755) == 0 && symlink(at("s"), at("w/l")) == 0);
	fd = open(at("w/d/canary"), O_WRONLY | O_CREAT, 0644);
	NEED(fd >= 0 && write(fd, "plain\n", 6) == 6 && close(fd) == 0);
	NEED(mkdir(at("w/d/dir"), 0755) == 0);
	NEED(pthread_create(&thread, NULL, rename_run, names) == 0);
	end = stopwatch_seconds() + 2 * RACE;
	for (unsigned int i = 0; race_on(end, right > 20); i++) {
		fd = open(at("w/d/canary"), i % 2 ? O_RDONLY : O_RDWR | O_CREAT, 0644);
		if (is_canary(fd))
			broke("read s through a directory that changed");
		right += fd >= 0;
		if (fd >= 0)
			close(fd);
		chmod(at("w/d/canary"), 0600 + i % 8);
		TRY(link(at("w/d/canary"), at("w/got")));
		unlink(at("w/got"));
		mkdir(at("w/d/made"), 0755);
		rmdir(at("w/d/made"));
		rename(at("w/d/dir"), at("w/d/dir2"));
		rename(at("w/d/dir2"), at("w/d/dir"));
		fd = open(at("w/d/dir/../canary"), O_RDONLY);
		if (is_canary(fd))
			broke("read s through ..");
		if (fd >= 0)
			close(fd);
	}
	thread_end();
	NEED(broken || right > 2);
}

static void *chdir_run(void *data)
{
	(void)data;
	pin(1);
	while (!atomic_load(&shared->stop)) {
		if (fchdir(20) < 0 || chdir(at("w")) < 0)
			break;
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

static void a07(void)
{
	unsigned long right = 0;
	double end;

	shared_make("");
	thread_start(chdir_run);
	end = stopwatch_seconds() + RACE;
	while (race_on(end, right > 20)) {
		int fd = open("canary", O_RDONLY);

		if (is_canary(fd))
			broke("read s from where we stand");
		right += fd >= 0;
		if (fd >= 0)
			close(fd);
		chmod("canary", 0606);
		mkdir("made", 0755);
	}
	thread_end();
	NEED(broken || right > 2);
}
/* The first thing that a new process does: of a11, which runs this program as s/elf. */
static void early(void)
{
	MUST_FAIL(open(at("s/canary"), O_RDONLY));
}

static const struct hostile_attack attacks[] = {
	{"a01_thread",		a01_thread	   },
	{ "a01_process",	 a01_process	     },
	{ "a01_vm",		    a01_vm		   },
	{ "a01_kernel",		a01_kernel	   },
	{ "a02",		 a02		     },
	{ "a02_interpreter",     a02_interpreter    },
	{ "a02_view",	      a02_view	       },
	{ "a02_view_descriptor", a02_view_descriptor},
	{ "a03",		 a03		     },
	{ "a04",		 a04		     },
	{ "a05",		 a05		     },
	{ "a06",		 a06		     },
	{ "a07",		 a07		     },
	{ "early",		   early		 },
};

int main(int argc, char **argv)
{
	/* As an interpreter of a script it gets the script's name. */
	if (argc > 1 && (strcmp(argv[1], "where") == 0 || strstr(argv[1], "/script")))
		return where_am_i();
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}