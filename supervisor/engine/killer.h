/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The killer: the one thread that looks through /proc for what is to die. Who wants a child dead
 * dooms it, which takes no time, and one look is for all that are doomed by then: a thousand that
 * die at once take as long as a few, and nobody is held up by another's death.
 *
 * A child is drained when its listener hangs up, which the reaper is told by epoll; or when what is
 * left of it hangs in the kernel for too long.
 */
#ifndef SUPERVISOR_KILLER_H
#define SUPERVISOR_KILLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "tree/locks.h"

struct child;
struct sv;
struct sv_child;

/* Guarded by the engine's lock. */
struct killer {
	pthread_t thread;
	pthread_cond_t changed;			     /* by CLOCK_MONOTONIC */
	unsigned int doomed GUARDED_BY(tree_locked); /* children that are not drained */
	uint64_t due_ms GUARDED_BY(tree_locked);     /* the next look, while there are any */
	uint64_t rest_ms GUARDED_BY(
		tree_locked); /* and not before: looking at many processes takes its time */
	uint64_t burst_ms GUARDED_BY(tree_locked); /* since then so many were doomed */
	unsigned int burst GUARDED_BY(tree_locked);
	unsigned int nap_ms GUARDED_BY(tree_locked); /* between two looks that find nothing new */
	bool started, ending GUARDED_BY(tree_locked);
};

void killer_init(struct killer *killer);
/* 0 or a negative errno. */
int killer_start(struct sv *sv);
/* Once there are no children. */
void killer_end(struct sv *sv);

/* Under the engine's lock, and without a wait: it and all its tasks are to die. */
void child_doom(struct child *child) REQUIRES(tree_locked);
/* Under the same: nothing of it is left, or what is left hangs. */
void child_drained(struct sv_child *child) REQUIRES(tree_locked);
/* Dooms it, and waits until it is drained. Not under the engine's lock, not on the reaper. */
void child_kill_all(struct child *child);

#endif
