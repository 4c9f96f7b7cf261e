/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: gives the supervisor memory to read and to write that stalls it, from many processes.
 * Its end comes when the stall is released (stall_attacks.c), and not before.
 */
#include "hostile.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum {
	MANY = 16, /* more than the supervisor has threads for one box */
	FEW = 3,
	LATE = 15, /* seconds; the release waits for twenty */
};

static char *stalled; /* a page; /etc/passwd is written there, once it can be read */

static void give_path(void)
{
	int fd = open(stalled, O_RDONLY);

	if (fd < 0)
		broke("not answered at the end");
	close(fd);
}

static void give_result(void)
{
	if (syscall(SYS_stat, "/etc/passwd", stalled + 1024) < 0)
		broke("not answered at the end");
}

static void give_message(void)
{
	struct iovec vector = { stalled, 16 };
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	int pair[2];

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	if (sendmsg(pair[0], &header, 0) != 16)
		broke("not answered at the end");
}

/* Each in a process of its own: while one's memory is waited for, one cannot change its mappings.
 */
static void give(void (*run)(void), int count, bool others_go_on)
{
	double begin = stopwatch_seconds();
	struct stat st;
	int status;

	for (int i = 0; i < count; i++)
		if (fork() == 0) {
			int fd = open("mount/stall", O_RDONLY);

			NEED(fd >= 0);
			stalled = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
			NEED(stalled != MAP_FAILED);
			run();
			_exit(hostile_end());
		}
	/* A hundred calls of ours, while the others wait; if these wait, too, it is for the
	 * release, which then is late. */
	for (int i = 0; others_go_on && i < 100; i++) {
		NEED(stat("/etc/passwd", &st) == 0);
		usleep(5000);
	}
	if (others_go_on && stopwatch_seconds() - begin > LATE)
		broke("held up");
	if (others_go_on)
		NEED(write(open("done", O_WRONLY), "x", 1) == 1);
	while (wait(&status) > 0)
		if (status != 0)
			broke("did not come to its end");
}

static void path(void)
{
	give(give_path, MANY, false);
}

static void result(void)
{
	give(give_result, MANY, false);
}

static void message(void)
{
	give(give_message, MANY, false);
}

static void few(void)
{
	give(give_path, FEW, true);
}

static const struct hostile_attack attacks[] = {
	{"path",	  path   },
	{ "result",  result },
	{ "message", message},
	{ "few",	 few    },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
