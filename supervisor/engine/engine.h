/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine: what a struct sv is made of. One reaper thread takes what the zygote tells, ticks the
 * receivers and keeps the time limits; the killer finds what is to die; each child has its
 * receivers; the workers do what may block.
 */
#ifndef SUPERVISOR_ENGINE_H
#define SUPERVISOR_ENGINE_H

#include <linux/filter.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "supervisor.h"
#include "tree/child.h"
#include "base/workqueue.h"
#include "tree/events.h"
#include "tree/table.h"
#include "zygote/zygote.h"
#include "engine/killer.h"

struct inner;
struct level;

struct sv_child {
	struct child child; /* what the engine's threads see */
	struct sv *sv;
	struct sv_child *next, *next_tagged; /* of all, and of those in the same bucket */
	bool counts;			     /* in the quotas around its own, as one that lives */
	bool limited;			     /* a limit has ended it */
	bool exited;			     /* its first process has ended */
	bool doomed, drained; /* to die, since then; and nothing is left of it. See killer.h */
	bool of_burst;	      /* doomed with many others; see killer.c */
	uint64_t doomed_ms;
	bool ends;		  /* its end is told when it is drained */
	struct zygote_change end; /* what is told then */
	bool bury, burying;	  /* nobody's, to be freed; and left to the thread that does it */
	uint64_t awaited;	  /* a burial waits for one in it, at this look; see tree.c */
	_Atomic bool freed;	  /* who it belonged to has let go of it */
	bool unborn;  /* a thread is still in its spawning: who buries it waits. By the lock */
	bool lingers; /* it was given up in its birth, and counts until its process has ended */
	bool survives, adopts;	       /* see struct sv_spawn */
	void *data;		       /* the embedder's */
	struct sv_child *flatten_next; /* scratch of mask.c; guarded by the lock */
};

struct sv_policy {
	struct policy *policy;
	struct names *names;
	_Atomic unsigned int users;
};

enum {
	TAG_BUCKETS = 1024,
};

/* Among the levels' numbers in sv.deaths: a child's tag. */
#define DEATH_OF_CHILD (UINT64_C(1) << 63)

struct sv {
	struct zygote zygote;
	struct events *events;
	struct work *work;
	sv_event_handler *on_event;
	void *data;
	unsigned int degraded;
	bool confine; /* asked for, and not done yet */
	bool sender;  /* pidfd_getfd is refused to us: children send their descriptors */
	int filters;  /* seccomp's, above us */
	int wake;     /* eventfd: the reaper has something to look at */
	pthread_t reaper;
	bool reaper_started;
	_Atomic bool reaper_idle; /* it sleeps until it is woken: nothing is served */
	_Atomic bool ending;
	atomic_int remembered; /* tasks that receivers hold descriptors of, three each at most */
	int remembered_max;
	uint64_t counted_ms;	  /* when tasks were counted last; the reaper's */
	_Atomic bool hung;	  /* a thread hangs, and keeps what it may look at */
	pthread_mutex_t lock;	  /* guards the list and what is in it */
	pthread_mutex_t spawning; /* of a level in a tree: see client/client.c */
	pthread_cond_t settled;	  /* with the lock: one is not unborn any more, or drained */
	struct sv_child *children;
	struct sv_child *tagged[TAG_BUCKETS]; /* the same, by tag */
	struct killer killer;
	_Atomic uint32_t next_tag;

	/* The tree. */
	struct inner *inner; /* we are a level of a tree ourselves: most of the above is not used */
	struct level *level; /* the embedder as a level */
	struct level *levels; /* those in the tree; this and the number: guarded by the lock */
	uint64_t last_level;
	pthread_mutex_t burial;	     /* one frees children and levels at a time; before the lock */
	uint64_t burials_look;	     /* how often it was looked who can be buried */
	unsigned int burials_left;   /* how many could not, then */
	bool burials;		     /* there may be more that can */
	int deaths;		     /* epoll: pidfds of those, listeners of the doomed */
	struct table *tables;	     /* shared */
	pthread_mutex_t tables_lock; /* recursive */
	unsigned int answer_ms;
	bool handlers_in_dispatch;
	pthread_rwlock_t lineage;   /* for who goes up from child to child: an adoption changes the
				       way.   The last lock that is taken */
	pthread_mutex_t calls_lock; /* guards what is kept: see struct sv_call, struct child */
	pthread_cond_t calls_changed; /* a child is not looked into any more */
	struct sv_call *left; /* with the embedder: calls whose child has ended, and a level's */
	struct sv_call *dispatch, *dispatch_last; /* wait for sv_dispatch; the last is valid if
						     there is one */
	unsigned int dispatch_count;		  /* how many they are */
	_Atomic uint64_t dispatch_round;	  /* of the one that was taken last */
	struct spawn_wait *spawn_waits;		  /* threads that are in sv_spawn */
	struct errands burying;			  /* children of levels that are to be freed */
};

/* The child as the engine's threads know it, and as the embedder does. */
static inline struct sv_child *sv_child_of(struct child *child)
{
	return (struct sv_child *)((char *)child - offsetof(struct sv_child, child));
}

/* The supervisor's own filter, if it was asked for: before the first child is served. Takes the
 * engine's lock. */
int engine_confine(struct sv *sv, struct sv_error *error);
void *reaper_run(void *data);

/* Under the engine's lock, and without a wait: it and all its tasks are to die. */
void child_doom(struct child *child);
/* Under the same: nothing of it is left, or what is left hangs. */
void child_drained(struct sv_child *child);
/* From the reaper: the listener of the child with this tag has hung up. See reaper.c. */
void child_hung_up(struct sv *sv, uint32_t tag);
/* Dooms it, and waits until it is drained. Not under the engine's lock, not on the reaper. */
void child_kill_all(struct child *child);

#endif
