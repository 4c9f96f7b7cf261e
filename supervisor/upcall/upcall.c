/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that a level answers: their way from level to level, and their end. */
#include "upcall/upcall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "sys/rows.h"
#include "base/clock.h"
#include "upcall/dispatch_queue.h"
#include "upcall/mailbox.h"
#include "tree/level.h"
#include "tree/quota.h"
#include "call/pool.h"
#include "tree/tree.h"
#include "base/private_fds.h"
#include "call/fd_take.h"
#include "common/cleanup.h"

enum {
	PENDING_DEFAULT = 1024, /* kept calls of one child, unless its policy says */
	PENDING_BYTES = 8192,	/* what one may take, with its paths */
	AWAY_MS = 1000,		/* how long the answer of one that is away is kept */
};

/* No level owes an answer for it any more. */
static void call_unasked(struct sv_call *call)
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

/* Takes the right to answer. */
static bool call_win(struct sv_call *call)
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
static void call_link(struct sv_call *call, struct sv_call **list)
{
	call->next = *list;
	call->at = list;
	if (call->next)
		call->next->at = &call->next;
	*list = call;
}

static int call_list(struct sv_call *call)
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

static void call_unlist(struct sv_call *call)
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
	pthread_mutex_lock(&call->upcalls->calls_lock);
	call_unlist(call);
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	call_free(call);
}

/* Makes a call one that can be left with somebody: it owns all that it points to. 0 or an errno. */
static int call_own(struct sv_call *call)
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
static int call_keep(struct sv_call *call)
{
	int r;

	pthread_mutex_lock(&call->upcalls->calls_lock);
	r = call_own(call);
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	return r;
}

/* Before a handler could leave it with somebody: what is over the child's limit never gets there.
 */
static int call_charge(struct sv_call *call)
{
	int r;

	pthread_mutex_lock(&call->upcalls->calls_lock);
	r = call_list(call);
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	return r;
}

int call_limit(struct sv_call *call, uint64_t limit_ms)
{
	int r;

	pthread_mutex_lock(&call->upcalls->calls_lock);
	r = limit_ms ? call_list(call) : 0;
	call->limit_ms = r == 0 ? limit_ms : 0;
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	if (r == 0 && limit_ms)
		reaper_wake(call->upcalls->tree);
	return r;
}

bool call_enter(struct sv_call *call, struct receiver *receiver, struct call *ret)
{
	bool lives;

	pthread_mutex_lock(&call->upcalls->calls_lock);
	lives = call->child && !call->child->calls_ended && !atomic_load(&call->over);
	if (lives)
		call->child->calls_busy++;
	*ret = call->call;
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	ret->receiver = receiver;
	ret->task = NULL;
	return lives;
}

void child_hold(struct child *child)
{
	pthread_mutex_lock(&child->tree->upcalls->calls_lock);
	child->calls_busy++;
	pthread_mutex_unlock(&child->tree->upcalls->calls_lock);
}

void child_release(struct child *child)
{
	struct upcalls *upcalls = child->tree->upcalls;

	pthread_mutex_lock(&upcalls->calls_lock);
	if (--child->calls_busy == 0)
		pthread_cond_broadcast(&upcalls->calls_changed);
	pthread_mutex_unlock(&upcalls->calls_lock);
}

void call_leave(struct call *entered)
{
	child_release(entered->regs.child);
}

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
		*answer = sv_error(r);
	return r != 0;
}

/* Its row's handler found that it has to begin anew. Who was asked before is not asked again. */
static void row_anew(struct sv_call *call, struct call *base)
{
	int r = call_begin_anew(call, base, NULL);

	if (r != 0)
		answer_send(base->regs.child->listener, base->id, sv_error(r));
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
		    sv_error(named && !call->read ? ENOSYS : EACCES));
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
	*answer = sv_error(registers_deny(&call->call.regs, VERB_NONE,
					  private ? private->what : "a descriptor as an answer",
					  EPERM));
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
static bool call_leave_answer(struct sv_call *call, struct sv_answer answer)
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
	pthread_mutex_lock(&call->upcalls->calls_lock);
	away = call_leave_answer(call, answer);
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	return away ? 0 : call_reply(call, answer, receiver);
}

