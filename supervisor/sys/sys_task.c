/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that name other tasks: signals, limits, scheduling.
 *
 * A number is judged by the task's tag (child_owns). For most calls the kernel then goes on: the
 * number could come to mean another task in between, which takes the whole space of numbers to go
 * round, and what is lost then is a priority. What may not be lost, signals, the kernel's scopes
 * bound; without them (SV_DEGRADE_SCOPES) the gate is all there is. Where there is a way to hold on
 * to the task, the call is made for the child on what was pinned.
 *
 * Of the rest of the machine a child sees nothing: ESRCH.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/fd_take.h"
#include "call/call.h"
#include "tree/child.h"
#include "call/memory.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "common/cleanup.h"

/* Linux 6.9 */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
/* Linux 5.14 */
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
/* linux/ioprio.h came with Linux 5.15 */
enum {
	IOPRIO_PROCESS = 1,
	IOPRIO_GROUP = 2,
};

struct members {
	unsigned int own, others;
};

/* Whose processes are in this group? */
static struct members group_members(struct child *child, pid_t group)
{
	struct members members = { .own = 0 };
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || getpgid(pid) != group)
			continue;
		if (child_owns(child, pid))
			members.own++;
		else
			members.others++;
	}
	if (proc)
		closedir(proc);
	return members;
}

/*
 * A process group is the child's if its leader is, or, where that has ended, all others are: groups
 * that it was born into are its parent's. 0 stands for the caller's group, which another thread
 * could change after we have looked: never.
 */
static struct sv_gate group_or(const struct registers *regs, pid_t group, int error)
{
	struct members members;
	char object[32];

	if (group > 0 && child_owns(regs->child, group))
		return gate_continue();
	if (group > 1 && child_sees_nobody(regs->child, -group))
		return gate_error(error);
	members = group_members(regs->child, group);
	if (group > 0 && members.own && !members.others)
		return gate_continue();
	snprintf(object, sizeof(object), "process group %d", group);
	return gate_error(registers_deny(regs, VERB_NONE, object, error));
}

/* Where the kernel keeps signals from whoever in the group is not the child's, it is enough that
 * somebody is. */
static struct sv_gate group_signal(const struct registers *regs, pid_t group)
{
	struct child *child = regs->child;

	if (child->features & FEATURE_SCOPED && group > 0 &&
	    (getpgid(regs->tid) == group || child_owns(child, group) ||
	     group_members(child, group).own))
		return gate_continue();
	return group_or(regs, group, ESRCH);
}

/* call(pid, ...) */
static struct sv_gate gate_pid(const struct registers *regs)
{
	pid_t pid = (pid_t)regs->arg[0].s;

	return pid == 0 ? gate_continue() : gate_owned(regs, pid, ESRCH);
}

/* sched_*(pid, ...): a number that is none is looked at first. */
static struct sv_gate gate_sched(const struct registers *regs)
{
	return (pid_t)regs->arg[0].s < 0 ? gate_error(EINVAL) : gate_pid(regs);
}

/* sched_setaffinity(pid, ...) */
static struct sv_gate gate_setaffinity(const struct registers *regs)
{
	struct sv_gate gate = gate_pid(regs);

	if (gate.error == 0)
		affinity_settle(regs);
	return gate;
}

/* kcmp(pid, pid, ...) */
static struct sv_gate gate_kcmp(const struct registers *regs)
{
	struct sv_gate first = gate_owned(regs, (pid_t)regs->arg[0].s, EPERM);

	return first.error ? first : gate_owned(regs, (pid_t)regs->arg[1].s, EPERM);
}

/* kill(pid, signal): pid 0 and below are groups, -1 is everybody. */
static struct sv_gate gate_kill(const struct registers *regs)
{
	pid_t pid = (pid_t)regs->arg[0].s;

	if (pid > 0)
		return gate_owned(regs, pid, ESRCH);
	if (pid == -1 || pid == INT32_MIN)
		return gate_error(registers_deny(regs, VERB_NONE, "every process", EPERM));
	return group_signal(regs, -pid);
}

/* tgkill(tgid, tid, signal): the kernel checks that they belong together. */
static struct sv_gate gate_tgkill(const struct registers *regs)
{
	struct sv_gate process;

	if ((pid_t)regs->arg[0].s <= 0 || (pid_t)regs->arg[1].s <= 0)
		return gate_error(EINVAL);
	process = gate_owned(regs, (pid_t)regs->arg[0].s, ESRCH);
	return process.error ? process : gate_owned(regs, (pid_t)regs->arg[1].s, ESRCH);
}

/*
 * A clock of another process or thread, by its number in the upper bits (linux/posix-timers.h): the
 * kernel's own answer where there is none is EINVAL.
 */
