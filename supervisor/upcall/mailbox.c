/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a level in the tree is given, and what it answers.
 *
 * Calls and events reach it as records in its own memory, written by whoever has one for it; its
 * sleeping thread is then woken by the answer to PCALL_SLOT_WAIT. Its answers are words in
 * registers: nothing that it could still change is looked at twice.
 */
#include "upcall/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "upcall/park.h"
#include "upcall/record.h"
#include "upcall/upcall.h"
#include "tree/events.h"
#include "tree/level.h"
#include "tree/quota.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "call/pool.h"
#include "tree/tree.h"
#include "call/caller.h"

enum {
	ASKED_MAX = 4096, /* calls through one child that its level may owe answers for */
	ERRNO_MAX = 4095,
	WAITERS_MAX = 64, /* threads of a level that sleep */
};

/* A call for it, as a record. False: there is none. */
static bool level_next_call(struct level *level, struct record *record) REQUIRES(level_locked)
{
	struct sv_call *call = level->queue;

	if (!call)
		return false;
	level->queue = call->queued;
	level->round = call->round;
	record_call(record, call);
	call->queued = level->asked;
	level->asked = call;
	return true;
}

/* The same of an event. These have a lock of their own: what comes after this look is known by the
 * kick that follows it. */
static bool level_next_event(struct level *level, struct record *record)
{
	return events_next(level->events, record_event, record) > 0;
}

static int record_deliver(struct call *call, uint64_t to, uint64_t size,
			  const struct record *record)
{
	if (record->head.size > size)
		return EMSGSIZE;
	return mem_write(call, to, record, record->head.size);
}

/* Under the level's lock. 0 or an errno. */
static int waiter_add(struct level *level, const struct call *call) REQUIRES(level_locked)
{
	struct waiter *waiter;

	if (level->dead)
		return ESHUTDOWN;
	/* None of them is gone: who sleeps here ends with its process, or by an exec of it, and the
	 * level with that. */
	if (level->waiters_count >= WAITERS_MAX)
		return EAGAIN;
	waiter = malloc(sizeof(*waiter));
	if (!waiter)
		return ENOMEM;
	*waiter = (struct waiter){
		.next = level->waiters,
		.tid = call->regs.tid,
		.id = call->id,
		.to = arg_u64(call, 4),
		.size = arg_u64(call, 5),
	};
	level->waiters = waiter;
	level->waiters_count++;
	level->waits++;
	return 0;
}

/* Hands a record to a sleeping thread of the level's. False: that one is gone. */
static bool waiter_wake(struct level *level, const struct waiter *waiter,
			const struct record *record, struct receiver *receiver)
{
	struct call call = {
		.regs = {.child = level->child, .tid = waiter->tid},
		.id = waiter->id,
		.receiver = receiver,
	};
	int listener = level->child->listener;
	int r = record_deliver(&call, waiter->to, waiter->size, record);

	return answer_send(listener, waiter->id,
			   r ? sv_answer_error(r) : sv_answer_value(record->head.size)) == 0 &&
	       r == 0;
}

/* A record that nobody took is put back: a call to the front, an event is lost with its reader. */
static void record_return(struct level *level, const struct record *record)
{
	struct sv_call *call;

	if (record->head.type != WIRE_RECORD_CALL)
		return;
	call = level_call_take(level, record->head.call);
	if (!call)
		return;
	level_lock_take(&level->lock);
	call->queued = level->queue;
	level->queue = call;
	level_lock_give(&level->lock);
}

/* There was nothing for it. False: it sleeps again, or the level has ended. */
static bool waiter_return(struct level *level, struct waiter *waiter, uint64_t kicks)
{
	bool again, dead;

	level_lock_take(&level->lock);
	dead = level->dead;
	again = !dead && (level->queue || level->kicks != kicks);
	if (!dead) {
		waiter->next = level->waiters;
		level->waiters = waiter;
		level->waiters_count++;
	}
	level_lock_give(&level->lock);
	if (dead) {
		answer_send(level->child->listener, waiter->id, sv_answer_error(ESHUTDOWN));
		free(waiter);
	}
	return again;
}

/* Gives this thread of the level's, which is asleep no more, what there is. False: there is nothing
 * for anybody. */
static bool waiter_feed(struct level *level, struct waiter *waiter, struct record *record,
			bool some, uint64_t kicks, struct receiver *receiver)
{
	if (!some && !level_next_event(level, record))
		return waiter_return(level, waiter, kicks);
	if (!waiter_wake(level, waiter, record, receiver))
		record_return(level, record);
	free(waiter);
	return true;
}

