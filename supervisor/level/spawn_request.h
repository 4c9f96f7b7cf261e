/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCALL_SLOT_SPAWN: a child that a level asks for. */
#ifndef LEVEL_SPAWN_REQUEST_H
#define LEVEL_SPAWN_REQUEST_H

#include "call/answer.h"

struct call;
struct level;

struct sv_answer level_spawn(struct level *level, struct call *call);

#endif
