/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that are kept: their lists, who looks into them, their end. */
#include "upcall/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "call/answer.h"
#include "call/caller.h"
#include "tree/level.h"
#include "tree/quota.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	PENDING_DEFAULT = 1024, /* kept calls of one child, unless its policy says */
	PENDING_BYTES = 8192,	/* what one may take, with its paths */
	AWAY_MS = 1000,		/* how long the answer of one that is away is kept */
};

/* No level owes an answer for it any more. */
void call_unasked(struct sv_call *call)
{
	if (!call->asked_in)
		return;
	atomic_fetch_sub(&call->asked_in->asked, 1);
	call->asked_in = quota_drop(call->asked_in);
}

void call_free(struct sv_call *call)
{
	call_unasked(call);
	if (call->reader) {
		tasks_clear(call->reader);
		free(call->reader);
	}
	for (size_t i = 0; i < array_size(call->strings); i++)
		free(call->strings[i]);
	free(call->label);
	free(call);
}

bool call_win(struct sv_call *call)
{
	return !atomic_exchange_explicit(&call->over, true, memory_order_acq_rel);
}

static unsigned int pending_max(const struct child *child)
{
	uint64_t limit = policy_limit(child->policy, LIMIT_PENDING);

	return limit && limit < UINT32_MAX ? (unsigned int)limit : PENDING_DEFAULT;
}

size_t calls_bytes_most(const struct child *child)
{
	return (size_t)pending_max(child) * PENDING_BYTES;
}

/* Under calls_lock, as all that is done with a list. */
void call_link(struct sv_call *call, struct sv_call **list)
{
	call->next = *list;
	call->at = list;
	if (call->next)
		call->next->at = &call->next;
	*list = call;
}

int call_list(struct sv_call *call)
{
	struct child *child = call->child;

	if (!child)
		return ESRCH;
	if (!call->at) {
		if (child->calls_count >= pending_max(child))
			return EAGAIN;
		call_link(call, &child->calls);
		child->calls_count++;
	}
	return 0;
}

static void call_unlist(struct sv_call *call) REQUIRES(calls_locked)
{
	if (!call->at)
		return;
	*call->at = call->next;
	if (call->next)
		call->next->at = call->at;
	call->at = NULL;
	if (!call->child)
		return;
	call->child->calls_count--;
	if (call->away)
		call->child->calls_away--;
	call->away = false;
}

void call_release(struct sv_call *call)
{
	calls_lock_take(&call->upcalls->calls_lock);
	call_unlist(call);
	calls_lock_give(&call->upcalls->calls_lock);
	call_free(call);
}

/* Makes a call one that can be left with somebody: it owns all that it points to. 0 or an errno. */
static int call_own(struct sv_call *call) REQUIRES(calls_locked)
{
	call->call.receiver = NULL;
	call->call.task = NULL;
	if (!call->label)
		call->label = strdup(call->child->label);
	if (!call->label)
		return ENOMEM;
	for (size_t i = 0; i < array_size(call->strings); i++) {
		if (!call->call.path[i] || call->strings[i])
			continue;
		call->strings[i] = strdup(call->call.path[i]);
		if (!call->strings[i])
			return ENOMEM;
		call->call.path[i] = call->strings[i];
	}
	return call_list(call);
}

/* Another thread may have it already, where the handler has not returned yet. */
int call_keep(struct sv_call *call)
{
	int r;

	calls_lock_take(&call->upcalls->calls_lock);
	r = call_own(call);
	calls_lock_give(&call->upcalls->calls_lock);
	return r;
}

/* Before a handler could leave it with somebody: what is over the child's limit never gets there.
 */
int call_charge(struct sv_call *call)
{
	int r;

	calls_lock_take(&call->upcalls->calls_lock);
	r = call_list(call);
	calls_lock_give(&call->upcalls->calls_lock);
	return r;
}

int call_limit(struct sv_call *call, uint64_t limit_ms)
{
	int r;

	calls_lock_take(&call->upcalls->calls_lock);
	r = limit_ms ? call_list(call) : 0;
	call->limit_ms = r == 0 ? limit_ms : 0;
	calls_lock_give(&call->upcalls->calls_lock);
	if (r == 0 && limit_ms)
		reaper_wake(call->upcalls->tree);
	return r;
}

bool call_enter(struct sv_call *call, struct receiver *receiver, struct call *ret)
{
	bool lives;

	calls_lock_take(&call->upcalls->calls_lock);
	lives = call->child && !call->child->calls_ended && !atomic_load(&call->over);
	if (lives)
		atomic_fetch_add(&call->child->calls_busy, 1);
	*ret = call->call;
	calls_lock_give(&call->upcalls->calls_lock);
	ret->receiver = receiver;
	ret->task = NULL;
	return lives;
}

void child_hold(struct child *child)
{
	atomic_fetch_add(&child->calls_busy, 1);
}

void child_release(struct child *child)
{
	struct upcalls *upcalls = child->tree->upcalls;

	calls_lock_take(&upcalls->calls_lock);
	if (atomic_fetch_sub(&child->calls_busy, 1) == 1)
		pthread_cond_broadcast(&upcalls->calls_changed);
	calls_lock_give(&upcalls->calls_lock);
}

void call_leave(struct call *entered)
{
	child_release(entered->regs.child);
}

/* Is it still the embedder's child that the caller is below, as it was when it called? */
static struct sv_child *call_via_now(const struct sv_call *call)
{
	struct upcalls *upcalls = call->upcalls;
	struct child *child, *via;
	struct sv_child *found;

