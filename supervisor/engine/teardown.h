/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ends: what becomes of those below when a child or a level ends.
 *
 * A child goes only after all that are below it. One thread frees at a time, so that two never work
 * on the same branch: who has the turn holds no lock while it waits for others to let go.
 */
#ifndef ENGINE_TEARDOWN_H
#define ENGINE_TEARDOWN_H

#include <stdbool.h>
#include <stdint.h>
#include "tree/locks.h"

struct child;
struct level;
struct sv;
struct sv_child;
struct tree;

/* Kills all tasks of a child and of all below it. Under the engine's lock. */
void tree_kill_all(struct tree *tree, struct child *outer) REQUIRES(tree_locked);

/* Kills and frees a child and all below it, on this thread, which is no receiver. */
void tree_bury(struct sv_child *child);
/* The same of all children of the embedder's. */
void tree_bury_all(struct sv *sv);
/* From the reaper: leaves those to be buried to a worker, as soon as it need not wait for anybody's
 * death. False: none can be started just now. */
bool tree_bury_ready(struct sv *sv);
/* The same of one that did not come to run, from any thread: at once, or soon; where it hangs, once
 * its process has ended, and until then it counts. */
void tree_bury_failed(struct sv_child *child, bool hangs);
/* Under the engine's lock: the process of one that hung has ended. */
void tree_bury_lingering(struct sv_child *child) REQUIRES(tree_locked);

/* Frees one of a level's children, soon. -ECHILD: it has none such. */
int tree_release(struct level *level, uint64_t id);
/* A level is to end, with its children: on another thread. Under the engine's lock. */
void level_doom(struct level *level) REQUIRES(tree_locked);

#endif
