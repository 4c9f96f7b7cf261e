/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Newborns: whoever has not execed yet is a copy of the zygote, and belongs to the root alone
 * (R10). It carries its child's tag, so that it dies with it; but it is no process of the child's:
 * nobody sees it in /proc, names it, or reaches it through the call by which it execs. All who ask
 * whose a process is ask here.
 *
 * That the exec has happened the child's socket of reports tells: it is close-on-exec, and in
 * nobody else's hands. The kernel closes it when the old memory is gone. So nothing wakes anybody
 * for it: it is looked at when somebody asks, and by the child's first call after it.
 */
#ifndef TREE_NEWBORN_H
#define TREE_NEWBORN_H

#include <stdatomic.h>
#include <stdbool.h>

struct child;

/* Part of a child: it begins as a newborn. */
struct newborn {
	atomic_bool is;
	int report; /* hangs up by its exec or end; -1: none, so it stays what it is. By the child's
		       lock */
};

/* Where its exec can be seen from now on. Borrowed, until newborn_settle. */
void newborn_watch(struct child *child, int report);
/* Its spawning is over: it has execed, or is not going to. The report is used no more. */
void newborn_settle(struct child *child, bool execed);

/* For child_is_newborn: where it still may be one. */
bool newborn_look(struct child *child);

#endif
