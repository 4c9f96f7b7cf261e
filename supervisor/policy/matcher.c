/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All path patterns of a policy in one automaton. */
#include "policy/matcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/hash.h"
#include "common/pattern.h"
#include "policy/matcher_node.h"

#define TABLE_LEAST 64

struct added {
	uint16_t node;
	struct effect effect;
};

static int table_make(struct table *table, size_t count)
{
	size_t size = TABLE_LEAST;

	while (size < 2 * count)
		size *= 2;
	free(table->slots);
	table->slots = malloc(size * sizeof(*table->slots));
	if (!table->slots)
		return -ENOMEM;
	memset(table->slots, 0xff, size * sizeof(*table->slots));
	table->mask = (uint32_t)size - 1;
	return 0;
}

static void table_put(struct table *table, uint32_t hash, uint16_t parent, uint16_t node)
{
	uint32_t slot = slot_of(hash, parent) & table->mask;

	while (table->slots[slot] != NO_NODE)
		slot = (slot + 1) & table->mask;
	table->slots[slot] = node;
}

/* Room for @count, of all nodes or of those that a name leads to. */
static int named_fill(struct matcher *m, size_t count, bool names_only)
{
	int r = table_make(&m->named, count);

	for (size_t i = 1; r == 0 && i < m->count; i++)
		if (!names_only || m->nodes[i].kind == PART_NAME)
			table_put(&m->named, m->nodes[i].hash, m->nodes[i].parent, (uint16_t)i);
	return r;
}

static int node_new(struct matcher *m, uint16_t parent, const struct part *part, uint16_t *ret)
{
	struct node *node;
	int r;

	if (m->count >= NODE_MAX || (part && part->kind == PART_DEEP && m->deep_count >= DEEP_MAX))
		return -E2BIG;
	r = array_grow(&m->nodes, &m->room, m->count, sizeof(*m->nodes));
	if (r < 0)
		return r;
	node = &m->nodes[m->count];
	*node = (struct node){
		.first_child = NO_NODE,
		.next_sibling = NO_NODE,
		.first_glob = NO_NODE,
		.next_glob = NO_NODE,
		.first_odd = NO_NODE,
		.next_odd = NO_NODE,
		.next_same = NO_NODE,
		.deep = NO_NODE,
		.parent = parent,
		.exact_line = NO_LINE,
	};
	*ret = (uint16_t)m->count++;
	if (!part)
		return 0;
	node->kind = (uint8_t)part->kind;
	node->text = part->text;
	node->size = part->size;
	node->hash = hash_bytes(part->text, part->size);
	if (part->kind == PART_DEEP)
		node->deep_index = (uint16_t)m->deep_count++;
	return 0;
}

static void link_child(struct matcher *m, uint16_t parent, uint16_t child)
{
	struct node *p = &m->nodes[parent], *c = &m->nodes[child];

	c->next_sibling = p->first_child;
	p->first_child = child;
	if (c->kind == PART_NAME) {
		p->has_names = true;
	} else if (c->kind == PART_DEEP) {
		p->deep = child;
	} else {
		c->next_glob = p->first_glob;
		p->first_glob = child;
	}
}

/* The node behind an edge, made if there is none. */
static int node_reach(struct matcher *m, uint16_t parent, const struct part *part, uint16_t *ret)
{
	uint32_t hash = hash_bytes(part->text, part->size);
	const struct table *named = &m->named;
	uint32_t slot = slot_of(hash, parent) & named->mask;
	int r;

	/* ** behind ** says nothing more */
	if (part->kind == PART_DEEP && parent != ROOT && m->nodes[parent].kind == PART_DEEP) {
		*ret = parent;
		return 0;
	}
	for (; named->slots[slot] != NO_NODE; slot = (slot + 1) & named->mask) {
		const struct node *n = &m->nodes[named->slots[slot]];

		if (n->parent == parent && n->hash == hash && n->kind == part->kind &&
		    n->size == part->size && memcmp(n->text, part->text, n->size) == 0) {
			*ret = named->slots[slot];
			return 0;
		}
	}
	r = node_new(m, parent, part, ret);
	if (r < 0)
		return r;
	link_child(m, parent, *ret);
	if (2 * m->count > named->mask)
		return named_fill(m, 2 * m->count, false);
	table_put(&m->named, hash, parent, *ret);
	return 0;
}

static int node_reach_all(struct matcher *m, const struct pattern *pattern, size_t count,
			  uint16_t *ret)
{
	uint16_t at = ROOT;

	for (size_t i = 0; i < count; i++) {
		int r = node_reach(m, at, &pattern->parts[i], &at);

		if (r < 0)
			return r;
	}
	*ret = at;
	return 0;
}

