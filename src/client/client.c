/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level's side of the tree. Its threads sleep in PCALL_SLOT_WAIT, each with its last answer; who
 * takes a call sees to it that another one sleeps, so that a handler that takes long holds up
 * nothing but its caller. Each child can keep SHARE threads busy, as it could with receivers of its
 * own under the root: its next call waits for one of these, and its siblings' calls do not. There
 * are as many threads as that takes, and no more than a few that have nothing to do.
 */
#include "client/client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"
#include "engine/engine.h"
#include "tree/level.h"
#include "level/request.h"
#include "spawn/spawn.h"
#include "tree/tree.h"
#include "client/ask.h"
#include "client/call.h"
#include "common/cleanup.h"
#include "policy/image.h"

enum {
	SHARE = 8,	       /* handlers that run for one child at once */
	IDLE_MAX = 8,	       /* threads that sleep */
	QUIET_WAIT_MS = 5000,  /* for handlers of a child that is freed */
	EVENTS_WAIT_MS = 2000, /* for what tells why a child could not be spawned */
};

/* A child as a level knows it. */
struct inner_child {
	struct sv_child child;
	unsigned int running; /* handlers for it; this and what follows: by the lock of inner */
	struct sv_call *waiting, **waiting_end; /* for one of these to end */
	bool dropped;				/* by its owner: the last handler frees it */
};

struct inner {
	struct policy *told; /* the policy of the last child, and its text; guarded by `spawning` */
	char *text;
	size_t text_size;
	pthread_mutex_t spawning; /* held while a request is written, and no longer */
	pthread_mutex_t lock;	  /* guards what follows */
	unsigned int threads;
	pthread_cond_t changed;
	struct inner_child nobody; /* for calls that came through a child that is gone */
	int bell;		   /* a pipe, to sleep at; -1: none */
	bool resting;		   /* nobody is to sleep in PCALL_SLOT_WAIT */
	unsigned int in_wait;	   /* who does, or is about to */
	uint32_t events;	   /* that came */
	uint64_t last_child;	   /* guarded by the lock of struct sv */
	atomic_int sleeping;	   /* threads that are in PCALL_SLOT_WAIT, or about to be */
};

/* The record that a thread waits for, and room behind it. */
struct mailbox {
	struct wire_record head;
	char rest[PCALL_RECORD_MAX - sizeof(struct wire_record)];
};

static bool inner_session(void)
{
	struct wire_inside inside = { .flags = 0 };

	return ASK(PCALL_SLOT_INSIDE, &inside, sizeof(inside)) == 0 &&
	       inside.flags & WIRE_INSIDE_SESSION;
}

/* A string of a record. One that is not there is "". */
static const char *record_string(const struct mailbox *mailbox, unsigned int i)
{
	const char *at = mailbox->rest, *end = (const char *)mailbox + mailbox->head.size;

	for (; i > 0 && at < end; i--)
		at += strnlen(at, (size_t)(end - at)) + 1;
	return at < end ? at : "";
}

static const char *string_or_null(const struct mailbox *mailbox, unsigned int i)
{
	const char *string = record_string(mailbox, i);

	return string[0] ? string : NULL;
}

static struct sv_child *child_new(struct sv *sv)
{
	struct inner_child *child = calloc(1, sizeof(*child));

	if (!child)
		return NULL;
	child->waiting_end = &child->waiting;
	child->child.tree = child->child.child.tree = &sv->tree;
	return &child->child;
}

static void child_delete(struct sv_child *child)
{
	free(child->child.label);
	free(child);
}

static struct inner_child *inner_child_of(struct sv_child *child)
{
	return (struct inner_child *)((char *)child - offsetof(struct inner_child, child));
}

/* A child that survived its level, below us, is ours. Under the lock. */
static struct sv_child *child_adopt(struct sv *sv, const struct mailbox *mailbox)
{
	struct sv_child *child = child_new(sv);

	if (!child)
		return NULL;
	child->child.id = mailbox->head.child;
	child->child.pid = mailbox->head.pid;
	child->child.label = strdup(record_string(mailbox, WIRE_EVENT_STRINGS - 1));
	tree_link(child);
	return child;
}

