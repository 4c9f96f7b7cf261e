/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the command line gives by name, and where that counts for more than a policy's line.
 *
 * Policies that come with pcall say what is right for most: they hide keys, and give the directory
 * that a command is started in. Who names a path has thought of it, so the name wins over what they
 * take away. And nobody who types a command in the home means all that lies there, so what they
 * give by ${cwd} has to be named if it is the home.
 */
#include "policyc/finish/named.h"

#include <errno.h>
#include <string.h>

#include "common/pattern.h"
#include "judge/judge.h"
#include "judge/verdict.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"
#include "policyc/complain.h"

/* Does this item give a place, and not a pattern's names in it? */
static bool gives_place(const struct line *line, const struct item *item)
{
	const struct pattern *p = &item->real;

	return verb_row(line->rule.verb)->rights && item->kind == ITEM_PATH && item->found &&
	       !item->except && (p->literal == p->count || p->parts[p->literal].kind == PART_DEEP);
}

/* Does it give @path? */
static bool gives(struct policy *policy, const struct line *line, const struct item *item,
		  const char *path)
{
	const char *place = gives_place(line, item)
				    ? pattern_path(&policy->arena, &item->real, item->real.literal)
				    : NULL;

	return place && path_is_in(path, place);
}

static bool is_of_command_line(const struct line *line)
{
	return !line->file && line->rule.line == 0;
}

/* Does the command line give @path, or something above it? */
static bool is_named(struct policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; is_of_command_line(line) && j < line->count; j++)
			if (gives(policy, line, &line->items[j], path))
				return true;
	}
	return false;
}

static const char *precious_in(const struct policy *policy, const char *path)
{
	for (const char *const *p = policy->env.precious; *p; p++)
		if (path_is_in(*p, path))
			return *p;
	return NULL;
}

static int check_line(struct policy *policy, const struct line *line, struct policy_error *error)
{
	const char *cwd = policy->env.cwd, *precious = precious_in(policy, cwd);
	bool named = precious && is_named(policy, cwd);

	for (size_t i = 0; precious && i < line->count; i++) {
		struct item *item = &line->items[i];

		if (!item->at_cwd || !gives(policy, line, item, cwd))
			continue;
		if (!named)
			return line_fail(
				error, -EPERM, line, item,
				"the current directory, %s, is or holds %s, which nothing gives "
				"unasked: start in another, or name what the command may use "
				"(--read PATH)",
				cwd, precious);
		item->found = false;
	}
	return 0;
}

int check_precious(struct policy *policy, struct policy_error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && policy->env.cwd && i < policy->count; i++)
		if (policy->lines[i]->file)
			r = check_line(policy, policy->lines[i], error);
	return r;
}

/* The line of a policy that yields which takes from @path what @line gives it; NULL: there is none.
 */
static struct line *taker(const struct policy *policy, const struct line *line, const char *path)
{
	struct outcome outcome = judge_outcome(policy, path);
	unsigned int rights = verb_row(line->rule.verb)->rights;

	for (int bit = 0; bit < RIGHT_COUNT; bit++) {
		enum decision decision = decision_of(&outcome, bit);
		struct line *by =
			outcome.line[bit] == NO_LINE ? NULL : policy->lines[outcome.line[bit]];

		if (rights >> bit & 1 && by && by->file && by->file->yields &&
		    (by->rule.verb == VERB_HIDE || by->rule.verb == VERB_DENY) &&
		    (decision == DECISION_HIDE || decision == DECISION_DENY))
			return by;
	}
	return NULL;
}

/* @by takes nothing from @item any more. False: no memory, or too many lines with `except`. */
static bool carve_out(struct policy *policy, struct line *by, const struct item *item)
{
	struct item *copy;

	if (by->guard == NO_GUARD) {
		if (policy->guard_count == GUARDS_MAX)
			return false;
		by->guard = policy->guard_count;
		policy->guard_line[policy->guard_count++] = by->index;
	}
	copy = line_item(policy, by, by->count + 1);
	if (!copy)
		return false;
	*copy = *item;
	copy->except = true;
	return true;
}

static bool lift_for(struct policy *policy, const struct line *line, const struct item *item)
{
	const struct pattern *names[] = { &item->pattern,
					  item->followed && !item->tainted ? &item->real : NULL };

	if (!gives_place(line, item) || item->pattern.literal < item->pattern.count ||
	    item->pattern.climbs || !item->found)
		return false;
	for (size_t i = 0; i < 2 && names[i]; i++) {
		char *path = pattern_path(&policy->arena, names[i], names[i]->count);
		struct line *by = path ? taker(policy, line, path) : NULL;

		if (by && carve_out(policy, by, item))
			return true;
	}
	return false;
}

bool lift_one(struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; is_of_command_line(line) && j < line->count; j++)
			if (lift_for(policy, line, &line->items[j]))
				return true;
	}
	return false;
}
