/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as those read them who embed the library. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "lib/struct_size.h"
#include "supervisor.h"

static int read_policy(const char *name, const char *line, struct sv_error *error)
{
	const char *names[] = { name, NULL }, *lines[] = { line, NULL };
	const char *directories[] = { getenv("PCALL_POLICY_PATH"), NULL };
	const struct sv_policy_source source = {
		.size = sizeof(source),
		.names = names,
		.lines = lines,
		.directories = directories,
		.cwd = "/",
	};
	struct sv_policy *policy = NULL;
	int r = sv_policy_read(&source, &policy, error);

	ck_assert(r < 0 || policy);
	sv_policy_free(policy);
	return r;
}

START_TEST(names_and_lines_make_a_policy)
{
	struct sv_error error;

	ck_assert_int_eq(read_policy("base", "read /srv", &error), 0);
	ck_assert_int_eq(read_policy("base", NULL, &error), 0);
	ck_assert_int_eq(read_policy(NULL, "read /srv", &error), 0);
}
END_TEST

START_TEST(a_policy_that_is_not_there_is_named)
{
	struct sv_error error;

	ck_assert_int_eq(read_policy("nosuch", NULL, &error), -ENOENT);
	ck_assert(strstr(error.text, "nosuch"));
}
END_TEST

START_TEST(a_wrong_line_is_told_with_the_nearest_word)
{
	struct sv_error error;

	ck_assert_int_eq(read_policy(NULL, "raed /srv", &error), -EINVAL);
	ck_assert(strstr(error.text, "read"));
}
END_TEST

START_TEST(a_struct_that_is_too_short_is_refused)
{
	const struct sv_policy_source source = { .size = sizeof(source) - 1 };
	struct sv_policy *policy = NULL;
	struct sv_error error;

	ck_assert_int_eq(sv_policy_read(&source, &policy, &error), -EINVAL);
	ck_assert(strstr(error.text, "another version"));
}
END_TEST

/* A header that comes, and what it has more. */
START_TEST(a_longer_struct_is_taken_if_it_says_no_more)
{
	static const char *const lines[] = { "read /srv", NULL };
	struct {
		struct sv_policy_source known;
		char more[24];
	} source = {
		.known = {.size = sizeof(source), .lines = lines, .cwd = "/"}
	};
	struct sv_policy *policy = NULL;
	struct sv_error error;

	ck_assert_int_eq(sv_policy_read(&source.known, &policy, &error), 0);
	policy = sv_policy_free(policy);
	source.more[sizeof(source.more) - 1] = 1;
	ck_assert_int_eq(sv_policy_read(&source.known, &policy, &error), -E2BIG);
}
END_TEST

/* A field that an older header has not counts as 0, whatever lies behind its struct. */
START_TEST(what_an_older_struct_has_not_is_zero)
{
	struct {
		size_t size;
		int old, new;
	} mine = { .new = 7 };
	const struct {
		size_t size;
		int old, behind;
	} theirs = { .size = sizeof(size_t) + sizeof(int), .old = 5, .behind = 9 };

	ck_assert_int_eq(struct_read(&mine, sizeof(mine), sizeof(size_t), &theirs), 0);
	ck_assert_int_eq(mine.old, 5);
	ck_assert_int_eq(mine.new, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_read");
	TCase *tcase = test_case(suite, "read");

	tcase_add_test(tcase, names_and_lines_make_a_policy);
	tcase_add_test(tcase, a_policy_that_is_not_there_is_named);
	tcase_add_test(tcase, a_wrong_line_is_told_with_the_nearest_word);
	tcase_add_test(tcase, a_struct_that_is_too_short_is_refused);
	tcase_add_test(tcase, a_longer_struct_is_taken_if_it_says_no_more);
	tcase_add_test(tcase, what_an_older_struct_has_not_is_zero);
	return suite;
}
