/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Levels that exec: what their new program is knows nothing of children. So a level ends there as
 * it does with its process, and the new program may become one again.
 *
 * That an exec is let go is known here. Whether it succeeds the kernel tells nobody; but a process
 * comes to another memory by exec, and in no other way. So the memory that a level has is held,
 * before its exec goes on, by /proc/TID/mem, which reads as nothing once nobody uses that memory
 * any more; and if somebody still does (a process that vfork made, or CLONE_VM), the kernel has put
 * stack and arguments elsewhere in the new one. It is looked at when the process asks for something
 * as a level, or asks to be one; and by the reaper, less and less often, until the exec has
 * succeeded, or the thread that asked for it is seen to do something else.
 *
 * The level is the process that asked to be one. What it forks is another, whose execs end nothing.
 */
#include "level/exec_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/procfs.h"
#include "call/call.h"
#include "level/level_of.h"
#include "tree/level.h"
#include "upcall/park.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	LOOK_MS_MAX = 1024,
};

/* Under the level's lock. 0 or the errno for the child. */
static int memory_hold(struct call *call, struct level_exec *exec) REQUIRES(level_locked)
{
	uint64_t stat[STAT_END];
	char path[32];
	cleanup_fd int fd = -1;

	if (exec->memory >= 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/mem", call->regs.tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ESRCH : child_errno(errno);
	if (!proc_stat_read(call->regs.tid, stat) || !call_valid(call))
		return ESRCH;
	exec->stack = stat[STAT_STACK];
	exec->arguments = stat[STAT_ARGUMENTS];
	exec->memory = steal_fd(&fd);
	return 0;
}

/* Under the level's lock: an exec of this thread's (0: of one that is not known) may be under way.
 */
static int exec_begin(struct call *call, struct level_exec *exec, pid_t tid) REQUIRES(level_locked)
{
	int r = memory_hold(call, exec);

	if (r != 0)
		return r;
	exec->tid = tid;
	exec->wait_ms = 1;
	exec->look_ms = clock_ms() + exec->wait_ms;
	atomic_store(&exec->pending, true);
	return 0;
}

static bool has_levels(struct child *child)
{
	bool has;

	child_lock_take(&child->lock);
	has = child->levels;
	child_lock_give(&child->lock);
	return has;
}

int level_execs(struct call *call)
{
	struct level *level = has_levels(call->regs.child) ? level_of(call) : NULL;
	int r;

	if (!level)
		return 0;
	level_lock_take(&level->lock);
	r = exec_begin(call, &level->exec, call->regs.tid);
	level_lock_give(&level->lock);
	level_drop(level);
	return r;
}

int level_exec_init(struct level *level, struct call *call)
{
	uint64_t stat[STAT_END];
	int r = 0;

	if (!proc_stat_read(call->regs.tid, stat) || !call_valid(call))
		return -ESRCH;
	/* Who is alone waits for us, and not in an exec that began before this was a level. */
	level_lock_take(&level->lock);
	if (stat[STAT_THREADS] > 1)
		r = -exec_begin(call, &level->exec, 0);
	level_lock_give(&level->lock);
	return r;
}

enum whereabouts {
	IN_EXEC, /* or nobody can tell */
	ELSEWHERE,
	GONE,
};

static enum whereabouts thread_find(pid_t tid)
{
	char text[256];
	ssize_t n = tid ? proc_task_read(tid, "syscall", text, sizeof(text)) : -ESRCH;
	long nr;

	if (n <= 0)
		return n == -ENOENT || n == -ESRCH ? GONE : IN_EXEC;
	if (strncmp(text, "running", strlen("running")) == 0)
		return IN_EXEC;
	nr = strtol(text, NULL, 10);
	return nr == SYS_execve || nr == SYS_execveat ? IN_EXEC : ELSEWHERE;
}

/* Under the engine's lock. An exec takes its thread's number away before it changes the memory: one
 * that is gone settles nothing soon. */
static void level_look(struct level *level, uint64_t now) REQUIRES(tree_locked)
{
	struct level_exec *exec = &level->exec;
	enum whereabouts where;

	level_lock_take(&level->lock);
	where = thread_find(exec->tid); /* first: what is elsewhere has the memory that it keeps */
	if (level_has_execed(level))
		level->tree->ops->level_doom(level);
	else if (where == ELSEWHERE || (where == GONE && exec->wait_ms == LOOK_MS_MAX))
		atomic_store(&exec->pending, false);
	if (exec->wait_ms < LOOK_MS_MAX)
		exec->wait_ms *= 2;
	exec->look_ms = now + exec->wait_ms;
	level_lock_give(&level->lock);
}

/* -1 is for ever. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int levels_look(struct tree *tree)
{
	uint64_t now = clock_ms();
	int wait = -1;

	tree_lock_take(&tree->lock);
	for (struct level *level = tree->levels; level; level = level->next_known) {
		struct level_exec *exec = &level->exec;

		if (!level->dead && atomic_load(&exec->pending) && now >= exec->look_ms)
			level_look(level, now);
		if (level->dead)
			continue;
		if (atomic_load(&exec->pending))
			wait = sooner(wait, (int)(exec->look_ms - now));
		wait = sooner(wait, level_doze(level, now));
	}
	tree_lock_give(&tree->lock);
	return wait;
}
