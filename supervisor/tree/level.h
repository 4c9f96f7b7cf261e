/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level: who supervises children. The root's embedder is one, and so is every process in the
 * tree that asked to be (PCALL_SLOT_LEVEL). This is the root's side, the only one that counts: what
 * a level in the tree has in its own memory are requests.
 *
 * A level in the tree waits for work with one call, PCALL_SLOT_WAIT, which carries its last answer:
 * the root keeps that call open until there is something for the level, and wakes the level by
 * answering it. So a call that a level handles is four hand-overs on one CPU.
 *
 *   tree/level.c   its life, and what it defines
 *   level/level.c   what it asks for
 *   upcall/park.c   what it sleeps at when there is nothing for long
 *   level/exec_watch.c   its end by exec
 *   upcall/mailbox.c   what it is given, and its answers
 *   upcall/caller_access.c  the memory and descriptors of who called
 *   level/spawn_request.c  children that it asks for
 *   engine/teardown.c   what becomes of its children
 */
#ifndef SUPERVISOR_LEVEL_H
#define SUPERVISOR_LEVEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "tree/locks.h"
#include "tree/table.h"

struct call;
struct child;
struct events;
struct policy;
struct receiver;
struct tree;
struct sv_call;

/* A thread of the level's that sleeps in PCALL_SLOT_WAIT. */
struct waiter {
	struct waiter *next;
	pid_t tid;
	uint64_t id; /* of its notification */
	uint64_t to; /* where the record goes, in its memory */
	uint64_t size;
};

/* An exec of the level's process that was let go; see level/exec_watch.c. */
struct level_exec {
	_Atomic bool pending;	   /* it may have succeeded, or be about to */
	int memory;		   /* /proc/TID/mem from before; -1: none yet */
	uint64_t stack, arguments; /* where they are in it */
	pid_t tid;		   /* who asked last */
	unsigned int wait_ms;	   /* between two looks */
	_Atomic uint64_t look_ms;  /* when the next is due */
};

struct level {
	struct tree *tree;
	struct child *child;	    /* that it runs in; NULL: it is the root's embedder */
	struct table *table;	    /* of that child, counted: what the level can call itself */
	unsigned int depth;	    /* of its children: 1 for those of the root */
	_Atomic unsigned int users; /* tables, and who works with it: what it defined is spoken of
				       after its death */
	void (*release)(struct level *level); /* when the last of these has gone */
	_Atomic bool dead;		      /* set under the engine's lock */
	bool bury GUARDED_BY(tree_locked), burying GUARDED_BY(tree_locked); /* as a child's */
	uint64_t awaited GUARDED_BY(tree_locked);

	/* Asks it. SV_ANSWER_LATER: it has the call; else the call is the caller's still, and this
	 * is what it comes to. */
	struct sv_answer (*ask)(struct sv_call *call, struct receiver *receiver);

	struct level_lock lock;	 /* guards what follows */
	struct method **methods; /* by id; only ever more */
	_Atomic uint32_t methods_count;
	_Atomic uint32_t generation; /* of what it defines */

	/* Of a level in the tree. */
	struct level *next; /* of those in the same child; guarded by the child's lock */
	struct level *next_known GUARDED_BY(
		tree_locked); /* of the engine's list; this and the number: by its lock */
	uint64_t serial;
	pid_t tgid;
	int pidfd;
	struct events *events;
	char *policy_text GUARDED_BY(level_locked); /* of the child that it spawned last, and what
			      became of it: the next one often has the same */
	size_t policy_size GUARDED_BY(level_locked);
	struct policy *policy, *granted;
	unsigned int answer_ms; /* how long it may take to answer; 0: for ever */
	struct waiter *waiters GUARDED_BY(level_locked);
	unsigned int waiters_count GUARDED_BY(level_locked);
	uint64_t kicks GUARDED_BY(level_locked); /* that found nobody asleep */
	int bell;	     /* where those sleep who were sent there; -1: it has none */
	unsigned int dozing; /* how many they are */
	uint64_t waits;	     /* counts waiters */
	uint64_t waits_seen,
		awake_ms; /* the reaper's: how many there were, and when there was one more */
	struct sv_call *queue
		GUARDED_BY(level_locked); /* given to it, and taken by no waiter yet: by rounds */
	_Atomic uint64_t round;		  /* of the call that was taken last */
	struct sv_call *asked GUARDED_BY(level_locked); /* taken, and not answered */
	uint64_t next_call GUARDED_BY(level_locked);
	uint64_t adopted GUARDED_BY(tree_locked); /* guarded by the engine's lock */
	struct level_exec exec; /* guarded by the lock; memory and what is in it never change */
};

/* One that runs in this child; and the embedder as a level. -ENOMEM. */
int level_new(struct tree *tree, struct child *child, struct level **ret);
int level_new_root(struct tree *tree, struct level **ret);
static inline struct level *level_ref(struct level *level)
{
	atomic_fetch_add(&level->users, 1);
	return level;
}

static inline struct level *level_drop(struct level *level)
{
	if (level && atomic_fetch_sub(&level->users, 1) == 1)
		level->release(level);
	return NULL;
}

/* Defines, at this level. The id; -EEXIST, -ENOSPC, -ENOMEM. */
int level_define(struct level *level, const char *name, int number, sv_handler *handler,
		 void *data);
/* What it is called by, or -ENOENT: for sv_method. */
int level_method(struct level *level, const char *name);

/* By its number; NULL: there is none any more. Under the engine's lock. */
struct level *level_find(struct tree *tree, uint64_t serial) REQUIRES(tree_locked);
/* It is to end, with its children, on another thread: see engine/teardown.h. By its number. */
void level_died(struct tree *tree, uint64_t serial);

/* Where its children's events go. */
struct events *level_events(const struct level *level);

/* Wakes all who doze, for good. */
void level_bell_close(struct level *level);

#endif
