/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of policies share: policies made from lines, in a world that does not change. */
#ifndef TESTS_POLICY_HELP_H
#define TESTS_POLICY_HELP_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "judge/verdict.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"

static const char *const help_environment[] = { "SOCKETS=/run/user/7", "ODD=/a*b",
						"EMPTY=", "RELATIVE=x/y", NULL };
static const char *const help_directories[] = { "/nonexistent/pcall", NULL };

/* Names that exist nowhere, so that no link of this machine plays a part. */
static const struct policy_env help_env = {
	.cwd = "/w/proj",
	.home = "/h/me",
	.tmp = "/t/tmp",
	.cache = "/t/cache",
	.path = "/usr/bin:/bin",
	.environment = help_environment,
	.directories = help_directories,
};

/* Makes a policy of lines, an array that ends with NULL; fails the test if one is wrong. */
static inline struct policy *help_policy_of(const struct policy_env *env, const char *const *lines)
{
	struct policy_error error = { .text = "" };
	struct policy *policy;

	ck_assert_int_eq(policy_new(env, &policy), 0);
	for (; *lines; lines++)
		ck_assert_msg(policy_line(policy, "test", *lines, &error) == 0, "%s", error.text);
	ck_assert_msg(policy_finish(policy, &error) == 0, "%s", error.text);
	return policy;
}

/* The same of lines that are each ended by \n. */
static inline struct policy *help_policy_in(const struct policy_env *env, const char *lines)
{
	struct policy_error error = { .text = "" };
	struct policy *policy;
	char line[8192];

	ck_assert_int_eq(policy_new(env, &policy), 0);
	for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		ck_assert(n < sizeof(line));
		memcpy(line, lines, n);
		line[n] = '\0';
		ck_assert_msg(policy_line(policy, "test", line, &error) == 0, "%s", error.text);
	}
	ck_assert_msg(policy_finish(policy, &error) == 0, "%s", error.text);
	return policy;
}

static inline struct policy *help_policy(const char *lines)
{
	return help_policy_in(&help_env, lines);
}

/* The complaint about a line, which must be wrong, or about finishing it. */
static inline const char *help_error(const char *line, struct policy_error *error)
{
	struct policy *policy;
	int r;

	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	r = policy_line(policy, "test", line, error);
	if (r == 0)
		r = policy_finish(policy, error);
	ck_assert_msg(r < 0, "accepted: %s", line);
	ck_assert_int_lt(policy_finish(policy, &(struct policy_error){ .text = "" }), 0);
	policy_free(policy);
	return error->text;
}

static inline enum decision help_judge(const struct policy *policy, const char *name,
				       unsigned int want)
{
	return policy_judge(policy, name, want).decision;
}

#endif
