/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several levels' policies as one: what a child of a level may do.
 *
 * A level gives its child a policy that speaks of the names that the level itself sees. So a name
 * of the child is judged by the child's own layer; the views of that layer make it a name of the
 * level, which the level's layer judges; and so on, up to the outermost. The worst decision counts,
 * and it comes with the rule that made it, whosever it is. Where a view changed the name, the
 * layer's carve-outs hold for the second name, too. All of this is done once for a name: the
 * joined policy has its own memo.
 *
 * A joined policy holds plain ones only. A layer is left out if an equal one judges the very same
 * names, that is if neither it nor a layer between the two has views. So a tree of levels under one
 * policy costs what one level costs.
 *
 * Names below /proc that are a process's own mean another thing to each who asks. The engine judges
 * them by the name /proc/self, and opens them by their number; so no view may have such a name, and
 * what only a view makes such a name, or makes of one, is hidden: else the name that is judged and
 * the one that is opened could be led to different places.
 */
#include "judge/restrict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "policy/binds.h"
#include "policy/image.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"

/* The layers of any policy; a plain one is its own. */
static const struct layer *layers_of(const struct policy *policy, struct layer *self,
				     size_t *ret_count)
{
	*ret_count = policy->layers ? policy->layer_count : 1;
	*self = (struct layer){ .policy = (struct policy *)policy };
	return policy->layers ? policy->layers : self;
}

/* Does a layer like this one judge the same names as the new one would? */
static bool is_said(const struct layer *layers, size_t count, const struct policy *layer)
{
	if (layer->bind_count > 0)
		return false;
	while (count-- > 0) {
		if (layers[count].policy == layer || policy_equal(layers[count].policy, layer))
			return true;
		if (layers[count].policy->bind_count > 0)
			return false;
	}
	return false;
}

static int copy_layers(const struct policy *outer, const struct policy *layer,
		       struct policy *policy)
{
	struct layer self;
	size_t count, next = 0;
	const struct layer *layers = layers_of(outer, &self, &count);

	if (count == LAYERS_MAX)
		return -E2BIG;
	policy->layers = calloc(count + 1, sizeof(*policy->layers));
	if (!policy->layers)
		return -ENOMEM;
	for (size_t i = 0; i <= count; i++) {
		const struct policy *one = i < count ? layers[i].policy : layer;

		policy->layers[i] = (struct layer){ policy_ref(one), (unsigned int)next };
		policy->layer_count++;
		next += one->count;
	}
	return next < NO_LINE ? 0 : -E2BIG;
}

static char *put_string(char **at, const char *string)
{
	size_t size = strlen(string) + 1;
	char *put = memcpy(*at, string, size);

	*at += size;
	return put;
}

/* Takes over what was found out, in one piece of memory of its own. */
static int keep_strings(struct policy *policy, const struct policy_bind *binds, size_t bind_count,
			const char *const *places, size_t place_count)
{
	size_t size = bind_count * sizeof(*binds) + place_count * sizeof(*places) + 1;
	struct policy_bind *own;
	const char **own_places;
	char *at;

	for (size_t i = 0; i < bind_count; i++)
		size += strlen(binds[i].name) + strlen(binds[i].target) + 2;
	for (size_t i = 0; i < place_count; i++)
		size += strlen(places[i]) + 1;
	policy->strings = malloc(size);
	if (!policy->strings)
		return -ENOMEM;
	own = (struct policy_bind *)(void *)policy->strings;
	own_places = (const char **)(void *)(own + bind_count);
	at = (char *)(own_places + place_count);
	for (size_t i = 0; i < bind_count; i++) {
		own[i] = binds[i];
		own[i].name = put_string(&at, binds[i].name);
		own[i].target = put_string(&at, binds[i].target);
	}
	for (size_t i = 0; i < place_count; i++)
		own_places[i] = put_string(&at, places[i]);
	policy->binds = own;
	policy->bind_count = bind_count;
	policy->exec_places = own_places;
	policy->exec_place_count = place_count;
	return 0;
}

/* The outer policy's places and the new layer's, which its views and those outside lead to. */
static int common_places(struct arena *arena, const struct policy *outer,
			 const struct policy *layer, const struct policy_bind *binds,
			 size_t bind_count, const char ***ret, size_t *ret_count)
{
	const char *const *places;
	const char **a, **b, **both;
	size_t a_count = outer->exec_place_count, count;
	int r = exec_places(arena, layer->exec_roots, layer->exec_root_count, binds, bind_count,
			    &places, &count);

	if (r < 0)
		return r;
	a = arena_alloc(arena, (a_count + 1) * sizeof(*a));
	b = arena_alloc(arena, (count + 1) * sizeof(*b));
	both = arena_alloc(arena, (a_count + count + 1) * sizeof(*both));
	if (!a || !b || !both)
		return -ENOMEM;
	if (a_count)
		memcpy(a, outer->exec_places, a_count * sizeof(*a));
	if (count)
		memcpy(b, places, count * sizeof(*b));
	a_count = places_normalise(a, a_count);
	count = places_normalise(b, count);
	*ret_count = places_intersect(a, a_count, b, count, both);
	*ret = both;
	return 0;
}

static int join_views(struct policy *policy, const struct policy *outer, const struct policy *layer)
{
	struct policy_bind *binds = outer->binds;
	size_t bind_count = outer->bind_count, place_count;
	struct arena arena = { 0 };
	const char **places;
	int r = 0;

	if (layer->bind_count > 0)
		r = binds_compose(&arena, layer->binds, layer->bind_count, outer->binds,
				  outer->bind_count, &binds, &bind_count);
	r = r ? r : common_places(&arena, outer, layer, binds, bind_count, &places, &place_count);
	r = r ? r : keep_strings(policy, binds, bind_count, places, place_count);
	arena_deinit(&arena);
	return r;
}

/* One more plain layer inside of a policy. */
static int join_layer(const struct policy *outer, const struct policy *layer, struct policy **ret)
{
	struct policy *policy;
	int r;

	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return -ENOMEM;
	r = copy_layers(outer, layer, policy);
	r = r ? r : join_views(policy, outer, layer);
	if (r == 0) {
		policy->memo = memo_new();
		r = policy->memo ? 0 : -ENOMEM;
	}
	if (r < 0) {
		policy_free(policy);
		return r;
	}
	policy->finished = true;
	*ret = policy;
	return 0;
}

static bool binds_process(const struct policy *policy)
{
	for (size_t i = 0; i < policy->bind_count; i++)
		if (name_is_of_process(policy->binds[i].name))
			return true;
	return false;
}

int policy_join(const struct policy *outer, const struct policy *inner, struct policy **ret)
{
	struct layer inner_self, outer_self;
	size_t inner_count, outer_count;
	const struct layer *inner_layers = layers_of(inner, &inner_self, &inner_count);
	struct policy *joined, *next;
	int r = 0;

	if (!outer->finished || !inner->finished)
		return -EINVAL;
	if ((!outer->layers && binds_process(outer)) || (!inner->layers && binds_process(inner)))
		return -EINVAL;
	joined = policy_ref(outer);
	for (size_t i = 0; r == 0 && i < inner_count; i++) {
		const struct layer *layers = layers_of(joined, &outer_self, &outer_count);

		if (is_said(layers, outer_count, inner_layers[i].policy))
			continue;
		r = join_layer(joined, inner_layers[i].policy, &next);
		if (r < 0)
			break;
		policy_free(joined);
		joined = next;
	}
	if (r < 0) {
		policy_free(joined);
		return r;
	}
	*ret = joined;
	return 0;
}