static void event_take(struct sv *sv, const struct mailbox *mailbox)
{
	const struct wire_record *head = &mailbox->head;
	struct sv_event event = {
		.size = sizeof(event),
		.type = (enum sv_event_type)head->event,
		.time_ns = head->time_ns,
		.pid = head->pid,
		.value = head->value,
		.count = head->count,
		.exe = record_string(mailbox, 0),
		.syscall = record_string(mailbox, 1),
		.verb = record_string(mailbox, 2),
		.object = record_string(mailbox, 3),
		.as_given = string_or_null(mailbox, 4),
		.policy = string_or_null(mailbox, 5),
		.rule_source = string_or_null(mailbox, 6),
		.rule_line = head->rule_line,
		.lacking = head->lacking != 0,
		.rule_text = string_or_null(mailbox, 7),
		.text = string_or_null(mailbox, 8),
		.user_us = head->user_us,
		.system_us = head->system_us,
		.memory_kb = head->memory_kb,
	};

	/* Nobody frees it between the look and the push. */
	pthread_mutex_lock(&sv->tree.lock);
	event.child = event.type == SV_EVENT_ADOPTED ? child_adopt(sv, mailbox)
						     : child_known(sv, head->child);
	events_push_told(sv->tree.events, &event);
	pthread_mutex_unlock(&sv->tree.lock);
	if (event.type == SV_EVENT_LOST)
		return;
	pthread_mutex_lock(&sv->inner->lock);
	sv->inner->events++;
	pthread_cond_broadcast(&sv->inner->changed);
	pthread_mutex_unlock(&sv->inner->lock);
}

/* Until so many have come; not for ever: one may have been lost on its way, and is not waited for
 * again. */
static void events_await(struct inner *inner, uint32_t events)
{
	struct timespec end = clock_until(EVENTS_WAIT_MS);
	int r = 0;

	pthread_mutex_lock(&inner->lock);
	while (r == 0 && (int32_t)(events - inner->events) > 0)
		r = pthread_cond_timedwait(&inner->changed, &inner->lock, &end);
	if (r != 0)
		inner->events = events;
	pthread_mutex_unlock(&inner->lock);
}

static struct sv_call *call_take(struct sv *sv, const struct mailbox *mailbox)
{
	const struct wire_record *head = &mailbox->head;
	struct sv_child *child;
	struct sv_call *call = calloc(1, sizeof(*call));

	if (!call || head->id >= sv->tree.level->methods_count) {
		free(call);
		return NULL;
	}
	call->upcalls = &sv->upcalls;
	call->method = sv->tree.level->methods[head->id];
	call->call.regs.tid = head->pid;
	call->call.regs.nr = head->value;
	for (unsigned int i = 0; i < 6; i++)
		call->call.regs.arg[i].u = head->word[i];
	call->id = head->call;
	call->badge = head->badge;
	call->via_id = head->child;
	pthread_mutex_lock(&sv->tree.lock);
	child = child_known(sv, head->child);
	if (child && sv->upcalls.handlers_in_dispatch)
		call->round = child_round(&child->child, atomic_load(&sv->upcalls.dispatch_round));
	pthread_mutex_unlock(&sv->tree.lock);
	call->label = strdup(record_string(mailbox, 0));
	if (call->label)
		return call;
	free(call);
	return NULL;
}

/* May another handler run for the child that the call came through? Then child_leave afterwards.
 * NULL: the call waits for those that do. */
static struct inner_child *child_enter(struct sv *sv, struct sv_call *call)
{
	struct inner *inner = sv->inner;
	struct sv_child *known;
	struct inner_child *child;

	pthread_mutex_lock(&sv->tree.lock);
	known = child_known(sv, call->via_id);
	child = known ? inner_child_of(known) : &inner->nobody;
	pthread_mutex_lock(&inner->lock);
	if (child->running == SHARE) {
		call->queued = NULL;
		*child->waiting_end = call;
		child->waiting_end = &call->queued;
		child = NULL;
	} else {
		child->running++;
	}
	pthread_mutex_unlock(&inner->lock);
	pthread_mutex_unlock(&sv->tree.lock);
	return child;
}

