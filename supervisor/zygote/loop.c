/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The zygote's own life: clone a child where one is asked for, tell how children end, and when the
 * engine hangs up, kill everything.
 *
 * It shares a process group with the command and must not feel the terminal's signals: all are
 * blocked. It never waits for the engine to take a message: while one is stuck, it leaves changes
 * with the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "start.h"
#include "zygote/child.h"
#include "zygote/kill_tree.h"
#include "zygote/launch.h"
#include "zygote/order.h"
#include "zygote/session_leader.h"

struct loop {
	int socket;
	int signals;
	pid_t *spawned; /* whose changes the engine wants to know; others are orphans */
	size_t count;
	struct zygote_change change; /* waits for room in the socket */
	bool stuck;
	bool more;   /* changes, perhaps, that were not looked at yet */
	pid_t *kept; /* shared with the keepers: their children, by slot; NULL: there were none */
	pid_t *keepers;
};

enum {
	SPAWNED_MAX = 1 << 20,
	TERMINALS_MAX = 3,  /* 0 to 2 */
	KEEPERS_MAX = 1024, /* terminals that are relayed at once */
	CHANGES_MAX = 16,   /* told, or orphans buried, before the next order is looked for */
	BEING_MADE = -1,    /* in a slot: a keeper has not cloned its child yet */
};

/* Room that costs nothing until it is used. NULL: there is none. */
static void *room_make(size_t size, int sharing)
{
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

/* Clones a child: a private copy of us, since one that shared our memory would have to be at its
 * exec before the next could be made. */
static void child_make(struct loop *loop, int report, pid_t self)
{
	int pidfd = -1, r = loop->count < SPAWNED_MAX ? 0 : -EAGAIN;
	long pid = -1;

	if (r == 0) {
		pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, 0);
		if (pid == 0) {
			close(loop->socket);
			close(loop->signals);
			newborn_wait(report, self);
		}
		if (pid < 0)
			r = -errno;
		else
			loop->spawned[loop->count++] = (pid_t)pid;
	}
	birth_report(report, SV_STAGE_CLONE, (pid_t)pid, -r, pidfd);
	if (pidfd >= 0)
		close(pidfd);
	close(report);
}

/* A slot for a keeper and its child, or a negative errno. */
static int kept_reserve(struct loop *loop)
{
	if (!loop->keepers)
		loop->keepers = room_make(KEEPERS_MAX * sizeof(pid_t), MAP_PRIVATE);
	if (!loop->kept)
		loop->kept = room_make(KEEPERS_MAX * sizeof(pid_t), MAP_SHARED);
	if (!loop->keepers || !loop->kept)
		return -ENOMEM;
	for (int i = 0; i < KEEPERS_MAX; i++)
		if (!loop->keepers[i] && !loop->kept[i])
			return i;
	return -EAGAIN;
}

/* The terminals come to the keeper alone: whoever closes them last may hang. */
static _Noreturn void keeper_run(const struct loop *loop, int report, pid_t *slot, pid_t zygote)
{
	struct wire_incoming terminals;

	close(loop->signals);
	if (wire_receive(report, &terminals, TERMINALS_MAX, 0) <= 0 ||
	    terminals.message.magic != WIRE_KEPT)
		_exit(1);
	session_lead(&(struct keeping){
		.socket = loop->socket,
		.report = report,
		.terminals = terminals.with.fds,
		.terminals_count = terminals.with.count,
		.slot = slot,
		.zygote = zygote,
	});
}

/* Clones a keeper, which clones the child. */
static void keeper_make(struct loop *loop, int report, pid_t self)
{
	int slot = kept_reserve(loop);
	long pid = slot;

	if (slot >= 0) {
		loop->kept[slot] = BEING_MADE;
		pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
		if (pid == 0)
			keeper_run(loop, report, &loop->kept[slot], self);
		if (pid < 0) {
			pid = -errno;
			loop->kept[slot] = 0;
		} else {
			loop->keepers[slot] = (pid_t)pid;
		}
	}
	if (pid < 0)
		birth_report(report, SV_STAGE_CLONE, -1, (int)-pid, -1);
	close(report);
}

static bool is_end(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
	       info->si_code == CLD_DUMPED;
}

/* The child of a keeper that was killed comes to us, to die. */
static bool kept_is(struct loop *loop, const siginfo_t *info)
{
	for (int i = 0; loop->keepers && i < KEEPERS_MAX; i++) {
		if (loop->keepers[i] == info->si_pid && is_end(info)) {
			loop->keepers[i] = 0;
			if (loop->kept[i] == BEING_MADE)
				loop->kept[i] = 0;
		} else if (loop->kept[i] == info->si_pid) {
			if (is_end(info))
				loop->kept[i] = 0;
			return true;
		}
	}
	return false;
}

/* Is it one of ours; if it ended, not any more. */
static bool spawned_is(struct loop *loop, const siginfo_t *info)
{
	if (kept_is(loop, info))
		return true;
	for (size_t i = 0; i < loop->count; i++) {
		if (loop->spawned[i] != info->si_pid)
			continue;
		if (is_end(info))
			loop->spawned[i] = loop->spawned[--loop->count];
		return true;
	}
	return false;
}

