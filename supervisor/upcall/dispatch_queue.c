/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue for the embedder's own thread. */
#include "upcall/dispatch_queue.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "tree/events.h"
#include "tree/child.h"
#include "tree/tree.h"
#include "upcall/upcall.h"

/* Is it a call of the child that this thread waits for? */
static bool waits_for(const struct spawn_wait *wait, const struct sv_call *call)
{
	return wait->id == call->via_id && wait->tag == call->via_tag;
}

void spawn_wait_ring(const struct spawn_wait *wait)
{
	eventfd_write(wait->bell, 1);
}

/* By rounds; who comes again and again stands at the end. */
void dispatch_add(struct upcalls *upcalls, struct sv_call *call)
{
	struct sv_call **at = &upcalls->dispatch;

	calls_lock_take(&upcalls->calls_lock);
	if (upcalls->dispatch && upcalls->dispatch_last->round <= call->round)
		at = &upcalls->dispatch_last->queued;
	while (*at && (*at)->round <= call->round)
		at = &(*at)->queued;
	call->queued = *at;
	*at = call;
	if (!call->queued)
		upcalls->dispatch_last = call;
	upcalls->dispatch_count++;
	for (struct spawn_wait *wait = upcalls->spawn_waits; wait; wait = wait->next)
		if (waits_for(wait, call))
			spawn_wait_ring(wait);
	calls_lock_give(&upcalls->calls_lock);
	events_wake(upcalls->tree->events);
}

struct sv_answer dispatch_ask(struct sv_call *call,
			      struct receiver *receiver __attribute__((unused)))
{
	int r = call_keep(call);

	if (r != 0)
		return sv_answer_error(r);
	dispatch_add(call->upcalls, call);
	return sv_answer_later();
}

/* The next one; or the next of the child that is waited for, whoever's turn it is. */
static struct sv_call *dispatch_take(struct upcalls *upcalls, const struct spawn_wait *wait)
{
	struct sv_call **at = &upcalls->dispatch, *before = NULL, *call;

	calls_lock_take(&upcalls->calls_lock);
	while (wait && *at && !waits_for(wait, *at)) {
		before = *at;
		at = &before->queued;
	}
	call = *at;
	if (call) {
		*at = call->queued;
		if (!call->queued)
			upcalls->dispatch_last = before;
		upcalls->dispatch_count--;
		if (!wait)
			atomic_store(&upcalls->dispatch_round, call->round);
	}
	calls_lock_give(&upcalls->calls_lock);
	return call;
}

static unsigned int dispatch_count(struct upcalls *upcalls)
{
	unsigned int count;

	calls_lock_take(&upcalls->calls_lock);
	count = upcalls->dispatch_count;
	calls_lock_give(&upcalls->calls_lock);
	return count;
}

static void dispatch_run(struct upcalls *upcalls, struct sv_call *call)
{
	struct sv_answer answer = sv_answer_error(ESRCH);
	struct call entered;

	if (upcalls->ops->remote) {
		answer = call_run(call);
	} else if (call_enter(call, NULL, &entered)) {
		answer = call_run(call);
		call_leave(&entered);
	}
	if (answer.kind == SV_ANSWER_LATER)
		return;
	if (upcalls->ops->remote)
		upcalls->ops->answer(call, answer);
	else
		call_finish(call, answer, NULL);
}

void dispatch_end(struct upcalls *upcalls)
{
	struct sv_call *call;

	while ((call = dispatch_take(upcalls, NULL)))
		call_finish(call, sv_answer_error(ENOSYS), NULL);
}

/* No more than there are now: callers that come again must not keep the embedder here. */
int dispatch_run_all(struct upcalls *upcalls)
{
	unsigned int most = dispatch_count(upcalls), count = 0;
	struct sv_call *call;

	while (count < most && (call = dispatch_take(upcalls, NULL))) {
		dispatch_run(upcalls, call);
		count++;
	}
	if (dispatch_count(upcalls))
		events_wake(upcalls->tree->events);
	return (int)count;
}

int spawn_wait_open(struct upcalls *upcalls, const struct child *child, struct spawn_wait *ret)
{
	*ret = (struct spawn_wait){ .id = child->id, .tag = child->tag, .bell = -1 };
	if (!upcalls->handlers_in_dispatch)
		return 0;
	ret->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	if (ret->bell < 0)
		return -errno;
	calls_lock_take(&upcalls->calls_lock);
	ret->next = upcalls->spawn_waits;
	upcalls->spawn_waits = ret;
	calls_lock_give(&upcalls->calls_lock);
	return 0;
}

void spawn_wait_close(struct upcalls *upcalls, struct spawn_wait *wait)
{
	struct spawn_wait **at = &upcalls->spawn_waits;

	if (wait->bell < 0)
		return;
	calls_lock_take(&upcalls->calls_lock);
	while (*at != wait)
		at = &(*at)->next;
	*at = wait->next;
	calls_lock_give(&upcalls->calls_lock);
	close(wait->bell);
}

void spawn_wait_run(struct upcalls *upcalls, const struct spawn_wait *wait)
{
	eventfd_t count;
	struct sv_call *call;

	eventfd_read(wait->bell, &count);
	call = dispatch_take(upcalls, wait);
	if (call)
		dispatch_run(upcalls, call);
}
