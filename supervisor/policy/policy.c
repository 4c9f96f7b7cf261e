/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a policy: files and lines go in, questions about single lines come out. */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/glob.h"
#include "policy/binds.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/verbs.h"

static int copy_string(struct policy *policy, const char *from, const char **ret)
{
	*ret = from ? arena_copy(&policy->arena, from, strlen(from)) : NULL;
	return from && !*ret ? -ENOMEM : 0;
}

static int copy_strings(struct policy *policy, const char *const *from, const char *const **ret)
{
	size_t count = 0;
	const char **copy;
	int r = 0;

	while (from && from[count])
		count++;
	copy = arena_alloc(&policy->arena, (count + 1) * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = copy_string(policy, from[i], &copy[i]);
	*ret = copy;
	return r;
}

static int copy_env(struct policy *policy, const struct policy_env *env)
{
	int r = copy_string(policy, env->cwd, &policy->env.cwd);

	policy->env.ignores_tests = env->ignores_tests;
	policy->env.witness = env->witness;
	r = r ? r : copy_string(policy, env->home, &policy->env.home);
	r = r ? r : copy_string(policy, env->tmp, &policy->env.tmp);
	r = r ? r : copy_string(policy, env->cache, &policy->env.cache);
	r = r ? r : copy_string(policy, env->path, &policy->env.path);
	r = r ? r : copy_strings(policy, env->environment, &policy->env.environment);
	r = r ? r : copy_strings(policy, env->precious, &policy->env.precious);
	r = r ? r : copy_strings(policy, env->yielding, &policy->env.yielding);
	return r ? r : copy_strings(policy, env->directories, &policy->env.directories);
}

int policy_new(const struct policy_env *env, struct policy **ret)
{
	const char *const absolute[] = { env->cwd, env->home, env->tmp, env->cache };
	struct policy *policy;
	int r;

	for (size_t i = 0; i < array_size(absolute); i++)
		if (absolute[i] && absolute[i][0] != '/')
			return -EINVAL;
	policy = calloc(1, sizeof(*policy));
	if (!policy)
		return -ENOMEM;
	r = copy_env(policy, env);
	if (r < 0) {
		policy_free(policy);
		return r;
	}
	*ret = policy;
	return 0;
}

struct policy *policy_free(struct policy *policy)
{
	/* A release, so that what others did with it is over when the last one frees. */
	if (!policy || atomic_fetch_sub_explicit(&policy->references, 1, memory_order_acq_rel) > 0)
		return NULL;
	for (size_t i = 0; i < policy->layer_count; i++)
		policy_free(policy->layers[i].policy);
	free(policy->layers);
	free(policy->strings);
	matcher_free(policy->matcher);
	memo_free(policy->memo);
	free(policy->resolving);
	free(policy->lines);
	free(policy->files);
	arena_deinit(&policy->arena);
	free(policy);
	return NULL;
}

struct policy *policy_ref(const struct policy *policy)
{
	struct policy *shared =
		(struct policy *)policy; /* nothing that judges looks at the count */

	atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

const struct policy *policy_innermost(const struct policy *policy)
{
	return policy->layers ? policy->layers[policy->layer_count - 1].policy : policy;
}

static const struct rule *rule_of_layers(const struct policy *policy, uint16_t line)
{
	size_t low = 0, high = policy->layer_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (policy->layers[middle].first <= line)
			low = middle;
		else
			high = middle;
	}
	return &policy->layers[low].policy->lines[line - policy->layers[low].first]->rule;
}

const struct rule *policy_rule_at(const struct policy *policy, uint16_t line)
{
	if (line == NO_LINE)
		return NULL;
	return policy->layers ? rule_of_layers(policy, line) : &policy->lines[line]->rule;
}

bool policy_uses(const struct policy *policy, const char *variable)
{
	for (size_t i = 0; i < policy->layer_count; i++)
		if (policy_uses(policy->layers[i].policy, variable))
			return true;
	for (size_t i = 0; i < policy->count; i++)
		if (policy->lines[i]->rule.verb != VERB_TEST &&
		    strstr(policy->lines[i]->rule.text, variable))
			return true;
	return false;
}

bool policy_has(const struct policy *policy, enum verb verb)
{
	for (size_t i = 0; i < policy->layer_count; i++)
		if (policy_has(policy->layers[i].policy, verb))
			return true;
	for (size_t i = 0; i < policy->count; i++)
		if (policy->lines[i]->rule.verb == verb)
			return true;
	return false;
}

bool policy_each_has(const struct policy *policy, enum verb verb, enum verb or_verb)
{
	for (size_t i = 0; i < policy->layer_count; i++)
		if (!policy_each_has(policy->layers[i].policy, verb, or_verb))
			return false;
	return policy->layers || policy_has(policy, verb) || policy_has(policy, or_verb);
}

const struct policy_bind *policy_binds(const struct policy *policy, size_t *ret_count)
{
	*ret_count = policy->bind_count;
	return policy->binds;
}

const struct rule *policy_sealed(const struct policy *policy)
{
	for (size_t i = policy->layer_count; i-- > 0;)
		if (policy->layers[i].policy->sealed)
			return &policy->layers[i].policy->sealed->rule;
	return policy->sealed ? &policy->sealed->rule : NULL;
}

const char *const *policy_exec_roots(const struct policy *policy, size_t *ret_count)
{
	policy = policy_innermost(policy);
	*ret_count = policy->exec_root_count;
	return policy->exec_roots;
}

const char *const *policy_exec_places(const struct policy *policy, size_t *ret_count)
{
	*ret_count = policy->exec_place_count;
	return policy->exec_places;
}

uint64_t policy_limit(const struct policy *policy, enum limit limit)
{
	uint64_t least = 0;

	for (size_t i = 0; i < policy->layer_count; i++) {
		uint64_t one = policy_limit(policy->layers[i].policy, limit);

		if (one > 0 && (least == 0 || one < least))
			least = one;
	}
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; line->rule.verb == VERB_LIMIT && j < line->count; j++)
			if (line->items[j].limit == limit &&
			    (least == 0 || line->items[j].number < least))
				least = line->items[j].number;
	}
	return least;
}

