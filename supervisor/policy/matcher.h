/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All path patterns of a policy in one automaton.
 *
 * The patterns make a tree: a node is what some pattern has before a component, its edges are the
 * components that may follow. A name is walked from the root, component by component; the nodes
 * that can be reached at once (more than one only where globs are) are the walk's state. A `**` is
 * a node that stays reached for good once it was reached.
 *
 * What a pattern means hangs as an *effect* on its last node, and holds for the name that reaches
 * it and for everything beneath. *Exact* rights hold for that name alone.
 */
#ifndef POLICY_MATCHER_H
#define POLICY_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pattern.h"

#define NO_LINE	 UINT16_MAX
#define NO_GUARD UINT16_MAX

enum effect_kind {
	EFFECT_ALLOW,
	EFFECT_ASK,
	EFFECT_DENY,
	EFFECT_HIDE,
	EFFECT_EXCEPT, /* takes away what its own line allows, or leaves alone what it takes */
};

struct effect {
	uint8_t kind;
	uint8_t rights;
	uint16_t line;
	uint16_t guard; /* number of the line among those with `except`, or NO_GUARD */
};

/* How many nodes a walk may have in its state; more, and nothing is known: the caller refuses. */
#define WALK_MAX 256
/* How many nodes a matcher may have, and how many `**` among them. */
#define NODE_MAX 16384
#define DEEP_MAX 2048

struct walk {
	uint16_t live[WALK_MAX]; /* reached by the last component */
	uint16_t deep[WALK_MAX]; /* `**` reached by any component */
	uint16_t hit[WALK_MAX];	 /* reached by any component, with effects */
	unsigned int live_count;
	unsigned int deep_count;
	unsigned int hit_count;
};

struct matcher;

int matcher_new(struct matcher **ret);
struct matcher *matcher_free(struct matcher *matcher);
/* The texts of the parts must outlive the matcher. Returns 0, -ENOMEM, or -E2BIG: too many. */
int matcher_add(struct matcher *matcher, const struct pattern *pattern,
		const struct effect *effect);
/* Rights on the pattern's names, and on nothing beneath. */
int matcher_add_exact(struct matcher *matcher, const struct pattern *pattern, unsigned int rights,
		      uint16_t line);
/* The same on the root and on the way from there, @count names in all. */
int matcher_add_ancestors(struct matcher *matcher, const struct pattern *pattern, size_t count,
			  unsigned int rights, uint16_t line);
/* After the last pattern, before the first walk. */
int matcher_finish(struct matcher *matcher);

/* Returns 0, -EINVAL for a name that is not canonical, -EOVERFLOW for more state than WALK_MAX. */
int matcher_walk(const struct matcher *matcher, const char *name, struct walk *ret);

/* The same where components are compared as fold.h does: what may be reached. */
int matcher_walk_folded(const struct matcher *matcher, const char *name, struct walk *ret);
/* Can matcher_walk_folded reach anything that matcher_walk does not? In doubt it can. */
bool matcher_may_fold(const struct matcher *matcher, const char *name);

const struct effect *matcher_effects(const struct matcher *matcher, uint16_t node,
				     unsigned int *ret_count);
/* The exact rights of a live node, and whose they are. */
unsigned int matcher_exact(const struct matcher *matcher, uint16_t node, uint16_t *ret_line);
/* May one more component after this node lead to an EFFECT_HIDE or EFFECT_EXCEPT? */
bool matcher_hides_next(const struct matcher *matcher, uint16_t node);
/* Calls @each with every effect that lies strictly beneath a node. */
void matcher_each_beneath(const struct matcher *matcher, uint16_t node,
			  void (*each)(void *data, const struct effect *effect), void *data);

#endif