int call_begin_anew(struct sv_call *call, struct call *entered, int *ret_fd)
{
	int r;

	pthread_mutex_lock(&call->upcalls->calls_lock);
	r = call->away ? EAGAIN : call_list(call);
	if (r == 0) {
		call->away = true;
		call->away_ms = clock_ms();
		call->child->calls_away++;
	}
	if (r == 0 && !ret_fd)
		call_leave_answer(call, sv_forward());
	pthread_mutex_unlock(&call->upcalls->calls_lock);
	if (r != 0)
		return r;
	r = fd_take_again(entered, ret_fd);
	if (r == 0) {
		entered->held = NULL;
		return 0;
	}
	pthread_mutex_lock(&call->upcalls->calls_lock);
	call->away = call->kept = false;
	call->child->calls_away--;
	pthread_cond_broadcast(&call->upcalls->calls_changed);
	pthread_mutex_unlock(&call->upcalls->calls_lock);
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
	pthread_mutex_lock(&child->tree->upcalls->calls_lock);
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
	pthread_mutex_unlock(&child->tree->upcalls->calls_lock);
	if (kept)
		call_reply(call, call->early, again->receiver);
	return call;
}

/* Takes those out of the child's list that were answered before @before_ms, and are nobody's. Under
 * calls_lock. */
static struct sv_call *calls_cut_kept(struct child *child, uint64_t before_ms)
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
	pthread_mutex_lock(&child->tree->upcalls->calls_lock);
	cut = calls_cut_kept(child, clock_ms() - AWAY_MS);
	pthread_mutex_unlock(&child->tree->upcalls->calls_lock);
	calls_drop(cut);
}

bool calls_keep(struct child *child, bool *ret_now)
{
	uint64_t before;

	if (!atomic_load_explicit(&child->calls_away, memory_order_relaxed))
		return false;
	before = clock_ms() - AWAY_MS;
	pthread_mutex_lock(&child->tree->upcalls->calls_lock);
	for (const struct sv_call *call = child->calls; call; call = call->next)
		*ret_now |= call->kept && call->away_ms < before;
	pthread_mutex_unlock(&child->tree->upcalls->calls_lock);
	return true;
}

bool call_is_back(struct sv_call *call, struct receiver *receiver, unsigned int ms)
{
	struct upcalls *upcalls = call->upcalls;
	struct timespec end;
	bool away;

	pthread_mutex_lock(&upcalls->calls_lock);
	away = call->away;
	pthread_mutex_unlock(&upcalls->calls_lock);
	if (!away)
		return true;
	receiver_pass_lead(receiver);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += ms % 1000 * 1000000L;
	end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_mutex_lock(&upcalls->calls_lock);
	while (call->away &&
	       pthread_cond_timedwait(&upcalls->calls_changed, &upcalls->calls_lock, &end) == 0)
		;
	away = call->away;
	pthread_mutex_unlock(&upcalls->calls_lock);
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
		answer_send(call->child->listener, call->call.id, sv_error(r));
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
	pthread_mutex_lock(&upcalls->calls_lock);
	call->running = false;
	answered = call->answered;
	call->answered = false;
	if (upcalls->ops->remote && answer.kind == SV_ANSWER_LATER && !answered)
		call_link(call, &upcalls->left);
	pthread_mutex_unlock(&upcalls->calls_lock);
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

	pthread_rwlock_rdlock(&upcalls->tree->lineage);
	via = child_via(call->child, level);
	if (via) {
		call->via_id = via->id;
		call->via_tag = via->tag;
		call->badge = via->badge;
		if (call->method->handler && upcalls->handlers_in_dispatch)
			call->round = child_round(via, atomic_load(&upcalls->dispatch_round));
	}
	pthread_rwlock_unlock(&upcalls->tree->lineage);
	return via;
}

/* Is it still the embedder's child that the caller is below, as it was when it called? */
static struct sv_child *call_via_now(const struct sv_call *call)
{
	struct upcalls *upcalls = call->upcalls;
	struct child *via = NULL;

	pthread_mutex_lock(&upcalls->calls_lock);
	if (call->child) {
		pthread_rwlock_rdlock(&upcalls->tree->lineage);
		via = child_via(call->child, upcalls->tree->level);
		pthread_rwlock_unlock(&upcalls->tree->lineage);
	}
	pthread_mutex_unlock(&upcalls->calls_lock);
	return via && via->tag == call->via_tag ? sv_child_of(via) : NULL;
}

struct sv_child *call_via(const struct sv_call *call)
{
	struct upcalls *upcalls = call->upcalls;
	struct sv_child *child = call_via_now(call);

