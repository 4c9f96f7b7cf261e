/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths a command may mean: as execvpe looks for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check_main.h"
#include "scratch.h"
#include "spawn/execpath.h"

/* Directories a, b and c; the program is in b, in c, and in the tree itself. */
static void make_tree(void)
{
	static const char *const directories[] = { "a", "b", "c" }, *const programs[] = {
		"b/prog", "c/prog", "c/last", "prog"
	};

	scratch_make();
	ck_assert_int_eq(chdir(scratch), 0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(mkdir(directories[i], 0700), 0);
	for (size_t i = 0; i < 4; i++)
		close(open(programs[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0700));
}

static void drop_tree(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	scratch_remove();
}

/* Of a PATH in which @ is the tree; the candidates as one text, without it. */
static const char *find(const char *name, const char *path)
{
	static char text[1024];
	char variable[600] = "PATH=", **candidates = NULL;
	const char *envp[] = { "A=B", variable, NULL };
	size_t n = strlen(variable);
	int r;

	for (; *path; path++)
		n += (size_t)(*path == '@' ? sprintf(variable + n, "%s", scratch)
					   : sprintf(variable + n, "%c", *path));
	r = candidates_find(name, envp, &candidates);
	snprintf(text, sizeof(text), "%s", r == -ENOENT ? "none" : "");
	for (size_t i = 0; r == 0 && candidates[i]; i++) {
		size_t skip =
			strncmp(candidates[i], scratch, strlen(scratch)) ? 0 : strlen(scratch);

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			 candidates[i] + skip);
	}
	if (r == 0)
		candidates_free(candidates);
	return text;
}

START_TEST(each_directory_of_the_path_is_looked_through)
{
	ck_assert_str_eq(find("prog", "@/b"), "/b/prog ");
	ck_assert_str_eq(find("prog", "@/a:@/b:@/c"), "/b/prog /c/prog ");
	ck_assert_str_eq(find("last", "@/a:@/b:@/c"), "/c/last ");
	ck_assert_str_eq(find("last", "@/a:@/b:/nowhere:@/c"), "/c/last ");
	/* an empty one is where we stand */
	ck_assert_str_eq(find("prog", ":@/c"), "./prog /c/prog ");
	ck_assert_str_eq(find("prog", "@/a::@/c"), "./prog /c/prog ");
	ck_assert_str_eq(find("none", "@/a:@/b:@/c"), "none");
	ck_assert_str_eq(find("prog", "@/a"), "none");
	ck_assert_str_eq(find("", "@/a:@/b"), "none");
}
END_TEST

START_TEST(name_with_a_slash_is_a_path)
{
	ck_assert_str_eq(find("a/none", "@/b"), "a/none ");
	ck_assert_str_eq(find("./prog", "@/b"), "./prog ");
}
END_TEST

START_TEST(candidates_are_bounded)
{
	static char path[8192] = "PATH=b";
	const char *envp[] = { path, NULL };
	char **candidates;
	size_t count = 0;

	for (int i = 0; i < 1000; i++)
		strcat(path, ":b");
	ck_assert_int_eq(candidates_find("prog", envp, &candidates), 0);
	while (candidates[count])
		count++;
	ck_assert_uint_eq(count, 256);
	candidates_free(candidates);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("spawn");
	TCase *tcase = test_case(suite, "candidates");

	tcase_add_checked_fixture(tcase, make_tree, drop_tree);
	tcase_add_test(tcase, each_directory_of_the_path_is_looked_through);
	tcase_add_test(tcase, name_with_a_slash_is_a_path);
	tcase_add_test(tcase, candidates_are_bounded);
	return suite;
}