	calls_lock_take(&upcalls->calls_lock);
	child = call->child;
	if (child)
		child_hold(child);
	calls_lock_give(&upcalls->calls_lock);
	if (!child)
		return NULL;
	lineage_lock_take(&upcalls->tree->lineage);
	via = child_via(child, upcalls->tree->level);
	lineage_lock_give(&upcalls->tree->lineage);
	found = via && via->tag == call->via_tag ? sv_child_of(via) : NULL;
	child_release(child);
	return found;
}

struct sv_child *call_via(const struct sv_call *call)
{
	struct upcalls *upcalls = call->upcalls;
	struct sv_child *child = call_via_now(call);

	if (child)
		return child;
	tree_lock_take(&upcalls->tree->lock);
	child = upcalls->tree->children;
	while (child && (child->child.tag != call->via_tag ||
			 child->child.level != upcalls->tree->level || child->freed))
		child = child->next;
	tree_lock_give(&upcalls->tree->lock);
	return child;
}

bool call_waits(struct sv_call *call)
{
	struct call entered;
	bool waits = call_enter(call, NULL, &entered);

	if (waits && !call->away) {
		waits = call_valid(&entered);
		call_leave(&entered);
	}
	return waits;
}

/* Takes those out of the child's list that were answered before @before_ms, and are nobody's. */
static struct sv_call *calls_cut_kept(struct child *child, uint64_t before_ms)
	REQUIRES(calls_locked)
{
	struct sv_call *cut = NULL, *next;

	for (struct sv_call *call = child->calls; call; call = next) {
		next = call->next;
		if (!call->kept || call->away_ms >= before_ms)
			continue;
		call_unlist(call);
		call->next = cut;
		cut = call;
	}
	return cut;
}

static void calls_drop(struct sv_call *cut)
{
	struct sv_call *next;

	for (; cut; cut = next) {
		next = cut->next;
		if (cut->early.kind == SV_ANSWER_FD)
			close(cut->early.fd);
		call_free(cut);
	}
}

void calls_sweep(struct child *child)
{
	struct sv_call *cut;

	if (!atomic_load_explicit(&child->calls_away, memory_order_relaxed))
		return;
	calls_lock_take(&child->tree->upcalls->calls_lock);
	cut = calls_cut_kept(child, clock_ms() - AWAY_MS);
	calls_lock_give(&child->tree->upcalls->calls_lock);
	calls_drop(cut);
}

bool calls_keep(struct child *child, bool *ret_now)
{
	uint64_t before;

	if (!atomic_load_explicit(&child->calls_away, memory_order_relaxed))
		return false;
	before = clock_ms() - AWAY_MS;
	calls_lock_take(&child->tree->upcalls->calls_lock);
	for (const struct sv_call *call = child->calls; call; call = call->next)
		*ret_now |= call->kept && call->away_ms < before;
	calls_lock_give(&child->tree->upcalls->calls_lock);
	return true;
}

void upcalls_init(struct upcalls *upcalls)
{
	calls_lock_init(&upcalls->calls_lock);
	pthread_cond_init(&upcalls->calls_changed, NULL);
}

void upcalls_deinit(struct upcalls *upcalls)
{
	calls_lock_deinit(&upcalls->calls_lock);
	pthread_cond_destroy(&upcalls->calls_changed);
}

bool calls_end(struct child *child)
{
	struct upcalls *upcalls = child->tree->upcalls;
	struct timespec end = clock_until(HANG_MS);
	struct sv_call *call, *kept;
	bool woken = true, hangs;

	calls_lock_take(&upcalls->calls_lock);
	child->calls_ended = true;
	while (child->calls_busy && woken)
		woken = calls_lock_wait_until(&upcalls->calls_lock, &upcalls->calls_changed, &end);
	hangs = child->calls_busy;
	kept = hangs ? NULL : calls_cut_kept(child, UINT64_MAX);
	while (!hangs && (call = child->calls)) {
		atomic_store(&call->over, true);
		call_unlist(call);
		call_link(call, &upcalls->left);
		call->child = NULL;
	}
	pthread_cond_broadcast(&upcalls->calls_changed);
	calls_lock_give(&upcalls->calls_lock);
	calls_drop(kept);
	return !hangs;
}

/* There is no other thread. */
void calls_free(struct upcalls *upcalls) LOCK_UNPROVEN
{
	while (upcalls->left)
		call_release(upcalls->left);
}

int calls_expire(struct child *child, uint64_t now_ms)
{
	struct upcalls *upcalls = child->tree->upcalls;
	int wait = -1;

	calls_lock_take(&upcalls->calls_lock);
	for (struct sv_call *call = child->calls; call; call = call->next) {
		uint64_t limit = call->limit_ms;

		if (!limit || atomic_load(&call->over))
			continue;
		if (call->away)
			wait = wait < 0 || wait > BACK_OTHERS_MS ? BACK_OTHERS_MS : wait;
		else if (now_ms >= limit && call_win(call))
			answer_send(child->listener, call->call.id, sv_answer_error(ETIMEDOUT));
		else if (wait < 0 || limit - now_ms < (uint64_t)wait)
			wait = limit - now_ms < INT32_MAX ? (int)(limit - now_ms) : INT32_MAX;
	}
	calls_lock_give(&upcalls->calls_lock);
	return wait;
}
