/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/threads.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/clock.h"
#include "client/ask.h"
#include "client/call.h"
#include "client/children.h"
#include "engine/engine.h"
#include "tree/level.h"
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"

enum {
	IDLE_MAX = 8, /* threads that sleep */
};

/* The record that a thread waits for, and room behind it. */
struct mailbox {
	struct wire_record head;
	char rest[PCALL_RECORD_MAX - sizeof(struct wire_record)];
};

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

/* A child that survived its level, below us, is ours. Under the lock. */
static struct sv_child *child_adopt(struct sv *sv, const struct mailbox *mailbox)
{
	struct sv_child *child = client_child_new(sv);

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
	tree_lock_take(&sv->tree.lock);
	event.child = event.type == SV_EVENT_ADOPTED ? child_adopt(sv, mailbox)
						     : child_known(sv, head->child);
	events_push_told(sv->tree.events, &event);
	tree_lock_give(&sv->tree.lock);
	if (event.type == SV_EVENT_LOST)
		return;
	pthread_mutex_lock(&sv->client->lock);
	sv->client->events++;
	pthread_cond_broadcast(&sv->client->changed);
	pthread_mutex_unlock(&sv->client->lock);
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
	tree_lock_take(&sv->tree.lock);
	child = child_known(sv, head->child);
	if (child && sv->upcalls.handlers_in_dispatch)
		call->round = child_round(&child->child, atomic_load(&sv->upcalls.dispatch_round));
	tree_lock_give(&sv->tree.lock);
	call->label = strdup(record_string(mailbox, 0));
	if (call->label)
		return call;
	free(call);
	return NULL;
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
	struct client_child *child;

	ret->id = mailbox->head.call;
	answer_words(call ? sv_answer_later() : sv_answer_error(ENOSYS), ret->words);
	if (call && sv->upcalls.handlers_in_dispatch) {
		dispatch_add(&sv->upcalls, call);
		return;
	}
	child = call ? client_child_enter(sv, call) : NULL;
	if (!child)
		return;
	call_handle(call, ret);
	while ((call = client_child_leave(sv->client, child))) {
		if (ret->words[0] != WIRE_NOTHING)
			answer_give(ret);
		call_handle(call, ret);
	}
}

static void *client_thread(void *data);

int thread_add(struct sv *sv)
{
	struct client *client = sv->client;
	pthread_attr_t detached;
	sigset_t all, before;
	pthread_t thread;
	int r;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_mutex_lock(&client->lock);
	atomic_fetch_add(&client->sleeping, 1);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = sv->ending ? ESHUTDOWN : pthread_create(&thread, &detached, client_thread, sv);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		client->threads++;
	else
		atomic_fetch_sub(&client->sleeping, 1);
	pthread_mutex_unlock(&client->lock);
	pthread_attr_destroy(&detached);
	return -r;
}

void threads_await(struct client *client)
{
	pthread_mutex_lock(&client->lock);
	while (client->threads)
		pthread_cond_wait(&client->changed, &client->lock);
	pthread_mutex_unlock(&client->lock);
}

/* The last that it does with what we have. */
static void thread_end(struct client *client)
{
	pthread_mutex_lock(&client->lock);
	client->threads--;
	pthread_cond_broadcast(&client->changed);
	pthread_mutex_unlock(&client->lock);
}

static void wait_enter(struct client *client)
{
	pthread_mutex_lock(&client->lock);
	while (client->resting)
		pthread_cond_wait(&client->changed, &client->lock);
	client->in_wait++;
	pthread_mutex_unlock(&client->lock);
}

static void wait_leave(struct client *client)
{
	pthread_mutex_lock(&client->lock);
	client->in_wait--;
	if (client->resting)
		pthread_cond_broadcast(&client->changed);
	pthread_mutex_unlock(&client->lock);
}

/* One may have been on its way into its call when the others were woken. */
void threads_rest(struct sv *sv, bool on)
{
	struct client *client = sv->client;

	pthread_mutex_lock(&client->lock);
	client->resting = on;
	pthread_cond_broadcast(&client->changed);
	while (on && client->in_wait > 0) {
		struct timespec soon;

		pthread_mutex_unlock(&client->lock);
		ASK(PCALL_SLOT_REST);
		soon = clock_until(1);
		pthread_mutex_lock(&client->lock);
		if (client->in_wait > 0)
			pthread_cond_timedwait(&client->changed, &client->lock, &soon);
	}
	pthread_mutex_unlock(&client->lock);
}

/* Nothing has come for long: until there is something, or nothing comes any more. */
static bool bell_wait(const struct client *client)
{
	char byte;

	return client->bell >= 0 && (read(client->bell, &byte, 1) >= 0 || errno == EINTR);
}

/* Gives the answer, and waits. False: there is nothing to wait for any more. */
static bool record_wait(struct client *client, struct mailbox *mailbox, struct answer *answer)
{
	for (;;) {
		uint64_t *words = answer->words;
		long r;

		wait_enter(client);
		r = ask(ASK(PCALL_SLOT_WAIT, answer->id, words[0], words[1], words[2], mailbox,
			    sizeof(*mailbox)));
		wait_leave(client);
		if (words[0] == WIRE_FD)
			close((int)words[1]);
		words[0] = WIRE_NOTHING;
		if (r >= (long)sizeof(mailbox->head))
			return true;
		if (r != -EINTR && (r != 0 || !bell_wait(client)))
			return false;
	}
}

/* It goes to sleep again, unless enough do. Who leaves is never counted: whoever takes the last
 * call relies on the number. */
static bool thread_stays(struct client *client)
{
	int sleeping = atomic_load(&client->sleeping);

	do
		if (sleeping >= IDLE_MAX)
			return false;
	while (!atomic_compare_exchange_weak(&client->sleeping, &sleeping, sleeping + 1));
	return true;
}

static void thread_run(struct sv *sv, struct mailbox *mailbox)
{
	struct client *client = sv->client;
	struct answer answer = {
		0, {WIRE_NOTHING, 0, 0}
	};

	while (record_wait(client, mailbox, &answer)) {
		if (mailbox->head.type == WIRE_RECORD_EVENT) {
			event_take(sv, mailbox);
			continue;
		}
		if (atomic_fetch_sub(&client->sleeping, 1) == 1)
			thread_add(sv);
		record_handle(sv, mailbox, &answer);
		if (thread_stays(client))
			continue;
		if (answer.words[0] != WIRE_NOTHING)
			answer_give(&answer);
		return;
	}
	atomic_fetch_sub(&client->sleeping, 1);
}

static void *client_thread(void *data)
{
	struct sv *sv = data;
	struct mailbox *mailbox = malloc(sizeof(*mailbox));

	prctl(PR_SET_NAME, "pcall-level");
	if (mailbox)
		thread_run(sv, mailbox);
	free(mailbox);
	thread_end(sv->client);
	return NULL;
}
