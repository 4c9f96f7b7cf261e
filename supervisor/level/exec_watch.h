/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels that exec, and so end. */
#ifndef LEVEL_EXEC_WATCH_H
#define LEVEL_EXEC_WATCH_H

struct call;
struct level;
struct tree;

/* Before an exec of the caller's is let go. 0, or the errno that it fails with. */
int level_execs(struct call *call);
/* The same for a new level, of which another thread may have asked for one. Negative errno. */
int level_exec_init(struct level *level, struct call *call);
/* From the reaper: ends those that have, and lets others doze. Returns when to look again, in ms;
 * -1: not before there is another call. */
int levels_look(struct tree *tree);

#endif
