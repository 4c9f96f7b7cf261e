/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was judged before: a small table from names to outcomes that all threads share without a
 * lock.
 *
 * A place is chosen by a hash and holds the whole name: an entry is used only if every byte is the
 * same, so a child that finds collisions gains nothing but slow answers. Each entry has a sequence
 * number, odd while somebody writes; who reads an odd or changed one has a miss, who finds an odd
 * one when writing lets it be.
 */
#ifndef POLICY_MEMO_H
#define POLICY_MEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/verbs.h"

/* For each right, by the number of its bit: how it is decided, and by which line. */
struct outcome {
	uint16_t line[RIGHT_COUNT];
	uint16_t decisions; /* two bits each, enum decision */
};

struct memo;

struct memo *memo_new(void);
struct memo *memo_free(struct memo *memo);
bool memo_find(struct memo *memo, const char *name, struct outcome *ret);
void memo_store(struct memo *memo, const char *name, const struct outcome *outcome);

#endif
