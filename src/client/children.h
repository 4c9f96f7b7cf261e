/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Children as a level knows them, and what its own side keeps.
 *
 * Each child can keep SHARE threads busy, as it could with receivers of its own under the root: its
 * next call waits for one of these, and its siblings' calls do not.
 */
#ifndef CLIENT_CHILDREN_H
#define CLIENT_CHILDREN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tree/tree.h"

struct spawn_request;
struct sv;
struct sv_call;

/* A child as a level knows it. */
struct client_child {
	struct sv_child child;
	unsigned int running; /* handlers for it; this and what follows: by the lock of client */
	struct sv_call *waiting, **waiting_end; /* for one of these to end */
	bool dropped;				/* by its owner: the last handler frees it */
};

struct client {
	struct policy *told; /* the policy of the last child, and its text; guarded by `spawning` */
	char *text;
	size_t text_size;
	pthread_mutex_t spawning; /* held while a request is written, and no longer */
	pthread_mutex_t lock;	  /* guards what follows */
	unsigned int threads;
	pthread_cond_t changed;
	struct client_child nobody; /* for calls that came through a child that is gone */
	int bell;		    /* a pipe, to sleep at; -1: none */
	bool resting;		    /* nobody is to sleep in PCALL_SLOT_WAIT */
	unsigned int in_wait;	    /* who does, or is about to */
	uint32_t events;	    /* that came */
	uint64_t last_child;	    /* guarded by the lock of struct sv */
	atomic_int sleeping;	    /* threads that are in PCALL_SLOT_WAIT, or about to be */
};

/* One that is linked nowhere yet; NULL: no memory. */
struct sv_child *client_child_new(struct sv *sv);
/* Known before it is asked for: what is told of it must find it. */
struct sv_child *client_child_add(struct sv *sv, struct spawn_request *request);
struct client_child *client_child_of(struct sv_child *child);

/* May another handler run for the child that the call came through? Then client_child_leave
 * afterwards. NULL: the call waits for those that do. */
struct client_child *client_child_enter(struct sv *sv, struct sv_call *call);
/* A handler has ended: the call that its thread goes on with, or NULL. */
struct sv_call *client_child_leave(struct client *client, struct client_child *child);

/* Is known no more, and goes when no handler runs for it. */
void client_child_drop(struct sv_child *child);
/* The same for one that never became one: what was told of it stays. */
void client_child_disown(struct sv_child *child);

#endif
