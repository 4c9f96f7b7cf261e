/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finishing: names are resolved once, and compiled.
 *
 * A symbolic link that the policy lets be changed is not followed for what the policy allows: it
 * may have been put there by whoever ran under the policy last, to be let out the next time. Which
 * links these are depends on the rules, and the rules on which links are followed; so we begin with
 * none, and drop the links that turn out to be writable until none is left.
 */
#include "policyc/finish/finish.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/pattern.h"
#include "judge/judge.h"
#include "judge/verdict.h"
#include "policy/binds.h"
#include "policy/compile.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"
#include "policyc/complain.h"
#include "policyc/finish/binds.h"
#include "policyc/finish/check_wx.h"
#include "policyc/finish/named.h"
#include "policyc/finish/resolve.h"

static bool is_name(const struct item *item)
{
	return item->kind == ITEM_PATH || item->kind == ITEM_COMMAND;
}

static int resolve_all(struct policy *policy, struct policy_error *error)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		if (line->rule.verb == VERB_BIND ||
		    (line->rule.verb == VERB_TEST &&
		     (policy->env.ignores_tests || !line_is_run(line))))
			continue;
		for (size_t j = 0; j < line->count; j++) {
			struct item *item = &line->items[j];
			int r = is_name(item) ? resolve_item(policy, item) : 0;

			if (r < 0)
				return r;
			if (item->kind == ITEM_COMMAND && !item->found && line->rule.line == 0)
				return line_fail(error, -ENOENT, line, item,
						 "there is no command \"%s\" in PATH", item->text);
		}
	}
	return 0;
}

/* Has the line names behind `except`? Abstract sockets there are another matter. */
static bool has_name_except(const struct line *line)
{
	for (size_t i = line->count; i-- > 0 && line->items[i].except;)
		if (is_name(&line->items[i]))
			return true;
	return false;
}

/* Numbers the lines with an `except`. */
static int number_guards(struct policy *policy, struct policy_error *error)
{
	policy->guard_line = arena_alloc(&policy->arena, GUARDS_MAX * sizeof(uint16_t));
	if (!policy->guard_line)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++) {
		struct line *line = policy->lines[i];

		if (!has_name_except(line))
			continue;
		if (policy->guard_count == GUARDS_MAX)
			return line_fail(error, -E2BIG, line, NULL,
					 "more than %d lines with \"except\"", GUARDS_MAX);
		line->guard = policy->guard_count;
		policy->guard_line[policy->guard_count++] = (uint16_t)i;
	}
	return 0;
}

/* Does the policy, as it is compiled now, let this name be changed, under any name that it has? */
static bool is_writable(const struct policy *policy, const char *path)
{
	char there[2 * PATH_MAX] __attribute__((uninitialized));
	struct outcome outcome = judge_outcome(policy, path);

	if (judge_verdict(policy, &outcome, RIGHT_WRITE).decision == DECISION_ALLOW)
		return true;
	if (policy->bind_count == 0)
		return false; /* everything has one name */
	if (!resolve_view(policy, path, there, sizeof(there)))
		return true;
	outcome = judge_outcome(policy, there);
	if (judge_verdict(policy, &outcome, RIGHT_WRITE).decision == DECISION_ALLOW)
		return true;
	for (size_t i = 0; i < policy->bind_count; i++)
		if (policy->binds[i].writable && path_is_in(there, policy->binds[i].target))
			return true;
	return false;
}

static const struct link *find_writable(const struct policy *policy, const struct item *item)
{
	const struct link *l = item->followed ? item->links : NULL;

	while (l && !is_writable(policy, l->path))
		l = l->next;
	return l;
}

/* Marks what leads through a link that may be changed. Returns whether there was any more. */
static bool taint(struct policy *policy)
{
	bool more = false;

	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		if (line->rule.verb == VERB_BIND || line->rule.verb == VERB_TEST)
			continue;
		for (size_t j = 0; j < line->count; j++) {
			struct item *item = &line->items[j];

			if (!is_name(item) || item->tainted || !find_writable(policy, item))
				continue;
			item->tainted = true;
			more = true;
		}
	}
	return more;
}

/* A view of a place that the child chose would be anything. */
static int check_bind_targets(const struct policy *policy, struct policy_error *error)
{
	for (size_t i = 0; i < policy->bind_count; i++) {
		const struct line *line = (const struct line *)policy->binds[i].rule;
		const struct link *link;

		for (size_t j = 0; j < 2; j++) {
			link = find_writable(policy, &line->items[j]);
			if (link)
				return line_fail(error, -EPERM, line, &line->items[j],
						 "%s is a symbolic link that the policy lets be "
						 "changed",
						 link->path);
		}
	}
	return 0;
}

