/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree: which child is below which. What becomes of those below when one ends is told in
 * engine/teardown.h.
 *
 * Children stand in one list, the newest first.
 */
#ifndef SUPERVISOR_TREE_H
#define SUPERVISOR_TREE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/thread.h"
#include "supervisor.h"
#include "tree/child.h"
#include "zygote/zygote.h"

struct call;
struct events;
struct level;
struct pool;
struct rows;
struct spawner;
struct table;
struct told;
struct upcalls;

struct sv_child {
	struct child child; /* what the engine's threads see */
	struct tree *tree;
	struct sv_child *next GUARDED_BY(tree_locked),
		*next_tagged GUARDED_BY(tree_locked); /* of all, and of those in the same bucket */
	bool counts GUARDED_BY(tree_locked);  /* in the quotas around its own, as one that lives */
	bool limited GUARDED_BY(tree_locked); /* a limit has ended it */
	bool exited GUARDED_BY(tree_locked);  /* its first process has ended */
	bool doomed GUARDED_BY(tree_locked), drained
		GUARDED_BY(tree_locked);       /* to die, since then; and nothing is left of it. See
						  killer.h */
	bool of_burst GUARDED_BY(tree_locked); /* doomed with many others; see killer.c */
	uint64_t doomed_ms GUARDED_BY(tree_locked);
	bool ends GUARDED_BY(tree_locked);		  /* its end is told when it is drained */
	struct zygote_change end GUARDED_BY(tree_locked); /* what is told then */
	bool bury GUARDED_BY(tree_locked), burying
		GUARDED_BY(tree_locked); /* nobody's, to be freed; and left to the worker that does
					    it */
	uint64_t awaited GUARDED_BY(tree_locked); /* a burial waits for one in it, at this look; see
						     engine/teardown.c */
	_Atomic bool freed;			  /* who it belonged to has let go of it */
	bool unborn GUARDED_BY(tree_locked);  /* a thread is still in its spawning: who buries it
						 waits. By the lock */
	bool lingers GUARDED_BY(tree_locked); /* it was given up in its birth, and counts until its
						 process has ended */
	bool survives, adopts;		      /* see struct sv_spec */
	void *data;			      /* the embedder's */
	struct sv_child *
		flatten_next GUARDED_BY(tree_locked); /* scratch of mask.c; guarded by the lock */
};

enum {
	TAG_BUCKETS = 1024,
};

/* Among the levels' numbers in tree.deaths: a child's tag. */
#define DEATH_OF_CHILD (UINT64_C(1) << 63)

/* What those do who stand above the tree, for who has nothing but a child or a level. */
struct tree_ops {
	/* There may be an event for a level in the tree. Under any lock. */
	void (*kick)(struct level *level);
	/* Before an exec of the caller's is let go. 0, or the errno that it fails with. */
	int (*execs)(struct call *call);
	/* Ends: see engine/teardown.h. */
	void (*kill_all)(struct child *child);
	void (*bury_failed)(struct sv_child *child, bool hangs);
	int (*release)(struct level *level, uint64_t id);
	void (*level_doom)(struct level *level);
};

struct tree {
	const struct rows *rows;
	const struct tree_ops *ops;
	struct events *events;	/* the embedder's */
	struct level *level;	/* the embedder as a level */
	struct tree_lock lock;	/* guards the lists and what is in them */
	pthread_cond_t settled; /* with the lock: one is not unborn any more, or drained */
	struct sv_child *children GUARDED_BY(tree_locked);
	struct sv_child *tagged[TAG_BUCKETS] GUARDED_BY(tree_locked); /* the same, by tag */
	_Atomic uint32_t next_tag;
	struct level *levels GUARDED_BY(
		tree_locked); /* those in the tree; this and the number: guarded by the lock */
	uint64_t last_level GUARDED_BY(tree_locked);
	int deaths;	   /* epoll: pidfds of those, listeners of the doomed */
	int wake;	   /* eventfd: the reaper has something to look at */
	_Atomic bool idle; /* the reaper sleeps until it is woken: nothing is served */
	bool burials GUARDED_BY(tree_locked); /* there may be more that can be buried */
	unsigned int
		burials_left GUARDED_BY(tree_locked); /* how many could not, at the last look */
	_Atomic bool hung;    /* a thread hangs, and keeps what it may look at */
	struct table *tables; /* shared */
	struct tables_lock tables_lock;
	struct lineage_lock lineage; /* for who goes up from child to child: an adoption changes
				     the way. The last lock that is taken */
	struct workers workers;	     /* what may take long runs there */
	/* What those above have for all children together. */
	struct pool *pool;
	struct upcalls *upcalls;
	struct spawner *spawner;
	struct told *told; /* which sockets are told who writes to them */
};

void tree_init(struct tree *tree);
/* Of what tree_init made; the rest has its own end. */
void tree_deinit(struct tree *tree);

/* The child as the engine's threads know it, and as the embedder does. */
static inline struct sv_child *sv_child_of(struct child *child)
{
	return (struct sv_child *)((char *)child - offsetof(struct sv_child, child));
}

/* Tells the level whose child it is; the event's child, size and count are filled in here. */
void child_tell(struct child *child, struct sv_event *event);
/* Drops what was told of a child that is about to be freed. */
void child_untell(struct child *child);

/* The child of this level's own that @child is or is below; NULL: it is not below the level. Under
 * the engine's lock, or that of lineage. */
struct child *child_via(struct child *child, const struct level *level);

/* Under the engine's lock: a signal for a child's first process; SIGCONT is for all that is in the
 * child, or below, and in that one's process group. */
int tree_signal(struct sv_child *outer, int signal) REQUIRES(tree_locked);

/* Under the engine's lock: what a level says of a child of its own. See sv_child_adopt. */
void child_speak_for(struct sv_child *child, uint64_t badge, bool adopts) REQUIRES(tree_locked);

/* What a level asks for one of its children: 0 or a negative errno; -ECHILD: it has none such. */
int tree_kill(struct level *level, uint64_t id, int signal);
int tree_speak_for(struct level *level, uint64_t id, uint64_t badge, bool adopts);

/* Is it this one, or below it? */
bool child_is_below(const struct child *child, const struct child *outer);

/* Under the engine's lock: one who is new; who has this tag; who has this number at a level. */
void tree_link(struct sv_child *child) REQUIRES(tree_locked);
struct sv_child *child_tagged(const struct tree *tree, uint32_t tag) REQUIRES(tree_locked);
struct sv_child *child_find(const struct level *level, uint64_t id) REQUIRES(tree_locked);

/* The reaper has something to look at. */
void reaper_wake(struct tree *tree);
/* The same so that it ticks while calls are served. */
void child_wake_reaper(struct child *child);

/* Counts the tasks of all children into their quotas. Under the engine's lock: one look at all
 * processes, however many children there are. */
void tree_count_tasks(struct tree *tree) REQUIRES(tree_locked);

/* Takes a child out of the list. Under the lock. */
void tree_unlink(struct sv_child *child) REQUIRES(tree_locked);

/* Under the engine's lock: one is born, or drained. */
void tree_settled(struct tree *tree) REQUIRES(tree_locked);
/* Its spawning is over: from now on it may be buried. */
void child_born(struct sv_child *child);
/* How many may live below a child: its policy says. */
unsigned int tree_children_most(const struct child *child);
/* It lives no more. Under the engine's lock. */
void child_uncount(struct sv_child *child) REQUIRES(tree_locked);

#endif
