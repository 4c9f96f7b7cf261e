/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new child, from clone to exec: a list of named stages, each of which either holds or ends the
 * child.
 *
 * It runs in a private copy of the zygote's memory, allocates nothing, and has all signals blocked
 * but for the last stages. Once the filter is on it makes no calls but write, execve and
 * exit_group, and sendmsg to FD_SENDER.
 */
#include "zygote/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd_sender.h"
#include "common/cleanup.h"
#include "base/landlock.h"
#include "zygote/order.h"

#ifndef PR_SET_MDWE /* 6.3 */
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

struct newborn {
	pid_t parent;  /* the zygote, or its keeper */
	uint32_t size; /* of the order */
	int *fds;
	size_t fds_count;
	int floor; /* index in fds, 0 if none */
	struct wire_view order;
};

static void report(const struct newborn *newborn, enum sv_stage stage, int error, int value)
{
	struct zygote_report message = { .stage = stage, .error = error, .value = value };

	if (write(newborn->fds[WIRE_FD_REPORT], &message, sizeof(message)) < 0)
		_exit(127);
}

/* Should die with its parent. Mustn't have lost it already: then nobody would kill this child. */
static int stage_clone(struct newborn *newborn)
{
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != newborn->parent)
		return -ESRCH;
	/* the engine reads our memory and takes our listener; an embedder may have been undumpable
	 */
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return -errno;
	r = wire_unpack(newborn->fds[WIRE_FD_ORDER], newborn->size, &newborn->order);
	if (r < 0)
		return r;
	newborn->floor = newborn->order.head->flags & WIRE_FLOOR ? WIRE_FD_FIXED : 0;
	if (newborn->fds_count != WIRE_FD_FIXED + !!newborn->floor + newborn->order.head->fds.count)
		return -EPROTO;
	return 0;
}

/* Should be in the engine's process group, or lead a session, or a group in its keeper's; mustn't
 * ignore what the order does not. */
static int stage_session(struct newborn *newborn)
{
	const struct wire_order *head = newborn->order.head;

	if (head->flags & WIRE_TERMINAL) {
		if (setpgid(0, 0) < 0)
			return -errno;
	} else if (head->flags & WIRE_SESSION) {
		if (setsid() < 0)
			return -errno;
	} else if (setpgid(0, head->group) < 0) {
		return -errno;
	}
	/* the zygote has all dispositions at their default */
	for (int number = 1; number <= 64; number++) {
		if (!(head->sigignore & 1ull << (number - 1)))
			continue;
		if (number == SIGKILL || number == SIGSTOP)
			continue;
		if (signal(number, SIG_IGN) == SIG_ERR)
			return -errno;
	}
	return 0;
}

/* Should stand where the order says, and create files as its level would. */
static int stage_cwd(struct newborn *newborn)
{
	if (newborn->order.head->umask >= 0)
		umask((mode_t)newborn->order.head->umask);
	return fchdir(newborn->fds[WIRE_FD_CWD]) < 0 ? -errno : 0;
}

/* Moves whatever of ours has this number out of the way, but for the descriptor that belongs there.
 */
static int number_clear(struct newborn *newborn, int number, size_t belongs)
{
	for (size_t i = 0; i < newborn->fds_count; i++) {
		int fd;

		if (newborn->fds[i] != number || i == belongs)
			continue;
		fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return -errno;
		newborn->fds[i] = fd;
	}
	return 0;
}

static int number_place(struct newborn *newborn, size_t i, int number)
{
	int r;

	if (newborn->fds[i] == number)
		return fcntl(number, F_SETFD, 0) < 0 ? -errno : 0;
	r = number_clear(newborn, number, i);
	if (r < 0)
		return r;
	if (dup2(newborn->fds[i], number) < 0)
		return -errno;
	newborn->fds[i] = number;
	return 0;
}

/* The lowest of those that stay, from this number on; -1: there is none. */
static int staying_next(const struct newborn *newborn, int from)
{
	int lowest = -1;

	for (size_t i = 0; i < newborn->fds_count; i++) {
		int fd = newborn->fds[i];

		if (i == WIRE_FD_ORDER || i == WIRE_FD_CWD)
			continue;
		if (fd >= from && (lowest < 0 || fd < lowest))
			lowest = fd;
	}
	return lowest;
}

/* Closes all but what stays, range by range. */
static int others_close(const struct newborn *newborn)
{
	int first = 0, next;

	do {
		next = staying_next(newborn, first);
		if (next != first && close_range((unsigned int)first,
						 next < 0 ? ~0u : (unsigned int)next - 1, 0) < 0)
			return -errno;
		first = next + 1;
	} while (next >= 0);
	return 0;
}

/* The session's, which one of the standard descriptors is: in its foreground. */
static int terminal_take(void)
{
	pid_t group = getpid();

	for (int fd = 0; fd < 3; fd++)
		if (ioctl(fd, TIOCSPGRP, &group) == 0)
			return 0;
	return -errno;
}

