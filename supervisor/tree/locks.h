/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds of lock of the tree: see base/lock.h. */
#ifndef TREE_LOCKS_H
#define TREE_LOCKS_H

#include "base/lock.h"

/* The lists of children and levels, and where each of them is in its life. */
LOCK_KIND(tree);
/* What is shared by children: tables of methods. */
LOCK_KIND(tables);
/* For who goes up from child to child: an adoption changes the way. */
LOCK_KIND(lineage);
/* What is one level's; what is one child's. */
LOCK_KIND(level);
LOCK_KIND(child);

#endif
