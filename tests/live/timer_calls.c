/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that Linux never ends with EINTR, while a signal comes every 10 ms: prints how many calls
 * and signals there were, how many ended with EINTR, and how many otherwise than they should. The
 * arguments: a directory to work in, how long in ms, and "restart" for a handler with SA_RESTART.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;
static long calls, interrupted, wrong;

static void tick(int number)
{
	(void)number;
	ticks++;
}

/* Calls that were interrupted are made again, so that each finds what the one before it left. */
#define MADE(call)                                \
	do {                                      \
		errno = 0;                        \
		calls++;                          \
		if ((call) < 0 && errno != EINTR) \
			wrong++;                  \
		interrupted += errno == EINTR;    \
	} while (errno == EINTR)

static void round_make(void)
{
	struct stat st;
	char text[16];
	int fd = -1;

	MADE(fd = open("a", O_CREAT | O_RDWR | O_CLOEXEC, 0644));
	if (fd >= 0)
		close(fd);
	MADE(stat("a", &st));
	MADE(chmod("a", 0600));
	MADE(access("a", R_OK));
	MADE(rename("a", "b"));
	MADE(unlink("b"));
	MADE(mkdir("a", 0755));
	MADE(rmdir("a"));
	MADE(symlink("to", "l"));
	MADE(readlink("l", text, sizeof(text)));
	MADE(unlink("l"));
	MADE(getpgid(getpid()));
}

int main(int argc, char *argv[])
{
	const struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = tick };
	struct timespec now;
	long end;

	if (argc < 3 || chdir(argv[1]) < 0)
		return 2;
	if (argc > 3)
		action.sa_flags = SA_RESTART;
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + atol(argv[2]);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < end) {
		round_make();
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%ld calls, %ld signals, %ld interrupted, %ld wrong\n", calls, (long)ticks,
	       interrupted, wrong);
	return 0;
}
