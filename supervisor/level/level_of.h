/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which level a process is. */
#ifndef LEVEL_LEVEL_OF_H
#define LEVEL_LEVEL_OF_H

#include <stdbool.h>

struct call;
struct level;

/* The level that the caller's process is, counted; NULL: it is none, or is none any more. */
struct level *level_of(struct call *call);
/* Has its process got another program? See exec_watch.c. */
bool level_has_execed(struct level *level);

#endif
