/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a receiver remembers of its callers, in a small direct-mapped cache.
 *
 * Everything is opened by thread id while the caller waits for its answer, and NOTIF_ID_VALID is
 * asked after opening: so what an entry holds belonged to a task of this child. A number may come
 * to mean another task of the same child:
 *  - descriptors: their directory in proc is bound to the task, and says when it is gone;
 *  - directory, umask: dropped when any task of the child changes one (generations). The directory
 *    is an object, whose name others may change at any time: so what is remembered is a descriptor,
 *    and a name only as a guess;
 *  - everything: when the thread is no more (its pidfd says so, asked at the first question of each
 *    call: numbers may come round at once), and after a second. Who takes a descriptor by the pidfd
 *    need not ask: that of a thread that is gone says ESRCH.
 * A chdir or umask that was let through takes effect a moment after we counted it: until it has
 * settled, nothing read by another thread is remembered.
 */
#include "call/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/procfs.h"
#include "call/pool.h"
#include "tree/tree.h"
#include "common/cleanup.h"

/* Linux 6.9 */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

enum {
	TASK_LIFE_MS = 1000,
	SETTLE_MS = 100,
};

/* Receivers of children count what they remember: descriptors are not without end. */
static void remembered_add(struct receiver *receiver, int count)
{
	if (receiver->child)
		atomic_fetch_add_explicit(&receiver->child->tree->pool->remembered, count,
					  memory_order_relaxed);
}

static void task_drop_cwd(struct task *task)
{
	int fd = atomic_exchange(&task->cwd, -1);

	if (fd >= 0)
		close(fd);
}

static void task_deinit(struct receiver *receiver, struct task *task)
{
	if (task->tid == 0)
		return;
	remembered_add(receiver, -1);
	if (task->pidfd >= 0)
		close(task->pidfd);
	if (task->fds >= 0)
		close(task->fds);
	task_drop_cwd(task);
	for (size_t i = 0; i < array_size(task->guesses); i++)
		free(task->guesses[i].name);
	task->tid = 0;
}

static void task_init(struct receiver *receiver, struct task *task, pid_t tid)
{
	int64_t now = clock_coarse_ms();

	remembered_add(receiver, 1);
	*task = (struct task){ .tid = tid, .since_ms = now, .pidfd = -1, .fds = -1, .cwd = -1 };
}

void tasks_clear(struct receiver *receiver)
{
	for (unsigned int i = 0; i < TASKS_MAX; i++)
		task_deinit(receiver, &receiver->tasks[i]);
}

void tasks_trim(struct receiver *receiver)
{
	const struct pool *pool = receiver->child->tree->pool;

	if (atomic_load_explicit(&pool->remembered, memory_order_relaxed) > pool->remembered_max)
		tasks_clear(receiver);
}

static struct task *task_slot(const struct call *call)
{
	return &call->receiver->tasks[(unsigned int)call->regs.tid % TASKS_MAX];
}

void task_forget(struct call *call)
{
	task_deinit(call->receiver, task_slot(call));
	call->task = NULL;
}

/* After something was opened by number: does the number still mean the caller? */
static int still_valid(const struct call *call, int fd)
{
	if (fd < 0)
		return errno == ENOENT			    ? ESRCH
		       : errno == EMFILE || errno == ENFILE ? ENOMEM
							    : errno;
	if (call_valid(call))
		return 0;
	close(fd);
	return ESRCH;
}

/* Before Linux 6.9 a thread has no pidfd: what is remembered of it does not outlive the next check.
 */
static void task_pin(struct call *call, struct task *task)
{
	int fd = (int)syscall(SYS_pidfd_open, task->tid, PIDFD_THREAD);

	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_pidfd_open, task->tid, 0);
	if (still_valid(call, fd) == 0)
		task->pidfd = fd;
}

/* While the thread lives, nobody else has its number. */
static bool task_lives(const struct task *task)
{
	struct pollfd p = { .fd = task->pidfd, .events = POLLIN };

	return task->pidfd >= 0 && poll(&p, 1, 0) == 0;
}

static bool task_is_fresh(const struct call *call, const struct task *task)
{
	return task->tid == call->regs.tid && clock_coarse_ms() - task->since_ms <= TASK_LIFE_MS;
}