/* From the beginning: none is followed, and then those that cannot be changed. */
static int compile_slowly(struct policy *policy)
{
	int r;

	for (size_t i = 0; i < policy->count; i++)
		for (size_t j = 0; j < policy->lines[i]->count; j++)
			policy->lines[i]->items[j].tainted = false;
	r = compile_matcher(policy, false);
	if (r < 0)
		return r;
	taint(policy);
	return compile_matcher(policy, true);
}

/* The more links are followed, the more may be written: if no link may be changed with all of them
 * followed, none may with fewer. Most policies are such, and compiled once. */
static int compile(struct policy *policy, struct policy_error *error)
{
	int r = compile_matcher(policy, true);

	if (r == -E2BIG || (r == 0 && taint(policy)))
		r = compile_slowly(policy);
	while (r == 0 && (taint(policy) || lift_one(policy)))
		r = compile_matcher(policy, true);
	if (r == -E2BIG)
		complain(error, r, &(struct place){ .source = "policy" }, 0, NULL,
			 "more than %d names in all rules", NODE_MAX);
	return r;
}

/* A line of the same rank that sets the variable of this item to something else. */
static const struct line *find_clash(const struct policy *policy, const struct line *line,
				     const struct item *item)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *other = policy->lines[i];

		if (other->rule.verb != VERB_ENV ||
		    (other->rule.line == 0) != (line->rule.line == 0))
			continue;
		for (size_t j = 0; j < other->count; j++)
			if (other->items[j].kind == ITEM_SET &&
			    strcmp(other->items[j].text, item->text) == 0 &&
			    strcmp(other->items[j].value, item->value) != 0)
				return other;
	}
	return NULL;
}

/* One name is set to one value; only the command line may say otherwise. */
static int check_env(const struct policy *policy, struct policy_error *error)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i], *clash;

		for (size_t j = 0; line->rule.verb == VERB_ENV && j < line->count; j++) {
			const struct item *item = &line->items[j];

			clash = item->kind == ITEM_SET ? find_clash(policy, line, item) : NULL;
			if (clash)
				return line_fail(error, -EINVAL, line, item,
						 "%s is set to something else by %s:%u: %s",
						 item->text, clash->rule.source, clash->rule.line,
						 clash->rule.text);
		}
	}
	return 0;
}

static int add_exec_root(struct policy *policy, const struct pattern *pattern,
			 struct policy_error *error)
{
	char *path = pattern_path(&policy->arena, pattern, pattern->literal);
	int r;

	if (!path)
		return -ENOMEM;
	if (policy->sealed) {
		if (is_writable(policy, path))
			return 0;
		r = check_wx(policy, path, error);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < policy->exec_root_count; i++)
		if (strcmp(policy->exec_roots[i], path) == 0)
			return 0;
	policy->exec_roots[policy->exec_root_count++] = path;
	return 0;
}

/* Canonical names only: a link would lead the floor to wherever it points by then. */
static int collect_exec_roots(struct policy *policy, struct policy_error *error)
{
	size_t room = 0;
	int r = 0;

	for (size_t i = 0; i < policy->count; i++)
		if (policy->lines[i]->rule.verb == VERB_EXEC)
			room += policy->lines[i]->count;
	policy->exec_roots = arena_alloc(&policy->arena, (room + 1) * sizeof(char *));
	if (!policy->exec_roots)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		if (line->rule.verb != VERB_EXEC)
			continue;
		for (size_t j = 0; r == 0 && j < line->count; j++)
			if (line->items[j].found && !line->items[j].except &&
			    !line->items[j].tainted)
				r = add_exec_root(policy, &line->items[j].real, error);
	}
	return r;
}

static int finish(struct policy *policy, struct policy_error *error)
{
	int r = check_env(policy, error);

	r = r ? r : finish_binds(policy, error);
	r = r ? r : resolve_all(policy, error);
	r = r ? r : check_precious(policy, error);
	r = r ? r : number_guards(policy, error);
	r = r ? r : compile(policy, error);
	r = r ? r : check_bind_targets(policy, error);
	r = r ? r : collect_exec_roots(policy, error);
	r = r ? r
	      : exec_places(&policy->arena, policy->exec_roots, policy->exec_root_count,
			    policy->binds, policy->bind_count, &policy->exec_places,
			    &policy->exec_place_count);
	r = r ? r : collect_rules(policy);
	if (r < 0)
		return r;
	policy->memo = memo_new();
	return policy->memo ? 0 : -ENOMEM;
}

int policy_finish(struct policy *policy, struct policy_error *error)
{
	int r;

	error->text[0] = '\0';
	if (policy->finished || policy->broken)
		return -EINVAL;
	r = finish(policy, error);
	free(steal_pointer(&policy->resolving));
	policy->finished = r == 0;
	policy->broken = r < 0;
	if (r < 0 && error->text[0] == '\0')
		complain(error, r, &(struct place){ .source = "policy" }, 0, NULL, "%s",
			 strerror(-r));
	return r;
}
