/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reaper, and how ends begin and are told. */
#ifndef ENGINE_REAPER_H
#define ENGINE_REAPER_H

#include <stdint.h>

struct child;
struct sv;
struct sv_child;

void *reaper_run(void *data);

/* Under the engine's lock, and without a wait: it and all its tasks are to die. */
void child_doom(struct child *child);
/* Under the same: nothing of it is left, or what is left hangs. */
void child_drained(struct sv_child *child);
/* From the reaper: the listener of the child with this tag has hung up. See reaper.c. */
void child_hung_up(struct sv *sv, uint32_t tag);
/* Dooms it, and waits until it is drained. Not under the engine's lock, not on the reaper. */
void child_kill_all(struct child *child);

#endif
