/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Receivers: the threads that take a child's notifications and answer them.
 *
 * Only one receiver of a child is in NOTIF_RECV at a time (every waiter of a listener is woken by
 * every call): the leader. It serves what it receives itself. When it is found busy with the same
 * call for a whole tick of the reaper, a follower becomes the leader, so that a call that stalls
 * holds up nothing but itself.
 *
 * A call that was forwarded where its child has no thread goes on by a follower of that child's. A
 * level's receivers take their children's calls on themselves, which is sooner done, but no more
 * than half of them at once: such a call may hang with its caller.
 */
#ifndef CALL_POOL_H
#define CALL_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <linux/seccomp.h>
#include <sys/types.h>
#include "base/lock.h"
#include "call/call.h"
#include "call/caller.h"
#include "tree/child.h"
#include "call/fd_send.h"
#include "call/fd_take.h"
#include "call/wake_cpu.h"

enum {
	RECEIVERS_MAX = 8,
	LENT_MAX = RECEIVERS_MAX / 2,
	HANG_MS =
		5000, /* how long threads may take to let go of a child of which no task is left */
};

struct receiver {
	struct reception *reception;
	struct child *child;
	pthread_t thread;
	unsigned int index;
	mode_t umask; /* this thread's own, which follows the caller's */
	bool umask_known;
	int own_fds; /* /proc/self/fd, O_PATH; 0: not open */
	struct task tasks[TASKS_MAX];
	uint64_t links[LINK_SETS][LINK_SET];
	struct wake_cpu wake;
	struct handover handover;
	struct seccomp_notif notification;
	struct fd_wish wish;
	char strings[2][PATH_MAX];
	/* What the reaper looks at: odd while a call is served. */
	_Atomic uint64_t turns;
	uint64_t turns_seen;
};

/* A call that goes on where a follower of its child's is: part of who keeps it. */
struct climb {
	struct climb *next;
};

/* What receivers are given to run, in their threads. */
struct pool_ops {
	void (*serve)(struct receiver *receiver); /* .notification, which was received */
	void (*climb)(struct receiver *receiver, struct climb *climb);
	void (*sweep)(struct receiver *receiver); /* what was sent and kept for nobody */
};

/* What the receivers of all children have together. */
struct pool {
	const struct pool_ops *ops;
	atomic_int remembered; /* tasks that receivers hold descriptors of, three each at most */
	int remembered_max;
};

struct deferred;

LOCK_KIND(reception);

/* The receivers of one child. */
struct reception {
	struct child *child;
	struct reception_lock lock;
	pthread_cond_t changed;
	_Atomic unsigned int leader; /* index of the receiver that may be in NOTIF_RECV */
	unsigned int count;	     /* receivers started; this and what follows: by the lock */
	_Atomic bool ended;	     /* no task of the child is left, or the child is given up */
	struct receiver *receivers[RECEIVERS_MAX];
	struct climb *climbs, **climbs_end;	   /* forwarded, and taken by no follower yet */
	struct deferred *deferred, **deferred_end; /* received, and left for a follower */
	unsigned int climbs_count GUARDED_BY(reception_locked),
		idle;				    /* of these; of followers that wait */
	bool to_sweep GUARDED_BY(reception_locked); /* what was sent and kept for nobody; by a
						       follower, whom that may hang */
	atomic_uint lent; /* receivers that are at work with another child's call or memory */
};

int reception_open(struct child *child, struct reception **ret);
/* Waits for all receivers; the listener must be hung up (every task dead). False: one hangs, and
 * all of them stay where they are. */
bool reception_end(struct reception *reception);
/* Afterwards, when no call of the child is with anybody. */
void reception_free(struct reception *reception);
/* Takes those that none went on with. Takes NULL. */
struct climb *reception_climbs(struct reception *reception);
/* Has a kept call go on as forwarded, by one of these. -ESRCH: the child ends; -EAGAIN. */
int reception_climb(struct reception *reception, struct climb *climb);
/* May this receiver work for a child that is not its own? Then receiver_back afterwards. */
bool receiver_lend(struct receiver *receiver, const struct child *child);
void receiver_back(struct receiver *receiver, const struct child *child);
/* This thread is about to wait for one of its child's calls: if it is the one that would receive
 * it, somebody else is from now on. False: nobody can. Takes NULL. */
bool receiver_pass_lead(struct receiver *receiver);
/* Where nobody can: a follower serves this call, from the beginning, when one has time. False: it
 * can be left to none, or would ask again who was asked before. */
bool receiver_defer(const struct call *call);
/* Has a follower sweep. */
void reception_sweep(struct reception *reception);
/* One tick of the reaper: hands the lead on where the leader is stuck. True if anything was served
 * since the last tick, or there is something else to come back for, as @some says. */
bool reception_tick(struct reception *reception, bool some);

#endif
