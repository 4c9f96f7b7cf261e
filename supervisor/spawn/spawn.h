/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child of the engine's: from the request to its end. */
#ifndef SUPERVISOR_SPAWN_H
#define SUPERVISOR_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "supervisor.h"
#include "zygote/proc_attrs.h"
#include "zygote/zygote.h"

struct level;
struct policy;
struct names;
struct work;

/* What children are made with, and how. */
struct spawner {
	struct zygote zygote;
	struct work *work;
	unsigned int degraded; /* SV_DEGRADE_*: what may be missing */
	bool confine;	       /* asked for, and not done yet; guarded by the engine's lock */
	bool sender;	       /* pidfd_getfd is refused to us: children send their descriptors */
	int filters;	       /* seccomp's, above us */
};

/* What a level wants of a new child, checked and in the engine's own terms. All is the caller's. */
struct spawn_request {
	struct level *level;
	uint64_t id; /* that the level will know it by; the level's choice */
	const char *label;
	const struct policy *policy;  /* of the whole chain; the child's own from here on */
	const struct policy *granted; /* the level's own part of it */
	struct names *names;
	struct spec spec;
	const char *cwd_name; /* as the child knows it, absolute; NULL: as it is */
	pid_t like; /* the task whose limits, schedule and umask it inherits; 0: the engine's */
	uint64_t time_ms, badge;
	const struct sv_mask *masks;
	size_t masks_count;
	const int *revocable;
	size_t revocable_count;
	bool survives, adopts;
};

/* Spawns, and returns when the program runs. Nobody buries the child before child_born. */
int child_spawn(const struct spawn_request *request, struct sv_child **ret, struct sv_error *error);

/* May a child hold all of these? 0, or a negative errno, and the error says which and why not. */
int inherit_check(const int *fds, size_t count, struct sv_error *error);

/* The same for a program that cannot be run, r saying why. */
int exec_fail(struct sv_error *error, int r, const char *name);

#endif