/* A handler has ended: the call that its thread goes on with, or NULL. */
static struct sv_call *child_leave(struct inner *inner, struct inner_child *child)
{
	struct sv_call *next;
	bool last;

	pthread_mutex_lock(&inner->lock);
	next = child->waiting;
	if (next) {
		child->waiting = next->queued;
		if (!child->waiting)
			child->waiting_end = &child->waiting;
	} else if (--child->running == 0) {
		pthread_cond_broadcast(&inner->changed);
	}
	last = child->running == 0 && child->dropped;
	pthread_mutex_unlock(&inner->lock);
	if (last)
		child_delete(&child->child);
	return next;
}

static void call_handle(struct sv_call *call, struct answer *ret)
{
	struct sv_answer answer;

	ret->id = call->id;
	answer = call_run(call);
	if (answer.kind != SV_ANSWER_LATER)
		call_free(call);
	answer_words(answer, ret->words);
}

/* Runs the handler of a call that came, or leaves it to sv_dispatch or to another thread. */
static void record_handle(struct sv *sv, const struct mailbox *mailbox, struct answer *ret)
{
	struct sv_call *call = call_take(sv, mailbox);
	struct inner_child *child;

	ret->id = mailbox->head.call;
	answer_words(call ? sv_answer_later() : sv_answer_error(ENOSYS), ret->words);
	if (call && sv->upcalls.handlers_in_dispatch) {
		dispatch_add(&sv->upcalls, call);
		return;
	}
	child = call ? child_enter(sv, call) : NULL;
	if (!child)
		return;
	call_handle(call, ret);
	while ((call = child_leave(sv->inner, child))) {
		if (ret->words[0] != WIRE_NOTHING)
			answer_give(ret);
		call_handle(call, ret);
	}
}

static void *inner_thread(void *data);

/* Another one to sleep while this one works. */
static int thread_add(struct sv *sv)
{
	struct inner *inner = sv->inner;
	pthread_attr_t detached;
	sigset_t all, before;
	pthread_t thread;
	int r;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_mutex_lock(&inner->lock);
	atomic_fetch_add(&inner->sleeping, 1);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = sv->ending ? ESHUTDOWN : pthread_create(&thread, &detached, inner_thread, sv);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		inner->threads++;
	else
		atomic_fetch_sub(&inner->sleeping, 1);
	pthread_mutex_unlock(&inner->lock);
	pthread_attr_destroy(&detached);
	return -r;
}

/* The last that it does with what we have. */
static void thread_end(struct inner *inner)
{
	pthread_mutex_lock(&inner->lock);
	inner->threads--;
	pthread_cond_broadcast(&inner->changed);
	pthread_mutex_unlock(&inner->lock);
}

static void wait_enter(struct inner *inner)
{
	pthread_mutex_lock(&inner->lock);
	while (inner->resting)
		pthread_cond_wait(&inner->changed, &inner->lock);
	inner->in_wait++;
	pthread_mutex_unlock(&inner->lock);
}

static void wait_leave(struct inner *inner)
{
	pthread_mutex_lock(&inner->lock);
	inner->in_wait--;
	if (inner->resting)
		pthread_cond_broadcast(&inner->changed);
	pthread_mutex_unlock(&inner->lock);
}

/* Until nobody sleeps in a call: one may have been on its way when the others were woken. */
static void inner_rest(struct sv *sv, bool on)
{
	struct inner *inner = sv->inner;

	pthread_mutex_lock(&inner->lock);
	inner->resting = on;
	pthread_cond_broadcast(&inner->changed);
	while (on && inner->in_wait > 0) {
		struct timespec soon;

		pthread_mutex_unlock(&inner->lock);
		ASK(PCALL_SLOT_REST);
		soon = clock_until(1);
		pthread_mutex_lock(&inner->lock);
		if (inner->in_wait > 0)
			pthread_cond_timedwait(&inner->changed, &inner->lock, &soon);
	}
	pthread_mutex_unlock(&inner->lock);
}

