/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree: which child is below which. What becomes of those below when one ends is told in
 * engine/teardown.h.
 *
 * Children stand in one list, the newest first.
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
int tree_kill(struct level *level, uint64_t id, int signal);
int tree_speak_for(struct level *level, uint64_t id, uint64_t badge, bool adopts);

/* Is it this one, or below it? */
bool child_is_below(const struct child *child, const struct child *outer);

/* Under the engine's lock: one who is new; who has this tag; who has this number at a level. */
void tree_link(struct sv_child *child);
struct sv_child *child_tagged(const struct sv *sv, uint32_t tag);
struct sv_child *child_find(const struct level *level, uint64_t id);

/* The reaper has something to look at. */
void reaper_wake(struct sv *sv);
/* The same so that it ticks while calls are served. */
void child_wake_reaper(struct child *child);

/* Counts the tasks of all children into their quotas. Under the engine's lock: one look at all
 * processes, however many children there are. */
void tree_count_tasks(struct sv *sv);

/* Takes a child out of the list. Takes the engine's lock. */
void tree_unlink(struct sv_child *child);

/* Under the engine's lock: one is born, or drained. */
void tree_settled(struct sv *sv);
/* Its spawning is over: from now on it may be buried. */
void child_born(struct sv_child *child);
/* How many may live below a child: its policy says. */
unsigned int tree_children_most(const struct child *child);
/* It lives no more. Under the engine's lock. */
void child_uncount(struct sv_child *child);

#endif
