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
#define ODD_MAX	   16

struct node {
	uint16_t first_child; /* any edge; NO_NODE: none */
	uint16_t next_sibling;
	uint16_t first_glob; /* the PART_GLOB edges once more: they are tried one by one */
	uint16_t next_glob;
	uint16_t first_odd; /* the edges that a folded walk tries one by one */
	uint16_t next_odd;
	uint16_t next_same;  /* an edge beside this one of the same fold */
	uint16_t deep;	     /* the `**` behind this node */
	uint16_t deep_index; /* of a `**` node: its number among these */
	uint16_t parent;
	uint16_t exact_line;
	uint8_t exact_rights;
	uint8_t kind;	/* enum part_kind of the edge that leads here */
	bool has_names; /* there is a PART_NAME edge: the table is worth a look */
	bool hides_next;
	bool takes;	/* here, or beneath, something is taken away */
	uint16_t first; /* fold_key_of the text, where it is a pattern or takes */
	uint16_t last;
	uint32_t fold;
	uint32_t hash; /* of the text */
	uint32_t first_effect;
	uint32_t effect_count;
	const char *text;
	size_t size;
};

/* Nodes by parent and a hash; open addressing, at most half full. */
struct table {
	uint16_t *slots;
	uint32_t mask;
};

struct matcher {
	struct node *nodes;
	size_t count;
	size_t room;
	struct added *added; /* sorted by node when finished */
	size_t added_count;
	size_t added_room;
	struct effect *effects; /* the same, without the nodes */
	struct table named;	/* by text; finished, only PART_NAME */
	struct table folded;	/* what takes, by fold: the first of each */
	unsigned int deep_count;
	uint64_t folds[FOLD_WORDS]; /* the names in capitals, in small letters: bits by hash */
	uint16_t odd[ODD_MAX];	    /* what else names in small letters may match otherwise */
	unsigned int odd_count;
	bool folds_all; /* there are more of these */
};

static inline uint32_t slot_of(uint32_t hash, uint16_t parent)
{
	uint32_t h = hash ^ (parent * 2654435769U);

	return h ^ h >> 15;
}

/* The first that takes something away, has this parent and folds to this hash. */
static inline uint16_t matcher_folded(const struct matcher *m, uint32_t hash, uint16_t parent)
{
	const struct table *table = &m->folded;
	uint32_t slot = slot_of(hash, parent) & table->mask;

	for (; table->slots[slot] != NO_NODE; slot = (slot + 1) & table->mask) {
		const struct node *n = &m->nodes[table->slots[slot]];

		if (n->fold == hash && n->parent == parent)
			break;
	}
	return table->slots[slot];
}

#endif
