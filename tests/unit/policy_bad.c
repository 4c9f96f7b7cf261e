/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every file of tests/policy-bad is refused, in the right place and in the right words.
 *
 * The first line of each says how: `# expect [FILE:]LINE:COLUMN message | hint`. The message may be
 * a part of what is said, the hint is what is said beneath the caret.
 */
#include "policy_help.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>

#include "common/cleanup.h"

static char folder[PATH_MAX];

struct expected {
	char place[PATH_MAX];
	char message[512];
	char hint[256];
};

static void read_expected(const char *path, const char *name, struct expected *ret)
{
	cleanup_file FILE *f = fopen(path, "re");
	char line[1024] = "", place[256], *bar;
	int at = 0;

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	line[strcspn(line, "\r\n")] = '\0';
	ck_assert_msg(sscanf(line, "# expect %255s %n", place, &at) == 1 && at > 0,
		      "%s expects nothing", name);
	bar = strstr(line + at, " | ");
	snprintf(ret->hint, sizeof(ret->hint), "%s", bar ? bar + 3 : "");
	if (bar)
		*bar = '\0';
	snprintf(ret->message, sizeof(ret->message), "%s", line + at);
	snprintf(ret->place, sizeof(ret->place), "%.2000s/%s%s%s: ", folder,
		 strstr(place, ".policy") ? "" : name, strstr(place, ".policy") ? "" : ":", place);
}

/* The line and the caret under its column, as far as the line is plain. */
static void check_caret(const char *text, const char *place)
{
	const char *line = strchr(text, '\n'), *caret = line ? strchr(line + 1, '\n') : NULL;
	const char *p = place + strlen(place) - strlen(": ");
	int column, at;

	while (p[-1] != ':')
		p--;
	column = atoi(p);
	if (!line || column > 50)
		return;
	ck_assert_msg(caret, "%s", text);
	at = (int)strcspn(caret + 1, "^") - 1;
	ck_assert_msg(at == column, "caret at %d: %s", at, text);
}

static int load(const char *name, struct policy_error *error)
{
	const char *const directories[] = { folder, NULL };
	struct policy_env env = help_env;
	struct policy *policy;
	int r;

	env.directories = directories;
	ck_assert_int_eq(policy_new(&env, &policy), 0);
	r = policy_use(policy, name, error);
	if (r == 0)
		r = policy_finish(policy, error);
	else
		/* nothing runs */
		ck_assert_int_lt(policy_finish(policy, &(struct policy_error){ .text = "" }), 0);
	policy_free(policy);
	return r;
}

START_TEST(bad_policies_are_refused_in_the_right_place_and_words)
{
	cleanup_dir DIR *dir = NULL;
	const struct dirent *entry;
	unsigned int count = 0;

	dir = opendir(folder);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		size_t size = strlen(entry->d_name);
		struct policy_error error = { .text = "" };
		struct expected expected;
		char path[PATH_MAX];

		if (size < 7 || strcmp(entry->d_name + size - 7, ".policy") != 0)
			continue;
		count++;
		snprintf(path, sizeof(path), "%.2000s/%s", folder, entry->d_name);
		read_expected(path, entry->d_name, &expected);
		ck_assert_msg(load(path, &error) < 0, "%s is accepted", entry->d_name);
		ck_assert_msg(strncmp(error.text, expected.place, strlen(expected.place)) == 0,
			      "%s: not at %s: %s", entry->d_name, expected.place, error.text);
		ck_assert_msg(strstr(error.text, expected.message), "%s: not \"%s\": %s",
			      entry->d_name, expected.message, error.text);
		ck_assert_msg(strstr(error.text, expected.hint), "%s: not \"%s\": %s",
			      entry->d_name, expected.hint, error.text);
		check_caret(error.text, expected.place);
		for (const char *p = error.text; *p; p++)
			ck_assert_msg((unsigned char)*p >= ' ' || *p == '\n', "%s", entry->d_name);
	}
	ck_assert_uint_gt(count, 70);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_bad");
	TCase *tcase = test_case(suite, "bad");
	const char *source = getenv("PCALL_SOURCE");

	snprintf(folder, sizeof(folder), "%.2000s/tests/policy-bad", source ? source : ".");
	tcase_add_test(tcase, bad_policies_are_refused_in_the_right_place_and_words);
	return suite;
}
