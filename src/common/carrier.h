/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Carriers: the second spelling of a parent-call.
 *
 * Where an allow-list stands above the root, as the default profiles of containers do, a number
 * that is no system call fails before the root sees it. So a call can ride on a number that such
 * lists let pass, and that no program uses since Linux has never had an implementation of it: on
 * x86-64 epoll_ctl_old. Five words stand where they always do, the sixth register is the *head*:
 *
 *	bit 63        set: a register that holds a number or an address by chance is no head
 *	bits 48–62    the slot of the method
 *	bits 0–47     the sixth word, with its sign
 *
 * A sixth word that does not fit travels with all others in memory, by epoll_wait_old: the head
 * first, then the address of six words.
 *
 * Whoever receives a call makes one method of both spellings before he looks at anything else.
 * Outside of a tree each fails with ENOSYS.
 */
#ifndef COMMON_CARRIER_H
#define COMMON_CARRIER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/pcall-wire.h"

#ifndef __x86_64__
#error "which numbers have no implementation, no user, and pass the lists of containers?"
#endif

enum {
	CARRIER = 214,	    /* epoll_ctl_old: (word, word, word, word, word, head) */
	CARRIER_WIDE = 215, /* epoll_wait_old: (head, address of six words) */
	CARRIER_SLOTS = 1 << 15,
};

#define CARRIER_MARK  (UINT64_C(1) << 63)
#define CARRIER_SHIFT 48

static inline bool carrier_is(int number)
{
	return number == CARRIER || number == CARRIER_WIDE;
}

static inline uint64_t carrier_head(unsigned int slot, uint64_t word)
{
	return CARRIER_MARK | (uint64_t)slot << CARRIER_SHIFT |
	       (word & ((UINT64_C(1) << CARRIER_SHIFT) - 1));
}

/* The slot that a head names; negative: it is no head. */
static inline int carrier_slot(uint64_t head)
{
	return head & CARRIER_MARK ? (int)(head >> CARRIER_SHIFT) & (CARRIER_SLOTS - 1) : -1;
}

/* The word in a head. */
static inline uint64_t carrier_word(uint64_t head)
{
	const int up = 64 - CARRIER_SHIFT;

	return (uint64_t)((int64_t)(head << up) >> up);
}

/* Can this be the word in a head? */
static inline bool carrier_fits(uint64_t word)
{
	return carrier_word(word) == word;
}

#endif
