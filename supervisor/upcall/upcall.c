/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that a level answers: their way from level to level. */
#include "upcall/upcall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "sys/rows.h"
#include "base/clock.h"
#include "tree/level.h"
#include "tree/quota.h"
#include "call/pool.h"
#include "tree/tree.h"
#include "base/private_fds.h"
#include "call/fd_take.h"
#include "common/cleanup.h"

/* Is there anybody above this level to ask? Then it is his turn: 0. Else what becomes of the call.
 */
static int call_advance(struct sv_call *call)
{
	const struct level *level = call->method->level;
	const struct table *outer = level->table;
	int slot;

	if (call->intercept) {
		call->intercept = call->intercept->outer;
		if (call->intercept)
			call->method = call->intercept->method;
		return call->intercept ? 0 : ENOENT;
	}
	slot = outer ? table_slot(outer, call->method->name) : -ENOENT;
	if (slot < 0)
		return ENOENT;
	/* The level calls what has the same name above it: by its own rights. */
	if (mask_has(&level->child->masked, mask_index(PCALL_BASE + slot)))
		return EACCES;
	call->method = table_method(outer, (unsigned int)slot);
	return 0;
}

/* What a forwarded call comes to: the next level is to be asked (false), or this is its end. */
static bool call_ends(struct sv_call *call, struct sv_answer *answer)
{
	int r;

	if (answer->kind != SV_ANSWER_FORWARD || call->read)
		return true;
	r = call_advance(call);
	if (r == EACCES)
		*answer = sv_answer_error(r);
	return r != 0;
}

/* Its row's handler found that it has to begin anew. Who was asked before is not asked again. */
static void row_anew(struct sv_call *call, struct call *base)
{
	int r = call_begin_anew(call, base, NULL);

	if (r != 0)
		answer_send(base->regs.child->listener, base->id, sv_answer_error(r));
}

/* What no level answered: a system call goes to its row; a method there is not. False: it has begun
 * anew, and is not ours. */
static bool call_root(struct sv_call *call, struct receiver *receiver)
{
	struct call base = call->call;
	bool named = call->call.regs.nr >= PCALL_BASE;

	base.receiver = receiver;
	base.task = NULL;
	if (!call->read && !named) {
		if (!row_serve(&base))
			row_anew(call, &base);
		return base.held;
	}
	if (call->read)
		call_fault(&base, "a handler has read the caller's memory and then forwarded the "
				  "call: what it has read could be something else by now");
	answer_send(call->child->listener, base.id,
		    sv_answer_error(named && !call->read ? ENOSYS : EACCES));
	return true;
}

/* A descriptor that a level answers with is given as at a spawn: not every kind may be; and a
 * newborn holds its order's alone. */
static void answer_judge(struct sv_call *call, struct sv_answer *answer)
{
	const struct private_fd *private = NULL;
	int r = private_fd_check(answer->fd, &private);

	if (r == 0 && !child_is_newborn(call->child))
		return;
	close(answer->fd);
	*answer = sv_answer_error(
		registers_deny(&call->call.regs, VERB_NONE,
			       private ? private->what : "a descriptor as an answer", EPERM));
}

/* Its caller gets the answer. 0 or -ESRCH. */
static int call_reply(struct sv_call *call, struct sv_answer answer, struct receiver *receiver)
{
	bool ours = true;
	int r = 0;

	if (answer.kind == SV_ANSWER_FORWARD) {
		ours = call_root(call, receiver);
	} else {
		fd_take_done(&call->call);
		r = answer_send(call->child->listener, call->call.id, answer) < 0 ? -ESRCH : 0;
	}
	if (ours)
		call_release(call);
	return r;
}

/* Leaves the answer for when the call is back. False: it is not away. Under calls_lock. */
static bool call_leave_answer(struct sv_call *call, struct sv_answer answer) REQUIRES(calls_locked)
{
	if (!call->away)
		return false;
	call->early = answer;
	call->kept = true;
	return true;
}

/* The end of the way, on a thread that the caller's child cannot go under. 0; -ESRCH: the caller
 * did not wait for it any more. */