/* As long as there is something for the level, and somebody of it who sleeps. */
static void level_feed(struct level *level, struct receiver *receiver)
{
	struct waiter *waiter;
	bool some, more;
	uint64_t kicks;

	do {
		struct record record __attribute__((uninitialized));

		level_lock_take(&level->lock);
		waiter = level->dead ? NULL : waiter_take(level);
		some = waiter && level_next_call(level, &record);
		kicks = level->kicks;
		if (waiter)
			child_hold(level->child);
		else if (level->queue)
			level_ring(level);
		level_lock_give(&level->lock);
		more = waiter && waiter_feed(level, waiter, &record, some, kicks, receiver);
		if (waiter)
			child_release(level->child);
	} while (more);
}

/*
 * Whoever tells of something may hold locks, and must not wait for a page of the level's. So a
 * sleeping thread is sent to ask again, and its own receiver brings what there is.
 */
void level_kick(struct level *level)
{
	struct waiter *waiter = NULL;
	bool woken = false;

	if (!level->child)
		return;
	level_lock_take(&level->lock);
	while (!level->dead && !woken && (waiter = waiter_take(level))) {
		woken = answer_send(level->child->listener, waiter->id, sv_answer_error(EINTR)) ==
			0;
		free(waiter);
	}
	if (!woken) {
		level->kicks++;
		level_ring(level);
	}
	level_lock_give(&level->lock);
}

/* Counts a call in the child that it comes through: so that one that floods its level is told so,
 * and its siblings are not. */
static bool call_charge_via(struct sv_call *call, struct child *via)
{
	struct quota *quota = via->quota;

	if (atomic_fetch_add(&quota->asked, 1) >= ASKED_MAX) {
		atomic_fetch_sub(&quota->asked, 1);
		return false;
	}
	call->asked_in = quota_ref(quota);
	return true;
}

/* Its round, in the child that it comes through. False: that has too many. */
static bool level_charge(const struct level *level, struct sv_call *call)
{
	struct child *via;
	bool charged = true;

	lineage_lock_take(&level->tree->lineage);
	via = child_via(call->child, level);
	if (via && (charged = call_charge_via(call, via)))
		call->round = child_round(via, atomic_load(&level->round));
	lineage_lock_give(&level->tree->lineage);
	return charged;
}

/* By rounds. False: the level has ended. */
static bool level_queue(struct level *level, struct sv_call *call) REQUIRES(level_locked)
{
	struct sv_call **at = &level->queue;

	call->id = level->next_call++;
	if (level->dead)
		return false;
	while (*at && (*at)->round <= call->round)
		at = &(*at)->queued;
	call->queued = *at;
	*at = call;
	return true;
}

struct sv_answer level_ask(struct sv_call *call, struct receiver *receiver)
{
	struct level *level = call->method->level;
	bool queued;
	int r = call_keep(call);

	if (r != 0)
		return sv_answer_error(r);
	if (level->answer_ms)
		call_limit(call, clock_ms() + level->answer_ms);
	if (!level_charge(level, call))
		return sv_answer_error(level->dead ? ENOSYS : EAGAIN);
	level_lock_take(&level->lock);
	queued = level_queue(level, call);
	level_lock_give(&level->lock);
	if (!queued) {
		call_unasked(call);
		return sv_answer_error(ENOSYS);
	}
	level_feed(level, receiver);
	return sv_answer_later();
}

struct sv_call *level_call_take(struct level *level, uint64_t id)
{
	struct sv_call *call = NULL;

	level_lock_take(&level->lock);
	for (struct sv_call **at = &level->asked; *at; at = &(*at)->queued)
		if ((*at)->id == id) {
			call = *at;
			*at = call->queued;
			break;
		}
	level_lock_give(&level->lock);
	return call;
}

void level_call_put(struct level *level, struct sv_call *call)
{
	bool dead;

	level_lock_take(&level->lock);
	dead = level->dead;
	if (!dead) {
		call->queued = level->asked;
		level->asked = call;
	}
	level_lock_give(&level->lock);
	if (dead)
		call_finish(call, sv_answer_error(ENOSYS), NULL);
}

/* The answer that a level's words stand for. What they do not say right is an error of its own. */
static struct sv_answer answer_read(struct call *call, uint64_t kind, uint64_t value,
				    uint64_t flags)
{
	int fd = -1, r;

	switch (kind) {
	case WIRE_VALUE: return sv_answer_value((int64_t)value);
	case WIRE_ERROR: return sv_answer_error(value > 0 && value <= ERRNO_MAX ? (int)value : EIO);
	case WIRE_FORWARD: return sv_answer_forward();
	case WIRE_FD:
		r = fd_take(call, (int)(uint32_t)value, &fd);
		return r ? sv_answer_error(EIO) : sv_answer_fd(fd, (unsigned int)flags);
	}
	return sv_answer_error(EIO);
}

