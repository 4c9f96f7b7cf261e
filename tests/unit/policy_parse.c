/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and files of policies: settings, uses, what people are told. */
#include "policy_help.h"
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyc/disk/reader.h"
#include "pcall/selftest.h"
#include "program/suggest.h"

static struct policy *policy_here(void)
{
	const char *const directories[] = { "/nonexistent/pcall", scratch, NULL };
	struct policy_env env = help_env;
	struct policy *policy;

	env.directories = directories;
	ck_assert_int_eq(policy_new(&env, &policy), 0);
	return policy;
}

static void use(struct policy *policy, const char *name)
{
	struct policy_error error;

	ck_assert_msg(policy_use(policy, name, &error) == 0, "%s", error.text);
}

static void finish(struct policy *policy)
{
	struct policy_error error;

	ck_assert_msg(policy_finish(policy, &error) == 0, "%s", error.text);
}

START_TEST(parse_limits_and_the_smallest_wins)
{
	struct policy *policy = help_policy("limit mem=2G procs=256 files=1024 cpu=60s time=15m "
					    "fsize=1G children=8 pending=64\n"
					    "limit mem=1536M cpu=1500ms children=4\nlimit mem=4T");

	ck_assert_uint_eq(policy_limit(policy, LIMIT_MEM), 1536U << 20);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_PROCS), 256);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_FILES), 1024);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_CPU), 2);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_TIME), 900000);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_CHILDREN), 4);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_PENDING), 64);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_FSIZE), 1U << 30);
	policy_free(policy);
	policy = help_policy("limit time=2h");
	ck_assert_uint_eq(policy_limit(policy, LIMIT_TIME), 7200000);
	ck_assert_uint_eq(policy_limit(policy, LIMIT_MEM), 0);
	policy_free(policy);
}
END_TEST

static void collect(void *data, const char *name, const char *value)
{
	strcat(data, name);
	strcat(data, "=");
	strcat(data, value);
	strcat(data, ";");
}

START_TEST(parse_environment)
{
	struct policy *policy = help_policy("env keep PATH LC_*\nenv set TMPDIR=${tmp}/x EMPTY=\n"
					    "env set \"WORDS=a b\\${c}\" PATH=/bin");
	char text[256] = "";
	const char *value;

	ck_assert(policy_env_keep(policy, "LC_TIME", &value));
	ck_assert_ptr_null(value);
	ck_assert(policy_env_keep(policy, "PATH", &value));
	ck_assert_str_eq(value, "/bin");
	ck_assert(policy_env_keep(policy, "EMPTY", &value));
	ck_assert_str_eq(value, "");
	ck_assert(!policy_env_keep(policy, "PATHS", &value));
	ck_assert(!policy_env_keep(policy, "XLC_TIME", &value));
	policy_each_env_set(policy, collect, text);
	ck_assert_str_eq(text, "TMPDIR=/t/tmp/x;EMPTY=;WORDS=a b${c};PATH=/bin;");
	policy_free(policy);
}
END_TEST

