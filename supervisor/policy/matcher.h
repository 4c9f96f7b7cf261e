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

/* How many nodes a matcher may have, and how many `**` among them. */
#define NODE_MAX 16384
#define DEEP_MAX 2048

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

#endif