static struct sv_gate gate_clock(const struct registers *regs)
{
	pid_t pid = ~((int)regs->arg[0].s >> 3);

	return pid == 0 ? gate_continue() : gate_owned(regs, pid, EINVAL);
}

/*
 * futex(word, operation, ...) on a mutex that lends its holder's priority: who holds it is a number
 * in memory, of any process of the machine, and the answer tells whether there is one. As a kernel
 * without such mutexes.
 */
static struct sv_gate gate_futex(const struct registers *regs)
{
	return gate_error(registers_deny(regs, VERB_NONE, "a mutex that lends priority", ENOSYS));
}

/* One's own group may be asked about, whoever else is in it. */
static struct sv_gate group_asked(const struct registers *regs, pid_t group)
{
	if (regs->nr != __NR_getpriority && regs->nr != __NR_ioprio_get)
		return group_or(regs, group, ESRCH);
	return group == getpgid(regs->tid) ? gate_continue() : group_or(regs, group, ESRCH);
}

/* @group: what means a process group; a process is one less, and a user one more. */
static struct sv_answer priority_answer(const struct registers *regs, int group)
{
	int which = (int)regs->arg[0].s;
	pid_t who = (pid_t)regs->arg[1].s;
	struct sv_gate gate;
	long r;

	if (who == 0)
		who = which == group ? getpgid(regs->tid) : regs->tid;
	if (which == group - 1)
		gate = gate_owned(regs, who, ESRCH);
	else if (which == group)
		gate = group_asked(regs, who);
	else if (which == group + 1)
		gate = gate_error(
			registers_deny(regs, VERB_NONE, "every process of a user", EPERM));
	else
		gate = gate_error(EINVAL);
	if (gate.error)
		return sv_answer_error(gate.error);
	r = syscall((long)regs->nr, which, who, (int)regs->arg[2].s);
	return r < 0 ? sv_answer_error(errno) : sv_answer_value(r);
}

/* getpriority(which, who) and setpriority(which, who, priority); by us, since 0 could be another
 * group by the time that the kernel looks */
static struct sv_answer sys_priority(struct call *call)
{
	return priority_answer(&call->regs, PRIO_PGRP);
}

/* ioprio_get(which, who) and ioprio_set(which, who, priority) */
static struct sv_answer sys_ioprio(struct call *call)
{
	return priority_answer(&call->regs, IOPRIO_GROUP);
}

/*
 * Is the task that this pidfd pins, and whose number is said to be @pid, one of the child's? If the
 * number is the child's and the pinned task is still there after that, then both were the same all
 * the time.
 */
static bool pidfd_owned(const struct call *call, int pidfd, pid_t pid)
{
	return child_owns(call->regs.child, pid) &&
	       syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0;
}

/* The number of a pidfd's task, by fdinfo; -1 if the task is gone, 0 if this is no pidfd. */
static pid_t pidfd_number(int pidfd)
{
	char path[64], text[1024];
	uint64_t pid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (proc_read(path, text, sizeof(text)) <= 0 || !proc_number(text, "\nPid:", 10, &pid))
		return 0;
	return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : -1;
}

/* pidfd_open(pid, flags): opened here, then judged, then given. */
static struct sv_answer sys_pidfd_open(struct call *call)
{
	pid_t pid = arg_int(call, 0);
	unsigned int flags = (unsigned int)arg_u64(call, 1);
	cleanup_fd int pidfd = -1;

	if (pid <= 0 || (flags & ~(unsigned int)(PIDFD_THREAD | O_NONBLOCK)) != 0)
		return sv_answer_error(EINVAL);
	pidfd = (int)syscall(SYS_pidfd_open, pid, flags);
	if (pidfd < 0)
		return sv_answer_error(child_errno(errno));
	if (!pidfd_owned(call, pidfd, pid))
		return sv_answer_error(ESRCH);
	return sv_answer_fd(steal_fd(&pidfd), O_CLOEXEC);
}

/*
 * pidfd_send_signal(pidfd, signal, info, flags), where no scope bounds it: sent here, so that the
 * descriptor that was judged is the one that is used. The receiver sees the supervisor's number as
 * the sender's, if the caller gives no info.
 */
static struct sv_answer sys_pidfd_send_signal(struct call *call)
{
	cleanup_fd int pidfd = -1;
	siginfo_t info, *given = NULL;
	pid_t pid;
	int r;