/* Nothing has come for long: until there is something, or nothing comes any more. */
static bool bell_wait(const struct inner *inner)
{
	char byte;

	return inner->bell >= 0 && (read(inner->bell, &byte, 1) >= 0 || errno == EINTR);
}

/* Gives the answer, and waits. False: there is nothing to wait for any more. */
static bool record_wait(struct inner *inner, struct mailbox *mailbox, struct answer *answer)
{
	for (;;) {
		uint64_t *words = answer->words;
		long r;

		wait_enter(inner);
		r = ask(ASK(PCALL_SLOT_WAIT, answer->id, words[0], words[1], words[2], mailbox,
			    sizeof(*mailbox)));
		wait_leave(inner);
		if (words[0] == WIRE_FD)
			close((int)words[1]);
		words[0] = WIRE_NOTHING;
		if (r >= (long)sizeof(mailbox->head))
			return true;
		if (r != -EINTR && (r != 0 || !bell_wait(inner)))
			return false;
	}
}

/* It goes to sleep again, unless enough do. Who leaves is never counted: whoever takes the last
 * call relies on the number. */
static bool thread_stays(struct inner *inner)
{
	int sleeping = atomic_load(&inner->sleeping);

	do
		if (sleeping >= IDLE_MAX)
			return false;
	while (!atomic_compare_exchange_weak(&inner->sleeping, &sleeping, sleeping + 1));
	return true;
}

static void thread_run(struct sv *sv, struct mailbox *mailbox)
{
	struct inner *inner = sv->inner;
	struct answer answer = {
		0, {WIRE_NOTHING, 0, 0}
	};

	while (record_wait(inner, mailbox, &answer)) {
		if (mailbox->head.type == WIRE_RECORD_EVENT) {
			event_take(sv, mailbox);
			continue;
		}
		if (atomic_fetch_sub(&inner->sleeping, 1) == 1)
			thread_add(sv);
		record_handle(sv, mailbox, &answer);
		if (thread_stays(inner))
			continue;
		if (answer.words[0] != WIRE_NOTHING)
			answer_give(&answer);
		return;
	}
	atomic_fetch_sub(&inner->sleeping, 1);
}

static void *inner_thread(void *data)
{
	struct sv *sv = data;
	struct mailbox *mailbox = malloc(sizeof(*mailbox));

	prctl(PR_SET_NAME, "pcall-level");
	if (mailbox)
		thread_run(sv, mailbox);
	free(mailbox);
	thread_end(sv->inner);
	return NULL;
}

static int inner_open(struct sv *sv, struct sv_error *error)
{
	long r = ask(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, sv->upcalls.answer_ms));

	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, (int)r,
				  r == -EBUSY ? "this process supervises children already"
					      : "the supervisor above does not let this process "
						"supervise children: %s",
				  strerror((int)-r));
	sv->inner = calloc(1, sizeof(*sv->inner));
	if (!sv->inner)
		return stage_fail(error, SV_STAGE_ENGINE, -ENOMEM, "out of memory");
	pthread_mutex_init(&sv->inner->spawning, NULL);
	pthread_mutex_init(&sv->inner->lock, NULL);
	pthread_cond_init(&sv->inner->changed, NULL);
	sv->inner->nobody.waiting_end = &sv->inner->nobody.waiting;
	/* Without one it sleeps in calls, and can be stopped by sv_stop alone. */
	sv->inner->bell = (int)ask(ASK(PCALL_SLOT_BELL));
	return thread_add(sv) == 0
		       ? 0
		       : stage_fail(error, SV_STAGE_ENGINE, -EAGAIN, "no thread can be started");
}

/* Until no handler runs for it; not for ever. False: one does, and frees it when it ends. */
static bool child_quiet(struct inner *inner, struct inner_child *child)
{
	struct timespec end = clock_until(QUIET_WAIT_MS);
	int r = 0;

	pthread_mutex_lock(&inner->lock);
	while (child->running && r == 0)
		r = pthread_cond_timedwait(&inner->changed, &inner->lock, &end);
	child->dropped = true;
	r = child->running == 0;
	pthread_mutex_unlock(&inner->lock);
	return r;
}

