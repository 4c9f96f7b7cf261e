/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Views of views, and where the floor is. */
#ifndef POLICY_BINDS_H
#define POLICY_BINDS_H

#include <stdbool.h>

#include "common/arena.h"
#include "policy/policy.h"

/* The longest name first. */
void binds_sort(struct policy_bind *binds, size_t count);
/* What a name means one level up by the views of a plain policy, the longest name first. False: too
 * long. */
bool resolve_view(const struct policy *policy, const char *path, char *ret, size_t size);
/* The real places below which a plain policy's roots lie, in the arena. */
int exec_places(struct arena *arena, const char *const *roots, size_t root_count,
		const struct policy_bind *binds, size_t bind_count, const char *const **ret,
		size_t *ret_count);
/* Drops what lies below another, in place, and sorts. Returns how many are left. */
size_t places_normalise(const char **places, size_t count);
/* What two normalised lists have in common; @ret has room for both. */
size_t places_intersect(const char *const *a, size_t a_count, const char *const *b, size_t b_count,
			const char **ret);
/* The views @inner, of names that the views @outer lead further. Returns 0, -E2BIG,
 * -ENAMETOOLONG or -ENOMEM. */
int binds_compose(struct arena *arena, const struct policy_bind *inner, size_t inner_count,
		  const struct policy_bind *outer, size_t outer_count, struct policy_bind **ret,
		  size_t *ret_count);
/* Is it, or is it below, what /proc has of one process? */
bool name_is_of_process(const char *name);

#endif
