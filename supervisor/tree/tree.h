/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree: which child is below which, and what becomes of those below when one ends.
 *
 * Children stand in one list, the newest first. A child goes only after all that are below it: who
 * frees holds the engine's burial lock, so that two never work on the same branch.
 */
#ifndef SUPERVISOR_TREE_H
#define SUPERVISOR_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor.h"

struct child;
struct level;
struct sv;

/* Tells the level whose child it is; the event's child, size and count are filled in here. */
void child_tell(struct child *child, struct sv_event *event);
/* Drops what was told of a child that is about to be freed. */
void child_untell(struct child *child);

/* The child of this level's own that @child is or is below; NULL: it is not below the level. Under
 * the engine's lock, or that of lineage. */
struct child *child_via(struct child *child, const struct level *level);

/* Is this tag that of @outer or of one below it, and no newborn's (newborn.h)? */
bool tree_has_tag(struct child *outer, uint32_t tag);

/* Under the engine's lock: a signal for a child's first process; SIGCONT is for all that is in the
 * child, or below, and in that one's process group. */
int tree_signal(struct sv_child *outer, int signal);

/* Under the engine's lock: what a level says of a child of its own. See sv_child_adopt. */
void child_speak_for(struct sv_child *child, uint64_t badge, bool adopts);

/* What a level asks for one of its children: 0 or a negative errno; -ECHILD: it has none such. */
int tree_mask(struct level *level, uint64_t id, int number, bool allowed);
int tree_kill(struct level *level, uint64_t id, int signal);
int tree_release(struct level *level, uint64_t id);
int tree_speak_for(struct level *level, uint64_t id, uint64_t badge, bool adopts);

/* Under the engine's lock: one who is new, and who has this tag. */
void tree_link(struct sv_child *child);
struct sv_child *child_tagged(const struct sv *sv, uint32_t tag);

/* Kills all tasks of a child and of all below it. Under the engine's lock. */
void tree_kill_all(struct sv *sv, struct child *outer);
/* Counts the tasks of all children into their quotas. Under the engine's lock: one look at all
 * processes, however many children there are. */
void tree_count_tasks(struct sv *sv);

/* Takes a child out of the list. Takes the engine's lock. */
void tree_unlink(struct sv_child *child);

/* Kills and frees a child and all below it, on this thread, which is no receiver. */
void tree_bury(struct sv_child *child);
/* The same of all children of the embedder's. */
void tree_bury_all(struct sv *sv);
/* Under the engine's lock: one is born, or drained. */
void tree_settled(struct sv *sv);
/* From the reaper: leaves those to be buried to the thread that is there for it, as soon as it need
 * not wait for anybody's death. False: some could not be left, for want of memory. */
bool tree_bury_ready(struct sv *sv);
/* The same of one that did not come to run, from any thread: at once, or soon; where it hangs, once
 * its process has ended, and until then it counts. */
void tree_bury_failed(struct sv_child *child, bool hangs);
/* Under the engine's lock: the process of one that hung has ended. */
void tree_bury_lingering(struct sv_child *child);
/* Its spawning is over: from now on it may be buried. */
void child_born(struct sv_child *child);
/* How many may live below a child: its policy says. */
unsigned int tree_children_most(const struct child *child);
/* It lives no more. Under the engine's lock. */
void child_uncount(struct sv_child *child);
/* A level is to end, with its children: on another thread. By its number, or under the engine's
 * lock. */
void level_died(struct sv *sv, uint64_t serial);
void level_doom(struct level *level);
/* Levels whose processes have ended, and children that are drained. From the reaper. */
void tree_deaths(struct sv *sv);

#endif