/* The value that an `env set` line gives; those of the command line win. */
static const char *env_value(const struct policy *policy, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; line->rule.verb == VERB_ENV && j < line->count; j++)
			if (line->items[j].kind == ITEM_SET &&
			    strcmp(line->items[j].text, name) == 0 &&
			    (!value || line->rule.line == 0))
				value = line->items[j].value;
	}
	return value;
}

/* A level passes on what it likes of what it got, so the innermost layer's word is enough. */
bool policy_env_keep(const struct policy *policy, const char *name, const char **ret_value)
{
	policy = policy_innermost(policy);
	*ret_value = env_value(policy, name);
	if (*ret_value)
		return true;
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; line->rule.verb == VERB_ENV && j < line->count; j++)
			if (line->items[j].kind == ITEM_NAME &&
			    glob_match(line->items[j].text, strlen(line->items[j].text), name,
				       strlen(name)))
				return true;
	}
	return false;
}

/* Did a line before this item set the same variable? */
static bool set_before(const struct policy *policy, size_t i, size_t j)
{
	const char *name = policy->lines[i]->items[j].text;

	for (size_t k = 0; k <= i; k++) {
		const struct line *line = policy->lines[k];

		for (size_t l = 0; line->rule.verb == VERB_ENV && l < (k < i ? line->count : j);
		     l++)
			if (line->items[l].kind == ITEM_SET &&
			    strcmp(line->items[l].text, name) == 0)
				return true;
	}
	return false;
}

void policy_each_env_set(const struct policy *policy,
			 void (*each)(void *data, const char *name, const char *value), void *data)
{
	policy = policy_innermost(policy);
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; line->rule.verb == VERB_ENV && j < line->count; j++)
			if (line->items[j].kind == ITEM_SET && !set_before(policy, i, j))
				each(data, line->items[j].text,
				     env_value(policy, line->items[j].text));
	}
}

const struct rule *const *policy_rules(const struct policy *policy, size_t *ret_count)
{
	policy = policy_innermost(policy);
	*ret_count = policy->rule_count;
	return policy->rules;
}

const char *policy_about(const struct policy *policy)
{
	return policy_innermost(policy)->about;
}

size_t policy_layers(const struct policy *policy)
{
	return policy->layers ? policy->layer_count : 1;
}

bool rule_takes_away(const struct rule *rule)
{
	return rule && !verb_row(rule->verb)->rights;
}