/* Should have the order's descriptors under their numbers; mustn't have any other after exec. */
static int stage_descriptors(struct newborn *newborn)
{
	const struct wire_view *order = &newborn->order;
	size_t kept = WIRE_FD_FIXED + !!newborn->floor;
	int r;

	for (size_t i = 0; i < order->head->fds.count; i++) {
		if (order->fds[i] < 0)
			return -EBADF;
		r = number_place(newborn, kept + i, order->fds[i]);
		if (r < 0)
			return r;
	}
	r = order->head->flags & WIRE_TERMINAL ? terminal_take() : 0;
	return r < 0 ? r : others_close(newborn);
}

/* Should have what a fork of its level would have by prctl; mustn't lack what takes away. */
static int stage_traits(struct newborn *newborn)
{
	return traits_take(&newborn->order.head->traits);
}

/* Should have the order's limits, and its tag for good. */
static int stage_limits(struct newborn *newborn)
{
	const struct wire_order *head = newborn->order.head;
	struct rlimit tag = { .rlim_cur = head->tag, .rlim_max = head->tag }, is;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		/* the number of descriptors is set by the engine when the listener has its number
		 */
		if (!(head->limit_set & 1u << i) || i == RLIMIT_NOFILE)
			continue;
		if (setrlimit((__rlimit_resource_t)i, &head->limits[i]) < 0)
			return -errno;
	}
	if (setrlimit(RLIMIT_LOCKS, &tag) < 0 || getrlimit(RLIMIT_LOCKS, &is) < 0)
		return -errno;
	return is.rlim_cur == head->tag && is.rlim_max == head->tag ? 0 : -EPERM;
}

static int stage_no_new_privs(struct newborn *newborn)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ? -errno : 0;
}

/* Mustn't ever turn writable memory into code. Holds across exec. */
static int stage_sealed(struct newborn *newborn)
{
	if (!(newborn->order.head->flags & WIRE_SEALED))
		return 0;
	if (prctl(PR_SET_MDWE, (long)PR_MDWE_REFUSE_EXEC_GAIN, 0L, 0L, 0L) == 0)
		return 0;
	return errno == EINVAL ? -EOPNOTSUPP : -errno;
}

static int stage_floor(struct newborn *newborn)
{
	if (!newborn->floor)
		return 0;
	if (landlock_restrict_self(newborn->fds[newborn->floor]) < 0)
		return -errno;
	close(newborn->fds[newborn->floor]);
	return 0;
}

/* Should take signals as the order says from here on; mustn't make any call that the filter might
 * notify. */
static int stage_filter(struct newborn *newborn)
{
	const struct wire_view *order = &newborn->order;
	struct sock_fprog program = {
		.len = (unsigned short)order->head->filter.count,
		.filter = (struct sock_filter *)order->filter,
	};
	long fd;

	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &order->head->sigmask, NULL,
		    sizeof(order->head->sigmask)) < 0)
		return -errno;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		     &program);
	if (fd < 0)
		return -errno;
	if (order->head->flags & WIRE_SENDER && fd_sender_send((int)fd) < 0)
		return -errno;
	report(newborn, SV_STAGE_LISTENER, 0, (int)fd);
	return 0;
}

/* As execvpe tries: a name that leads nowhere is passed over, and a refused one is remembered. */
static int stage_exec(struct newborn *newborn)
{
	const struct wire_view *order = &newborn->order;
	bool refused = false;
	int error = ENOENT;

	for (uint32_t i = 0; i < order->head->candidates.count; i++) {
		/* who answers it with anything but an error has not executed it */
		if (execve(order->candidates[i], order->argv, order->envp) >= 0)
			return -EIO;
		error = errno;
		switch (error) {
		case EACCES: refused = true; break;
		case ENOENT:
		case ENOTDIR:
		case ENODEV:
		case ESTALE:
		case ETIMEDOUT: break;
		default: return -error;
		}
	}
	return refused ? -EACCES : -error;
}

static const struct {
	enum sv_stage stage;
	int (*run)(struct newborn *newborn);
} stages[] = {
	{SV_STAGE_CLONE,	  stage_clone	      },
	{ SV_STAGE_SESSION,	    stage_session	  },
	{ SV_STAGE_CWD,		stage_cwd	  },
	{ SV_STAGE_DESCRIPTORS,	stage_descriptors },
	{ SV_STAGE_LIMITS,	   stage_traits	},
	{ SV_STAGE_LIMITS,	   stage_limits	},
	{ SV_STAGE_NO_NEW_PRIVS, stage_no_new_privs},
	{ SV_STAGE_SEALED,	   stage_sealed	},
	{ SV_STAGE_FLOOR,	  stage_floor	      },
	{ SV_STAGE_FILTER,	   stage_filter	},
	{ SV_STAGE_EXEC,	 stage_exec	    },
};

/* Holds nothing but its socket until its order comes. */
void newborn_wait(int socket, pid_t parent)
{
	struct wire_incoming order;
	struct newborn newborn = { .parent = parent, .fds = order.with.fds };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(127);
	if (wire_receive(socket, &order, FDPASS_MAX, 0) <= 0 || order.message.magic != WIRE_MAGIC ||
	    order.with.count < WIRE_FD_FIXED)
		_exit(127);
	newborn.size = order.message.size;
	newborn.fds_count = order.with.count;

	for (size_t i = 0; i < array_size(stages); i++) {
		int r = stages[i].run(&newborn);

		if (r < 0) {
			report(&newborn, stages[i].stage, -r, 0);
			break;
		}
	}
	_exit(127);
}