static int call_conclude(struct sv_call *call, struct sv_answer answer, struct receiver *receiver)
{
	bool away;

	if (!call_win(call)) {
		if (answer.kind == SV_ANSWER_FD)
			close(answer.fd);
		call_release(call);
		return -ESRCH;
	}
	if (answer.kind == SV_ANSWER_FD)
		answer_judge(call, &answer);
	calls_lock_take(&call->upcalls->calls_lock);
	away = call_leave_answer(call, answer);
	calls_lock_give(&call->upcalls->calls_lock);
	return away ? 0 : call_reply(call, answer, receiver);
}

int call_begin_anew(struct sv_call *call, struct call *entered, int *ret_fd)
{
	int r;

	calls_lock_take(&call->upcalls->calls_lock);
	r = call->away ? EAGAIN : call_list(call);
	if (r == 0) {
		call->away = true;
		call->away_ms = clock_ms();
		call->child->calls_away++;
	}
	if (r == 0 && !ret_fd)
		call_leave_answer(call, sv_answer_forward());
	calls_lock_give(&call->upcalls->calls_lock);
	if (r != 0)
		return r;
	r = fd_take_again(entered, ret_fd);
	if (r == 0) {
		entered->held = NULL;
		return 0;
	}
	calls_lock_take(&call->upcalls->calls_lock);
	call->away = call->kept = false;
	call->child->calls_away--;
	pthread_cond_broadcast(&call->upcalls->calls_changed);
	calls_lock_give(&call->upcalls->calls_lock);
	return r;
}

/* Is it the same call of the same thread? */
static bool is_again(const struct call *call, const struct call *again)
{
	if (call->regs.tid != again->regs.tid || call->regs.nr != again->regs.nr)
		return false;
	for (size_t i = 0; i < array_size(call->regs.arg); i++)
		if (call->regs.arg[i].u != again->regs.arg[i].u)
			return false;
	return true;
}

bool calls_return(struct call *again)
{
	struct child *child = again->regs.child;
	struct sv_call *call;
	bool kept = false;

	if (!atomic_load_explicit(&child->calls_away, memory_order_relaxed))
		return false;
	calls_lock_take(&child->tree->upcalls->calls_lock);
	call = child->calls;
	while (call && !(call->away && is_again(&call->call, again)))
		call = call->next;
	if (call) {
		kept = call->kept;
		call->away = call->kept = false;
		child->calls_away--;
		call->call.id = again->id;
		pthread_cond_broadcast(&child->tree->upcalls->calls_changed);
	}
	calls_lock_give(&child->tree->upcalls->calls_lock);
	if (kept)
		call_reply(call, call->early, again->receiver);
	return call;
}

bool call_is_back(struct sv_call *call, struct receiver *receiver, unsigned int ms)
{
	struct upcalls *upcalls = call->upcalls;
	struct timespec end;
	bool away;

	calls_lock_take(&upcalls->calls_lock);
	away = call->away;
	calls_lock_give(&upcalls->calls_lock);
	if (!away)
		return true;
	receiver_pass_lead(receiver);
	end = clock_until(ms);
	calls_lock_take(&upcalls->calls_lock);
	while (call->away &&
	       calls_lock_wait_until(&upcalls->calls_lock, &upcalls->calls_changed, &end))
		;
	away = call->away;
	calls_lock_give(&upcalls->calls_lock);
	return !away;
}

int call_give_fd(struct sv_call *call, struct call *entered, int fd, int *ret_fd)
{
	cleanup_fd int sent = -1;
	int r;

	entered->anew = true;
	r = fd_give(entered, fd, ret_fd);
	if (r != EAGAIN || !fd_take_wished(entered))
		return r;
	r = call_begin_anew(call, entered, &sent);
	if (r == 0)
		r = sent < 0 ? -sent : fd_give_judge(entered, sent);
	if (r == 0)
		*ret_fd = steal_fd(&sent);
	return r;
}

/* The handler has left it with somebody, who will answer it, whatever its caller gets. */
static void call_leave_with(struct sv_call *call)
{
	int r = call_keep(call);

	if (r != 0 && call_win(call))
		answer_send(call->child->listener, call->call.id, sv_answer_error(r));
}

/* Runs the embedder's handler. SV_ANSWER_LATER: the call is the embedder's now. */
struct sv_answer call_run(struct sv_call *call)
{
	struct upcalls *upcalls = call->upcalls;
	struct sv_answer answer;
	bool answered;