	if (child)
		return child;
	pthread_mutex_lock(&upcalls->tree->lock);
	child = upcalls->tree->children;
	while (child && (child->child.tag != call->via_tag ||
			 child->child.level != upcalls->tree->level || child->freed))
		child = child->next;
	pthread_mutex_unlock(&upcalls->tree->lock);
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

/* Asks the level whose turn it is. SV_ANSWER_LATER: the call is somebody else's now. */
static struct sv_answer call_ask(struct sv_call *call, struct receiver *receiver)
{
	struct level *level = call->method->level;
	int r;

	/* A level that died might have refused; one that is dying, level_give refuses for. */
	if (!call_find_via(call, level))
		return sv_error(ENOSYS);
	if (call->method->handler && !call->upcalls->handlers_in_dispatch) {
		r = call_charge(call);
		call->call.receiver = receiver;
		return r ? sv_error(r) : call_run(call);
	}
	r = call_keep(call);
	if (r != 0)
		return sv_error(r);
	if (call->method->handler)
		dispatch_add(call->upcalls, call);
	else
		return level_give(level, call, receiver);
	return sv_later();
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
		answer_send(child->listener, base->id, sv_error(ENOMEM));
		return;
	}
	call->upcalls = upcalls;
	call->call = *base;
	call->call.held = call;
	call->child = child;
	call->method = method;
	call->intercept = intercept;
	if (upcalls->answer_ms && call_limit(call, clock_ms() + upcalls->answer_ms) != 0) {
		call_conclude(call, sv_error(EAGAIN), base->receiver);
		return;
	}
	call_climb(call, base->receiver);
}

/* Is it this thread's to go on with a call? Its own child's, and some of others; see receiver.h. */
static void call_go_on(struct sv_call *call, struct child *child, struct receiver *receiver)
{
	struct sv_answer answer = sv_forward();
	int r;

	if (!receiver || !receiver_lend(receiver, child)) {
		r = reception_climb(child->reception, &call->climb);
		if (r < 0)
			call_conclude(call, sv_error(-r), NULL);
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

bool calls_end(struct child *child)
{
	struct upcalls *upcalls = child->tree->upcalls;
	struct timespec end;
	struct sv_call *call, *kept;
	int r = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += HANG_S;
	pthread_mutex_lock(&upcalls->calls_lock);
	child->calls_ended = true;
	while (child->calls_busy && r == 0)
		r = pthread_cond_timedwait(&upcalls->calls_changed, &upcalls->calls_lock, &end);
	kept = child->calls_busy ? NULL : calls_cut_kept(child, UINT64_MAX);
	while (!child->calls_busy && (call = child->calls)) {
		atomic_store(&call->over, true);
		call_unlist(call);
		call_link(call, &upcalls->left);
		call->child = NULL;
	}
	r = child->calls_busy;
	pthread_cond_broadcast(&upcalls->calls_changed);
	pthread_mutex_unlock(&upcalls->calls_lock);
	calls_drop(kept);
	return r == 0;
}

void calls_end_climbs(struct reception *reception)
{
	struct climb *climb = reception_climbs(reception), *next;

	for (; climb; climb = next) {
		next = climb->next;
		call_finish(call_of_climb(climb), sv_error(ESRCH), NULL);
	}
}

void upcalls_init(struct upcalls *upcalls)
{
	pthread_mutex_init(&upcalls->calls_lock, NULL);
	pthread_cond_init(&upcalls->calls_changed, NULL);
}

void upcalls_deinit(struct upcalls *upcalls)
{
	pthread_mutex_destroy(&upcalls->calls_lock);
	pthread_cond_destroy(&upcalls->calls_changed);
}

void calls_free(struct upcalls *upcalls)
{
	while (upcalls->left)
		call_release(upcalls->left);
}

int calls_expire(struct child *child, uint64_t now_ms)
{
	struct upcalls *upcalls = child->tree->upcalls;
	int wait = -1;

	pthread_mutex_lock(&upcalls->calls_lock);
	for (struct sv_call *call = child->calls; call; call = call->next) {
		uint64_t limit = call->limit_ms;

		if (!limit || atomic_load(&call->over))
			continue;
		if (call->away)
			wait = wait < 0 || wait > BACK_OTHERS_MS ? BACK_OTHERS_MS : wait;
		else if (now_ms >= limit && call_win(call))
			answer_send(child->listener, call->call.id, sv_error(ETIMEDOUT));
		else if (wait < 0 || limit - now_ms < (uint64_t)wait)
			wait = limit - now_ms < INT32_MAX ? (int)(limit - now_ms) : INT32_MAX;
	}
	pthread_mutex_unlock(&upcalls->calls_lock);
	return wait;
}
