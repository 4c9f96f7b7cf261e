/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a level asks: one parent-call, of a slot and at most six words. */
#ifndef CLIENT_ASK_H
#define CLIENT_ASK_H

#include <errno.h>
#include <stdint.h>
#include "base/inside.h"

/* The sixth word of each of these methods is a size: it fits in a head. */
#define WORD(value)    ((uint64_t)(uintptr_t)(value))
#define ASK(slot, ...) ASK_SIX(slot, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define ASK_SIX(slot, a, b, c, d, e, f, ...) \
	parent_call(slot,                    \
		    (const uint64_t[]){ WORD(a), WORD(b), WORD(c), WORD(d), WORD(e), WORD(f) })

/* A result, or a negative errno. */
static inline long ask(long result)
{
	return result < 0 ? -errno : result;
}

#endif
