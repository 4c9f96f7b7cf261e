/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: makes code of data, where the policy is `sealed`. See box.h. */
#include "hostile.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Returns 42 if the bytes run. */
static const unsigned char answer_code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

static bool runs(const void *code)
{
	int (*function)(void);

	memcpy(&function, &code, sizeof(function));
	return function() == 42;
}

static bool is_answer(const void *page)
{
	return page != MAP_FAILED && memcmp(page, answer_code, sizeof(answer_code)) == 0;
}

static void answer_write(int fd)
{
	NEED(fd >= 0 && pwrite(fd, answer_code, sizeof(answer_code), 0) == sizeof(answer_code));
}

static const char *answer_file(const char *below)
{
	int fd = open(at(below), O_CREAT | O_RDWR | O_TRUNC, 0755);

	answer_write(fd);
	close(fd);
	return at(below);
}

/* Maps the descriptor as code, and runs what it got. */
static void must_not_run(int fd, int flags, const char *what)
{
	void *page;

	if (fd < 0)
		return;
	page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, flags, fd, 0);
	if (is_answer(page) && runs(page))
		broke(what);
	page = mmap(NULL, 4096, PROT_EXEC, flags, fd, 0);
	if (page != MAP_FAILED)
		broke(what);
	page = mmap(NULL, 4096, PROT_READ, flags, fd, 0);
	if (page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0)
		broke(what);
}

/* What is code has to stay it: else all that follows fails for the wrong reason. */
static void code_is_code(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	NEED(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	close(fd);
}

static void written(void)
{
	static const unsigned int memory[] = { 0, 1, 2, 8, 0x10 };
	const char *file = answer_file("w/code");
	int fd;

	code_is_code();
	must_not_run(open(file, O_RDWR), MAP_PRIVATE, "a file that is open for writing");
	must_not_run(open(file, O_RDONLY), MAP_PRIVATE, "a file that was written");
	must_not_run(open(file, O_RDONLY), MAP_SHARED, "a file that was written, shared");
	NEED(link(file, at("w/second")) == 0);
	must_not_run(open(at("w/second"), O_RDONLY), MAP_PRIVATE, "a second name");
	NEED(rename(at("w/second"), at("w/libsecond.so")) == 0);
	must_not_run(open(at("w/libsecond.so"), O_RDONLY), MAP_PRIVATE, "a library's name");
	fd = open(file, O_RDONLY);
	NEED(unlink(file) == 0 && unlink(at("w/libsecond.so")) == 0);
	must_not_run(fd, MAP_PRIVATE, "a deleted file");
	fd = open(at("w"), O_TMPFILE | O_RDWR, 0755);
	if (fd >= 0)
		answer_write(fd);
	must_not_run(fd, MAP_PRIVATE, "a file that never had a name");
	for (size_t i = 0; i < COUNT(memory); i++) {
		fd = (int)syscall(SYS_memfd_create, "code", memory[i]);
		if (fd >= 0)
			answer_write(fd);
		must_not_run(fd, MAP_PRIVATE, "a memfd");
		must_not_run(fd, MAP_SHARED, "a memfd, shared");
	}
}

/* What may be read and not executed, and what is no file. */
static void others(void)
{
	static const char *const names[] = { "/etc/passwd", "/dev/null", "/proc/self/status" };

	code_is_code();
	MUST_FAIL(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(at("r/file"), O_RDONLY),
		       0) == MAP_FAILED
			  ? -1
			  : 0);
	for (size_t i = 0; i < COUNT(names); i++)
		MUST_FAIL(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE,
			       open(names[i], O_RDONLY), 0) == MAP_FAILED
				  ? -1
				  : 0);
	MUST_FAIL_WITH(mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, 999, 0) == MAP_FAILED ? -1 : 0,
		       EBADF);
	MUST_FAIL_WITH(mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, -1, 0) == MAP_FAILED ? -1 : 0,
		       EBADF);
}

/* mremap of shared pages is a second address of them. The descriptor says nothing then. */
static void shared_by(int fd)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, fd, 0);
	void *data = code == MAP_FAILED ? code : mremap(code, 0, 4096, MREMAP_MAYMOVE);

	if (data == MAP_FAILED || mprotect(data, 4096, PROT_READ | PROT_WRITE) < 0)
		return;
	memcpy(data, answer_code, sizeof(answer_code));
	if (runs(code))
		broke("the second address of a shared page");
}

static void shared(void)
{
	shared_by(-1);
	shared_by(open("/proc/self/exe", O_RDONLY));
}