static void child_unlink(struct sv_child *child)
{
	pthread_mutex_lock(&child->tree->lock);
	tree_unlink(child);
	pthread_mutex_unlock(&child->tree->lock);
}

/* What we know of it. */
static void child_drop(struct sv_child *child)
{
	child_unlink(child);
	events_forget(child->tree->events, child);
	if (child_quiet(sv_of(child->tree)->inner, inner_child_of(child)))
		child_delete(child);
}

static void inner_close(struct sv *sv)
{
	struct inner *inner = sv->inner;

	ASK(PCALL_SLOT_LEVEL, 0); /* the waiting ends when the children are gone */
	pthread_mutex_lock(&inner->lock);
	while (inner->threads)
		pthread_cond_wait(&inner->changed, &inner->lock);
	pthread_mutex_unlock(&inner->lock);
	while (sv->tree.children)
		child_drop(sv->tree.children);
	pthread_cond_destroy(&inner->changed);
	pthread_mutex_destroy(&inner->spawning);
	pthread_mutex_destroy(&inner->lock);
	if (inner->bell >= 0)
		close(inner->bell);
	policy_free(inner->told);
	free(inner->text);
	free(inner);
	sv->inner = NULL;
}

/* Known before it is asked for: what is told of it must find it. */
static struct sv_child *child_add(struct sv *sv, struct spawn_request *request)
{
	struct sv_child *child = child_new(sv);

	if (!child)
		return NULL;
	child->child.label = strdup(request->label);
	pthread_mutex_lock(&sv->tree.lock);
	child->child.id = request->id = ++sv->inner->last_child;
	tree_link(child);
	pthread_mutex_unlock(&sv->tree.lock);
	return child;
}

/* The policy as the root gets it. Siblings mostly have the same, and a sealed one never changes. */
static int policy_tell(struct inner *inner, const struct policy *policy)
{
	char *text;
	size_t size;
	int r;

	if (inner->told == policy)
		return 0;
	r = policy_image_write(policy, &text, &size);
	if (r < 0)
		return r;
	policy_free(inner->told);
	free(inner->text);
	inner->told = policy_ref(policy);
	inner->text = text;
	inner->text_size = size;
	return 0;
}

/* A request to spawn, which is answered when the child's program runs. */
struct asking {
	const void *bytes;
	size_t size;
	struct wire_spawned *spawned;
	struct spawn_wait wait;
	long result;
	_Atomic bool done;
};

static void *asking_thread(void *data)
{
	struct asking *asking = data;

	prctl(PR_SET_NAME, "pcall-spawn");
	asking->result = ask(ASK(PCALL_SLOT_SPAWN, asking->bytes, asking->size, asking->spawned));
	atomic_store(&asking->done, true);
	spawn_wait_ring(&asking->wait);
	return NULL;
}

/* A thread in a call can run no handler: so another one calls, which has from this one all that the
 * child inherits of a thread. */
static int spawn_ask_beside(struct sv *sv, struct asking *asking)
{
	struct pollfd bell = { .fd = asking->wait.bell, .events = POLLIN };
	sigset_t all, before;
	pthread_t thread;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&thread, NULL, asking_thread, asking);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		return -r;
	while (!atomic_load(&asking->done))
		if (poll(&bell, 1, -1) > 0 && !atomic_load(&asking->done))
			spawn_wait_run(&sv->upcalls, &asking->wait);
	pthread_join(thread, NULL);
	return (int)asking->result;
}

static int spawn_send(struct sv *sv, const struct child *child, struct asking *asking)
{
	int r = spawn_wait_open(&sv->upcalls, child, &asking->wait);

	if (r < 0)
		return r;
	if (asking->wait.bell < 0)
		return (int)ask(
			ASK(PCALL_SLOT_SPAWN, asking->bytes, asking->size, asking->spawned));
	r = spawn_ask_beside(sv, asking);
	spawn_wait_close(&sv->upcalls, &asking->wait);
	return r;
}

