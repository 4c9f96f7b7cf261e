/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All path patterns of a policy in one automaton. */
#include "policy/matcher.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/glob.h"
#include "common/pattern.h"

#define NO_NODE	    UINT16_MAX
#define ROOT	    0
#define TABLE_LEAST 64
#define FOLD_WORDS  16
/* A folded walk has no table to look in. One that compares more often knows nothing in the end:
 * what is usual is a few hundred. */
#define FOLD_STEPS	 65536
#define FOLD_STEP_WEIGHT 16 /* of a comparison that is not simple */

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

struct added {
	uint16_t node;
	struct effect effect;
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

static uint32_t hash_bytes(const char *text, size_t size)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619U;
	return h;
}

static uint32_t slot_of(uint32_t hash, uint16_t parent)
{
	uint32_t h = hash ^ (parent * 2654435769U);

	return h ^ h >> 15;
}

static void table_put(struct matcher *m, uint16_t node)
{
	uint32_t slot = slot_of(m->nodes[node].hash, m->nodes[node].parent) & m->table_mask;

	while (m->table[slot] != NO_NODE)
		slot = (slot + 1) & m->table_mask;
	m->table[slot] = node;
}

/* A table that is at most half full, of all nodes or of those that a name leads to. */
static int table_fill(struct matcher *m, size_t size, bool names_only)
{
	while (size < 2 * m->count)
		size *= 2;
	free(m->table);
	m->table = malloc(size * sizeof(*m->table));
	if (!m->table)
		return -ENOMEM;
	memset(m->table, 0xff, size * sizeof(*m->table));
	m->table_mask = (uint32_t)size - 1;
	for (size_t i = 1; i < m->count; i++)
		if (!names_only || m->nodes[i].kind == PART_NAME)
			table_put(m, (uint16_t)i);
	return 0;
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
	uint32_t slot = slot_of(hash, parent) & m->table_mask;
	int r;

	/* ** behind ** says nothing more */
	if (part->kind == PART_DEEP && parent != ROOT && m->nodes[parent].kind == PART_DEEP) {
		*ret = parent;
		return 0;
	}
	for (; m->table[slot] != NO_NODE; slot = (slot + 1) & m->table_mask) {
		const struct node *n = &m->nodes[m->table[slot]];

		if (n->parent == parent && n->hash == hash && n->kind == part->kind &&
		    n->size == part->size && memcmp(n->text, part->text, n->size) == 0) {
			*ret = m->table[slot];
			return 0;
		}
	}
	r = node_new(m, parent, part, ret);
	if (r < 0)
		return r;
	link_child(m, parent, *ret);
	if (2 * m->count > m->table_mask)
		return table_fill(m, 2 * ((size_t)m->table_mask + 1), false);
	table_put(m, *ret);
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
	r = r ? r : table_fill(m, TABLE_LEAST, false);
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
	free(m->table);
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

/* What a name in small letters may be, where case does not count. */
static void fold_node(struct matcher *m, const struct node *node)
{
	char text[NAME_MAX + 1];
	size_t size = node->size;
	uint32_t hash;

	if (!node->takes || node->kind == PART_DEEP || fold_is_plain(node->text, size))
		return;
	if (node->kind == PART_GLOB || size > NAME_MAX ||
	    !fold_write(node->text, size, text, &size)) {
		m->folds_all = true;
		return;
	}
	hash = hash_bytes(text, size);
	m->folds[hash / 64 % FOLD_WORDS] |= UINT64_C(1) << hash % 64;
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
	for (size_t i = 1; i < m->count; i++) {
		struct node *node = &m->nodes[i];

		node->simple = node->kind == PART_NAME && fold_is_simple(node->text, node->size);
		fold_node(m, node);
	}
}

int matcher_finish(struct matcher *m)
{
	int r = sort_effects(m);

	if (r == 0)
		mark_takes(m);

	free(m->added);
	m->added = NULL;
	return r < 0 ? r : table_fill(m, TABLE_LEAST, true);
}

static uint16_t find_name(const struct matcher *m, uint16_t parent, const char *text, size_t size,
			  uint32_t hash)
{
	uint32_t slot = slot_of(hash, parent) & m->table_mask;

	for (; m->table[slot] != NO_NODE; slot = (slot + 1) & m->table_mask) {
		const struct node *n = &m->nodes[m->table[slot]];

		if (n->parent == parent && n->hash == hash && n->size == size &&
		    memcmp(n->text, text, size) == 0)
			return m->table[slot];
	}
	return NO_NODE;
}

/* A walk on its way. */
struct stepping {
	const struct matcher *m;
	struct walk *walk;
	uint16_t next[WALK_MAX];
	unsigned int next_count;
	bool full;
	bool folded;
	unsigned int left; /* of FOLD_STEPS */
	uint64_t deep_seen[DEEP_MAX / 64];
};

static void push(struct stepping *s, uint16_t *list, unsigned int *count, uint16_t node)
{
	if (*count == WALK_MAX)
		s->full = true;
	else
		list[(*count)++] = node;
}

static void reach(struct stepping *s, uint16_t node)
{
	const struct node *n = &s->m->nodes[node];
	uint16_t deep = n->deep;

	push(s, s->next, &s->next_count, node);
	if (n->effect_count)
		push(s, s->walk->hit, &s->walk->hit_count, node);
	if (deep == NO_NODE)
		return;
	n = &s->m->nodes[deep];
	if (s->deep_seen[n->deep_index / 64] >> n->deep_index % 64 & 1)
		return;
	s->deep_seen[n->deep_index / 64] |= (uint64_t)1 << n->deep_index % 64;
	push(s, s->walk->deep, &s->walk->deep_count, deep);
	if (n->effect_count)
		push(s, s->walk->hit, &s->walk->hit_count, deep);
}

static bool may_be(struct stepping *s, const struct node *node, const char *text, size_t size,
		   bool simple)
{
	bool quick = node->simple && simple;
	unsigned int weight = quick ? 1 : FOLD_STEP_WEIGHT;

	if (s->left < weight) {
		s->full = true;
		return false;
	}
	s->left -= weight;
	/* Nearly all are of another length. */
	if (quick)
		return node->size == size && fold_same_but_case(node->text, text, size);
	return node->kind != PART_DEEP &&
	       fold_may_match(node->text, node->size, node->kind == PART_GLOB, text, size);
}

/* All that the component may be, and be it in doubt, on the way to what is taken away. */
static void leave_folded(struct stepping *s, uint16_t node, const char *text, size_t size)
{
	const struct node *nodes = s->m->nodes;
	bool simple = fold_is_simple(text, size);

	for (uint16_t i = nodes[node].first_child; i != NO_NODE && !s->full;
	     i = nodes[i].next_sibling)
		if (nodes[i].takes && may_be(s, &nodes[i], text, size, simple))
			reach(s, i);
}

static void leave(struct stepping *s, uint16_t node, const char *text, size_t size, uint32_t hash)
{
	const struct node *nodes = s->m->nodes;
	uint16_t i;

	if (s->folded) {
		leave_folded(s, node, text, size);
		return;
	}
	if (nodes[node].has_names) {
		i = find_name(s->m, node, text, size, hash);
		if (i != NO_NODE)
			reach(s, i);
	}
	for (i = nodes[node].first_glob; i != NO_NODE; i = nodes[i].next_glob)
		if (glob_match(nodes[i].text, nodes[i].size, text, size))
			reach(s, i);
}

/* One component; afterwards the nodes it reached are live. A node has one parent: none comes twice.
 */
static void step(struct stepping *s, const char *text, size_t size, uint32_t hash)
{
	struct walk *w = s->walk;
	unsigned int deep_count = w->deep_count;

	s->next_count = 0;
	for (unsigned int i = 0; i < w->live_count; i++)
		leave(s, w->live[i], text, size, hash);
	for (unsigned int i = 0; i < deep_count; i++)
		leave(s, w->deep[i], text, size, hash);
	memcpy(w->live, s->next, s->next_count * sizeof(s->next[0]));
	w->live_count = s->next_count;
}

static bool is_dots(const char *text, size_t size)
{
	return text[0] == '.' && (size == 1 || (size == 2 && text[1] == '.'));
}

static int run(const struct matcher *m, const char *name, bool folded, struct walk *ret)
{
	struct stepping s;

	s.m = m;
	s.walk = ret;
	s.next_count = 0;
	s.full = false;
	s.folded = folded;
	s.left = FOLD_STEPS;
	memset(s.deep_seen, 0, (m->deep_count + 63) / 64 * sizeof(s.deep_seen[0]));
	ret->live_count = ret->deep_count = ret->hit_count = 0;
	reach(&s, ROOT);
	ret->live[0] = ROOT;
	ret->live_count = 1;
	if (name[0] != '/')
		return -EINVAL;
	for (const char *p = name + 1; *p && ret->live_count + ret->deep_count > 0;) {
		uint32_t hash = 2166136261U;
		const char *start = p;
		size_t size;

		for (; *p && *p != '/'; p++)
			hash = (hash ^ (unsigned char)*p) * 16777619U;
		size = (size_t)(p - start);
		if (size == 0 || is_dots(start, size) || (p[0] == '/' && p[1] == '\0'))
			return -EINVAL;
		step(&s, start, size, hash);
		p += *p == '/';
	}
	return s.full ? -EOVERFLOW : 0;
}

int matcher_walk(const struct matcher *m, const char *name, struct walk *ret)
{
	return run(m, name, false, ret);
}

int matcher_walk_folded(const struct matcher *m, const char *name, struct walk *ret)
{
	return run(m, name, true, ret);
}

bool matcher_may_fold(const struct matcher *m, const char *name)
{
	bool folds = m->folds_all;

	while (*name && !folds) {
		size_t size = strcspn(name, "/");
		uint32_t hash = hash_bytes(name, size);

		folds = !fold_is_plain(name, size) ||
			m->folds[hash / 64 % FOLD_WORDS] >> hash % 64 & 1;
		name += size + (name[size] == '/');
	}
	return folds;
}

const struct effect *matcher_effects(const struct matcher *m, uint16_t node,
				     unsigned int *ret_count)
{
	*ret_count = m->nodes[node].effect_count;
	return *ret_count ? m->effects + m->nodes[node].first_effect : NULL;
}

unsigned int matcher_exact(const struct matcher *m, uint16_t node, uint16_t *ret_line)
{
	*ret_line = m->nodes[node].exact_line;
	return m->nodes[node].exact_rights;
}

bool matcher_hides_next(const struct matcher *m, uint16_t node)
{
	return m->nodes[node].hides_next;
}

void matcher_each_beneath(const struct matcher *m, uint16_t node,
			  void (*each)(void *data, const struct effect *effect), void *data)
{
	uint16_t at = m->nodes[node].first_child;

	while (at != NO_NODE) {
		for (unsigned int i = 0; i < m->nodes[at].effect_count; i++)
			each(data, &m->effects[m->nodes[at].first_effect + i]);
		if (m->nodes[at].first_child != NO_NODE) {
			at = m->nodes[at].first_child;
			continue;
		}
		while (at != node && m->nodes[at].next_sibling == NO_NODE)
			at = m->nodes[at].parent;
		at = at == node ? NO_NODE : m->nodes[at].next_sibling;
	}
}