START_TEST(parse_says_which_verbs_there_are)
{
	struct policy *policy = help_policy("sealed\nmethod camera.*\nask connect *:443");
	const struct rule *const *rules;
	size_t count;

	ck_assert(policy_has(policy, VERB_SEALED));
	ck_assert(policy_has(policy, VERB_METHOD));
	ck_assert(policy_has(policy, VERB_ASK));
	ck_assert(!policy_has(policy, VERB_CONNECT));
	rules = policy_rules(policy, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(rules[1]->text, "method camera.*");
	ck_assert_str_eq(rules[1]->source, "test");
	ck_assert_uint_eq(rules[1]->line, 0);
	policy_free(policy);
}
END_TEST

START_TEST(parse_a_used_policy_counts_once_and_rules_know_their_file)
{
	struct policy *policy = policy_here();
	const struct rule *const *rules;
	size_t count;

	scratch_write("low.policy", "# a comment\n\npolicy 1\nabout low\n read /low # why\n");
	scratch_write("left.policy", "policy 1\nuse low\nread /left");
	scratch_write("right.policy", "policy 1\nuse low\nread /right\n");
	scratch_write("top.policy", "policy 1\nabout \"the top\"\nuse left\nuse ./right.policy\n");
	use(policy, "top");
	use(policy, "low");
	use(policy, "top");
	finish(policy);
	rules = policy_rules(policy, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(rules[0]->text, "read /low");
	ck_assert_str_eq(rules[0]->policy, "low");
	ck_assert_str_eq(rules[0]->source, scratch_path("low.policy"));
	ck_assert_uint_eq(rules[0]->line, 5);
	ck_assert_str_eq(policy_about(policy), "the top");
	policy_free(policy);
}
END_TEST

START_TEST(parse_tests_are_run_and_their_failures_told)
{
	char *told = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&told, &size);
	struct policy *policy = policy_here();
	unsigned int run;

	scratch_write("used.policy", "policy 1\ntest allow read /nothing\n");
	scratch_write(
		"p.policy",
		"policy 1\nuse used\nread /a except /a/e\nunix @x\nconnect h.org:80 10.0.0.0/8:*\n"
		"deny connect 10.0.0.1:*\nlisten 127.0.0.1:*\nask read /q\ndev tty\nhide /h\n"
		"exec /a/x\n"
		"test allow read /a\ntest deny write /a\ntest deny read /a/e\n"
		"test allow unix @x\ntest deny unix @y\ntest allow connect H.org.:80\n"
		"test deny connect h.org:81\ntest deny connect i.org:80\n"
		"test allow connect 10.0.0.2:1\ntest deny connect 10.0.0.1:1\n"
		"test allow listen 127.0.0.1:5\ntest deny listen 0.0.0.0:5\ntest deny read /q\n"
		"test deny list /h\ntest allow exec /a/x/y\ntest allow dev tty\n"
		"test deny exec no-such-command\ntest deny connect *:443\n"
		"test allow write /wrong\ntest deny read /a/wrong\n"
		"method cam.*\ntest allow method cam.x\ntest deny method log\n");
	use(policy, "p");
	finish(policy);
	ck_assert_uint_eq(policy_test(policy, out, &run), 2);
	fclose(out);
	ck_assert_uint_eq(run, 22);
	ck_assert_ptr_nonnull(strstr(told, "p.policy:30: failed: test allow write /wrong\n"
					   "  no rule allows it\n"));
	ck_assert_ptr_nonnull(strstr(told, "p.policy:31: failed: test deny read /a/wrong\n"
					   "  allowed by "));
	ck_assert_ptr_nonnull(strstr(told, "p.policy:3: read /a except /a/e\n"));
	policy_free(policy);
	free(told);
}
END_TEST

START_TEST(suggest_words_that_allow_it)
{
	static const struct {
		enum verb verb;
		const char *object;
		const char *flag;
		const char *line;
	} cases[] = {
		{VERB_WRITE,    "/h/me/.npmrc", "--write ~/.npmrc",	  "write ~/.npmrc"	   },
		{ VERB_READ,    "/h/me",	      "--read '~'",	    "read ~"	     },
		{ VERB_READ,    "/h/meow",	"--read /h/meow",	  "read /h/meow"	 },
		{ VERB_READ,    "/etc/x",       "--read /etc/x",		"read /etc/x"	      },
		{ VERB_READ,    "/a b",	     "--read '/a b'",	      "read \"/a b\""      },
		{ VERB_READ,    "/a*",	    "--read '/a\\*'",	      "read /a\\*"	   },
		{ VERB_READ,    "/a$b",	     "--read '/a\\$b'",	"read /a\\$b"	      },
		{ VERB_READ,    "/a'\"#",       "--read '/a'\\''\\\"#'", "read \"/a'\\\"#\""  },
		{ VERB_READ,    "/a\x1b\n",	 "--read '/a?\?'",	   "read /a?\?"		},
		{ VERB_DEV,	    "/dev/pts/3",	  "--dev tty",	       "dev tty"		 },
		{ VERB_DEV,	    "/dev/null",	 "--dev null",	       "dev null"		  },
		{ VERB_DEV,	    "/dev/sda",	"--dev /dev/sda",	  "dev /dev/sda"	 },
		{ VERB_CONNECT, "1.2.3.4:443",  "--connect 1.2.3.4:443", "connect 1.2.3.4:443"},
		{ VERB_CONNECT, "[::1]:80",	    "--connect '[::1]:80'",  "connect [::1]:80"   },
		{ VERB_UNIX,    "@a*",	    "--unix '@a\\*'",	      "unix @a\\*"	   },
	};
	struct policy *policy = help_policy("");
	char flag[128], line[128];

	for (size_t i = 0; i < array_size(cases); i++) {
		struct policy *with;

		ck_assert_int_eq(policy_suggest(policy, cases[i].verb, cases[i].object, flag,
						sizeof(flag), line, sizeof(line)),
				 0);
		ck_assert_str_eq(flag, cases[i].flag);
		ck_assert_str_eq(line, cases[i].line);
		with = help_policy(line);
		if (cases[i].object[0] == '/')
			ck_assert_int_eq(help_judge(with, cases[i].object, RIGHT_STAT),
					 DECISION_ALLOW);
		policy_free(with);
	}
	ck_assert_int_eq(policy_suggest(policy, VERB_READ, "/a", flag, 8, line, sizeof(line)),
			 -ENOSPC);
	ck_assert_int_eq(policy_suggest(policy, VERB_READ, "/a", flag, sizeof(flag), line, 4),
			 -ENOSPC);
	policy_free(policy);
}
END_TEST

START_TEST(quote_makes_one_word)
{
	static const char *const words[] = { "/a b", "/a\"b", "/a#b", "except", "/a\\ b", "/a\tb" };
	static const char *const means[] = { "/a b",	       "/a\"b", "/a#b",
					     "/w/proj/except", "/a b",	"/a\tb" };

	for (size_t i = 0; i < array_size(words); i++) {
		char quoted[64], line[80];
		struct policy *policy;

		ck_assert_int_eq(policy_quote(words[i], quoted, sizeof(quoted)), 0);
		snprintf(line, sizeof(line), "read %s", quoted);
		policy = help_policy(line);
		ck_assert_msg(help_judge(policy, means[i], RIGHT_READ) == DECISION_ALLOW, "%s",
			      line);
		policy_free(policy);
	}
}
END_TEST

START_TEST(error_of_a_long_line_shows_the_part_around_the_column)
{
	struct policy_error error;
	char line[4000] = "read", *at;

	for (int i = 0; i < 300; i++)
		strcat(line, " /abcdefg");
	strcat(line, " ${nothing}");
	help_error(line, &error);
	ck_assert_uint_lt(strlen(error.text), 400);
	at = strstr(error.text, "${nothing}\n");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strchr(at, '^'));
}
END_TEST

