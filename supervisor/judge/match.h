/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a matcher knows of a name: the walk, and what hangs where it leads. */
#ifndef JUDGE_MATCH_H
#define JUDGE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/matcher.h"

/* How many nodes a walk may have in its state; more, and nothing is known: the caller refuses. */
#define WALK_MAX 256
struct match {
	uint16_t live[WALK_MAX]; /* reached by the last component */
	uint16_t deep[WALK_MAX]; /* `**` reached by any component */
	uint16_t hit[WALK_MAX];	 /* reached by any component, with effects */
	unsigned int live_count;
	unsigned int deep_count;
	unsigned int hit_count;
};

/* Returns 0, -EINVAL for a name that is not canonical, -EOVERFLOW for more state than WALK_MAX. */
int match_walk(const struct matcher *matcher, const char *name, struct match *ret);

/* The same where components are compared as fold.h does: what may be reached. */
int match_walk_folded(const struct matcher *matcher, const char *name, struct match *ret);
/* Can match_walk_folded reach anything that match_walk does not? In doubt it can. */
bool match_may_fold(const struct matcher *matcher, const char *name);

const struct effect *match_effects(const struct matcher *matcher, uint16_t node,
				   unsigned int *ret_count);
/* The exact rights of a live node, and whose they are. */
unsigned int match_exact(const struct matcher *matcher, uint16_t node, uint16_t *ret_line);
/* May one more component after this node lead to an EFFECT_HIDE or EFFECT_EXCEPT? */
bool match_hides_next(const struct matcher *matcher, uint16_t node);
/* Calls @each with every effect that lies strictly beneath a node. */
void match_each_beneath(const struct matcher *matcher, uint16_t node,
			void (*each)(void *data, const struct effect *effect), void *data);

#endif