static struct task *call_task(struct call *call)
{
	struct task *task;

	/* Of two calls that are worked on together each may have put the other out of the slot. */
	if (call->task && call->task->tid == call->regs.tid)
		return call->task;
	task = task_slot(call);
	if (!task_is_fresh(call, task) || !task_lives(task)) {
		task_deinit(call->receiver, task);
		task_init(call->receiver, task, call->regs.tid);
		task_pin(call, task);
	}
	call->task = task;
	return task;
}

/* "/proc/TID/..." of the caller. */
struct proc_path {
	char text[64];
};

static struct proc_path proc_path(const struct call *call, const char *what)
{
	struct proc_path path;

	snprintf(path.text, sizeof(path.text), "/proc/%d/%s", call->regs.tid, what);
	return path;
}

int task_pidfd_kept(const struct call *call)
{
	const struct task *task = task_slot(call);

	return task_is_fresh(call, task) ? task->pidfd : -1;
}

int task_pidfd(struct call *call, int *ret_fd)
{
	struct task *task = call_task(call);

	if (task->pidfd < 0) {
		int fd = (int)syscall(SYS_pidfd_open, call->regs.tid, PIDFD_THREAD);
		int r;

		/* Before 6.9: only a process has one. Its threads share its descriptors, mostly;
		 * those that do not are refused by the ID of the leader being another. */
		if (fd < 0 && errno == EINVAL) {
			pid_t tgid;

			r = task_tgid(call, &tgid);
			if (r != 0)
				return r;
			fd = (int)syscall(SYS_pidfd_open, tgid, 0);
		}
		r = still_valid(call, fd);
		if (r != 0)
			return r;
		task->pidfd = fd;
	}
	*ret_fd = task->pidfd;
	return 0;
}

static bool settled(const struct call *call)
{
	const struct child *child = call->regs.child;

	return atomic_load(&child->settling_tid) == call->regs.tid ||
	       clock_coarse_ms() >= atomic_load(&child->settled_ms);
}

static int task_read_status(struct call *call, struct task *task)
{
	unsigned int generation = atomic_load(&call->regs.child->umask_generation);
	uint64_t mask, tgid;
	char status[1024];

	if (proc_task_read(call->regs.tid, "status", status, sizeof(status)) <= 0 ||
	    !call_valid(call) || !proc_number(status, "\nUmask:", 8, &mask) ||
	    !proc_number(status, "\nTgid:", 10, &tgid))
		return ESRCH;
	task->umask = (mode_t)mask & 0777;
	task->tgid = (pid_t)tgid;
	task->umask_generation = generation;
	task->umask_known = settled(call);
	return 0;
}

int task_tgid(struct call *call, pid_t *ret_tgid)
{
	struct task *task = call_task(call);
	int r = task->tgid ? 0 : task_read_status(call, task);

	if (r == 0)
		*ret_tgid = task->tgid;
	return r;
}

int task_umask(struct call *call, mode_t *ret_umask)
{
	struct task *task = call_task(call);
	int r = 0;

	if (!task->umask_known ||
	    task->umask_generation != atomic_load(&call->regs.child->umask_generation))
		r = task_read_status(call, task);
	if (r == 0)
		*ret_umask = task->umask;
	return r;
}

