/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child as it is made from a request, and given back. */
#ifndef SPAWN_CHILD_H
#define SPAWN_CHILD_H

#include <stdint.h>
#include "confine/sysrow.h"
#include "tree/locks.h"

struct child;
struct spawn_request;
struct sv_child;
struct table;

/* What it is before there is a process. Negative errno. */
int child_new(const struct spawn_request *request, struct sv_child **ret);
/* No two that live have the same label: the second "browser/tab" is "browser/tab-2". Under the
 * engine's lock. */
int label_settle(struct child *child) REQUIRES(tree_locked);
/* What notifies although the kernel could decide it: as for those above; and besides. */
void seen_inherit(struct child *child);
void seen_fill(const struct table *table, const struct spawn_request *request,
	       uint64_t seen[SYSROW_NUMBERS / 64]);

/* Gives back all that a child holds; its tasks are killed, and it is in no list any more. */
void child_free(struct sv_child *child);

#endif