static void memory_file(void)
{
	char names[5][64] = { "/proc/self/mem", "/proc/thread-self/mem" };

	snprintf(names[2], sizeof(names[2]), "/proc/self/task/%d/mem", getpid());
	snprintf(names[3], sizeof(names[3]), "/proc/%d/mem", getpid());
	snprintf(names[4], sizeof(names[4]), "/proc/%d/task/%d/mem", getpid(), getpid());
	for (size_t i = 0; i < COUNT(names); i++) {
		int fd = open(names[i], O_RDWR);

		/* over code that nobody needs any more */
		if (fd >= 0 && pwrite(fd, answer_code, sizeof(answer_code), (off_t)others) > 0 &&
		    runs((const void *)others))
			broke(names[i]);
	}
}

static void copy_program(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0755);
	ssize_t n;

	NEED(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		NEED(write(out, bytes, (size_t)n) == n);
	close(in);
	close(out);
}

/* The exit status of a program, or -1 if it does not run. */
static int run(char *const argv[])
{
	char *envp[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execve(argv[0], argv, envp);
		_exit(99);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) && WEXITSTATUS(status) < 99 ? WEXITSTATUS(status) : -1;
}

static void loader(void)
{
	char ld[] = "/lib64/ld-linux-x86-64.so.2", copy[PATH_MAX], yes[] = "/bin/true",
	     list[] = "--list";

	snprintf(copy, sizeof(copy), "%s", at("w/true"));
	copy_program("/bin/true", copy);
	NEED(run((char *[]){ yes, NULL }) == 0);
	NEED(run((char *[]){ ld, yes, NULL }) == 0); /* what may run may run so, too */
	if (run((char *[]){ copy, NULL }) == 0)
		broke("a program that was written");
	if (run((char *[]){ ld, copy, NULL }) == 0)
		broke("ld.so and a program that was written");
	if (run((char *[]){ ld, list, copy, NULL }) == 0)
		broke("ld.so that lists what a program needs");
	if (run((char *[]){ ld, (char *)at("s/elf"), NULL }) == 0)
		broke("ld.so and a program that is refused");
}

/* The descriptor that is mapped, and what another task puts under its number. */
static struct {
	int number, good, bad;
	atomic_int stop, flips;
} * swap;

static void *swap_run(void *data)
{
	(void)data;
	while (!atomic_load(&swap->stop)) {
		dup2(swap->bad, swap->number);
		dup2(swap->good, swap->number);
		atomic_fetch_add(&swap->flips, 1);
	}
	return NULL;
}

/* Ends with the wrong one in place, and at once: who looks at the object first and for others then
 * is fooled. */
static void *swap_once(void *data)
{
	for (volatile int i = 0; i < *(int *)data; i++)
		;
	dup2(swap->bad, swap->number);
	syscall(SYS_exit, 0);
	return NULL;
}

static int swap_process(void *data)
{
	swap_run(data);
	_exit(0);
}

static void swap_make(void)
{
	swap = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(swap != MAP_FAILED);
	swap->good = open("/proc/self/exe", O_RDONLY);
	swap->bad = open(answer_file("w/code"), O_RDONLY);
	swap->number = dup(swap->good);
	NEED(swap->good >= 0 && swap->bad >= 0 && swap->number >= 0);
}

static bool swap_map(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, swap->number, 0);
	bool won = is_answer(page) && runs(page);

	if (page != MAP_FAILED)
		munmap(page, 4096);
	return won;
}

static void race_for(double end, const char *what)
{
	while (stopwatch_seconds() < end && !broken)
		if (swap_map())
			broke(what);
}

static void swapped_by_thread(void)
{
	double end = stopwatch_seconds() + 0.7;
	pthread_t thread;

	swap_make();
	NEED(pthread_create(&thread, NULL, swap_run, NULL) == 0);
	race_for(end, "a descriptor that a thread swapped");
	atomic_store(&swap->stop, 1);
	pthread_join(thread, NULL);
}

static void swapped_by_ending_thread(void)
{
	double end = stopwatch_seconds() + 2;
	pthread_t thread;
	int rounds = 0;

	swap_make();
	while (stopwatch_seconds() < end && !broken) {
		rounds = (rounds + 997) % 60000;
		dup2(swap->good, swap->number);
		NEED(pthread_create(&thread, NULL, swap_once, &rounds) == 0);
		if (swap_map())
			broke("a descriptor that a thread swapped as its last deed");
		pthread_join(thread, NULL);
	}
}

static void swapped_by_process(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	double end = stopwatch_seconds() + 0.7;
	pid_t pid;

	swap_make();
	pid = clone(swap_process, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	if (pid < 0)
		return;
	race_for(end, "a descriptor that a process swapped");
	atomic_store(&swap->stop, 1);
	waitpid(pid, NULL, 0);
}

static const struct hostile_attack attacks[] = {
	{"written",		     written		     },
	{ "others",		    others		   },
	{ "shared",		    shared		   },
	{ "memory_file",		 memory_file	     },
	{ "loader",		    loader		   },
	{ "swapped_by_thread",	       swapped_by_thread	 },
	{ "swapped_by_ending_thread", swapped_by_ending_thread},
	{ "swapped_by_process",	swapped_by_process	   },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
