/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child of the engine's: from the order to its end. */
#ifndef SUPERVISOR_SPAWN_H
#define SUPERVISOR_SPAWN_H

#include "supervisor.h"

/* Fills in the error, if there is one to fill in, and returns r. */
int stage_fail(struct sv_error *error, enum sv_stage stage, int r, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Gives back all that a child holds; its tasks are killed, and it is in no list any more. */
void child_free(struct sv_child *child);

#endif
