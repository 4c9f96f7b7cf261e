/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that wait, and what ends them: a time limit, a handler, a handler that restarts them, room
 * at last. In the box it is as without one: natively this program ends the same. See box.h.
 */
#include "race.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

enum {
	LIMIT_MS = 100,
	SIGNAL_MS = 15, /* between two signals of a rain */
};

static char bytes[8192];
static struct sockaddr_un unix_queue, unix_box;
static struct sockaddr_in inet_queue = { .sin_family = AF_INET };
static int other_end; /* of what waits for room */

/* Each makes a socket that can take no more, with its other end in other_end, and tries to give it
 * more. */
static int full_stream(void)
{
	int sockets[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	while (send(sockets[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		continue;
	other_end = sockets[1];
	return sockets[0];
}

static int full_box(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	unlink(unix_box.sun_path);
	other_end = socket(AF_UNIX, SOCK_DGRAM, 0);
	NEED(bind(other_end, (struct sockaddr *)&unix_box, sizeof(unix_box)) == 0);
	while (sendto(fd, bytes, 16, MSG_DONTWAIT, (struct sockaddr *)&unix_box, sizeof(unix_box)) >
	       0)
		continue;
	return fd;
}

static int full_unix_queue(void)
{
	int fd;

	unlink(unix_queue.sun_path);
	other_end = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(bind(other_end, (struct sockaddr *)&unix_queue, sizeof(unix_queue)) == 0);
	NEED(listen(other_end, 0) == 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(connect(fd, (struct sockaddr *)&unix_queue, sizeof(unix_queue)) == 0);
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int full_inet_queue(void)
{
	socklen_t size = sizeof(inet_queue);
	int fd;

	other_end = socket(AF_INET, SOCK_STREAM, 0);
	inet_queue.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	inet_queue.sin_port = 0;
	NEED(bind(other_end, (struct sockaddr *)&inet_queue, sizeof(inet_queue)) == 0);
	NEED(listen(other_end, 0) == 0);
	NEED(getsockname(other_end, (struct sockaddr *)&inet_queue, &size) == 0);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(fd, (struct sockaddr *)&inet_queue, sizeof(inet_queue)) == 0);
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int pipe_without_reader(void)
{
	other_end = -1;
	return -1;
}

static long wait_sendmsg(int fd)
{
	struct iovec vector = { bytes, sizeof(bytes) };
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };

	return sendmsg(fd, &header, MSG_NOSIGNAL);
}

static long wait_sendmmsg(int fd)
{
	struct iovec vector = { bytes, sizeof(bytes) };
	struct mmsghdr slots[2] = { { .msg_hdr = { .msg_iov = &vector, .msg_iovlen = 1 } } };

	slots[1] = slots[0];
	return sendmmsg(fd, slots, 2, MSG_NOSIGNAL);
}

static long wait_sendto(int fd)
{
	return sendto(fd, bytes, 16, 0, (struct sockaddr *)&unix_box, sizeof(unix_box));
}

static long wait_connect_unix(int fd)
{
	return connect(fd, (struct sockaddr *)&unix_queue, sizeof(unix_queue));
}

static long wait_connect_inet(int fd)
{
	return connect(fd, (struct sockaddr *)&inet_queue, sizeof(inet_queue));
}

static long wait_open(int fd)
{
	(void)fd;
	fd = open(at("w/fifo"), O_RDONLY);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/* What makes room, whatever waits. */
static void make_room(void)
{
	static char taken[65536];

	if (other_end < 0)
		close(open(at("w/fifo"), O_WRONLY | O_NONBLOCK));
	else if (fcntl(other_end, F_SETFL, O_NONBLOCK) == 0 && accept(other_end, NULL, NULL) < 0)
		while (read(other_end, taken, sizeof(taken)) > 0)
			continue;
}

static const struct wait {
	const char *name;
	int (*prepare)(void);
	long (*call)(int fd);
	int over; /* the errno when the time is; 0: it knows no limit */
} waits[] = {
	{"open",	  pipe_without_reader, wait_open,	  0	    },
	{ "sendmsg",	     full_stream,	  wait_sendmsg,	EAGAIN     },
	{ "sendmmsg",     full_stream,	   wait_sendmmsg,	  EAGAIN	 },
	{ "sendto",	    full_box,	      wait_sendto,	   EAGAIN	  },
	{ "connect unix", full_unix_queue,	   wait_connect_unix, EAGAIN     },
	{ "connect inet", full_inet_queue,	   wait_connect_inet, EINPROGRESS},
};

static volatile sig_atomic_t handled;

static void on_signal(int signal)
{
	(void)signal;
	handled++;
}

/* Signals again and again: one that comes before the call does not count. */
static pid_t rain_start(int signals, bool room)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; getppid() == parent; i++) {
		poll(NULL, 0, SIGNAL_MS);
		if (i < signals)
			kill(parent, SIGUSR1);
		else if (room)
			make_room();
	}
	_exit(0);
}

static void rain_end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) != pid)
		NEED(errno == EINTR);
}

static void expect(const struct wait *wait, const char *when, long result, bool success, int error)
{
	if (success ? result >= 0 : result < 0 && errno == error)
		return;
	printf("%s, %s: %ld, %s\n", wait->name, when, result, result < 0 ? strerror(errno) : "");
	broke("ended otherwise");
}

static void handler_set(int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGUSR1, &action, NULL);
}

