/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels: their beginning, what they define, and the methods by which those in the tree ask. */
#include "level/level.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/call.h"
#include "level/exec_watch.h"
#include "level/level_of.h"
#include "level/spawn_request.h"
#include "sys/rows.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "upcall/caller_access.h"
#include "upcall/mailbox.h"
#include "upcall/park.h"
#include "tree/events.h"
#include "call/memory.h"
#include "call/pool.h"
#include "spawn/spawn.h"
#include "call/caller.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	LEVELS_MAX = 64, /* in one child */
};

static int level_prepare(struct level *level, struct call *call)
{
	int r = task_tgid(call, &level->tgid);

	if (r != 0)
		return -r;
	level->pidfd = (int)syscall(SYS_pidfd_open, level->tgid, 0);
	if (level->pidfd < 0)
		return -errno;
	r = level_exec_init(level, call);
	return r == 0 ? events_new_charged(tree_children_most(level->child), &level->child->told,
					   &level->events)
		      : r;
}

/* Into the child's list, unless this process is a level already. */
static int level_enlist(struct level *level)
{
	struct child *child = level->child;
	unsigned int count = 0;
	int r = 0;

	child_lock_take(&child->lock);
	for (struct level *other = child->levels; other; other = other->next, count++)
		if (other->tgid == level->tgid && !other->dead)
			r = -EBUSY;
	if (count >= LEVELS_MAX)
		r = -EAGAIN;
	if (child->ended)
		r = -ESRCH;
	if (r == 0) {
		level_ref(level);
		level->next = child->levels;
		child->levels = level;
	}
	child_lock_give(&child->lock);
	return r;
}

/* Its process is watched: when it ends, so does the level. The engine knows it by a number, which
 * leads nowhere once it is gone. */
static int level_watch(struct level *level)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct tree *tree = level->tree;
	int r;

	tree_lock_take(&tree->lock);
	if (level->dead) { /* it was buried before it began */
		r = -ESRCH;
	} else {
		event.data.u64 = level->serial = ++tree->last_level;
		level->next_known = tree->levels;
		tree->levels = level;
		r = epoll_ctl(tree->deaths, EPOLL_CTL_ADD, level->pidfd, &event) < 0 ? -errno : 0;
		level->dead = r < 0;
	}
	tree_lock_give(&tree->lock);
	return r;
}

static struct sv_answer level_close(struct call *call)
{
	struct level *level = level_of(call);

	if (!level)
		return sv_answer_error(ENOTCONN);
	level_died(level->tree, level->serial);
	level_drop(level);
	return sv_answer_value(0);
}

/* (version, ms) */
static struct sv_answer level_open(struct call *call)
{
	struct child *child = call->regs.child;
	struct level *level;
	int r;

	if (arg_u64(call, 0) == 0)
		return level_close(call);
	if (arg_u64(call, 0) != WIRE_VERSION)
		return sv_answer_error(EPROTONOSUPPORT);
	r = level_new(child->tree, child, &level);
	if (r < 0)
		return sv_answer_error(-r);
	level->ask = level_ask;
	level->answer_ms = (unsigned int)arg_u64(call, 1);
	level_drop(level_of(call)); /* if there is one of an earlier program, it ends here */
	r = level_prepare(level, call);
	if (r == 0)
		r = level_enlist(level);
	if (r == 0)
		r = level_watch(level);
	level_drop(level);
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(0);
}

/* (name, size) or (number of a system call) */
static struct sv_answer level_defines(struct level *level, struct call *call, bool named)
{
	char name[PCALL_NAME_MAX] = "";
	int number = named ? METHOD_NAMED : (int)(uint32_t)arg_u64(call, 0), r;

	if (named) {
		r = mem_string(call, arg_u64(call, 0), name, sizeof(name), NULL);
		if (r != 0)
			return sv_answer_error(r);
	}
	if (named ? !method_name_valid(name) : number != METHOD_EVERY && !notifiable(number))
		return sv_answer_error(EINVAL);
	r = level_define(level, name, number, NULL, NULL);
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(r);
}

/* (name) */
static struct sv_answer level_find_method(struct level *level, struct call *call)
{
	char name[PCALL_NAME_MAX];
	int r = mem_string(call, arg_u64(call, 0), name, sizeof(name), NULL);

	if (r != 0)
		return sv_answer_error(r);
	r = table_slot(level->table, name);
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(PCALL_BASE + r);
}

static int tree_mask(struct level *level, uint64_t id, int number, bool allowed)
{
	struct sv_child *child;
	int r = -ECHILD;

	tree_lock_take(&level->tree->lock);
	child = child_find(level, id);
	if (child)
		r = child_mask(child, number, allowed);
	tree_lock_give(&level->tree->lock);
	return r;
}

/* (child, number, allowed), (child, signal), (child, badge, adopts), (child) */
static struct sv_answer level_children(struct level *level, struct call *call, unsigned int slot)
{
	uint64_t id = arg_u64(call, 0);
	int r;

	switch (slot) {
	case PCALL_SLOT_MASK:
		r = tree_mask(level, id, (int)(uint32_t)arg_u64(call, 1), arg_u64(call, 2) != 0);
		break;
	case PCALL_SLOT_KILL: r = tree_kill(level, id, (int)(uint32_t)arg_u64(call, 1)); break;
	case PCALL_SLOT_ADOPT:
		r = tree_speak_for(level, id, arg_u64(call, 1), arg_u64(call, 2) != 0);
		break;
	default: r = level->tree->ops->release(level, id); break;
	}
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(0);
}

static struct sv_answer level_act(struct level *level, struct call *call, unsigned int slot)
{
	switch (slot) {
	case PCALL_SLOT_DEFINE: return level_defines(level, call, true);
	case PCALL_SLOT_INTERCEPT: return level_defines(level, call, false);
	case PCALL_SLOT_FIND: return level_find_method(level, call);
	case PCALL_SLOT_SPAWN: return level_spawn(level, call);
	case PCALL_SLOT_WAIT: return level_wait(level, call);
	case PCALL_SLOT_ANSWER: return level_answer(level, call);
	case PCALL_SLOT_REST: return level_rest(level);
	case PCALL_SLOT_BELL: return level_bell(level);
	case PCALL_SLOT_READ: return level_read(level, call);
	case PCALL_SLOT_WRITE: return level_write(level, call);
	case PCALL_SLOT_PATH: return level_path(level, call);
	case PCALL_SLOT_TAKE: return level_take(level, call);
	case PCALL_SLOT_LIMIT: return level_limit(level, call);
	case PCALL_SLOT_MASK:
	case PCALL_SLOT_KILL:
	case PCALL_SLOT_ADOPT:
	case PCALL_SLOT_FREE: return level_children(level, call, slot);
	}
	return sv_answer_error(ENOSYS);
}

struct sv_answer level_serve(struct call *call, unsigned int slot)
{
	struct level *level;
	struct sv_answer answer;

	if (slot == PCALL_SLOT_LEVEL)
		return level_open(call);
	level = level_of(call);
	if (!level)
		return sv_answer_error(ENOTCONN);
	answer = level_act(level, call, slot);
	level_drop(level);
	return answer;
}