static void change_send(struct loop *loop)
{
	ssize_t n = send(loop->socket, &loop->change, sizeof(loop->change),
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	loop->stuck = n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM);
}

/* Where thousands die at once, whoever wants a child does not wait for them all. */
static void changes_tell(struct loop *loop)
{
	unsigned int count = 0;

	if (loop->stuck)
		change_send(loop);
	loop->more = false;
	while (!loop->stuck) {
		siginfo_t info = { 0 };
		struct rusage usage = { 0 };

		loop->more = count++ == CHANGES_MAX;
		if (loop->more)
			break;
		/* libc's has no usage */
		if (syscall(SYS_waitid, P_ALL, 0, &info,
			    WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL, &usage) < 0)
			break;
		if (info.si_pid == 0)
			break;
		if (!spawned_is(loop, &info))
			continue;
		loop->change = (struct zygote_change){
			.pid = info.si_pid,
			.code = info.si_code,
			.status = info.si_status,
			.usage = usage,
		};
		change_send(loop);
	}
}

/* The children that we know die first, whatever /proc has to say about the rest. */
static _Noreturn void loop_end(struct loop *loop)
{
	for (size_t i = 0; i < loop->count; i++)
		kill(loop->spawned[i], SIGKILL);
	for (size_t i = 0; loop->keepers && i < KEEPERS_MAX; i++) {
		if (loop->kept[i] > 0)
			kill(loop->kept[i], SIGKILL);
		if (loop->keepers[i])
			kill(loop->keepers[i], SIGKILL);
	}
	reap_descendants(getpid());
	_exit(0);
}

/*
 * Whatever comes by the socket, its end above all, lets us go on if somebody has stopped us, or is
 * about to: the kernel takes back a stop that has not happened yet. Of itself it lets only those go
 * on that had stopped when their group was orphaned.
 */
static int socket_wakes(int socket)
{
	int flags = fcntl(socket, F_GETFL);

	if (flags < 0 || fcntl(socket, F_SETOWN, (long)getpid()) < 0 ||
	    fcntl(socket, F_SETSIG, (long)SIGCONT) < 0 ||
	    fcntl(socket, F_SETFL, (long)(flags | O_ASYNC)) < 0)
		return -errno;
	return 0;
}

/* Should hold the sockets alone; mustn't ignore what a child is not to. */
static int loop_init(struct loop *loop)
{
	sigset_t all, child;

	*loop = (struct loop){
		.socket = LAUNCH_SOCKET,
		.signals = -1,
		.spawned = room_make(SPAWNED_MAX * sizeof(pid_t), MAP_PRIVATE),
	};
	if (!loop->spawned)
		return -ENOMEM;
	if (prctl(PR_SET_NAME, "pcall-zygote") < 0)
		return -errno;
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	for (int number = 1; number <= 64; number++)
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);

	if (fcntl(LAUNCH_SOCKET, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(LAUNCH_AHEAD, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (socket_wakes(LAUNCH_SOCKET) < 0)
		return -errno;
	loop->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	if (setpgid(0, 0) < 0)
		return -errno;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}

static void loop_ask(struct loop *loop, const struct wire_incoming *asked, pid_t self)
{
	int report = asked->with.count ? asked->with.fds[0] : -1;

	if (report >= 0 && asked->message.magic == WIRE_CHILD)
		child_make(loop, report, self);
	else if (report >= 0 && asked->message.magic == WIRE_KEPT)
		keeper_make(loop, report, self);
	else if (report >= 0)
		close(report);
}

/* Where the program begins, with the descriptors of enum launch_fd. */
__attribute__((used)) static _Noreturn void zygote_main(void)
{
	struct signalfd_siginfo signals[8];
	struct wire_incoming order;
	struct loop loop;
	pid_t self = getpid();

	/* The engine does not wait for us; that we could not start it learns from our hanging up.
	 */
	if (loop_init(&loop) < 0)
		_exit(1);
	child_make(&loop, LAUNCH_AHEAD, self);
	for (;;) {
		struct pollfd polls[] = {
			{.fd = loop.socket,   .events = loop.stuck ? POLLIN | POLLOUT : POLLIN},
			{ .fd = loop.signals, .events = POLLIN				       },
		};

		if (poll(polls, array_size(polls), loop.more ? 0 : -1) < 0)
			continue;
		if (polls[0].revents & ~POLLOUT) {
			int r = wire_receive(loop.socket, &order, 1, MSG_DONTWAIT);

			if (r == 0)
				loop_end(&loop);
			if (r > 0)
				loop_ask(&loop, &order, self);
		}
		if (polls[1].revents)
			(void)!read(loop.signals, signals, sizeof(signals));
		if (polls[1].revents || loop.stuck || loop.more)
			changes_tell(&loop);
	}
}

START(zygote_main);
