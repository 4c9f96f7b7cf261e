/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Levels that doze. A thread that sleeps in PCALL_SLOT_WAIT sleeps in a call that was received, and
 * the kernel lets nothing but death interrupt such a call: a SIGSTOP from anywhere would stop all
 * of the level's process but this thread, and so be told to nobody, since a process has stopped
 * when all of its threads have.
 *
 * So those who have slept for a while are sent to sleep at a pipe of the level's own, as any thread
 * of any program may. Whoever has something for the level writes a byte there, and the thread asks
 * again: some microseconds more for the first call after a pause, none for the others.
 */
#include "upcall/park.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "call/answer.h"
#include "call/call.h"
#include "tree/child.h"
#include "tree/level.h"
#include "common/cleanup.h"

enum {
	DOZE_MS = 250,
};

struct waiter *waiter_take(struct level *level)
{
	struct waiter *waiter = level->waiters;

	if (waiter) {
		level->waiters = waiter->next;
		level->waiters_count--;
	}
	return waiter;
}

unsigned int waiters_answer(struct level *level, struct sv_answer answer)
{
	unsigned int count = 0;
	struct waiter *waiter;

	while ((waiter = waiter_take(level))) {
		count += answer_send(level->child->listener, waiter->id, answer) == 0;
		free(waiter);
	}
	return count;
}

/* () */
struct sv_answer level_bell(struct level *level)
{
	cleanup_fd int its = -1, ours = -1;
	int pair[2], r = 0;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return sv_answer_error(child_errno(errno));
	its = pair[0];
	ours = pair[1];
	/* what the level leaves unread must not hold up whoever rings */
	if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
		return sv_answer_error(EIO);
	level_lock_take(&level->lock);
	if (level->dead)
		r = ESHUTDOWN;
	else if (level->bell >= 0)
		r = EEXIST;
	else
		level->bell = steal_fd(&ours);
	level_lock_give(&level->lock);
	return r ? sv_answer_error(r) : sv_answer_fd(steal_fd(&its), O_CLOEXEC);
}

void level_ring(struct level *level)
{
	if (level->dozing == 0)
		return;
	level->dozing--;
	/* full: there is something to wake up by */
	(void)!write(level->bell, "", 1);
}

int level_doze(struct level *level, uint64_t now)
{
	int wait = -1;

	level_lock_take(&level->lock);
	if (level->bell >= 0 && level->waiters) {
		if (level->waits != level->waits_seen)
			level->awake_ms = now;
		level->waits_seen = level->waits;
		if (now - level->awake_ms >= DOZE_MS)
			level->dozing += waiters_answer(level, sv_answer_value(0));
		else
			wait = (int)(DOZE_MS - (now - level->awake_ms));
	}
	level_lock_give(&level->lock);
	return wait;
}
