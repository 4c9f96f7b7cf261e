/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge/match.h"

#include <errno.h>
#include <string.h>

#include "common/fold.h"
#include "common/glob.h"
#include "common/hash.h"
#include "policy/matcher_node.h"

/* A folded walk that tries more knows nothing in the end: what is usual is a few hundred. */
#define FOLD_STEPS	 262144
#define FOLD_STEP_WEIGHT 64 /* of a comparison, beside a look at both ends */

/* A component of a name. */
struct component {
	const char *text;
	size_t size;
	uint32_t hash;
	struct fold_key key; /* folded, of what it folds to; else only its ends */
};

static uint16_t find_name(const struct matcher *m, uint16_t parent, const struct component *c)
{
	const struct table *named = &m->named;
	uint32_t slot = slot_of(c->hash, parent) & named->mask;

	for (; named->slots[slot] != NO_NODE; slot = (slot + 1) & named->mask) {
		const struct node *n = &m->nodes[named->slots[slot]];

		if (n->parent == parent && n->hash == c->hash && n->size == c->size &&
		    memcmp(n->text, c->text, c->size) == 0)
			break;
	}
	return named->slots[slot];
}

/* false: the component is nothing that this pattern means. */
static bool ends_meet(const struct node *node, const struct component *c)
{
	return fold_keys_meet(node->first, node->last, c->key.first, c->key.last);
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

static bool may_be(struct stepping *s, const struct node *node, const struct component *c)
{
	if (s->left <= FOLD_STEP_WEIGHT) {
		s->full = true;
		return false;
	}
	s->left--;
	if (node->kind == PART_DEEP || !ends_meet(node, c))
		return false;
	s->left -= FOLD_STEP_WEIGHT;
	return fold_may_match(node->text, node->size, node->kind == PART_GLOB, c->text, c->size);
}

/* All that the component may be, and be it in doubt, on the way to what is taken away. */
static void leave_folded(struct stepping *s, uint16_t node, const struct component *c)
{
	const struct node *nodes = s->m->nodes;
	uint16_t i;

	if (!nodes[node].takes)
		return;
	if (!c->key.single) {
		for (i = nodes[node].first_child; i != NO_NODE && !s->full;
		     i = nodes[i].next_sibling)
			if (nodes[i].takes && may_be(s, &nodes[i], c))
				reach(s, i);
		return;
	}
	for (i = matcher_folded(s->m, c->key.hash, node); i != NO_NODE; i = nodes[i].next_same)
		if (may_be(s, &nodes[i], c))
			reach(s, i);
	for (i = nodes[node].first_odd; i != NO_NODE && !s->full; i = nodes[i].next_odd)
		if (may_be(s, &nodes[i], c))
			reach(s, i);
}

static void leave(struct stepping *s, uint16_t node, const struct component *c)
{
	const struct node *nodes = s->m->nodes;
	uint16_t i;

	if (s->folded) {
		leave_folded(s, node, c);
		return;
	}
	if (nodes[node].has_names) {
		i = find_name(s->m, node, c);
		if (i != NO_NODE)
			reach(s, i);
	}
	for (i = nodes[node].first_glob; i != NO_NODE; i = nodes[i].next_glob)
		if (ends_meet(&nodes[i], c) &&
		    glob_match(nodes[i].text, nodes[i].size, c->text, c->size))
			reach(s, i);
}

/* One component; afterwards the nodes it reached are live. A node has one parent: none comes twice.
 */
static void step(struct stepping *s, const struct component *c)
{
	struct match *w = s->walk;
	unsigned int deep_count = w->deep_count;

	s->next_count = 0;
	for (unsigned int i = 0; i < w->live_count; i++)
		leave(s, w->live[i], c);
	for (unsigned int i = 0; i < deep_count; i++)
		leave(s, w->deep[i], c);
	memcpy(w->live, s->next, s->next_count * sizeof(s->next[0]));
	w->live_count = s->next_count;
}

static bool is_dots(const char *text, size_t size)
{
	return text[0] == '.' && (size == 1 || (size == 2 && text[1] == '.'));
}

static struct fold_key ends_of(const struct component *c)
{
	return (struct fold_key){
		.first = fold_byte(c->text[0]),
		.last = fold_byte(c->text[c->size - 1]),
	};
}

static int run(const struct matcher *m, const char *name, bool folded, struct match *ret)
{
	struct stepping s __attribute__((uninitialized));

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
		struct component c = { .text = p, .hash = HASH_START };

		for (; *p && *p != '/'; p++)
			c.hash = hash_byte(c.hash, (unsigned char)*p);
		c.size = (size_t)(p - c.text);
		if (c.size == 0 || is_dots(c.text, c.size) || (p[0] == '/' && p[1] == '\0'))
			return -EINVAL;
		c.key = folded ? fold_key_of(c.text, c.size, false) : ends_of(&c);
		step(&s, &c);
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

/* Of a component that is plain. */
static bool may_be_odd(const struct matcher *m, const struct component *c)
{
	for (unsigned int i = 0; i < m->odd_count; i++) {
		const struct node *n = &m->nodes[m->odd[i]];

		if (ends_meet(n, c) &&
		    fold_may_match(n->text, n->size, n->kind == PART_GLOB, c->text, c->size))
			return true;
	}
	return false;
}

bool match_may_fold(const struct matcher *m, const char *name)
{
	bool folds = m->folds_all;

	while (*name && !folds) {
		struct component c = { .text = name, .size = strcspn(name, "/") };

		name += c.size + (name[c.size] == '/');
		if (c.size == 0)
			continue;
		c.hash = hash_bytes(c.text, c.size);
		c.key = ends_of(&c);
		folds = !fold_is_plain(c.text, c.size) ||
			m->folds[c.hash / 64 % FOLD_WORDS] >> c.hash % 64 & 1 || may_be_odd(m, &c);
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
