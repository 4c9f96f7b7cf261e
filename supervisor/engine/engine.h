/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine: what a struct sv is made of. One reaper thread takes what the zygote tells, ticks the
 * receivers and keeps the time limits; the killer finds what is to die; each child has its
 * receivers; the workers do what may block.
 *
 * A supervisor that is itself in a tree has a struct sv as well, of which it uses less, and does by
 * asking what the root does: struct sv_ops is what the two have in common.
 */
#ifndef SUPERVISOR_ENGINE_H
#define SUPERVISOR_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/lock.h"
#include "call/pool.h"
#include "engine/killer.h"
#include "spawn/spawn.h"
#include "supervisor.h"
#include "tree/tree.h"
#include "upcall/upcall.h"

struct client;

/* What is done for the embedder: see supervisor.h. 0 or a negative errno, but where the type says
 * otherwise. */
struct sv_ops {
	int (*open)(struct sv *sv, const struct sv_options *options, struct sv_error *error);
	/* Also of one whose open failed. False: a thread hangs, and keeps what it may look at. */
	bool (*close)(struct sv *sv);
	bool (*shares_session)(const struct sv *sv);
	/* Keeps our threads out of calls that sleep, or lets them go on. NULL: none does. */
	void (*rest)(struct sv *sv, bool on);
	int (*spawn)(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
		     struct sv_error *error);
	int (*kill)(struct sv_child *child, int signal);
	void (*free)(struct sv_child *child);
	int (*adopt)(struct sv_child *child, uint64_t badge, bool adopts);
	int (*mask)(struct sv_child *child, int number, bool allowed);
	/* Besides keeping the handler; the id of the method. NULL: nothing. */
	int (*define)(struct sv *sv, const char *name, int number);
	/* The number of a method that it can call itself, or -ENOENT. NULL: there is none. */
	int (*method)(struct sv *sv, const char *name);
};

struct sv {
	const struct sv_ops *ops;
	struct tree tree;
	struct pool pool;
	struct upcalls upcalls;
	struct spawner spawner;
	sv_event_handler *on_event;
	void *data;
	_Atomic bool ending;
	pthread_t reaper;
	bool reaper_started;
	uint64_t counted_ms; /* when tasks were counted last; the reaper's */
	struct killer killer;
	uint64_t burials_look
		GUARDED_BY(tree_locked);      /* how often it was looked who can be buried */
	bool burying GUARDED_BY(tree_locked); /* somebody frees: one at a time */
	unsigned int burials_waiting GUARDED_BY(tree_locked); /* for that */
	bool burier GUARDED_BY(tree_locked); /* a worker does, or will, what is ready */
	struct client *client;		     /* of a level of a tree: see client/children.h */
};

static inline struct sv *sv_of(const struct tree *tree)
{
	return (struct sv *)((char *)tree - offsetof(struct sv, tree));
}

/* The root's. */
extern const struct sv_ops engine_ops;

#endif