	call->running = true;
	call->thread = pthread_self();
	answer = call->method->handler(call, call->method->data);
	if (answer.kind == SV_ANSWER_LATER && !upcalls->ops->remote)
		call_leave_with(call);
	calls_lock_take(&upcalls->calls_lock);
	call->running = false;
	answered = call->answered;
	call->answered = false;
	if (upcalls->ops->remote && answer.kind == SV_ANSWER_LATER && !answered)
		call_link(call, &upcalls->left);
	calls_lock_give(&upcalls->calls_lock);
	if (!answered)
		return answer;
	if (answer.kind == SV_ANSWER_LATER)
		return call->early;
	if (call->early.kind == SV_ANSWER_FD)
		close(call->early.fd);
	return answer;
}

/* What is kept of that child is numbers: the call may outlive it. */
static bool call_find_via(struct sv_call *call, const struct level *level)
{
	struct upcalls *upcalls = call->upcalls;
	struct child *via;

	lineage_lock_take(&upcalls->tree->lineage);
	via = child_via(call->child, level);
	if (via) {
		call->via_id = via->id;
		call->via_tag = via->tag;
		call->badge = via->badge;
		if (call->method->handler && upcalls->handlers_in_dispatch)
			call->round = child_round(via, atomic_load(&upcalls->dispatch_round));
	}
	lineage_lock_give(&upcalls->tree->lineage);
	return via;
}

struct sv_answer call_ask_here(struct sv_call *call, struct receiver *receiver)
{
	int r = call_charge(call);

	call->call.receiver = receiver;
	return r ? sv_answer_error(r) : call_run(call);
}

/* Asks the level whose turn it is. SV_ANSWER_LATER: the call is somebody else's now. */
static struct sv_answer call_ask(struct sv_call *call, struct receiver *receiver)
{
	const struct level *level = call->method->level;

	/* A level that died might have refused; one that is dying, level_ask refuses for. */
	return call_find_via(call, level) ? level->ask(call, receiver) : sv_answer_error(ENOSYS);
}

static void call_climb(struct sv_call *call, struct receiver *receiver)
{
	for (;;) {
		struct sv_answer answer = call_ask(call, receiver);

		if (answer.kind == SV_ANSWER_LATER)
			return;
		if (call_ends(call, &answer)) {
			call_conclude(call, answer, receiver);
			return;
		}
	}
}

void calls_serve(struct call *base, const struct method *method, const struct intercept *intercept)
{
	struct child *child = base->regs.child;
	struct upcalls *upcalls = child->tree->upcalls;
	struct sv_call *call = calloc(1, sizeof(*call));

	if (!call) {
		answer_send(child->listener, base->id, sv_answer_error(ENOMEM));
		return;
	}
	call->upcalls = upcalls;
	call->call = *base;
	call->call.held = call;
	call->child = child;
	call->method = method;
	call->intercept = intercept;
	if (upcalls->answer_ms && call_limit(call, clock_ms() + upcalls->answer_ms) != 0) {
		call_conclude(call, sv_answer_error(EAGAIN), base->receiver);
		return;
	}
	call_climb(call, base->receiver);
}

/* Is it this thread's to go on with a call? Its own child's, and some of others; see pool.h. */
static void call_go_on(struct sv_call *call, struct child *child, struct receiver *receiver)
{
	struct sv_answer answer = sv_answer_forward();
	int r;

	if (!receiver || !receiver_lend(receiver, child)) {
		r = reception_climb(child->reception, &call->climb);
		if (r < 0)
			call_conclude(call, sv_answer_error(-r), NULL);
		return;
	}
	if (call_ends(call, &answer))
		call_conclude(call, answer, receiver);
	else
		call_climb(call, receiver);
	receiver_back(receiver, child);
}

int call_finish(struct sv_call *call, struct sv_answer answer, struct receiver *receiver)
{
	struct call entered;
	bool lives = call_enter(call, receiver, &entered);
	int r = 0;

	call_unasked(call);
	if (!lives) {
		if (answer.kind == SV_ANSWER_FD)
			close(answer.fd);
		call_release(call);
		return -ESRCH;
	}
	if (answer.kind == SV_ANSWER_FORWARD)
		call_go_on(call, entered.regs.child, receiver);
	else
		r = call_conclude(call, answer, receiver);
	call_leave(&entered);
	return r;
}

void calls_end_climbs(struct reception *reception)
{
	struct climb *climb = reception_climbs(reception), *next;

	for (; climb; climb = next) {
		next = climb->next;
		call_finish(call_of_climb(climb), sv_answer_error(ESRCH), NULL);
	}
}
