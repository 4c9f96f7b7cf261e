/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a child may use together with all that was spawned below it: time, tasks, children.
 *
 * Each child counts in the quota of the child that its level ran in when it was made, and so on up
 * to the root, for good: a quota outlives its child as long as there is one that counts in it. So
 * who survives its level goes on counting for the limits that it had, whoever adopts it; and as
 * those who may adopt it stand further up, it counts for theirs already.
 *
 * All is guarded by the engine's lock but for what is atomic.
 */
#ifndef SUPERVISOR_QUOTA_H
#define SUPERVISOR_QUOTA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct quota {
	_Atomic unsigned int users;
	struct quota *outer;   /* counted */
	uint64_t deadline_ms;  /* CLOCK_MONOTONIC; 0: none */
	uint64_t procs;	       /* tasks that there may be; 0: no limit */
	uint64_t tasks;	       /* that there were at the last count */
	unsigned int children; /* that live below */
	unsigned int children_most;
	_Atomic unsigned int asked; /* calls through its child that a level owes answers for */
};

/* -ENOMEM. @outer: NULL right under the root. */
int quota_new(struct quota *outer, struct quota **ret);
struct quota *quota_ref(struct quota *quota);
struct quota *quota_drop(struct quota *quota);

/* May there be one more child in this quota and those around it? Then quota_enter with its own, and
 * quota_leave when it lives no more. */
bool quota_room(const struct quota *outer);
void quota_enter(struct quota *quota);
void quota_leave(struct quota *quota);

/* So many tasks of its child's, in this and those around it. */
void quota_add_tasks(struct quota *quota, uint64_t tasks);

/* Of this quota or, with @all, those around it, too: the name of a limit that has been passed; when
 * the next one will be, 0: never; and whether tasks have to be counted. */
const char *quota_passed(const struct quota *quota, bool all, uint64_t now_ms);
uint64_t quota_deadline(const struct quota *quota, bool all);
bool quota_counts_tasks(const struct quota *quota, bool all);

#endif