int task_cwd(struct call *call, int *ret_fd)
{
	struct task *task = call_task(call);
	unsigned int generation = atomic_load(&call->regs.child->cwd_generation);
	int fd = atomic_exchange(&task->cwd, -1), r;

	if (fd >= 0 && task->cwd_generation == generation) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	fd = open(proc_path(call, "cwd").text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = still_valid(call, fd);
	if (r != 0)
		return r;
	task->cwd_generation = settled(call) ? generation : generation - 1;
	*ret_fd = fd;
	return 0;
}

void task_cwd_keep(struct call *call, int fd)
{
	struct task *task = call_task(call);
	int none = -1;

	if (task->cwd_generation != atomic_load(&call->regs.child->cwd_generation) ||
	    !atomic_compare_exchange_strong(&task->cwd, &none, fd))
		close(fd);
}

const char *task_guess(struct call *call, int dirfd)
{
	const struct guess *guess = &call_task(call)->guesses[dirfd != AT_FDCWD];

	return guess->name && guess->dirfd == dirfd ? guess->name : NULL;
}

void task_guess_set(struct call *call, int dirfd, const char *name)
{
	struct guess *guess = &call_task(call)->guesses[dirfd != AT_FDCWD];

	if (guess->name && guess->dirfd == dirfd && strcmp(guess->name, name) == 0)
		return;
	free(guess->name);
	guess->dirfd = dirfd;
	guess->name = strdup(name);
}

bool link_is_guessed(const struct call *call, uint64_t hash)
{
	const uint64_t *links = call->receiver->links[hash % LINK_SETS];

	for (size_t i = 0; i < LINK_SET; i++)
		if (links[i] == hash)
			return true;
	return false;
}

void link_guess(struct call *call, const char *name)
{
	uint64_t hash = LINK_HASH, *links;

	for (; *name; name++)
		hash = link_hash(hash, *name);
	links = call->receiver->links[hash % LINK_SETS];
	if (link_is_guessed(call, hash))
		return;
	memmove(links + 1, links, (LINK_SET - 1) * sizeof(*links));
	links[0] = hash;
}

void child_settle(const struct registers *regs, atomic_uint *generation)
{
	struct child *child = regs->child;
	bool alone = atomic_load(&child->settling_tid) == regs->tid ||
		     clock_coarse_ms() >= atomic_load(&child->settled_ms);

	/* Who changed its own knows that this is done; of two changes nobody knows it of both. */
	atomic_store(&child->settling_tid, alone ? regs->tid : 0);
	atomic_store(&child->settled_ms, clock_coarse_ms() + SETTLE_MS);
	atomic_fetch_add(generation, 1);
}

void affinity_settle(const struct registers *regs)
{
	atomic_store(&regs->child->affinity_settled_ms, clock_coarse_ms() + SETTLE_MS);
}

bool affinity_settled(const struct child *child)
{
	return clock_coarse_ms() >= atomic_load(&child->affinity_settled_ms);
}

static int task_fds(struct call *call, int *ret_fds)
{
	struct task *task = call_task(call);

	if (task->fds < 0) {
		int fds = open(proc_path(call, "fd").text, O_PATH | O_DIRECTORY | O_CLOEXEC);
		int r = still_valid(call, fds);

		if (r != 0)
			return r;
		task->fds = fds;
	}
	*ret_fds = task->fds;
	return 0;
}

int task_dir(struct call *call, int fd, int *ret_fd)
{
	char number[16];
	int fds, r;

	if (fd < 0)
		return EBADF;
	snprintf(number, sizeof(number), "%d", fd);
	for (int tries = 0;; tries++) {
		r = task_fds(call, &fds);
		if (r != 0)
			return r;
		*ret_fd = openat(fds, number, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*ret_fd >= 0)
			return 0;
		if (tries > 0 || (errno != ENOENT && errno != ESRCH))
			break;
		/* No such descriptor; or the task that was remembered by this number is gone. */
		task_forget(call);
	}
	return errno == ENOENT ? EBADF : errno == EMFILE || errno == ENFILE ? ENOMEM : errno;
}

int own_fd_name(const struct call *call, int fd, char *ret_name, size_t size)
{
	int own_fds = call->receiver->own_fds;
	char path[32];
	ssize_t n;

	/* From the directory it is the number alone, which is sooner found. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = own_fds > 0 ? readlinkat(own_fds, strrchr(path, '/') + 1, ret_name, size)
			: readlink(path, ret_name, size);
	if (n < 0)
		return errno == ENAMETOOLONG ? errno : -errno;
	if ((size_t)n == size)
		return ENAMETOOLONG;
	ret_name[n] = '\0';
	return 0;
}

int receiver_umask(struct call *call)
{
	struct receiver *receiver = call->receiver;
	mode_t mask;
	int r = task_umask(call, &mask);

	if (r != 0)
		return r;
	if (!receiver->umask_known || receiver->umask != mask)
		umask(mask);
	receiver->umask = mask;
	receiver->umask_known = true;
	return 0;
}