int matcher_new(struct matcher **ret)
{
	struct matcher *m = calloc(1, sizeof(*m));
	uint16_t root;
	int r;

	if (!m)
		return -ENOMEM;
	r = node_new(m, NO_NODE, NULL, &root);
	r = r ? r : named_fill(m, 0, false);
	if (r < 0) {
		matcher_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

struct matcher *matcher_free(struct matcher *m)
{
	if (!m)
		return NULL;
	free(m->nodes);
	free(m->added);
	free(m->effects);
	free(m->named.slots);
	free(m->folded.slots);
	free(m);
	return NULL;
}

int matcher_add(struct matcher *m, const struct pattern *pattern, const struct effect *effect)
{
	uint16_t node;
	int r;

	r = node_reach_all(m, pattern, pattern->count, &node);
	if (r == 0)
		r = array_grow(&m->added, &m->added_room, m->added_count, sizeof(*m->added));
	if (r < 0)
		return r;
	m->added[m->added_count++] = (struct added){ node, *effect };
	return 0;
}

static void node_add_exact(struct node *node, unsigned int rights, uint16_t line)
{
	if ((node->exact_rights | rights) == node->exact_rights)
		return;
	node->exact_rights |= (uint8_t)rights;
	node->exact_line = line;
}

int matcher_add_exact(struct matcher *m, const struct pattern *pattern, unsigned int rights,
		      uint16_t line)
{
	uint16_t node;
	int r;

	r = node_reach_all(m, pattern, pattern->count, &node);
	if (r == 0)
		node_add_exact(&m->nodes[node], rights, line);
	return r;
}

int matcher_add_ancestors(struct matcher *m, const struct pattern *pattern, size_t count,
			  unsigned int rights, uint16_t line)
{
	uint16_t node = ROOT;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		node_add_exact(&m->nodes[node], rights, line);
		if (i + 1 < count)
			r = node_reach(m, node, &pattern->parts[i], &node);
	}
	return r;
}

static int compare_added(const void *a, const void *b)
{
	const struct added *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->effect.line > y->effect.line) - (x->effect.line < y->effect.line);
}

/* A hide on this node is a hide one component behind its parent, or behind the parent of its `**`.
 */
static void mark_hide(struct matcher *m, uint16_t node)
{
	uint16_t parent = m->nodes[node].parent;

	if (m->nodes[node].kind == PART_DEEP) {
		/* a `**` takes any component, and none */
		m->nodes[node].hides_next = true;
		node = parent;
		parent = m->nodes[node].parent;
	}
	if (node != ROOT)
		m->nodes[parent].hides_next = true;
}

static int sort_effects(struct matcher *m)
{
	if (m->added_count == 0)
		return 0;
	qsort(m->added, m->added_count, sizeof(*m->added), compare_added);
	m->effects = calloc(m->added_count, sizeof(*m->effects));
	if (!m->effects)
		return -ENOMEM;
	for (size_t i = 0; i < m->added_count; i++) {
		struct node *node = &m->nodes[m->added[i].node];

		if (node->effect_count++ == 0)
			node->first_effect = (uint32_t)i;
		m->effects[i] = m->added[i].effect;
		if (m->effects[i].kind == EFFECT_HIDE || m->effects[i].kind == EFFECT_EXCEPT)
			mark_hide(m, m->added[i].node);
	}
	return 0;
}

/* The ways to what is taken away. */
static void mark_takes(struct matcher *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct node *node = &m->nodes[i];

		for (uint32_t e = 0; e < node->effect_count; e++)
			if (m->effects[node->first_effect + e].kind >= EFFECT_DENY)
				for (uint16_t at = (uint16_t)i;
				     at != NO_NODE && !m->nodes[at].takes; at = m->nodes[at].parent)
					m->nodes[at].takes = true;
	}
}

/* A text that names in small letters may match though it is another. */
static void add_odd(struct matcher *m, uint16_t node)
{
	const struct node *n = &m->nodes[node];

	for (unsigned int i = 0; i < m->odd_count; i++) {
		const struct node *odd = &m->nodes[m->odd[i]];

		if (odd->hash == n->hash && odd->kind == n->kind && odd->size == n->size &&
		    memcmp(odd->text, n->text, n->size) == 0)
			return;
	}
	if (m->odd_count == ODD_MAX)
		m->folds_all = true;
	else
		m->odd[m->odd_count++] = node;
}

/* Where a folded walk finds it: in the table, beside what has the same letters there, or among what
 * it tries one by one. */
static void link_folded(struct matcher *m, uint16_t node, bool single)
{
	struct node *n = &m->nodes[node], *parent = &m->nodes[n->parent];
	uint16_t same = single ? matcher_folded(m, n->fold, n->parent) : NO_NODE;

	if (!single) {
		n->next_odd = parent->first_odd;
		parent->first_odd = node;
	} else if (same == NO_NODE) {
		table_put(&m->folded, n->fold, n->parent, node);
	} else {
		n->next_same = m->nodes[same].next_same;
		m->nodes[same].next_same = node;
	}
}

static void fold_node(struct matcher *m, uint16_t node)
{
	struct node *n = &m->nodes[node];
	bool glob = n->kind == PART_GLOB;
	struct fold_key key;

	if (n->kind == PART_DEEP || !(n->takes || glob))
		return;
	key = fold_key_of(n->text, n->size, glob);
	n->first = key.first;
	n->last = key.last;
	n->fold = key.hash;
	if (!n->takes)
		return;
	link_folded(m, node, key.single && !glob);
	if (fold_is_plain(n->text, n->size))
		return;
	if (key.single && !glob)
		m->folds[key.hash / 64 % FOLD_WORDS] |= UINT64_C(1) << key.hash % 64;
	else
		add_odd(m, node);
}

int matcher_finish(struct matcher *m)
{
	int r = sort_effects(m);

	if (r == 0)
		mark_takes(m);
	free(m->added);
	m->added = NULL;
	r = r ? r : named_fill(m, m->count, true);
	r = r ? r : table_make(&m->folded, m->count);
	for (size_t i = 1; r == 0 && i < m->count; i++)
		fold_node(m, (uint16_t)i);
	return r;
}
