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

/* Is this tag that of @outer or of one below it? */
bool tree_has_tag(const struct child *outer, uint32_t tag);

/* Under the engine's lock: a signal for a child's first process; SIGCONT is for all that is in the
 * child, or below, and in that one's process group. */
int tree_signal(struct sv_child *outer, int signal);

/* What a level asks for one of its children: 0 or a negative errno; -ECHILD: it has none such. */
int tree_mask(struct level *level, uint64_t id, int number, bool allowed);
int tree_kill(struct level *level, uint64_t id, int signal);
int tree_release(struct level *level, uint64_t id);

/* Kills all tasks of a child and of all below it. */
void tree_kill_all(struct sv *sv, struct child *outer);
/* Counts the tasks of all children, with those below them, into .tasks. Under the engine's lock:
 * one look at all processes, however many children there are. */
void tree_count_tasks(struct sv *sv);
/* How many children live below one. */
unsigned int tree_count_children(struct sv *sv, const struct child *outer);

/* Takes a child out of the list. Takes the engine's lock. */
void tree_unlink(struct sv_child *child);

/* Kills and frees a child and all below it, on this thread, which is no receiver. */
void tree_bury(struct sv_child *child);
/* The same of all children of the embedder's. */
void tree_bury_all(struct sv *sv);
/* The same of one that did not come to run, from any thread: at once, or soon; where it hangs, once
 * its process has ended, and until then it counts. */
void tree_bury_failed(struct sv_child *child, bool hangs);
/* Under the engine's lock: the process of one that hung has ended. */
void tree_bury_lingering(struct sv_child *child);
/* Its spawning is over: from now on it may be buried. */
void child_born(struct sv_child *child);
/* How many may live below a child: its policy says. */
unsigned int tree_children_most(const struct child *child);
/* May a child of this level's be made? -EAGAIN: too many live below one of those above. Under the
 * engine's lock. */
int tree_room(struct level *level);
/* A level is to end, with its children: on another thread. By its number, or under the engine's
 * lock. */
void level_died(struct sv *sv, uint64_t serial);
void level_doom(struct level *level);
/* Levels whose processes have ended. From the reaper. */
void tree_deaths(struct sv *sv);

#endif