	r = fd_take(call, arg_int(call, 0), &pidfd);
	if (r == 0 && arg_u64(call, 2) != 0) {
		r = mem_read(call, arg_u64(call, 2), &info, sizeof(info));
		given = &info;
	}
	if (r != 0)
		return answer_fail(call, r);
	pid = pidfd_number(pidfd);
	if (pid == 0)
		return sv_answer_error(EBADF);
	if (!pidfd_owned(call, pidfd, pid))
		return sv_answer_error(ESRCH);
	if (syscall(SYS_pidfd_send_signal, pidfd, arg_int(call, 1), given,
		    (unsigned int)arg_u64(call, 3)) < 0)
		return sv_answer_error(child_errno(errno));
	return sv_answer_value(0);
}

/*
 * prlimit64(pid, resource, new, old) on another task, or on RLIMIT_LOCKS: that one is the tag by
 * which a task is known to be the child's, and nobody may set it. The limits are set and asked
 * here, by number: the task is pinned before it is judged, and must still be there afterwards.
 */
static struct sv_answer sys_prlimit64(struct call *call)
{
	pid_t pid = arg_int(call, 0) != 0 ? arg_int(call, 0) : call->regs.tid;
	unsigned int resource = (unsigned int)arg_u64(call, 1);
	uint64_t new_at = arg_u64(call, 2), old_at = arg_u64(call, 3);
	struct rlimit64 new_limit, old_limit;
	cleanup_fd int pidfd = -1;
	int r;

	if (resource >= RLIM_NLIMITS)
		return sv_answer_error(EINVAL);
	if (new_at != 0 && resource == RLIMIT_LOCKS)
		return sv_answer_error(EPERM);
	if (new_at != 0 && (r = mem_read(call, new_at, &new_limit, sizeof(new_limit))) != 0)
		return answer_fail(call, r);
	pidfd = (int)syscall(SYS_pidfd_open, pid, PIDFD_THREAD);
	if (pidfd < 0 && errno == EINVAL) /* before 6.9: only of a process */
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return sv_answer_error(errno == EMFILE || errno == ENFILE ? ENOMEM : ESRCH);
	if (!pidfd_owned(call, pidfd, pid))
		return sv_answer_error(ESRCH);
	if (syscall(SYS_prlimit64, pid, resource, new_at != 0 ? &new_limit : NULL, &old_limit) < 0)
		return sv_answer_error(child_errno(errno));
	r = old_at != 0 ? mem_write(call, old_at, &old_limit, sizeof(old_limit)) : 0;
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* To a task that is held already: scoped by the kernel, or judged. */
static const struct when signal_held_when[] = {
	OTHERWISE(PASS, .need = FEATURE_SCOPED),
	OTHERWISE(NOTIFY),
};

/*
 * By number. The kernel's scope keeps signals from whoever is outside, but says EPERM of those and
 * ESRCH of who is not there. The caller's own group and everybody name nobody.
 */
static const struct when kill_when[] = {
	IF_EQUAL(0, 0, PASS, .need = FEATURE_SCOPED),
	IF_EQUAL(0, UINT32_MAX, PASS, .need = FEATURE_SCOPED),
	OTHERWISE(NOTIFY),
};

enum {
	CLOCK_NEGATIVE = INT32_MIN, /* of a task, or of a descriptor, by its low three bits */
	CLOCK_KIND = 7,
	CLOCK_DESCRIPTOR = 3,
};

static const struct when clock_when[] = {
	IF_MASKED(0, (uint32_t)CLOCK_NEGATIVE, 0, PASS),
	IF_MASKED(0, CLOCK_KIND, CLOCK_DESCRIPTOR, PASS),
	OTHERWISE(NOTIFY),
};

#define FUTEX_OPERATION ~(uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

static const struct when futex_when[] = {
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_WAKE, PASS),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_WAIT, PASS),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_WAIT_BITSET, PASS),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_LOCK_PI, NOTIFY),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_LOCK_PI2, NOTIFY),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_TRYLOCK_PI, NOTIFY),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_WAIT_REQUEUE_PI, NOTIFY),
	IF_MASKED(1, FUTEX_OPERATION, FUTEX_CMP_REQUEUE_PI, NOTIFY),
	OTHERWISE(PASS),
};

/* call(pid, ...) where 0 is the caller. */
static const struct when pid_when[] = {
	IF_EQUAL(0, 0, PASS),
	OTHERWISE(NOTIFY),
};

/* The same, and nobody else. */
static const struct when self_when[] = {
	IF_EQUAL(0, 0, PASS),
};

static const struct when priority_when[] = {
	IF_EQUAL(0, PRIO_PROCESS, AND),
	IF_EQUAL(1, 0, PASS),
	OTHERWISE(NOTIFY),
};

static const struct when ioprio_when[] = {
	IF_EQUAL(0, IOPRIO_PROCESS, AND),
	IF_EQUAL(1, 0, PASS),
	OTHERWISE(NOTIFY),
};