static void limit_set(int fd, int ms)
{
	struct timeval limit = { ms / 1000, ms % 1000 * 1000 };

	NEED(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
	NEED(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
}

static void ends_by_time(const struct wait *wait)
{
	int fd = wait->prepare();
	double begin;
	long r;

	limit_set(fd, LIMIT_MS);
	begin = stopwatch_seconds();
	r = wait->call(fd);
	expect(wait, "out of time", r, false, wait->over);
	if (stopwatch_seconds() - begin < LIMIT_MS / 1000.0 - 0.02)
		broke("too early");
	close(fd);
	close(other_end);
}

static void ends_by_handler(const struct wait *wait, int flags, int limit_ms, const char *when)
{
	int fd = wait->prepare();
	pid_t pid;
	long r;

	if (limit_ms)
		limit_set(fd, limit_ms);
	handler_set(flags);
	pid = rain_start(INT_MAX, false);
	r = wait->call(fd);
	expect(wait, when, r, false, EINTR);
	rain_end(pid);
	close(fd);
	close(other_end);
}

/* Five signals, then there is room. */
static void goes_on(const struct wait *wait, bool blocked, const char *when)
{
	int fd = wait->prepare();
	sigset_t set;
	pid_t pid;
	long r;

	handler_set(blocked ? 0 : SA_RESTART);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
	pid = rain_start(5, true);
	r = wait->call(fd);
	expect(wait, when, r, true, 0);
	rain_end(pid);
	handler_set(SA_RESTART);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(fd);
	close(other_end);
}

/* More than there is room for: what went is what is told, whatever ends it. */
static void partial(bool limit)
{
	static char much[1 << 20];
	struct iovec vector = { much, sizeof(much) };
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	int sockets[2];
	pid_t pid = 0;
	ssize_t n;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	if (limit)
		limit_set(sockets[0], LIMIT_MS);
	handler_set(0);
	if (!limit)
		pid = rain_start(INT_MAX, false);
	n = sendmsg(sockets[0], &header, 0);
	if (pid)
		rain_end(pid);
	/* A signal may have come before the first byte. */
	if (n == (ssize_t)sizeof(much) || (n < 0 && (limit || errno != EINTR)))
		broke("more, or less, than there was room for");
	close(sockets[0]);
	close(sockets[1]);
}

static void a10(void)
{
	unix_queue.sun_family = unix_box.sun_family = AF_UNIX;
	snprintf(unix_queue.sun_path, sizeof(unix_queue.sun_path), "%s", at("w/queue"));
	snprintf(unix_box.sun_path, sizeof(unix_box.sun_path), "%s", at("w/box"));
	for (size_t i = 0; i < COUNT(waits); i++) {
		const struct wait *wait = &waits[i];

		ends_by_handler(wait, 0, 0, "with a handler");
		goes_on(wait, false, "with a handler that restarts");
		goes_on(wait, true, "with a signal that is blocked");
		if (!wait->over)
			continue;
		ends_by_time(wait);
		/* With a limit, nothing is restarted. */
		ends_by_handler(wait, SA_RESTART, 60000, "with a handler and a limit");
	}
	partial(false);
	partial(true);
}

static const struct hostile_attack attacks[] = {
	{"a10", a10},
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
