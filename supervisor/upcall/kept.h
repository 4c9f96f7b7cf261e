/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that a level answers: struct sv_call, as handlers see it, and its way up.
 *
 * A call has one owner at a time: the thread that climbs with it from level to level, or, once it
 * is kept, whom it was left with: the embedder, the queue for sv_dispatch, a level in the tree.
 * Kept calls stand in the list of the caller's child, where its time limit and the child's end find
 * them; whoever of these first sets `over` answers. When the child has ended they stand in that of
 * struct upcalls, whose end frees what nobody answered.
 */
#ifndef UPCALL_KEPT_H
#define UPCALL_KEPT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/lock.h"
#include "call/call.h"
#include "call/pool.h"
#include "tree/table.h"

enum {
	BACK_MS = 2000,	      /* how long a thread waits for a call that is away, */
	BACK_OTHERS_MS = 200, /* and where it is one that others need, too */
};

struct level;
struct quota;
struct spawn_wait;
struct tree;

/*
 * How a call is reached: of the root's own, or of a level's, for whom each of these is a call to
 * the root (client/client.c). 0 or a negative errno, but where the type says otherwise.
 */
struct upcall_ops {
	bool remote; /* the caller is the root's, and so is the way up from us */
	struct sv_child *(*child)(const struct sv_call *call);
	int (*read)(struct sv_call *call, uint64_t address, void *to, size_t size);
	int (*write)(struct sv_call *call, uint64_t address, const void *from, size_t size);
	int (*string)(struct sv_call *call, uint64_t address, char *to, size_t size);
	const char *(*path)(struct sv_call *call, unsigned int i);
	int (*take)(struct sv_call *call, int fd); /* or the descriptor */
	int (*limit)(struct sv_call *call, unsigned int ms);
	int (*answer)(struct sv_call *call, struct sv_answer answer);
};

LOCK_KIND(calls);

/* Calls that are kept, and what is said of all. */
struct upcalls {
	const struct upcall_ops *ops;
	struct tree *tree;
	unsigned int answer_ms;
	bool handlers_in_dispatch;
	struct calls_lock calls_lock; /* guards what is kept: see struct sv_call, struct child */
	pthread_cond_t calls_changed; /* a child is not looked into any more */
	struct sv_call *left GUARDED_BY(
		calls_locked); /* with the embedder: calls whose child has ended, and a level's */
	struct sv_call *dispatch, *dispatch_last; /* wait for sv_dispatch; the last is valid if
						     there is one */
	unsigned int dispatch_count GUARDED_BY(calls_locked); /* how many they are */
	_Atomic uint64_t dispatch_round;		      /* of the one that was taken last */
	struct spawn_wait *spawn_waits GUARDED_BY(calls_locked); /* threads that are in sv_spawn */
};

struct sv_call {
	struct upcalls *upcalls;
	struct call call;    /* .receiver: of the thread that owns it; NULL once it is kept */
	struct child *child; /* the caller's; NULL: it has ended. Guarded by calls_lock once kept */
	uint64_t via_id, badge;	     /* of the answering level's own child that it came through */
	uint32_t via_tag;	     /* that child's, or another's by now; see call_via */
	const struct method *method; /* whose turn it is */
	const struct intercept *intercept; /* of a system call: where in the chain; else NULL */
	pthread_t thread;		   /* that runs its handler */
	bool read;		 /* a handler has seen memory that the caller can change */
	_Atomic bool over;	 /* answered, or out of time */
	uint64_t limit_ms;	 /* CLOCK_MONOTONIC: when it times out; 0: never */
	struct receiver *reader; /* what an embedder's thread remembers of the caller */
	char *label;		 /* this and the strings: of a kept call */
	char *strings[2];

	/* Guarded by calls_lock. */
	bool running;  /* its handler has not returned */
	bool answered; /* but early is its answer */
	struct sv_answer early;
	bool away; /* its caller sends a descriptor, and then begins it anew: the id means nothing
		    */
	bool kept; /* early is its answer for then, and nobody has it any more */
	uint64_t away_ms;	    /* since when */
	struct sv_call *next, **at; /* the child's list, or the upcalls'; at is NULL: in none */

	struct quota *asked_in; /* of the child through which a level was asked, counted; or NULL */
	struct climb climb;	/* where it goes on: see pool.h */
	struct sv_call *queued; /* of the queue or the level that it was left with */
	uint64_t round;		/* in a queue; see child_round */
	uint64_t id;		/* there */
};

static inline struct sv_call *call_of_climb(struct climb *climb)
{
	return (struct sv_call *)((char *)climb - offsetof(struct sv_call, climb));
}

void upcalls_init(struct upcalls *upcalls);
void upcalls_deinit(struct upcalls *upcalls);

/* Takes the right to answer. False: it is answered, or out of time. */
bool call_win(struct sv_call *call);
/* No level owes an answer for it any more. */
void call_unasked(struct sv_call *call);
/* Into a list. Under calls_lock. */
void call_link(struct sv_call *call, struct sv_call **list) REQUIRES(calls_locked);
/* Into that of its child, whose limits hold. 0 or an errno. Under calls_lock; and not. */
int call_list(struct sv_call *call) REQUIRES(calls_locked);
int call_charge(struct sv_call *call);
/* Makes it one that can be left with somebody: it owns all that it points to. 0 or an errno. */
int call_keep(struct sv_call *call);

/* Between these two the caller's child does not go. *ret: as the receiver's own call, to read by.
 */
bool call_enter(struct sv_call *call, struct receiver *receiver, struct call *ret);
void call_leave(struct call *entered);

/* The same of a child that a level runs in. */
void child_hold(struct child *child);
void child_release(struct child *child);

/* The embedder's own child that the call came through; NULL: it was freed. */
struct sv_child *call_via(const struct sv_call *call);

/* Does the caller wait for the answer? */
bool call_waits(struct sv_call *call);

/* What may be kept of a child's besides its calls, in bytes: its policy says, by the number of
 * these. */
size_t calls_bytes_most(const struct child *child);

/* Has the time limit looked at from now on. 0 or an errno. */
int call_limit(struct sv_call *call, uint64_t limit_ms);

/* One that is in no list; and one that may be in one. */
void call_free(struct sv_call *call);
void call_release(struct sv_call *call);

/* Drops those whose answers were kept for long enough. */
void calls_sweep(struct child *child);
/* Are there such? *ret_now: some have been kept for long enough. */
bool calls_keep(struct child *child, bool *ret_now);

/* The child ends: none of its calls leads to it afterwards. False: a thread hangs with one. */
bool calls_end(struct child *child);
/* All children have ended, and nobody answers any more: those that were left and never answered. */
void calls_free(struct upcalls *upcalls);
/* Ends those whose time is over. Milliseconds until the next one's; -1: there is none. */
int calls_expire(struct child *child, uint64_t now_ms);

#endif
