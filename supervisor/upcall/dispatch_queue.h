/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls whose handlers run in sv_dispatch, on the embedder's own thread: by rounds, so that who
 * calls again and again stands behind its siblings.
 */
#ifndef UPCALL_DISPATCH_QUEUE_H
#define UPCALL_DISPATCH_QUEUE_H

#include <stdint.h>
#include "call/answer.h"

struct child;
struct receiver;
struct upcalls;
struct sv_call;

/* Leave a kept call to sv_dispatch, in its round. */
void dispatch_add(struct upcalls *upcalls, struct sv_call *call);
/* How a level is asked whose handlers run there: see struct level. */
struct sv_answer dispatch_ask(struct sv_call *call, struct receiver *receiver);
/* Ends those that nobody is going to dispatch. */
void dispatch_end(struct upcalls *upcalls);
/* Runs the handlers that wait for sv_dispatch by now. How many. */
int dispatch_run_all(struct upcalls *upcalls);

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
int spawn_wait_open(struct upcalls *upcalls, const struct child *child, struct spawn_wait *ret);
/* What came and was not run is left to sv_dispatch. */
void spawn_wait_close(struct upcalls *upcalls, struct spawn_wait *wait);
/* From any thread: one more time. */
void spawn_wait_ring(const struct spawn_wait *wait);
/* The bell can be read: takes that, and runs the handler of one call, if there is one. */
void spawn_wait_run(struct upcalls *upcalls, const struct spawn_wait *wait);

#endif
