/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue of what has to be done on another thread than the one that finds out. A thread of the
 * engine's starts with the first item of its kind, and does them one by one.
 */
#ifndef BASE_WORKQUEUE_H
#define BASE_WORKQUEUE_H

#include <pthread.h>
#include <stdbool.h>

typedef void workqueue_run(void *data);

struct workqueue_item {
	struct workqueue_item *next;
	workqueue_run *run;
	void *data;
};

struct workqueue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	const char *name; /* of the thread */
	bool started, ending;
	struct workqueue_item *first, **end;
};

void workqueue_init(struct workqueue *queue, const char *name);
/* Does what is left, ends the thread. */
void workqueue_deinit(struct workqueue *queue);
/* -ENOMEM, -EAGAIN: it is not going to be done. */
int workqueue_add(struct workqueue *queue, workqueue_run *run, void *data);

#endif
