/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Masks, flattened: what a child may not call is what its level took from it, and what was taken
 * from the child that the level runs in. When one changes, all below are worked out again; calls
 * go on meanwhile, and each sees one bit.
 */
#include "tree/mask.h"

#include <errno.h>
#include "tree/level.h"
#include "tree/tree.h"

enum {
	WORDS = NUMBERS_MAX / 64,
};

/* The slot that a method has in a table, or negative. */
static int slot_of(const struct table *table, const struct method *method)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->slots[i].method == method)
			return PCALL_SLOT_FIRST + (int)i;
	return -ENOENT;
}

/* The bits of a child's methods that its outer child has under other numbers. An adopted one's
 * table was made below a level that is gone: there it is looked for. */
static void slots_flatten(const struct child *child, const struct child *outer,
			  uint64_t flat[WORDS])
{
	for (size_t i = 0; i < child->table->count; i++) {
		const struct slot *of = &child->table->slots[i];
		int slot = child->adopted ? slot_of(outer->table, of->method) : of->outer;
		int own = mask_index(PCALL_BASE + PCALL_SLOT_FIRST + (int)i);

		if (slot >= 0 && mask_has(&outer->masked, mask_index(PCALL_BASE + slot)))
			flat[own / 64] |= (uint64_t)1 << own % 64;
	}
}

static void child_flatten(struct child *child)
{
	const struct child *outer = child->level->child;
	uint64_t flat[WORDS];

	for (size_t i = 0; i < WORDS; i++) {
		bool calls = i < SYSROW_NUMBERS / 64;

		flat[i] = child->masked_own.bits[i] | (outer && calls ? outer->masked.bits[i] : 0);
	}
	if (outer)
		slots_flatten(child, outer, flat);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&child->masked.bits[i], flat[i], memory_order_relaxed);
}

void mask_adopt(struct sv_child *child)
{
	/* What those took who are gone stays taken. */
	for (size_t i = 0; i < WORDS; i++)
		child->child.masked_own.bits[i] = child->child.masked.bits[i];
	child->child.adopted = true;
	mask_flatten(child);
}

/* Children stand in the list before those that they are below: the newest first. */
void mask_flatten(struct sv_child *changed)
{
	struct sv_child *order = NULL, *next;

	child_flatten(&changed->child);
	/* From the outside in: the list the other way round. */
	for (struct sv_child *child = changed->tree->children; child; child = child->next) {
		if (child == changed)
			break;
		child->flatten_next = order;
		order = child;
	}
	for (struct sv_child *child = order; child; child = next) {
		next = child->flatten_next;
		if (child_is_below(&child->child, &changed->child))
			child_flatten(&child->child);
	}
}

/* What a level calls by this number: a method of its own, or one that it can call itself. */
static const struct method *method_meant(const struct level *level, int number)
{
	int64_t slot = (int64_t)number - PCALL_BASE, id = slot - METHOD_DEFINED_FIRST;

	if (id >= 0)
		return id < level->methods_count ? level->methods[id] : NULL;
	return level->table && slot >= 0 ? table_method(level->table, (unsigned int)slot) : NULL;
}

int child_mask_index(const struct sv_child *child, int number)
{
	const struct level *level = child->child.level;
	const struct method *method;
	int slot;

	if (number < SYSROW_NUMBERS)
		return child->tree->rows->find(number) ? number : -ENOENT;
	method = method_meant(level, number);
	slot = method ? slot_of(child->child.table, method) : -ENOENT;
	return slot < 0 ? slot : mask_index(PCALL_BASE + slot);
}

static bool notifies(const struct child *child, int number)
{
	const struct sysrow *row = child->tree->rows->find(number);

	return row->tier == TIER_NOTIFY || row->tier == TIER_REFUSE ||
	       child->seen[number / 64] >> (number % 64) & 1;
}

int child_mask(struct sv_child *child, int number, bool allowed)
{
	struct child *c = &child->child;
	uint64_t bit;
	int index;

	index = child_mask_index(child, number);
	if (index < 0)
		return index;
	if (index < SYSROW_NUMBERS && !notifies(c, index))
		return -EOPNOTSUPP;
	bit = (uint64_t)1 << index % 64;
	if (allowed)
		c->masked_own.bits[index / 64] &= ~bit;
	else
		c->masked_own.bits[index / 64] |= bit;
	mask_flatten(child);
	return 0;
}
