/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Views: a name of the child, and the place one level up that it means. */
#include "policyc/finish/binds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/pattern.h"
#include "policy/binds.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"
#include "policyc/complain.h"
#include "policyc/finish/resolve.h"
#include "policyc/disk/witness.h"

/* What lies in ${tmp} is made by who starts the command, after the policy is read. */
static bool is_private(const struct policy *policy, const struct item *target)
{
	for (size_t i = 0; i < target->pattern.count; i++)
		if (target->pattern.parts[i].kind == PART_UP)
			return false;
	return policy->env.tmp && path_is_in(target->text, policy->env.tmp);
}

static int finish_bind(struct policy *policy, struct line *line, struct policy_bind *ret,
		       struct policy_error *error)
{
	struct item *name = &line->items[0], *target = &line->items[1];
	struct stat st;
	int r;

	r = resolve_item(policy, target);
	if (r == 0) {
		ret->target = pattern_path(&policy->arena, &target->real, target->real.count);
		r = ret->target ? 0 : -ENOMEM;
	}
	if (r < 0)
		return r;
	if (!target->found || (witness_stat(policy->env.witness, ret->target, &st) < 0 &&
			       !(errno == ENOENT && is_private(policy, target))))
		return line_fail(error, -ENOENT, line, target, "there is no %s to be seen here",
				 target->text);
	/* The name itself may be a link, or nothing: it means the target all the same. */
	if (name->pattern.parts[name->pattern.count - 1].kind == PART_UP)
		return line_fail(error, -EINVAL, line, name, "this name must not end in ..");
	name->found = !name->pattern.climbs;
	name->real = name->pattern;
	r = resolve_parts(policy, name, name->pattern.count - 1);
	if (r < 0)
		return r;
	if (!name->found)
		return line_fail(error, -EINVAL, line, name, "this name leads nowhere");
	ret->name = pattern_path(&policy->arena, &name->real, name->real.count);
	ret->writable = line->writable;
	ret->rule = &line->rule;
	return ret->name ? 0 : -ENOMEM;
}

int finish_binds(struct policy *policy, struct policy_error *error)
{
	struct policy_bind *binds = arena_alloc(&policy->arena, policy->count * sizeof(*binds));
	size_t count = 0;

	if (!binds)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++) {
		int r;

		if (policy->lines[i]->rule.verb != VERB_BIND)
			continue;
		r = finish_bind(policy, policy->lines[i], &binds[count], error);
		if (r < 0)
			return r;
		count++;
	}
	if (count == 0)
		return 0;
	if (count > BINDS_MAX)
		return line_fail(error, -E2BIG, (const struct line *)binds[BINDS_MAX].rule, NULL,
				 "more than %d views", BINDS_MAX);
	binds_sort(binds, count);
	for (size_t i = 1; i < count; i++)
		if (strcmp(binds[i - 1].name, binds[i].name) == 0) {
			const struct line *line = (const struct line *)binds[i].rule;

			return line_fail(error, -EINVAL, line, &line->items[0], "%s is bound twice",
					 binds[i].name);
		}
	policy->binds = binds;
	policy->bind_count = count;
	return 0;
}
