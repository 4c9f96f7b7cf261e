/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs under methods.c: libpcall from C, with threads and forks. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pcall.h"

enum {
	THREADS = 4,
	CALLS = 200,
};

static int failed;

#define CHECK(expression)                                             \
	do {                                                          \
		if (!(expression)) {                                  \
			fprintf(stderr, "not so: %s\n", #expression); \
			failed = 1;                                   \
		}                                                     \
	} while (0)

static void words(void)
{
	int add = pcall_method("demo.add");

	errno = 77;
	CHECK(add >= PCALL_BASE);
	CHECK(pcall(add, 1L, 2L) == 3);
	CHECK(pcall(pcall_method("demo.fail"), (long)ENOSPC) == -ENOSPC);
	CHECK(pcall(pcall_method("demo.nosuch")) == -ENOENT);
	CHECK(pcall(PCALL_BASE + 1000) == -ENOSYS);
	CHECK(pcall(pcall_method("demo.never")) == -ETIMEDOUT);
	CHECK(errno == 77);
}

static void messages(void)
{
	int echo = pcall_method("demo.echo");
	char bytes[64] = "";

	CHECK(pcall_message(echo, "hello", 5, bytes, sizeof(bytes)) == 5);
	CHECK(!strcmp(bytes, "hello"));
	CHECK(pcall_message(echo, "hello", 5, bytes, 4) == -EMSGSIZE);
	CHECK(pcall_message(echo, NULL, 0, NULL, 0) == 0);
	CHECK(pcall_message(echo, NULL, 5, bytes, sizeof(bytes)) == -EFAULT);
	CHECK(pcall_message(echo, "hello", 5, NULL, 64) == -EFAULT);
}

static void descriptors(void)
{
	long fd = pcall(pcall_method("demo.give"));
	int mine = memfd_create("taken", MFD_CLOEXEC);
	char bytes[8] = "";

	CHECK(fd >= 0 && pread((int)fd, bytes, sizeof(bytes), 0) == 6 && !strcmp(bytes, "given\n"));
	CHECK(write(mine, "ab", 2) == 2 && lseek(mine, 0, SEEK_SET) == 0);
	CHECK(pcall(pcall_method("demo.take"), (long)mine, 0L) == 'a' + 'b');
	CHECK(pcall(pcall_method("demo.take"), 77L, 0L) == -EBADF);
	long ring = pcall(pcall_method(
		"demo.ring")); /* where no ring can be had, none is handed over either */
	CHECK(ring == -EPERM || ring == -ENOTSUP);
	close(mine);
	close((int)fd);
}

/* A file of two bytes, and what the supervisor makes of it: it reads on where it stands. */
static int two_new(void)
{
	int fd = memfd_create("two", MFD_CLOEXEC);

	CHECK(fd >= 0 && write(fd, "ab", 2) == 2);
	return fd;
}

static long two_taken(int fd)
{
	static const char one = 1;

	lseek(fd, 0, SEEK_SET);
	return pcall(pcall_method("demo.take"), (long)fd, (long)&one) - one;
}

static sigjmp_buf out;
static volatile sig_atomic_t inner = -1, wrong, handled, jumps;

static void on_alarm(int number)
{
	(void)number;
	handled = handled + 1;
	if (two_taken(inner) != 'a' + 'b')
		wrong = wrong + 1;
	if (jumps && handled % 4 == 0)
		siglongjmp(out, 1);
}

/* A handler that makes the same kind of call, and one that never comes back: whatever is to be done
 * for a call that a supervisor has (it may have to begin anew), it is answered once. */
static void interrupted(void)
{
	const struct sigaction answer = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never = { { 0, 0 }, { 0, 0 } };
	volatile int fd = two_new();

	inner = two_new();
	sigaction(SIGALRM, &answer, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < 8)
		CHECK(two_taken(fd) == 'a' + 'b');
	jumps = 1;
	sigsetjmp(out, 1);
	while (handled < 40)
		CHECK(two_taken(fd) == 'a' + 'b');
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	CHECK(!wrong);
	close(fd);
	close(inner);
}

static void *takes(void *data)
{
	int fd = two_new();

	for (int i = 0; i < CALLS / 4; i++)
		CHECK(two_taken(fd) == 'a' + 'b');
	close(fd);
	return data;
}

static void *adds(void *data)
{
	int add = pcall_method("demo.add");

	for (long i = 0; i < CALLS; i++)
		CHECK(pcall(add, (long)data, i) == (long)data + i);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[2 * THREADS];

	for (long i = 0; i < 2 * THREADS; i++)
		CHECK(pthread_create(&thread[i], NULL, i % 2 ? takes : adds, (void *)(i * 1000)) ==
		      0);
	for (int i = 0; i < 2 * THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void forks(void)
{
	int add = pcall_method("demo.add"), status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(pcall(add, 20L, 22L) == 42 && pcall_method("demo.add") == add ? 0 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void where(void)
{
	struct pcall_info info = { .size = sizeof(info) };
	unsigned int n = 0;

	CHECK(pcall_inside(&info) == 0);
	CHECK(!strcmp(info.label, "demo") && info.depth == 1);
	while (pcall_method_name(n))
		n++;
	CHECK(n == info.methods && n > 0);
}

int main(void)
{
	words();
	messages();
	descriptors();
	interrupted();
	threads();
	forks();
	where();
	return failed;
}
