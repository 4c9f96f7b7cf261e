/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errands: a queue and a thread each; and the queue for the embedder's own thread. */
#include "base/workqueue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "upcall/upcall.h"
#include "engine/engine.h"
#include "client/client.h"

void errands_init(struct errands *errands, const char *name)
{
	*errands = (struct errands){ .name = name };
	errands->end = &errands->first;
	pthread_mutex_init(&errands->lock, NULL);
	pthread_cond_init(&errands->changed, NULL);
}

static struct errand *errands_take(struct errands *errands)
{
	struct errand *errand;

	pthread_mutex_lock(&errands->lock);
	while (!errands->first && !errands->ending)
		pthread_cond_wait(&errands->changed, &errands->lock);
	errand = errands->first;
	if (errand) {
		errands->first = errand->next;
		if (!errands->first)
			errands->end = &errands->first;
	}
	pthread_mutex_unlock(&errands->lock);
	return errand;
}

static void *errands_thread(void *data)
{
	struct errands *errands = data;
	struct errand *errand;

	prctl(PR_SET_NAME, errands->name);
	while ((errand = errands_take(errands))) {
		errand->run(errand->data);
		free(errand);
	}
	return NULL;
}

/* Under the lock. */
static int errands_start(struct errands *errands)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&errands->thread, NULL, errands_thread, errands);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errands->started = r == 0;
	return -r;
}

int errands_add(struct errands *errands, errand_run *run, void *data)
{
	struct errand *errand = calloc(1, sizeof(*errand));
	int r = 0;

	if (!errand)
		return -ENOMEM;
	errand->run = run;
	errand->data = data;
	pthread_mutex_lock(&errands->lock);
	if (!errands->started)
		r = errands_start(errands);
	if (r == 0) {
		*errands->end = errand;
		errands->end = &errand->next;
		pthread_cond_signal(&errands->changed);
	}
	pthread_mutex_unlock(&errands->lock);
	if (r < 0)
		free(errand);
	return r;
}

void errands_deinit(struct errands *errands)
{
	pthread_mutex_lock(&errands->lock);
	errands->ending = true;
	pthread_cond_signal(&errands->changed);
	pthread_mutex_unlock(&errands->lock);
	if (errands->started)
		pthread_join(errands->thread, NULL);
	errands->started = false;
	pthread_mutex_destroy(&errands->lock);
	pthread_cond_destroy(&errands->changed);
}

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
void errands_dispatch(struct sv *sv, struct sv_call *call)
{
	struct sv_call **at = &sv->dispatch;

	pthread_mutex_lock(&sv->calls_lock);
	if (sv->dispatch && sv->dispatch_last->round <= call->round)
		at = &sv->dispatch_last->queued;
	while (*at && (*at)->round <= call->round)
		at = &(*at)->queued;
	call->queued = *at;
	*at = call;
	if (!call->queued)
		sv->dispatch_last = call;
	sv->dispatch_count++;
	for (struct spawn_wait *wait = sv->spawn_waits; wait; wait = wait->next)
		if (waits_for(wait, call))
			spawn_wait_ring(wait);
	pthread_mutex_unlock(&sv->calls_lock);
	events_wake(sv->events);
}

/* The next one; or the next of the child that is waited for, whoever's turn it is. */
static struct sv_call *dispatch_take(struct sv *sv, const struct spawn_wait *wait)
{
	struct sv_call **at = &sv->dispatch, *before = NULL, *call;

	pthread_mutex_lock(&sv->calls_lock);
	while (wait && *at && !waits_for(wait, *at)) {
		before = *at;
		at = &before->queued;
	}
	call = *at;
	if (call) {
		*at = call->queued;
		if (!call->queued)
			sv->dispatch_last = before;
		sv->dispatch_count--;
		if (!wait)
			atomic_store(&sv->dispatch_round, call->round);
	}
	pthread_mutex_unlock(&sv->calls_lock);
	return call;
}

static unsigned int dispatch_count(struct sv *sv)
{
	unsigned int count;

	pthread_mutex_lock(&sv->calls_lock);
	count = sv->dispatch_count;
	pthread_mutex_unlock(&sv->calls_lock);
	return count;
}

static void dispatch_run(struct sv *sv, struct sv_call *call)
{
	struct sv_answer answer = sv_error(ESRCH);
	struct call entered;

	if (sv->inner) {
		answer = call_run(call);
	} else if (call_enter(call, NULL, &entered)) {
		answer = call_run(call);
		call_leave(&entered);
	}
	if (answer.kind == SV_ANSWER_LATER)
		return;
	if (sv->inner)
		inner_answer(call, answer);
	else
		call_finish(call, answer, NULL);
}

void errands_undispatch(struct sv *sv)
{
	struct sv_call *call;

	while ((call = dispatch_take(sv, NULL)))
		call_finish(call, sv_error(ENOSYS), NULL);
}

/* No more than there are now: callers that come again must not keep the embedder here. */
int errands_dispatched(struct sv *sv)
{
	unsigned int most = dispatch_count(sv), count = 0;
	struct sv_call *call;

	while (count < most && (call = dispatch_take(sv, NULL))) {
		dispatch_run(sv, call);
		count++;
	}
	if (dispatch_count(sv))
		events_wake(sv->events);
	return (int)count;
}

int spawn_wait_open(struct sv *sv, const struct child *child, struct spawn_wait *ret)
{
	*ret = (struct spawn_wait){ .id = child->id, .tag = child->tag, .bell = -1 };
	if (!sv->handlers_in_dispatch)
		return 0;
	ret->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	if (ret->bell < 0)
		return -errno;
	pthread_mutex_lock(&sv->calls_lock);
	ret->next = sv->spawn_waits;
	sv->spawn_waits = ret;
	pthread_mutex_unlock(&sv->calls_lock);
	return 0;
}

void spawn_wait_close(struct sv *sv, struct spawn_wait *wait)
{
	struct spawn_wait **at = &sv->spawn_waits;

	if (wait->bell < 0)
		return;
	pthread_mutex_lock(&sv->calls_lock);
	while (*at != wait)
		at = &(*at)->next;
	*at = wait->next;
	pthread_mutex_unlock(&sv->calls_lock);
	close(wait->bell);
}

void spawn_wait_run(struct sv *sv, const struct spawn_wait *wait)
{
	eventfd_t count;
	struct sv_call *call;

	eventfd_read(wait->bell, &count);
	call = dispatch_take(sv, wait);
	if (call)
		dispatch_run(sv, call);
}