/* The level has its answer first: the call that goes on may hang with its caller, and that is
 * nothing to the level and its other children. */
static struct sv_answer level_forward(struct level *level, const struct call *call,
				      struct sv_call *asked, struct sv_answer answer)
{
	answer_send(level->child->listener, call->id, answer);
	call_finish(asked, sv_answer_forward(), call->receiver);
	return sv_answer_later();
}

/* (call, kind, value, flags) */
struct sv_answer level_answer(struct level *level, struct call *call)
{
	struct sv_call *asked = level_call_take(level, arg_u64(call, 0));
	struct sv_answer answer;
	int r;

	if (!asked)
		return sv_answer_error(ESRCH);
	answer = answer_read(call, arg_u64(call, 1), arg_u64(call, 2), arg_u64(call, 3));
	if (fd_take_wished(call)) {
		level_call_put(level, asked);
		return sv_answer_later();
	}
	if (answer.kind == SV_ANSWER_FORWARD && call_waits(asked))
		return level_forward(level, call, asked, sv_answer_value(0));
	if (answer.kind == SV_ANSWER_FORWARD)
		answer = sv_answer_error(ESRCH);
	r = call_finish(asked, answer, call->receiver);
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(0);
}

/* Sleeps, or has to look again: *ret_again. 0 or an errno. */
static int level_lie_down(struct level *level, const struct call *call, uint64_t kicks,
			  bool *ret_again)
{
	int r = 0;

	level_lock_take(&level->lock);
	*ret_again = level->queue || level->kicks != kicks;
	if (!*ret_again)
		r = waiter_add(level, call);
	level_lock_give(&level->lock);
	return r;
}

/* What there is for it, or its sleep. */
static struct sv_answer level_sleep(struct level *level, struct call *call)
{
	struct record record __attribute__((uninitialized));
	bool some, again = false;
	uint64_t kicks;
	int r = 0;

	do {
		level_lock_take(&level->lock);
		some = level_next_call(level, &record);
		kicks = level->kicks;
		level_lock_give(&level->lock);
		some = some || level_next_event(level, &record);
		if (!some)
			r = level_lie_down(level, call, kicks, &again);
	} while (!some && again);
	if (!some)
		return r ? sv_answer_error(r) : sv_answer_later();
	r = record_deliver(call, arg_u64(call, 4), arg_u64(call, 5), &record);
	if (r != 0) {
		record_return(level, &record);
		return sv_answer_error(r);
	}
	return sv_answer_value(record.head.size);
}

/* (call, kind, value, flags, record, size) */
struct sv_answer level_wait(struct level *level, struct call *call)
{
	struct sv_call *asked;

	if (arg_u64(call, 1) == WIRE_FORWARD) {
		asked = level_call_take(level, arg_u64(call, 0));
		if (asked)
			return level_forward(level, call, asked, level_sleep(level, call));
	} else if (arg_u64(call, 1) != WIRE_NOTHING) {
		level_answer(level, call);
		if (fd_take_wished(call))
			return sv_answer_later();
	}
	return level_sleep(level, call);
}

/* () Who sleeps in a call of ours cannot be stopped: the kernel waits for the answer. */
struct sv_answer level_rest(struct level *level)
{
	level_lock_take(&level->lock);
	waiters_answer(level, sv_answer_error(EINTR));
	level_lock_give(&level->lock);
	return sv_answer_value(0);
}

static void calls_abandon(struct sv_call *call)
{
	struct sv_call *next;

	for (; call; call = next) {
		next = call->queued;
		call_finish(call, sv_answer_error(ENOSYS), NULL);
	}
}

void level_end(struct level *level)
{
	struct sv_call *queued, *asked;

	level_lock_take(&level->lock);
	queued = level->queue;
	asked = level->asked;
	level->queue = level->asked = NULL;
	level_lock_give(&level->lock);
	calls_abandon(queued);
	calls_abandon(asked);
}

void level_release_waiters(struct level *level)
{
	struct waiter *waiter, *next;

	level_lock_take(&level->lock);
	waiter = level->waiters;
	level->waiters = NULL;
	level->waiters_count = 0;
	level_bell_close(level);
	level_lock_give(&level->lock);
	for (; waiter; waiter = next) {
		next = waiter->next;
		answer_send(level->child->listener, waiter->id, sv_answer_error(ESHUTDOWN));
		free(waiter);
	}
}
