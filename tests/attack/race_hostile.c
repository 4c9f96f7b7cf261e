/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: changes what a call was judged by while the call is under way. See box.h.
 *
 * The race is run for a bounded time. Paths of w and s differ in one byte, which is flipped.
 */
#include "hostile.h"

#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

static const double RACE = 0.7; /* seconds */

/* Shared with whoever flips. */
static struct shared {
	char path[PATH_MAX];
	char *flip; /* the byte: 'w' or 's' */
	atomic_int stop;
	atomic_ulong flips;
} * shared;

static pid_t flipper;
static pthread_t thread;

/* Is it still on? Where the machine has no time for it, longer, until it was one. */
static bool race_on(double end, bool enough)
{
	double now = seconds();

	return now < end || (!broken && !enough && now < end + 5);
}

/* The two sides of a race run at once, if there are processors for it. */
static void pin(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void shared_make(const char *below)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	NEED(shared != MAP_FAILED);
	snprintf(shared->path, sizeof(shared->path), "%s/w/%s", getenv("X"), below);
	shared->flip = shared->path + strlen(getenv("X")) + 1;
	pin(0);
}

static void *flip_run(void *data)
{
	(void)data;
	pin(1);
	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		*(volatile char *)shared->flip ^= 'w' ^ 's';
		atomic_fetch_add_explicit(&shared->flips, 1, memory_order_relaxed);
		if (atomic_load_explicit(&shared->flips, memory_order_relaxed) % 63 == 0)
			sched_yield();
	}
	return NULL;
}

static int flip_process(void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	flip_run(data);
	return 0;
}

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

static void thread_start(void *(*run)(void *data))
{
	NEED(pthread_create(&thread, NULL, run, NULL) == 0);
}

static void thread_end(void)
{
	atomic_store(&shared->stop, 1);
	pthread_join(thread, NULL);
	NEED(atomic_load(&shared->flips) > 100);
}

static void process_start(void)
{
	flipper = fork();
	if (flipper == 0)
		_exit(flip_process(NULL));
	NEED(flipper > 0);
}

static void process_end(void)
{
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, 0);
	NEED(atomic_load(&shared->flips) > 100);
}

/* All that can be done to a file by its path, again and again. What it did to s, the world tells.
 */
static void use_path(void)
{
	double end = seconds() + RACE;
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
	NEED(broken || (right > 20 && refused > 20));
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
	return strstr(exe, "/s/elf") ? 43 : 42;
}

