/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errands: a queue and a thread each. */
#include "base/workqueue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

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