static const struct when setrlimit_when[] = {
	IF_EQUAL(0, RLIMIT_LOCKS,
		 REFUSE(EPERM, "the limit by which its processes are known (RLIMIT_LOCKS)")),
	OTHERWISE(PASS),
};

static const struct when prlimit_when[] = {
	IF_EQUAL(1, RLIMIT_LOCKS, NOTIFY),
	IF_EQUAL(0, 0, PASS),
	OTHERWISE(NOTIFY),
};

#define SIGNAL(call, args_, gate_, note_) \
	ROW(call, args_, .tier = TIER_NOTIFY, .gate = (gate_), .note = (note_))
#define CLOCK(call, args_)                                     \
	ROW(call, args_, WHEN(clock_when), .gate = gate_clock, \
	    .note = "clocks of processes outside: EINVAL")
#define OTHERS(call, args_, note_) \
	ROW(call, args_, WHEN(pid_when), .gate = gate_pid, .note = (note_))

#define SCHED(call, args_) ROW(call, args_, WHEN(pid_when), .gate = gate_sched, .note = OUTSIDE)

static const char OUTSIDE[] = "processes outside: ESRCH";

const struct sysrow task_rows[] = {
	ROW(kill, "ii", WHEN(kill_when), .gate = gate_kill,
	    .note = "outside: ESRCH. Without the kernel's scopes kill(-1) is EPERM, and kill(0) "
		    "ESRCH, and a group is known by its leader"),
	SIGNAL(tkill, "ii", gate_pid, "as kill"),
	SIGNAL(tgkill, "iii", gate_tgkill, "as kill"),
	SIGNAL(rt_sigqueueinfo, "iiz", gate_pid, "as kill; what the signal carries is not judged"),
	SIGNAL(rt_tgsigqueueinfo, "iiiz", gate_tgkill, "as rt_sigqueueinfo"),
	ROW(pidfd_send_signal, "fiou", WHEN(signal_held_when), .handler = sys_pidfd_send_signal,
	    .note = "a process outside, if somebody handed it in: EPERM"),
	CLOCK(clock_gettime, "iz"),
	CLOCK(clock_getres, "iz"),
	CLOCK(clock_nanosleep, "iizz"),
	CLOCK(timer_create, "izz"),
	ROW(futex, "ziuzzu", WHEN(futex_when), .gate = gate_futex,
	    .note = "mutexes that lend priority (PTHREAD_PRIO_INHERIT): ENOSYS, as on a kernel "
		    "without them"),
	HANDLED(pidfd_open, "iu", OUTSIDE),
	ROW(prlimit64, "iuoo", WHEN(prlimit_when), .handler = sys_prlimit64,
	    .note = "processes outside: ESRCH; RLIMIT_LOCKS marks the child's tasks: to set it is "
		    "EPERM"),
	ROW(setrlimit, "uo", WHEN(setrlimit_when), .note = "RLIMIT_LOCKS: EPERM"),
	SCHED(sched_setparam, "iz"),
	SCHED(sched_getparam, "iz"),
	SCHED(sched_setscheduler, "iiz"),
	SCHED(sched_getscheduler, "i"),
	SCHED(sched_setattr, "izu"),
	SCHED(sched_getattr, "izuu"),
	ROW(sched_setaffinity, "iuz", WHEN(pid_when), .gate = gate_setaffinity, .note = OUTSIDE),
	OTHERS(sched_getaffinity, "iuz", OUTSIDE),
	SCHED(sched_rr_get_interval, "iz"),
	OTHERS(getpgid, "i", OUTSIDE),
	OTHERS(getsid, "i", OUTSIDE),
	ROW(getpriority, "ii", WHEN(priority_when), .handler = sys_priority,
	    .note = "processes outside: ESRCH; of a user: EPERM"),
	ROW(setpriority, "iii", WHEN(priority_when), .handler = sys_priority,
	    .note = "processes outside: ESRCH; of a user: EPERM"),
	ROW(ioprio_get, "ii", WHEN(ioprio_when), .handler = sys_ioprio,
	    .note = "processes outside: ESRCH; of a user: EPERM"),
	ROW(ioprio_set, "iii", WHEN(ioprio_when), .handler = sys_ioprio,
	    .note = "processes outside: ESRCH; of a user: EPERM"),
	ROW(get_robust_list, "ioo", WHEN(self_when), .error = EPERM, .note = "of the caller only"),
	ROW(migrate_pages, "izoo", WHEN(self_when), .error = EPERM, .note = "of the caller only"),
	ROW(move_pages, "izoooi", WHEN(self_when), .error = EPERM, .note = "of the caller only"),
	ROW(kcmp, "iiizz", .tier = TIER_NOTIFY, .gate = gate_kcmp,
	    .note = "processes outside: EPERM"),
	ROWS_END,
};