static void use_exec(const char *path, double time)
{
	static char *const envp[] = { NULL };
	double end = seconds() + time;
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
			broke("ran a program of s");
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
		end = seconds() + RACE / 2;
		while (seconds() < end) {
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
	end = seconds() + RACE;
	while (seconds() < end) {
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
	end = seconds() + 2 * RACE;
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
	NEED(broken || right > 20);
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
	end = seconds() + RACE;
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
	NEED(broken || right > 20);
}

/* One that asks about its own file, under its own name, until it is killed. */
static void own_file(unsigned int number)
{
	char name[32], text[32];
	int fd;

	snprintf(name, sizeof(name), "own%u", number);
	for (;;) {
		struct stat st;

		fd = open(name, O_RDWR | O_CREAT, 0600);
		memset(&st, 0x55, sizeof(st));
		if (fd < 0 || fstat(fd, &st) < 0)
			_exit(1);
		memset(text, 0, sizeof(text));
		if (pread(fd, text, sizeof(text), 0) > 0 && strcmp(text, name) != 0)
			_exit(2);
		TRY(pwrite(fd, name, strlen(name) + 1, 0));
		if (stat(name, &st) < 0 || !S_ISREG(st.st_mode))
			_exit(3);
		close(fd);
	}
}

/* Callers that die in the middle of a call, and others with their numbers: no answer goes astray.
 */
static void a08(void)
{
	double end = seconds() + 2 * RACE;
	pid_t pids[8] = { 0 };
	unsigned int made = 0;

	NEED(chdir(at("w")) == 0);
	while (seconds() < end) {
		unsigned int i = made % 8;
		int status = 0;

		if (pids[i] > 0) {
			kill(pids[i], SIGKILL);
			NEED(waitpid(pids[i], &status, 0) == pids[i]);
			if (WIFEXITED(status))
				broke("got what was another's");
		}
		made++;
		pids[i] = fork();
		if (pids[i] == 0)
			own_file(i);
	}
	for (unsigned int i = 0; i < 8; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static void nothing(int signal)
{
	(void)signal;
}

static void stage(int in, int out)
{
	char byte;

	dup2(in, 0);
	dup2(out, 1);
	for (int fd = 3; fd < 20; fd++)
		close(fd);
	while (read(0, &byte, 1) == 1)
		if (write(1, &byte, 1) != 1)
			_exit(1);
	_exit(0);
}

/* 1,000 pipelines of three stages, under a rain of signals: nothing is lost. */
static void a09(void)
{
	struct itimerval timer = {
		{0,  700},
		    { 0, 700}
	};
	struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 1000; i++) {
		int pipes[4][2], status;
		char text[4] = "";

		for (int j = 0; j < 4; j++)
			NEED(pipe(pipes[j]) == 0);
		for (int j = 0; j < 3; j++) {
			pid_t pid = fork();

			NEED(pid >= 0);
			if (pid == 0)
				stage(pipes[j][0], pipes[j + 1][1]);
		}
		NEED(write(pipes[0][1], "abc", 3) == 3);
		for (int j = 0; j < 4; j++)
			close(pipes[j][1]);
		for (int j = 0; j < 3; j++)
			NEED(read(pipes[3][0], text + j, 1) == 1);
		NEED(strncmp(text, "abc", 3) == 0 && read(pipes[3][0], text, 1) == 0);
		for (int j = 0; j < 4; j++)
			close(pipes[j][0]);
		for (int j = 0; j < 3; j++)
			NEED(wait(&status) > 0 && status == 0);
	}
}

static void after(unsigned int ms, void (*run)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		poll(NULL, 0, (int)ms);
		run();
		_exit(0);
	}
}

static void signal_parent(void)
{
	kill(getppid(), SIGUSR1);
}

static void write_fifo(void)
{
	int fd = open(at("w/fifo"), O_WRONLY);

	poll(NULL, 0, 50);
	close(fd);
}

/* A handler without SA_RESTART ends an open that waits; with it, the open goes on. */
static void a10(void)
{
	struct sigaction action = { .sa_handler = nothing };
	struct timeval limit = { 0, 200000 };
	char byte, bytes[4096] = "";
	int fd, sockets[2];

	sigaction(SIGUSR1, &action, NULL);
	after(100, signal_parent);
	NEED(open(at("w/fifo"), O_RDONLY) < 0 && errno == EINTR);
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	after(100, signal_parent);
	after(300, write_fifo);
	fd = open(at("w/fifo"), O_RDONLY);
	NEED(fd >= 0);
	close(fd);
	while (wait(NULL) > 0)
		continue;
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	NEED(recv(sockets[0], &byte, 1, 0) < 0 && errno == EAGAIN);
	for (double end = seconds() + 5; seconds() < end;)
		if (send(sockets[0], bytes, sizeof(bytes), 0) < 0)
			break;
	NEED(errno == EAGAIN);
}

static void *spawn_run(void *data)
{
	double end = seconds() + RACE;

	(void)data;
	while (seconds() < end) {
		char *const argv[] = { (char *)"elf", (char *)"early", NULL };
		char world[PATH_MAX];
		char *const envp[] = { world, NULL };
		int status;
		pid_t pid;

		snprintf(world, sizeof(world), "X=%s", getenv("X"));
		if (posix_spawn(&pid, at("w/elf"), NULL, NULL, argv, envp) != 0) {
			broke("posix_spawn failed");
			break;
		}
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			broke("lost a child");
		else if (WEXITSTATUS(status) == HOSTILE_BROKE)
			broke("read s before it was known");
	}
	return NULL;
}

/* The first thing that a new process does. */
static void early(void)
{
	MUST_FAIL(open(at("s/canary"), O_RDONLY));
}

static void a11(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		NEED(pthread_create(&threads[i], NULL, spawn_run, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static struct sockaddr_un swap_address;
static struct open_how_ {
	uint64_t flags, mode, resolve;
} swap_how;

static void *struct_run(void *data)
{
	char *byte = swap_address.sun_path + strlen(getenv("X")) + 1;

	(void)data;
	pin(1);
	while (!atomic_load(&shared->stop)) {
		*(volatile char *)byte ^= 'w' ^ 's';
		swap_how.flags ^= O_WRONLY | O_TRUNC;
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* Structs that change, or are larger than they can be. */
static void a12(void)
{
	char huge[8192] = "";
	double end;
	int fd;

	shared_make("");
	swap_address.sun_family = AF_UNIX;
	snprintf(swap_address.sun_path, sizeof(swap_address.sun_path), "%s", at("w/sock"));
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 8192), E2BIG);
	huge[1000] = 1;
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 1024), E2BIG);
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 8), EINVAL);
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, -1L), E2BIG);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	MUST_FAIL_WITH(connect(fd, (struct sockaddr *)&swap_address, 200), EINVAL);
	MUST_FAIL_WITH(connect(fd, (struct sockaddr *)&swap_address, (socklen_t)-1), EINVAL);
	close(fd);
	thread_start(struct_run);
	end = seconds() + RACE;
	while (seconds() < end) {
		/* The flags may become those of writing: r may not be. */
		fd = (int)syscall(SYS_openat2, AT_FDCWD, at("r/file"), &swap_how, sizeof(swap_how));
		if (fd >= 0 && write(fd, "x", 1) == 1)
			broke("wrote to r");
		close(fd);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd, (struct sockaddr *)&swap_address, sizeof(swap_address));
		close(fd);
	}
	thread_end();
}

