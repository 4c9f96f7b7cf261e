/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errands: what has to be done on another thread than the one that finds out. A thread of the
 * engine's starts with the first errand of its kind, and does them one by one.
 */
#ifndef SUPERVISOR_ERRANDS_H
#define SUPERVISOR_ERRANDS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct child;
struct sv;
struct sv_call;

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

/* Leave a kept call to sv_dispatch, in its round. */
void errands_dispatch(struct sv *sv, struct sv_call *call);
/* Ends those that nobody is going to dispatch. */
void errands_undispatch(struct sv *sv);
/* Runs the handlers that wait for sv_dispatch by now. How many. */
int errands_dispatched(struct sv *sv);

/*
 * A thread in sv_spawn, which may be the only one that would come to sv_dispatch: until the child
 * runs it does what that would do for the calls of this one child. Otherwise an execve that is
 * intercepted would wait for a handler, and its handler for the end of sv_spawn.
 */
struct spawn_wait {
	struct spawn_wait *next;
	uint64_t id; /* of the child: what its calls have as via_id and via_tag */
	uint32_t tag;
	int bell; /* eventfd, readable once for each call; -1: handlers do not run in sv_dispatch */
};

/* Before the child can call. 0 or a negative errno. */
int spawn_wait_open(struct sv *sv, const struct child *child, struct spawn_wait *ret);
/* What came and was not run is left to sv_dispatch. */
void spawn_wait_close(struct sv *sv, struct spawn_wait *wait);
/* From any thread: one more time. */
void spawn_wait_ring(const struct spawn_wait *wait);
/* The bell can be read: takes that, and runs the handler of one call, if there is one. */
void spawn_wait_run(struct sv *sv, const struct spawn_wait *wait);

#endif
