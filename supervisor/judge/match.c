/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge/match.h"

#include <errno.h>
#include <string.h>

#include "common/fold.h"
#include "common/glob.h"
#include "policy/matcher_node.h"

/* A folded walk has no table to look in. One that compares more often knows nothing in the end:
 * what is usual is a few hundred. */
#define FOLD_STEPS	 65536
#define FOLD_STEP_WEIGHT 16 /* of a comparison that is not simple */

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
	struct match *walk;
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
	struct match *w = s->walk;
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

static int run(const struct matcher *m, const char *name, bool folded, struct match *ret)
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

int match_walk(const struct matcher *m, const char *name, struct match *ret)
{
	return run(m, name, false, ret);
}

int match_walk_folded(const struct matcher *m, const char *name, struct match *ret)
{
	return run(m, name, true, ret);
}

bool match_may_fold(const struct matcher *m, const char *name)
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

const struct effect *match_effects(const struct matcher *m, uint16_t node, unsigned int *ret_count)
{
	*ret_count = m->nodes[node].effect_count;
	return *ret_count ? m->effects + m->nodes[node].first_effect : NULL;
}

unsigned int match_exact(const struct matcher *m, uint16_t node, uint16_t *ret_line)
{
	*ret_line = m->nodes[node].exact_line;
	return m->nodes[node].exact_rights;
}

bool match_hides_next(const struct matcher *m, uint16_t node)
{
	return m->nodes[node].hides_next;
}

void match_each_beneath(const struct matcher *m, uint16_t node,
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
