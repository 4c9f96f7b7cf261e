/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errands: what has to be done on another thread than the one that finds out. A thread of the
 * engine's starts with the first errand of its kind, and does them one by one.
 */
#ifndef SUPERVISOR_ERRANDS_H
#define SUPERVISOR_ERRANDS_H

#include <pthread.h>
#include <stdbool.h>

typedef void errand_run(void *data);

struct errand {
	struct errand *next;
	errand_run *run;
	void *data;
};

struct errands {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	const char *name; /* of the thread */
	bool started, ending;
	struct errand *first, **end;
};

void errands_init(struct errands *errands, const char *name);
/* Does what is left, ends the thread. */
void errands_deinit(struct errands *errands);
/* -ENOMEM, -EAGAIN: it is not going to be done. */
int errands_add(struct errands *errands, errand_run *run, void *data);

#endif
