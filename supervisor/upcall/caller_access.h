/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A level's way to who called it: PCALL_SLOT_READ, _WRITE, _PATH, _TAKE, _LIMIT. */
#ifndef UPCALL_CALLER_ACCESS_H
#define UPCALL_CALLER_ACCESS_H

#include "call/answer.h"

struct call;
struct level;

struct sv_answer level_read(struct level *level, struct call *call);
struct sv_answer level_write(struct level *level, struct call *call);
struct sv_answer level_path(struct level *level, struct call *call);
struct sv_answer level_take(struct level *level, struct call *call);
struct sv_answer level_limit(struct level *level, struct call *call);

#endif
