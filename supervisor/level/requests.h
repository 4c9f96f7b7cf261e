/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods that every child has, below PCALL_SLOT_FIRST: see pcall-wire.h. */
#ifndef SUPERVISOR_BUILTIN_H
#define SUPERVISOR_BUILTIN_H

#include "call/answer.h"

struct call;

/* Any slot that is in no symbol table. */
struct sv_answer builtin_serve(struct call *call, unsigned int slot);

#endif
