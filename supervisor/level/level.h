/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What processes ask that are levels, or want to be one. */
#ifndef LEVEL_LEVEL_H
#define LEVEL_LEVEL_H

#include "call/answer.h"

struct call;
struct level;

/* PCALL_SLOT_LEVEL and those after it, on the thread that received the call. */
struct sv_answer level_serve(struct call *call, unsigned int slot);

#endif
