/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels: their beginning, what they define, and the methods by which those in the tree ask. */
#include "tree/level.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/call.h"
#include "engine/engine.h"
#include "tree/events.h"
#include "call/memory.h"
#include "engine/receiver.h"
#include "spawn/spawn.h"
#include "call/caller.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	LEVELS_MAX = 64, /* in one child */
};

static int level_new(struct sv *sv, struct child *child, struct level **ret)
{
	struct level *level = calloc(1, sizeof(*level));

	if (!level)
		return -ENOMEM;
	*level = (struct level){
		.sv = sv,
		.child = child,
		.table = child ? table_ref(child->table) : NULL,
		.depth = child ? child->depth + 1 : 1,
		.users = 1,
		.pidfd = -1,
		.next_call = 1,
		.bell = -1,
		.exec.memory = -1,
	};
	pthread_mutex_init(&level->lock, NULL);
	*ret = level;
	return 0;
}

int level_new_root(struct sv *sv, struct level **ret)
{
	return level_new(sv, NULL, ret);
}

struct level *level_ref(struct level *level)
{
	atomic_fetch_add(&level->users, 1);
	return level;
}

struct level *level_drop(struct level *level)
{
	if (!level || atomic_fetch_sub(&level->users, 1) > 1)
		return NULL;
	for (uint32_t i = 0; i < level->methods_count; i++)
		free(level->methods[i]);
	free(level->methods);
	events_free(level->events);
	policy_free(level->policy);
	policy_free(level->granted);
	free(level->policy_text);
	table_drop(level->table);
	if (level->pidfd >= 0)
		close(level->pidfd);
	level_bell_close(level);
	if (level->exec.memory >= 0)
		close(level->exec.memory);
	pthread_mutex_destroy(&level->lock);
	free(level);
	return NULL;
}

struct events *level_events(const struct level *level)
{
	return level->child ? level->events : level->sv->events;
}

static struct method *method_find(const struct level *level, const char *name, int number)
{
	for (uint32_t i = 0; i < level->methods_count; i++) {
		struct method *method = level->methods[i];

		if (method && method->number == number && strcmp(method->name, name) == 0)
			return method;
	}
	return NULL;
}

int level_define(struct level *level, const char *name, int number, sv_handler *handler, void *data)
{
	struct method *method;
	int r;

	pthread_mutex_lock(&level->lock);
	method = calloc(1, sizeof(*method));
	if (!level->methods)
		level->methods = calloc(METHODS_MAX, sizeof(struct method *));
	r = !method || !level->methods		  ? -ENOMEM
	    : method_find(level, name, number)	  ? -EEXIST
	    : level->methods_count == METHODS_MAX ? -ENOSPC
						  : (int)level->methods_count;
	if (r >= 0) {
		method->level = level;
		method->id = (uint32_t)r;
		method->number = number;
		snprintf(method->name, sizeof(method->name), "%s", name);
		method->handler = handler;
		method->data = data;
		level->methods[r] = steal_pointer(&method);
		atomic_store_explicit(&level->methods_count, (uint32_t)r + 1, memory_order_release);
		atomic_fetch_add(&level->generation, 1);
	}
	pthread_mutex_unlock(&level->lock);
	free(method);
	return r;
}

int level_method(struct level *level, const char *name)
{
	const struct method *method;
	int r = -ENOENT;

	pthread_mutex_lock(&level->lock);
	method = method_find(level, name, METHOD_NAMED);
	if (method)
		r = PCALL_BASE + METHOD_DEFINED_FIRST + (int)method->id;
	pthread_mutex_unlock(&level->lock);
	return r;
}

struct level *level_of(struct call *call)
{
	struct child *child = call->regs.child;
	struct level *level;
	pid_t tgid;

	if (task_tgid(call, &tgid) != 0)
		return NULL;
	pthread_mutex_lock(&child->lock);
	for (level = child->levels; level; level = level->next)
		if (level->tgid == tgid && !level->dead) {
			level_ref(level);
			break;
		}
	pthread_mutex_unlock(&child->lock);
	if (level && level_has_execed(level)) {
		level_died(level->sv, level->serial);
		level = level_drop(level);
	}
	return level;
}

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

	pthread_mutex_lock(&child->lock);
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
	pthread_mutex_unlock(&child->lock);
	return r;
}

/* Its process is watched: when it ends, so does the level. The engine knows it by a number, which
 * leads nowhere once it is gone. */
static int level_watch(struct level *level)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct sv *sv = level->sv;
	int r;

	pthread_mutex_lock(&sv->lock);
	if (level->dead) { /* it was buried before it began */
		r = -ESRCH;
	} else {
		event.data.u64 = level->serial = ++sv->last_level;
		level->next_known = sv->levels;
		sv->levels = level;
		r = epoll_ctl(sv->deaths, EPOLL_CTL_ADD, level->pidfd, &event) < 0 ? -errno : 0;
		level->dead = r < 0;
	}
	pthread_mutex_unlock(&sv->lock);
	return r;
}

static struct sv_answer level_close(struct call *call)
{
	struct level *level = level_of(call);

	if (!level)
		return sv_error(ENOTCONN);
	level_died(level->sv, level->serial);
	level_drop(level);
	return sv_value(0);
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
		return sv_error(EPROTONOSUPPORT);
	r = level_new(child->sv, child, &level);
	if (r < 0)
		return sv_error(-r);
	level->answer_ms = (unsigned int)arg_u64(call, 1);
	level_drop(level_of(call)); /* if there is one of an earlier program, it ends here */
	r = level_prepare(level, call);
	if (r == 0)
		r = level_enlist(level);
	if (r == 0)
		r = level_watch(level);
	level_drop(level);
	return r < 0 ? sv_error(-r) : sv_value(0);
}

/* (name, size) or (number of a system call) */
static struct sv_answer level_defines(struct level *level, struct call *call, bool named)
{
	char name[PCALL_NAME_MAX] = "";
	int number = named ? METHOD_NAMED : (int)(uint32_t)arg_u64(call, 0), r;

	if (named) {
		r = mem_string(call, arg_u64(call, 0), name, sizeof(name), NULL);
		if (r != 0)
			return sv_error(r);
	}
	if (named ? !method_name_valid(name) : number != METHOD_EVERY && !notifiable(number))
		return sv_error(EINVAL);
	r = level_define(level, name, number, NULL, NULL);
	return r < 0 ? sv_error(-r) : sv_value(r);
}

/* (name) */
static struct sv_answer level_find_method(struct level *level, struct call *call)
{
	char name[PCALL_NAME_MAX];
	int r = mem_string(call, arg_u64(call, 0), name, sizeof(name), NULL);

	if (r != 0)
		return sv_error(r);
	r = table_slot(level->table, name);
	return r < 0 ? sv_error(-r) : sv_value(PCALL_BASE + r);
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
	default: r = tree_release(level, id); break;
	}
	return r < 0 ? sv_error(-r) : sv_value(0);
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
	return sv_error(ENOSYS);
}

struct sv_answer level_serve(struct call *call, unsigned int slot)
{
	struct level *level;
	struct sv_answer answer;

	if (slot == PCALL_SLOT_LEVEL)
		return level_open(call);
	level = level_of(call);
	if (!level)
		return sv_error(ENOTCONN);
	answer = level_act(level, call, slot);
	level_drop(level);
	return answer;
}