static int spawn_write(struct sv *sv, struct spawn_request *request, void **ret, size_t *ret_size)
{
	int r;

	request->traits = traits_tell();
	pthread_mutex_lock(&sv->inner->spawning);
	r = policy_tell(sv->inner, request->policy);
	if (r == 0)
		r = request_write(request, sv->inner->text, sv->inner->text_size, ret, ret_size);
	pthread_mutex_unlock(&sv->inner->spawning);
	return r;
}

/* No lock is held: what a handler of ours does before it lets the child exec may be to spawn. */
static int spawn_ask(struct sv *sv, const struct child *child, struct spawn_request *request,
		     struct wire_spawned *spawned)
{
	cleanup_free void *bytes = NULL;
	struct asking asking = { .spawned = spawned };
	int r = spawn_write(sv, request, &bytes, &asking.size);

	asking.bytes = bytes;
	if (r == 0)
		r = spawn_send(sv, child, &asking);
	spawned->text[sizeof(spawned->text) - 1] = '\0';
	spawned->label[sizeof(spawned->label) - 1] = '\0';
	return r;
}

static int inner_spawn(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
		       struct sv_error *error)
{
	cleanup_free struct wire_spawned *spawned = calloc(1, sizeof(*spawned));
	struct sv_child *child;
	int r;

	child = spawned ? child_add(sv, request) : NULL;
	if (!child)
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	r = spawn_ask(sv, &child->child, request, spawned);
	if (r < 0) {
		events_await(sv->inner, spawned->events);
		child_unlink(child);
		events_disown(sv->tree.events, child);
		if (child_quiet(sv->inner, inner_child_of(child)))
			child_delete(child);
		return stage_fail(error, (enum sv_stage)spawned->stage, r, "%s",
				  spawned->text[0] ? spawned->text : strerror(-r));
	}
	child->child.pid = spawned->pid;
	free(child->child.label);
	child->child.label = strdup(spawned->label);
	*ret = child;
	return 0;
}

static int inner_kill(struct sv_child *child, int signal)
{
	return (int)ask(ASK(PCALL_SLOT_KILL, child->child.id, signal));
}

static void inner_child_free(struct sv_child *child)
{
	ASK(PCALL_SLOT_FREE, child->child.id);
	child_drop(child);
}

static int inner_adopt(struct sv_child *child, uint64_t badge, bool adopts)
{
	return (int)ask(ASK(PCALL_SLOT_ADOPT, child->child.id, badge, adopts));
}

static int inner_mask(struct sv_child *child, int number, bool allowed)
{
	return (int)ask(ASK(PCALL_SLOT_MASK, child->child.id, number, allowed));
}

static int inner_define(struct sv *sv, const char *name, int number)
{
	(void)sv;
	return (int)ask(number == METHOD_NAMED ? ASK(PCALL_SLOT_DEFINE, name, strlen(name) + 1)
					       : ASK(PCALL_SLOT_INTERCEPT, number));
}

static int inner_method(struct sv *sv, const char *name)
{
	(void)sv;
	return (int)ask(ASK(PCALL_SLOT_FIND, name));
}

static int client_open(struct sv *sv, const struct sv_options *options, struct sv_error *error)
{
	int r;

	(void)options;
	sv->upcalls.ops = &client_call_ops;
	r = events_new(&sv->tree.events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	return inner_open(sv, error);
}

static bool client_close(struct sv *sv)
{
	if (sv->inner)
		inner_close(sv);
	dispatch_end(&sv->upcalls);
	calls_free(&sv->upcalls);
	return true;
}

static bool client_shares_session(const struct sv *sv)
{
	(void)sv;
	return !inner_session();
}

const struct sv_ops client_ops = {
	.open = client_open,
	.close = client_close,
	.shares_session = client_shares_session,
	.rest = inner_rest,
	.spawn = inner_spawn,
	.kill = inner_kill,
	.free = inner_child_free,
	.adopt = inner_adopt,
	.mask = inner_mask,
	.define = inner_define,
	.method = inner_method,

};
