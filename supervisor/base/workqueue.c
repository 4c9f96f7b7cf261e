/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errands: a queue and a thread each. */
#include "base/workqueue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

void workqueue_init(struct workqueue *queue, const char *name)
{
	*queue = (struct workqueue){ .name = name };
	queue->end = &queue->first;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
}

static struct workqueue_item *workqueue_take(struct workqueue *queue)
{
	struct workqueue_item *item;

	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->ending)
		pthread_cond_wait(&queue->changed, &queue->lock);
	item = queue->first;
	if (item) {
		queue->first = item->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	pthread_mutex_unlock(&queue->lock);
	return item;
}

static void *workqueue_thread(void *data)
{
	struct workqueue *queue = data;
	struct workqueue_item *item;

	prctl(PR_SET_NAME, queue->name);
	while ((item = workqueue_take(queue))) {
		item->run(item->data);
		free(item);
	}
	return NULL;
}

/* Under the lock. */
static int workqueue_start(struct workqueue *queue)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&queue->thread, NULL, workqueue_thread, queue);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	queue->started = r == 0;
	return -r;
}

int workqueue_add(struct workqueue *queue, workqueue_run *run, void *data)
{
	struct workqueue_item *item = calloc(1, sizeof(*item));
	int r = 0;

	if (!item)
		return -ENOMEM;
	item->run = run;
	item->data = data;
	pthread_mutex_lock(&queue->lock);
	if (!queue->started)
		r = workqueue_start(queue);
	if (r == 0) {
		*queue->end = item;
		queue->end = &item->next;
		pthread_cond_signal(&queue->changed);
	}
	pthread_mutex_unlock(&queue->lock);
	if (r < 0)
		free(item);
	return r;
}

void workqueue_deinit(struct workqueue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->ending = true;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
	if (queue->started)
		pthread_join(queue->thread, NULL);
	queue->started = false;
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->changed);
}
