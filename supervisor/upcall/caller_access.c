/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level's way to who called it: by the number of a call that it has been given and has not
 * answered. The root copies; neither sees the other's memory.
 */
#include "upcall/caller_access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "base/clock.h"
#include "upcall/mailbox.h"
#include "upcall/upcall.h"
#include "tree/level.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "call/pool.h"
#include "call/caller.h"

enum {
	CHUNK = 16384, /* bytes, on the stack */
};

/* Both ends of a copy: who called, and the level. */
struct reach {
	struct call caller;
	struct call *level;
	struct sv_call *call;
};

/* While it is looked into it is in nobody's list: a second thread of the level's finds nothing. */
static int reach_begin(struct reach *reach, struct level *level, struct call *call)
{
	reach->level = call;
	reach->call = level_call_take(level, arg_u64(call, 0));
	if (!reach->call)
		return ESRCH;
	if (!call_enter(reach->call, call->receiver, &reach->caller)) {
		level_call_put(level, reach->call);
		return ESRCH;
	}
	if (receiver_lend(call->receiver, reach->caller.regs.child))
		return 0;
	call_leave(&reach->caller);
	level_call_put(level, reach->call);
	return EAGAIN;
}

static void reach_end(struct reach *reach, struct level *level)
{
	receiver_back(reach->level->receiver, reach->caller.regs.child);
	call_leave(&reach->caller);
	level_call_put(level, reach->call);
}

static int copy(struct call *from, uint64_t from_address, struct call *to, uint64_t to_address,
		uint64_t size)
{
	char buffer[CHUNK] __attribute__((uninitialized));
	int r = size > PCALL_MESSAGE_MAX ? EMSGSIZE : 0;

	while (r == 0 && size > 0) {
		size_t some = size < CHUNK ? (size_t)size : CHUNK;

		r = mem_read(from, from_address, buffer, some);
		if (r == 0)
			r = mem_write(to, to_address, buffer, some);
		from_address += some;
		to_address += some;
		size -= some;
	}
	return r;
}

/* The same for what a newborn has, of which there is nothing for a level (R10). A call that waits
 * is the newborn's or is not: while it waits, nothing is executed. */
static int reach_inside(struct reach *reach, struct level *level, struct call *call)
{
	int r = reach_begin(reach, level, call);

	if (r != 0)
		return r;
	if (!child_is_newborn(reach->caller.regs.child)) {
		if (call_is_back(reach->call, call->receiver, BACK_OTHERS_MS)) {
			reach->caller.id = reach->call->call.id;
			return 0;
		}
		reach_end(reach, level);
		return ESRCH;
	}
	reach_end(reach, level);
	return registers_deny(&call->regs, VERB_NONE, "a process that has not begun its program",
			      EPERM);
}

/* (call, address, to, size) */
struct sv_answer level_read(struct level *level, struct call *call)
{
	struct reach reach;
	int r = reach_inside(&reach, level, call);

	if (r != 0)
		return sv_answer_error(r);
	reach.call->read = true;
	r = copy(&reach.caller, arg_u64(call, 1), call, arg_u64(call, 2), arg_u64(call, 3));
	reach_end(&reach, level);
	return r ? sv_answer_error(r) : sv_answer_value(0);
}

/* (call, address, from, size) */
struct sv_answer level_write(struct level *level, struct call *call)
{
	struct reach reach;
	int r = reach_inside(&reach, level, call);

	if (r != 0)
		return sv_answer_error(r);
	r = copy(call, arg_u64(call, 2), &reach.caller, arg_u64(call, 1), arg_u64(call, 3));
	reach_end(&reach, level);
	return r ? sv_answer_error(r) : sv_answer_value(0);
}

/* (call, i, to, size) */
struct sv_answer level_path(struct level *level, struct call *call)
{
	struct reach reach;
	uint64_t i = arg_u64(call, 1);
	const char *path;
	size_t size = 0;
	int r = reach_begin(&reach, level, call);

	if (r != 0)
		return sv_answer_error(r);
	path = i < 2 ? reach.caller.path[i] : NULL;
	if (reach.caller.row && reach.caller.row->bounded)
		reach.call->read = true;
	if (path) {
		size = strlen(path) + 1;
		r = size > arg_u64(call, 3) ? ENAMETOOLONG
					    : mem_write(call, arg_u64(call, 2), path, size);
	}
	reach_end(&reach, level);
	return r ? sv_answer_error(r) : sv_answer_value((int64_t)size);
}

/* (call, descriptor) */
struct sv_answer level_take(struct level *level, struct call *call)
{
	struct reach reach;
	int fd = -1, r = reach_inside(&reach, level, call);

	if (r != 0)
		return sv_answer_error(r);
	r = call_give_fd(reach.call, &reach.caller, (int)(uint32_t)arg_u64(call, 1), &fd);
	reach_end(&reach, level);
	return r ? sv_answer_error(r) : sv_answer_fd(fd, O_CLOEXEC);
}

/* (call, ms) */
struct sv_answer level_limit(struct level *level, struct call *call)
{
	unsigned int ms = (unsigned int)arg_u64(call, 1);
	struct reach reach;
	int r = reach_begin(&reach, level, call);

	if (r != 0)
		return sv_answer_error(r);
	r = call_limit(reach.call, ms ? clock_ms() + ms : 0);
	reach_end(&reach, level);
	return r ? sv_answer_error(r) : sv_answer_value(0);
}
