/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A child: the tasks that share one filter, one policy, one view and one label.
 * All that is decided for it hangs here; nothing is global.
 */
#ifndef SUPERVISOR_CHILD_H
#define SUPERVISOR_CHILD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "tree/events.h"
#include "supervisor.h"
#include "policy/policy.h"
#include "tree/locks.h"
#include "tree/newborn.h"
#include "tree/table.h"

struct fd_inbox;
struct level;
struct names;
struct quota;
struct reception;
struct sealed_page;
struct sv_call;
struct tracee;
struct work;

enum {
	REFUSED_SLOTS = 64,
};

struct child {
	struct tree *tree;
	char *label;
	uint32_t tag; /* its soft RLIMIT_LOCKS: which child a task belongs to (KERNEL.md) */
	const struct policy *policy;
	unsigned int features;	  /* enum feature */
	bool remaps;		  /* the policy has bindings */
	_Atomic uint64_t entered; /* those, by a bit, that it went to by their own names last */
	int64_t born;		  /* code_now() before it was made */
	int listener;
	int pidfd; /* of its first process */
	pid_t pid;
	atomic_uint cwd_generation;   /* counts chdir and fchdir: remembered directories are void */
	atomic_uint umask_generation; /* counts umask */
	atomic_int settling_tid;      /* the task that changed one last */
	_Atomic uint64_t
		settled_ms; /* and when its change has surely taken effect; see call/caller.c */
	_Atomic uint64_t affinity_settled_ms; /* the same, of a task that sets another's affinity */
	/* Its place in the tree. */
	_Atomic(struct level *) level; /* whose child it is */
	uint64_t id;		       /* that the level knows it by */
	uint64_t badge;
	atomic_bool restricted;		    /* a task of it has a Landlock domain of its own */
	bool adopted;			    /* its level died, and it went to the one above */
	struct quota *quota;		    /* its own */
	unsigned int depth;		    /* 1: right under the root */
	struct table *table;		    /* what it may call, flattened; counted */
	uint64_t seen[SYSROW_NUMBERS / 64]; /* calls that notify whatever their rows say */
	struct level *levels; /* that run in it; this and the next: by the lock below */
	bool ended GUARDED_BY(child_locked); /* it is being buried: no more of them */
	bool left;	    /* one below it could not be freed; by who has the turn at freeing */
	struct mask masked; /* what was taken from it and from those above, flattened */
	struct mask masked_own; /* what its level has taken; guarded by the engine's lock */
	struct reception *reception;
	struct sv_call *calls; /* kept ones; these five are guarded by the engine's calls_lock */
	unsigned int calls_count;
	atomic_uint calls_away; /* of these; see calls_return */
	_Atomic uint64_t round; /* of its last call in its level's queue; see child_round */
	atomic_uint calls_busy; /* threads that look into it */
	bool calls_ended;
	struct account told;	 /* words of events that its levels have not taken */
	_Atomic size_t requests; /* bytes of those to spawn that are under way; see
				    level/spawn_request.c */
	struct work *work;	 /* the engine's workers; borrowed */
	struct fd_inbox *inbox;	 /* its descriptors come there; NULL: by pidfd_getfd */
	struct names *names; /* what the host names of its policy stand for; NULL if it has none */
	int filters;	     /* that a task of it has by birth: ours, and what stands above us */
	_Atomic(struct tracee *) tracees;     /* written under the lock; see call/tracee.h */
	_Atomic pid_t refused[REFUSED_SLOTS]; /* threads, by their numbers, whose own message had no
						 room last; see own/own_message.h */
	struct newborn newborn;
	struct child_lock lock; /* guards what follows */
	struct pty {
		int pinned; /* O_PATH */
		bool made;  /* by it: else it was given that */
	} * ptys;	    /* its pseudo-terminals */
	size_t ptys_count GUARDED_BY(child_locked);
	struct sealed_page *sealed GUARDED_BY(child_locked); /* see own/sealed_page.h; made when it
								is first needed */
};

/*
 * The round of the next call that comes through this child to its level, which has come to @now: of
 * each child one call in a round. So a child that floods its level waits for its own calls, and its
 * siblings do not.
 */
static inline uint64_t child_round(struct child *child, uint64_t now)
{
	uint64_t next = child->round + 1;

	if (next < now)
		next = now;
	child->round = next;
	return next;
}

/* Is its one process still the root's? At every call: one word, and for all but the first ones
 * nothing more. */
static inline bool child_is_newborn(struct child *child)
{
	return atomic_load_explicit(&child->newborn.is, memory_order_acquire) &&
	       newborn_look(child);
}

/* Is this process or thread one of the child's? By its tag, which it can neither change nor lose.
 */
bool child_owns(struct child *child, pid_t pid);

/*
 * Is there nobody whom kill(2) would find by @number, a process's or the negative of a group's?
 * Then the kernel's answer is ours, and nothing was refused. A level is told as if there were
 * somebody: by what it hears of its children it could try every number of the machine (R2).
 */
bool child_sees_nobody(const struct child *child, pid_t number);

#endif