START_TEST(error_shows_nothing_that_a_terminal_obeys)
{
	static const char *const lines[] = { "raed \x1b[2J", "read \xe2\x80\xae${x}",
					     "read\t\x9b${x}", "use \xff" };
	struct policy_error error;

	for (size_t i = 0; i < array_size(lines); i++) {
		help_error(lines[i], &error);
		ck_assert_ptr_null(strstr(error.text, "\xe2\x80\xae"));
		for (const char *p = error.text; *p; p++)
			ck_assert(*p == '\n' || (*p >= ' ' && *p < 0x7f));
	}
}
END_TEST

static void check_unreadable(const char *name, int code, const char *why)
{
	struct policy *policy = policy_here();
	struct policy_error error;

	ck_assert_int_eq(policy_use(policy, scratch_path(name), &error), code);
	ck_assert_msg(strstr(error.text, why), "%s", error.text);
	ck_assert_int_lt(policy_finish(policy, &error), 0);
	policy_free(policy);
}

START_TEST(reader_takes_regular_files_only)
{
	int fd;

	ck_assert_int_eq(mkfifo(scratch_path("fifo"), 0600), 0);
	ck_assert_int_eq(mkdir(scratch_path("dir"), 0700), 0);
	ck_assert_int_eq(symlink("loop", scratch_path("loop")), 0);
	ck_assert_int_eq(symlink("/dev/zero", scratch_path("zero")), 0);
	fd = open(scratch_path("huge"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(ftruncate(fd, READER_MAX + 1), 0);
	close(fd);
	alarm(3);
	check_unreadable("fifo", -EINVAL, "is a FIFO, no file");
	check_unreadable("dir", -EISDIR, "is a directory");
	check_unreadable("zero", -EINVAL, "is a device, no file");
	check_unreadable("huge", -EFBIG, "is larger than 1 MiB");
	check_unreadable("loop", -ELOOP, "");
	check_unreadable("missing", -ENOENT, "No such file");
	alarm(0);
}
END_TEST

START_TEST(reader_takes_a_file_of_exactly_the_most)
{
	struct arena arena = { 0 };
	struct reader_file file;
	const char *why;
	int fd = open(scratch_path("most"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(ftruncate(fd, READER_MAX), 0);
	close(fd);
	ck_assert_int_eq(reader_load(scratch_path("most"), &arena, &file, &why), 0);
	ck_assert_uint_eq(file.size, READER_MAX);
	arena_deinit(&arena);
}
END_TEST

START_TEST(parse_bounds_what_a_hostile_file_can_cost)
{
	struct policy *policy = policy_here();
	struct policy_error error;
	cleanup_file FILE *f = fopen(scratch_path("many.policy"), "we");

	fputs("policy 1\n", f);
	for (int i = 0; i < 250; i++) {
		fputs("read", f);
		for (int j = 0; j < 580; j++)
			fprintf(f, " /%x", i * 580 + j);
		fputs("\n", f);
	}
	fflush(f);
	alarm(5);
	ck_assert_int_eq(policy_use(policy, "many", &error), -E2BIG);
	ck_assert_ptr_nonnull(strstr(error.text, "more than 16384 objects"));
	policy_free(policy);
	rewind(f);
	fputs("policy 1\n", f);
	for (int i = 0; i < 4097; i++)
		fputs("read /\n", f);
	fflush(f);
	ck_assert_int_eq(ftruncate(fileno(f), ftell(f)), 0);
	policy = policy_here();
	ck_assert_int_eq(policy_use(policy, "many", &error), -E2BIG);
	ck_assert_ptr_nonnull(strstr(error.text, "more than 4096 rules"));
	policy_free(policy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_parse");
	TCase *tcase = test_case(suite, "parse");

	tcase_add_checked_fixture(tcase, scratch_make, scratch_remove);
	tcase_set_timeout(tcase, 10);
	tcase_add_test(tcase, parse_limits_and_the_smallest_wins);
	tcase_add_test(tcase, parse_environment);
	tcase_add_test(tcase, parse_says_which_verbs_there_are);
	tcase_add_test(tcase, parse_a_used_policy_counts_once_and_rules_know_their_file);
	tcase_add_test(tcase, parse_tests_are_run_and_their_failures_told);
	tcase_add_test(tcase, suggest_words_that_allow_it);
	tcase_add_test(tcase, quote_makes_one_word);
	tcase_add_test(tcase, error_of_a_long_line_shows_the_part_around_the_column);
	tcase_add_test(tcase, error_shows_nothing_that_a_terminal_obeys);
	tcase_add_test(tcase, reader_takes_regular_files_only);
	tcase_add_test(tcase, reader_takes_a_file_of_exactly_the_most);
	tcase_add_test(tcase, parse_bounds_what_a_hostile_file_can_cost);
	return suite;
}
