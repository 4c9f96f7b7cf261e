/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What finishing finds on the disk: symbolic links, commands, views. */
#include "policy_help.h"
#include "scratch.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

static char text[65536];

/* Replaces every % by the directory of this test. */
static const char *here(const char *format)
{
	static char buffers[4][sizeof(text)];
	static unsigned int turn;
	char *out = buffers[turn++ % 4];
	size_t n = 0;

	for (; *format; format++) {
		if (*format == '%')
			n += (size_t)sprintf(out + n, "%s", scratch);
		else
			out[n++] = *format;
	}
	out[n] = '\0';
	return out;
}

static void make_dir(const char *name)
{
	ck_assert_int_eq(mkdir(here(name), 0755), 0);
}

static void make_file(const char *name, mode_t mode)
{
	int fd = open(here(name), O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void make_link(const char *name, const char *target)
{
	ck_assert_int_eq(symlink(here(target), here(name)), 0);
}

static void world_make(void)
{
	scratch_make();
	make_dir("%/bin");
	make_dir("%/data");
	make_dir("%/data/sub");
	make_dir("%/home");
	make_dir("%/proj");
	make_file("%/bin/tool-1", 0755);
	make_file("%/bin/notes", 0644);
	make_file("%/data/sub/file", 0644);
}

static struct policy *make_from(const char *lines)
{
	struct policy_env env = help_env;
	struct policy *policy;
	char cwd[PATH_MAX + 8], path[2 * PATH_MAX + 64];

	snprintf(cwd, sizeof(cwd), "%s/proj", scratch);
	snprintf(path, sizeof(path), "relative::%s/none:%s/bin", scratch, scratch);
	env.cwd = cwd;
	env.path = path;
	policy = help_policy_in(&env, here(lines));
	return policy;
}

static unsigned int rights(const struct policy *policy, const char *name)
{
	return policy_rights(policy, here(name));
}

enum {
	READ = RIGHT_STAT | RIGHT_LIST | RIGHT_READ,
	WRITE = READ | RIGHT_WRITE,
	EXEC = READ | RIGHT_EXEC,
};

/* A policy of these lines gives these rights: { name, rights } each. */
struct given {
	const char *name;
	unsigned int rights;
};

static void gives(const char *lines, const struct given *given, size_t count)
{
	struct policy *policy = make_from(lines);

	for (size_t i = 0; i < count; i++)
		ck_assert_msg(rights(policy, given[i].name) == given[i].rights, "%s: %s: %#x",
			      lines, given[i].name, rights(policy, given[i].name));
	policy_free(policy);
}

#define GIVES(lines, ...)                                   \
	gives(lines, (const struct given[]){ __VA_ARGS__ }, \
	      sizeof((const struct given[]){ __VA_ARGS__ }) / sizeof(struct given))

START_TEST(seal_follows_links_of_what_is_allowed)
{
	make_link("%/d", "data");
	make_link("%/data/up", "../home");
	GIVES("read %/d/sub\nread %/d/up/x", { "%/data/sub/file", READ }, { "%/d/sub", READ },
	      { "%/d", RIGHT_STAT }, { "%/data", RIGHT_STAT }, { "%/data/up", RIGHT_STAT },
	      { "%/home/x", READ }, { "%/home", RIGHT_STAT }, { "%/data/other", 0 });
}
END_TEST

START_TEST(seal_follows_links_before_globs)
{
	make_link("%/d", "%/data");
	GIVES("read %/d/*/file", { "%/data/sub/file", READ }, { "%/data/sub", 0 },
	      { "%/data", RIGHT_STAT });
}
END_TEST

START_TEST(seal_follows_links_of_carve_outs_too)
{
	struct policy *policy;

	make_link("%/home/.ssh", "%/data/sub");
	policy = make_from("write %\nhide %/home/.ssh");
	ck_assert_int_eq(help_judge(policy, here("%/data/sub/file"), RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(help_judge(policy, here("%/home/.ssh"), RIGHT_STAT), DECISION_HIDE);
	policy_free(policy);
	GIVES("read % except %/home/.ssh", { "%/data/sub/file", 0 });
	GIVES("write %\ndeny write %/home/.ssh/../x", { "%/data/x", READ }, { "%/home/x", READ });
}
END_TEST

START_TEST(seal_does_not_follow_a_link_that_the_policy_lets_be_changed)
{
	/* somebody ran under this policy and made the link, to be let out now */
	make_link("%/proj/out", "%/home");
	GIVES("write %/proj/out", { "%/proj/out/x", WRITE }, { "%/home/x", 0 });
	GIVES("write %/proj\nread %/proj/out", { "%/home/x", 0 });
	GIVES("write %/proj except %/proj/out\nread %/proj/out", { "%/home/x", READ });
}
END_TEST

START_TEST(seal_does_not_follow_a_link_that_another_link_makes_changeable)
{
	make_link("%/d", "%/data");
	make_link("%/data/sub/out", "%/home");
	GIVES("write %/d/sub\nread %/data/sub/out", { "%/data/sub", WRITE }, { "%/home/x", 0 });
}
END_TEST

START_TEST(seal_a_planted_link_spoils_no_other_rule)
{
	make_link("%/proj/out", "/");
	make_link("%/d", "%/data");
	GIVES("write %/proj/out\nread %/d", { "%/data/sub", READ }, { "/etc", 0 });
}
END_TEST

START_TEST(seal_dots_are_what_the_kernel_makes_of_them)
{
	make_link("%/home/d", "%/data/sub");
	GIVES("read %/home/d/../x", { "%/data/x", READ }, { "%/home/x", 0 });
	GIVES("read ../data", { "%/data/x", READ });
}
END_TEST

START_TEST(seal_links_in_a_circle_lead_nowhere)
{
	make_link("%/a", "b");
	make_link("%/b", "a");
	GIVES("read %/a/x\nwrite %/a/../home", { "%/a/x", READ }, { "%/home", 0 });
}
END_TEST

START_TEST(seal_leaves_the_childs_own_proc_alone)
{
	GIVES("read /proc/self/fd /proc/mounts", { "/proc/self/fd/0", READ },
	      { "/proc/self/mounts", READ }, { "/proc/mounts", READ }, { "/proc/self/environ", 0 });
}
END_TEST

START_TEST(seal_pins_commands)
{
	const char *const *roots;
	struct policy *policy;
	size_t count;

	make_link("%/bin/tool", "tool-1");
	policy = make_from("exec %/bin/none");
	policy_free(policy);
	policy = make_from("exec tool");
	ck_assert_uint_eq(rights(policy, "%/bin/tool-1"), EXEC);
	ck_assert_uint_eq(rights(policy, "%/bin/tool") & ~(unsigned int)READ, RIGHT_EXEC);
	ck_assert_uint_eq(rights(policy, "%/bin/notes"), 0);
	ck_assert_uint_eq(rights(policy, "%/bin"), RIGHT_STAT);
	roots = policy_exec_roots(policy, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(roots[0], here("%/bin/tool-1"));
	policy_free(policy);
}
END_TEST

START_TEST(seal_a_command_that_is_missing_is_an_error_on_the_command_line_only)
{
	struct policy_error error;
	const char *file = here("%/p.policy");
	struct policy *policy;
	FILE *f = fopen(file, "we");

	fputs("policy 1\nexec no-such-command notes\n", f);
	fclose(f);
	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	ck_assert_int_eq(policy_use(policy, file, &error), 0);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	policy_free(policy);
	ck_assert_ptr_nonnull(strstr(help_error("exec no-such-command", &error),
				     "there is no command \"no-such-command\" in PATH"));
}
END_TEST

START_TEST(seal_exec_roots_are_where_rules_begin)
{
	static const char *const expected[] = { "%/data", "%/proj", "/", "%/bin/tool-1" };
	const char *const *roots;
	struct policy *policy;
	size_t count;

	make_link("%/d", "data");
	policy = make_from("exec %/d . **/run %/bin/tool-1\nread /etc");
	roots = policy_exec_roots(policy, &count);
	ck_assert_uint_eq(count, array_size(expected));
	for (size_t i = 0; i < count; i++)
		ck_assert_str_eq(roots[i], here(expected[i]));
	policy_free(policy);
}
END_TEST

/* The floor of a sealed child: what may be written is no place to run from, under any name. */
START_TEST(sealed_roots_are_apart_from_what_is_written)
{
	const char *const *roots;
	struct policy *policy;
	size_t count;

	policy = make_from(
		"sealed\nexec %/bin/tool-1 %/data/sub %/home\nwrite %/data %/pro*/x /proc "
		"/sys/x\nbind /view %/home rw");
	roots = policy_exec_roots(policy, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(roots[0], here("%/bin/tool-1"));
	ck_assert_uint_eq(rights(policy, "%/data/sub") & RIGHT_EXEC, 0);
	ck_assert_uint_eq(rights(policy, "%/bin/tool-1"), EXEC);
	ck_assert_str_eq(policy_judge(policy, here("%/data/sub/x"), RIGHT_EXEC).rule->text,
			 "sealed");
	policy_free(policy);
	policy = make_from("exec %/data\nwrite %/data");
	ck_assert_uint_eq(rights(policy, "%/data") & RIGHT_EXEC, RIGHT_EXEC);
	ck_assert_ptr_null(policy_sealed(policy));
	policy_free(policy);
}
END_TEST

START_TEST(sealed_that_is_not_apart_is_refused)
{
	static const struct {
		const char *exec, *write;
	} cases[] = {
		{"exec %/data",	 "write %/data/sub"	    },
		{ "exec %/data",	 "write %/*/sub/x"	   },
		{ "exec %/data/*.x", "write %/data/y"	      },
		{ "exec %/data",	 "write **/x"	      },
		{ "exec /",	    "write %/data"		   },
		{ "exec %/data",	 "bind /view %/data/sub rw"},
		{ "exec %/data",	 "write %/link/sub"	    },
	};
	struct policy_error error;
	struct policy *policy;

	make_link("%/link", "data");
	for (size_t i = 0; i < array_size(cases); i++) {
		ck_assert_int_eq(policy_new(&help_env, &policy), 0);
		ck_assert_int_eq(policy_line(policy, "test", "sealed", &error), 0);
		ck_assert_int_eq(policy_line(policy, "test", here(cases[i].exec), &error), 0);
		ck_assert_int_eq(policy_line(policy, "test", here(cases[i].write), &error), 0);
		ck_assert_msg(policy_finish(policy, &error) == -EINVAL, "%s", cases[i].write);
		ck_assert_ptr_nonnull(strstr(error.text, "keeps what is written apart"));
		ck_assert_ptr_nonnull(strstr(error.text, here(cases[i].write)));
		policy_free(policy);
	}
}
END_TEST

START_TEST(sealed_memory_files_are_not_written)
{
	static const char *const names[] = { "/proc/self/mem", "/proc/thread-self/mem",
					     "/proc/self/task/7/mem" };
	struct policy *policy = make_from("sealed\nwrite /proc");

	for (size_t i = 0; i < array_size(names); i++)
		ck_assert_uint_eq(policy_rights(policy, names[i]), READ);
	ck_assert_uint_eq(policy_rights(policy, "/proc/self/oom_score_adj"), WRITE);
	policy_free(policy);
}
END_TEST

START_TEST(seal_views_are_told_longest_first)
{
	const struct policy_bind *binds;
	struct policy *policy;
	size_t count;

	make_link("%/d", "data");
	policy = make_from("bind /view %/d/sub\nbind /view/inner/deep %/home rw\nwrite /view");
	binds = policy_binds(policy, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(binds[0].name, "/view/inner/deep");
	ck_assert_str_eq(binds[0].target, here("%/home"));
	ck_assert(binds[0].writable);
	ck_assert_str_eq(binds[1].name, "/view");
	ck_assert_str_eq(binds[1].target, here("%/data/sub"));
	ck_assert(!binds[1].writable);
	ck_assert_ptr_nonnull(binds[1].rule);
	ck_assert_uint_eq(policy_rights(policy, "/view/file"), READ);
	ck_assert_uint_eq(rights(policy, "%/data/sub/file"), 0);
	policy_free(policy);
	GIVES("bind /view %/home rw", { "/view/file", WRITE });
}
END_TEST

START_TEST(seal_rules_about_bound_names_see_through_the_view)
{
	struct policy *policy;

	make_link("%/data/here", "sub");
	policy = make_from("bind /view %/data\nhide /view/here");
	ck_assert_int_eq(help_judge(policy, "/view/sub/file", RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(help_judge(policy, "/view/x", RIGHT_READ), DECISION_ALLOW);
	policy_free(policy);
}
END_TEST

static void check_seal_error(const char *lines, const char *expected)
{
	struct policy_error error;
	struct policy *policy;
	char *copy = strdup(here(lines)), *save = NULL;

	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		ck_assert_msg(policy_line(policy, "test", l, &error) == 0, "%s", error.text);
	ck_assert_int_lt(policy_finish(policy, &error), 0);
	ck_assert_msg(strstr(error.text, here(expected)), "%s", error.text);
	policy_free(policy);
	free(copy);
}

START_TEST(seal_views_that_cannot_be_are_refused)
{
	make_link("%/proj/out", "%/home");
	make_link("%/dangling", "nowhere");
	check_seal_error("bind /view %/missing", "there is no %/missing to be seen here");
	check_seal_error("bind /view %/dangling", "there is no %/dangling to be seen here");
	check_seal_error("bind /view %/data\nbind /view %/home", "/view is bound twice");
	check_seal_error("write %/proj\nbind /view %/proj/out rw",
			 "%/proj/out is a symbolic link that the policy lets be changed");
	check_seal_error("bind /w %/proj rw\nbind /view %/proj/out",
			 "%/proj/out is a symbolic link that the policy lets be changed");
}
END_TEST

START_TEST(seal_env_set_twice_is_refused_but_for_the_command_line)
{
	const char *file = here("%/p.policy"), *value;
	struct policy_error error;
	struct policy *policy;
	FILE *f = fopen(file, "we");

	check_seal_error("env set A=1\nenv set A=2", "A is set to something else");
	fputs("policy 1\nenv set A=1 B=1\nenv set A=1\nenv keep LC_* C\n", f);
	fclose(f);
	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	ck_assert_int_eq(policy_line(policy, "--env", "env set A=2", &error), 0);
	ck_assert_int_eq(policy_use(policy, file, &error), 0);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	ck_assert(policy_env_keep(policy, "A", &value));
	ck_assert_str_eq(value, "2");
	ck_assert(policy_env_keep(policy, "LC_ALL", &value));
	ck_assert_ptr_null(value);
	ck_assert(!policy_env_keep(policy, "LD_PRELOAD", &value));
	ck_assert(!policy_env_keep(policy, "CC", &value));
	policy_free(policy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_seal");
	TCase *tcase = test_case(suite, "seal");

	tcase_add_checked_fixture(tcase, world_make, scratch_remove);
	tcase_add_test(tcase, seal_follows_links_of_what_is_allowed);
	tcase_add_test(tcase, seal_follows_links_before_globs);
	tcase_add_test(tcase, seal_follows_links_of_carve_outs_too);
	tcase_add_test(tcase, seal_does_not_follow_a_link_that_the_policy_lets_be_changed);
	tcase_add_test(tcase, seal_does_not_follow_a_link_that_another_link_makes_changeable);
	tcase_add_test(tcase, seal_a_planted_link_spoils_no_other_rule);
	tcase_add_test(tcase, seal_dots_are_what_the_kernel_makes_of_them);
	tcase_add_test(tcase, seal_links_in_a_circle_lead_nowhere);
	tcase_add_test(tcase, seal_leaves_the_childs_own_proc_alone);
	tcase_add_test(tcase, seal_pins_commands);
	tcase_add_test(tcase, seal_a_command_that_is_missing_is_an_error_on_the_command_line_only);
	tcase_add_test(tcase, seal_exec_roots_are_where_rules_begin);
	tcase_add_test(tcase, sealed_roots_are_apart_from_what_is_written);
	tcase_add_test(tcase, sealed_that_is_not_apart_is_refused);
	tcase_add_test(tcase, sealed_memory_files_are_not_written);
	tcase_add_test(tcase, seal_views_are_told_longest_first);
	tcase_add_test(tcase, seal_rules_about_bound_names_see_through_the_view);
	tcase_add_test(tcase, seal_views_that_cannot_be_are_refused);
	tcase_add_test(tcase, seal_env_set_twice_is_refused_but_for_the_command_line);
	return suite;
}
