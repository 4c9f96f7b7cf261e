/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a level sleeps that has nothing to do for long. */
#ifndef UPCALL_PARK_H
#define UPCALL_PARK_H

#include <stdint.h>
#include "call/answer.h"
#include "tree/locks.h"

struct level;
struct waiter;

/* Under the level's lock: one who sleeps in PCALL_SLOT_WAIT, or NULL; and sends all of them away
 * with this, how many. */
struct waiter *waiter_take(struct level *level) REQUIRES(level_locked);
unsigned int waiters_answer(struct level *level, struct sv_answer answer) REQUIRES(level_locked);

/* PCALL_SLOT_BELL */
struct sv_answer level_bell(struct level *level);
/* Under the level's lock: wakes one who dozes. */
void level_ring(struct level *level) REQUIRES(level_locked);
/* From the reaper: lets doze who has slept for long. When to look again, in ms; -1: not before
 * somebody has come to sleep. */
int level_doze(struct level *level, uint64_t now);

#endif
