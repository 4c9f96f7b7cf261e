/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a matcher is made of, for those who put patterns in and those who walk. */
#ifndef POLICY_MATCHER_NODE_H
#define POLICY_MATCHER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/matcher.h"

#define NO_NODE	   UINT16_MAX
#define ROOT	   0
#define FOLD_WORDS 16

struct node {
	uint16_t first_child; /* any edge; NO_NODE: none */
	uint16_t next_sibling;
	uint16_t first_glob; /* the PART_GLOB edges once more: they are tried one by one */
	uint16_t next_glob;
	uint16_t deep;	     /* the `**` behind this node */
	uint16_t deep_index; /* of a `**` node: its number among these */
	uint16_t parent;
	uint16_t exact_line;
	uint8_t exact_rights;
	uint8_t kind;	/* enum part_kind of the edge that leads here */
	bool has_names; /* there is a PART_NAME edge: the table is worth a look */
	bool hides_next;
	bool takes;    /* here, or beneath, something is taken away */
	bool simple;   /* fold_is_simple, and no glob */
	uint32_t hash; /* of text */
	uint32_t first_effect;
	uint32_t effect_count;
	const char *text;
	size_t size;
};

struct matcher {
	struct node *nodes;
	size_t count;
	size_t room;
	struct added *added; /* sorted by node when finished */
	size_t added_count;
	size_t added_room;
	struct effect *effects; /* the same, without the nodes */
	uint16_t *table; /* nodes by parent and text; finished, only PART_NAME; open addressing */
	uint32_t table_mask;
	unsigned int deep_count;
	uint64_t folds[FOLD_WORDS]; /* the names in capitals, in small letters: bits by hash */
	bool folds_all;		    /* there are patterns that any name may match otherwise */
};

static inline uint32_t hash_bytes(const char *text, size_t size)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619U;
	return h;
}

static inline uint32_t slot_of(uint32_t hash, uint16_t parent)
{
	uint32_t h = hash ^ (parent * 2654435769U);

	return h ^ h >> 15;
}

#endif
