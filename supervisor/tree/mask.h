/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a child may not call: see mask.c. */
#ifndef TREE_MASK_H
#define TREE_MASK_H

#include <stdbool.h>
#include "tree/locks.h"

struct sv_child;

/* Under the engine's lock: works the flat mask of a child and all below it out again. */
void mask_flatten(struct sv_child *changed) REQUIRES(tree_locked);
/* The same for one that goes to another level. */
void mask_adopt(struct sv_child *child) REQUIRES(tree_locked);
/* Sets a bit of the child's own mask; see sv_child_mask. Under the engine's lock. */
int child_mask(struct sv_child *child, int number, bool allowed) REQUIRES(tree_locked);
/* The bit of a method that @level knows by this number, in the mask of one of its children. */
int child_mask_index(const struct sv_child *child, int number);

#endif