/* What stalls whoever reads us is refused; and what waits holds up nobody else. */
static void a13(void)
{
	double begin;
	pid_t pid;
	int fd;

	MUST_FAIL(syscall(SYS_userfaultfd, O_CLOEXEC));
	MUST_FAIL(syscall(SYS_userfaultfd, O_CLOEXEC | 1));
	MUST_FAIL(open("/dev/userfaultfd", O_RDWR));
	MUST_FAIL(open("/dev/fuse", O_RDWR));
	fd = open(at("w/canary"), O_RDWR);
	NEED(fd >= 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0);
	signal(SIGIO, SIG_IGN);
	for (int i = 0; i < 4; i++) {
		pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (i % 2)
				TRY(truncate(at("w/canary"), 3));
			else
				open(at("w/fifo"), O_RDONLY);
			_exit(0);
		}
	}
	poll(NULL, 0, 100);
	begin = seconds();
	for (int i = 0; i < 100; i++) {
		int other = open(at("r/file"), O_RDONLY);

		NEED(other >= 0);
		close(other);
	}
	if (seconds() - begin > 1.5)
		broke("held up by another");
	fcntl(fd, F_SETLEASE, F_UNLCK);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	exit(hostile_end());
}

static const struct hostile_attack attacks[] = {
	{"a01_thread",	a01_thread	   },
	{ "a01_process",	 a01_process    },
	{ "a01_vm",	    a01_vm	   },
	{ "a01_kernel",	a01_kernel	   },
	{ "a02",		 a02	     },
	{ "a02_interpreter", a02_interpreter},
	{ "a03",		 a03	     },
	{ "a04",		 a04	     },
	{ "a05",		 a05	     },
	{ "a06",		 a06	     },
	{ "a07",		 a07	     },
	{ "a08",		 a08	     },
	{ "a09",		 a09	     },
	{ "a10",		 a10	     },
	{ "a11",		 a11	     },
	{ "a12",		 a12	     },
	{ "a13",		 a13	     },
	{ "early",	   early		 },
};

int main(int argc, char **argv)
{
	/* As an interpreter of a script it gets the script's name. */
	if (argc > 1 && (strcmp(argv[1], "where") == 0 || strstr(argv[1], "/script")))
		return where_am_i();
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
