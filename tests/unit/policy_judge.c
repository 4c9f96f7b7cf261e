/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules mean for names. */
#include "policy_help.h"

#include "common/cleanup.h"
#include "common/glob.h"

enum {
	LIST = RIGHT_STAT | RIGHT_LIST,
	READ = LIST | RIGHT_READ,
	WRITE = READ | RIGHT_WRITE,
	EXEC = READ | RIGHT_EXEC,
};

/* The rights that lines give on names; -1: hidden. */
struct row {
	const char *lines;
	const char *name;
	int rights;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct policy *policy = help_policy(rows[i].lines);
		bool hidden = help_judge(policy, rows[i].name, RIGHT_STAT) == DECISION_HIDE;
		unsigned int rights = policy_rights(policy, rows[i].name);

		ck_assert_msg(hidden == (rows[i].rights < 0), "%s: %s", rows[i].lines,
			      rows[i].name);
		if (!hidden)
			ck_assert_msg(rights == (unsigned int)rows[i].rights, "%s: %s is %#x",
				      rows[i].lines, rows[i].name, rights);
		policy_free(policy);
	}
}

START_TEST(judge_verbs_grant_what_they_imply)
{
	static const struct row rows[] = {
		{"",				"/a",	    0		      },
		{ "list /a",			     "/a",	   LIST			},
		{ "list /a",			     "/a/b/c", LIST		    },
		{ "read /a",			     "/a/b",   READ			  },
		{ "write /a",			      "/a/b",   WRITE		    },
		{ "exec /a",			     "/a/b",   EXEC			  },
		{ "unix /a",			     "/a/b",   RIGHT_STAT | RIGHT_UNIX},
		{ "dev /a",			    "/a",	  RIGHT_STAT | RIGHT_DEV },
		{ "read /a",			     "/ab",    0		      },
		{ "read /a",			     "/b",	   0			     },
		{ "read /a\nwrite /a/b\nexec /a/b", "/a/b/c", WRITE | EXEC	   },
		{ "list /",			    "/",	 LIST		      },
		{ "list /",			    "/x/y",   LIST			 },
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(move_gains_what_lines_give_beneath)
{
	static const struct {
		const char *lines, *from, *to;
		unsigned int gains;
	} rows[] = {
		{"write /w\nunix /w/s/*.sock",	"/w/d",	"/w/s",	RIGHT_UNIX},
		{ "write /w\nunix /w/s/*.sock",	"/w/d/x",	  "/w/s/x.sock", RIGHT_UNIX},
		{ "write /w\nunix /w/s/*.sock",	"/w/d",	"/w/e",	0	  },
		{ "write /w\nunix /w/s/*.sock",	"/w/s",	"/w/e",	0	  },
		{ "write /w\nunix **/x.sock",	      "/w/d",     "/w/e",	      0		},
		{ "write /w\nexec /w/bin",		   "/w/d",	   "/w/bin/d",    RIGHT_EXEC},
		{ "write /w\nexec /w/bin",		   "/w/bin/d", "/w/bin/e",	   0	     },
		{ "write /w\nexec /w\nexec /w/bin",   "/w/d",	    "/w/bin/d",	0	  },
		{ "write /w\ndev /w/a/b/c",	    "/w/d",	    "/w/a",	    RIGHT_DEV },
		{ "write /w\ndev /w/a except /w/a/b", "/w/d",     "/w/a/e",	RIGHT_DEV },
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *policy = help_policy(rows[i].lines);
		unsigned int gains = policy_move_gains(policy, rows[i].from, rows[i].to) &
				     (RIGHT_UNIX | RIGHT_DEV | RIGHT_EXEC);

		ck_assert_msg(gains == rows[i].gains, "%s: %s to %s gains %#x", rows[i].lines,
			      rows[i].from, rows[i].to, gains);
		policy_free(policy);
	}
}
END_TEST

START_TEST(judge_ancestors_may_be_looked_up_and_no_more)
{
	static const struct row rows[] = {
		{"read /a/b/c",	 "/",      RIGHT_STAT},
		{ "read /a/b/c",	 "/a",     RIGHT_STAT},
		{ "read /a/b/c",	 "/a/b",	 RIGHT_STAT},
		{ "read /a/b/c",	 "/a/x",	 0	   },
		{ "exec /a/b/*/d",	   "/a/b",   RIGHT_STAT},
		{ "exec /a/b/*/d",	   "/a/b/x", 0	       },
		{ "read **/x",	       "/",	    RIGHT_STAT},
		{ "read **/x",	       "/a",     0	       },
		{ "deny read /a/b",	    "/a",	  0	    },
		{ "hide /a/b",	       "/a",     0	       },
		{ "ask read /a/b",	   "/a",	 0	   },
		{ "bind /a/b / rw",	    "/a",	  RIGHT_STAT},
		{ "unix /a/b",	       "/a",     RIGHT_STAT},
		{ "read /a/b\nhide /a", "/a",     -1	 },
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_globs)
{
	static const struct row rows[] = {
		{"read /a/*",	       "/a/b",	       READ},
		{ "read /a/*",	       "/a/.b",		READ},
		{ "read /a/*",	       "/a/b/c",	 READ},
		{ "read /a/*.c",	 "/a/x.c",	   READ},
		{ "read /a/*.c",	 "/a/x/y.c",	     0   },
		{ "read /a/*/c",	 "/a/c",		 0   },
		{ "read /a/?",	       "/a/bb",		0	  },
		{ "read /a/[a-c]",	   "/a/b",	   READ},
		{ "read /a/[!a-c]",    "/a/b",	    0   },
		{ "read /a/[!a-c]",    "/a/d",	    READ},
		{ "read /a/[]x]",	  "/a/]",		  READ},
		{ "read /a/[a-]",	  "/a/-",		  READ},
		{ "read /a/[\\]]",	   "/a/]",	   READ},
		{ "read /a/\\*",	 "/a/*",		 READ},
		{ "read /a/\\*",	 "/a/b",		 0   },
		{ "read /a/**/z",	  "/a/z",		  READ},
		{ "read /a/**/z",	  "/a/b/c/z/d",	READ},
		{ "read /a/**/z",	  "/b/z",		  0   },
		{ "read /a/**",	"/a",	      READ},
		{ "read /a/**",	"/a/b",		READ},
		{ "read **/z",	       "/z",	     READ},
		{ "read **/z",	       "/q/w/z",	 READ},
		{ "read **/z",	       "/q/w/zz",	  0   },
		{ "read **",	     "/",		  READ},
		{ "read **/y/**/z",    "/a/y/b/z",	READ},
		{ "read **/y/**/z",    "/a/z/b/y",	0	  },
		{ "read /**/**/z",	   "/a/z",	   READ},
		{ "read z",	    "/w/proj/z",	 READ},
		{ "read z",	    "/z",		  0   },
		{ "read */z",	      "/w/proj/a/z",    READ},
		{ "read .",	    "/w/proj",	       READ},
		{ "read ../o",	       "/w/o",	       READ},
		{ "read ~/z",	      "/h/me/z",	 READ},
		{ "read ~",	    "/h/me",	     READ},
		{ "read \\~",	      "/w/proj/~",	   READ},
		{ "read ${tmp}/z",	   "/t/tmp/z",       READ},
		{ "read ${SOCKETS}/z", "/run/user/7/z",	READ},
		{ "read ${ODD}",	 "/a*b",		 READ},
		{ "read ${ODD}",	 "/axb",		 0   },
		{ "read /a//b/./c/",   "/a/b/c",	       READ},
		{ "read \"/a b\"",	   "/a b",	   READ},
		{ "read /a\" \"b",	   "/a b",	   READ},
		{ "read \"/a*\"",	  "/ax",		 READ},
		{ "read /a\\ b",	 "/a b",		 READ},
		{ "read /a#b # c",	   "/a#b",	   READ},
		{ "read \"/a #b\"",    "/a #b",	     READ},
		{ "read /\xff\xfe",    "/\xff\xfe",	 READ},
		{ "read /a/?",	       "/a/\xff",	  READ},
		{ "read \"except\"",   "/w/proj/except", READ},
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_deny_takes_the_right_and_what_implies_it)
{
	static const struct row rows[] = {
		{"write /a\nexec /a\ndeny write /a/b", "/a/b/c", EXEC      },
		{ "write /a\nexec /a\ndeny exec /a/b", "/a/b/c", WRITE     },
		{ "write /a\nexec /a\ndeny read /a/b", "/a/b/c", LIST      },
		{ "write /a\nexec /a\ndeny list /a/b", "/a/b/c", RIGHT_STAT},
		{ "unix /a\nwrite /a\ndeny unix /a/b", "/a/b",   WRITE     },
		{ "dev /a\ndeny dev /a/b",		   "/a/b",   RIGHT_STAT},
		{ "deny write /a/b\nwrite /a",	       "/a/b",   READ	    },
		{ "write /a\ndeny write **/b/**",	  "/a/b",	  READ      },
		{ "write /a\ndeny write **/b/**",	  "/a/b/c", READ	 },
		{ "write /a/b\ndeny write /a",	       "/a/b",   READ	    },
		{ "write /a\ndeny write /a/*",	       "/a",     WRITE	   },
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_hide_takes_everything)
{
	static const struct row rows[] = {
		{"write /a\nhide /a/b",	 "/a/b",	 -1   },
		{ "hide /a/b\nwrite /a",	 "/a/b/c/d",  -1	},
		{ "write /a\nhide /a/b",	 "/a/bb",	  WRITE},
		{ "write /a\nhide **/.env", "/a/x/.env", -1   },
		{ "deny read /a\nhide /a",  "/a",	 -1   },
		{ "hide /a",		     "/a",	   -1   },
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_except_limits_its_own_line)
{
	static const struct row rows[] = {
		{"read /a except **/.env",		    "/a/.env",     0	 },
		{ "read /a except **/.env",		    "/a/x/.env/y", 0	     },
		{ "read /a except **/.env",		    "/a/env",      READ	   },
		{ "read /a except /a/b /a/c",		      "/a/c",	      0		},
		{ "read /a except /a/b\nlist /a",		  "/a/b",	  LIST      },
		{ "read /a except /a/b\nread /a/b/c",	      "/a/b/c",	READ	     },
		{ "read /a except /a/b\nread /a/b/c",	      "/a/b",	      RIGHT_STAT},
		{ "read /a /b except **/x\nread /b/x",	       "/b/x",	       READ	    },
		{ "read /a /b except **/x\nread /b/x",	       "/a/x",	       0	 },
		{ "write /a except /a/b\nread /a",		   "/a/b",	   READ	},
		{ "read /a except /a/b\nread /a except /a/c", "/a/b",	      READ	   },
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_except_leaves_alone_what_its_line_takes)
{
	static const struct row rows[] = {
		{"write /a\ndeny write **/.git except **/.git/*",	   "/a/.git",   READ },
		{ "write /a\ndeny write **/.git except **/.git/*",	   "/a/.git/x", WRITE},
		{ "write /a\ndeny write **/.git except **/.git/*",	   "/a/b/.git", READ },
		{ "write /a\ndeny write **/.git except /a/t",		      "/a/t/.git", WRITE},
		{ "write /a\ndeny write /a except /a/b\ndeny write /a/b/c", "/a/b/c",    READ },
		{ "read /a\nhide /a/b except /a/b/c",			      "/a/b",      -1	 },
		{ "read /a\nhide /a/b except /a/b/c",			      "/a/b/c/d",  READ },
		{ "hide /a/b except /a/b/c",				     "/a/b/c",    0	 },
		{ "read /a\nhide /a/b except /a/b/c\nhide **/d",		 "/a/b/c/d",  -1	},
	};

	check_rows(rows, array_size(rows));
}
END_TEST

START_TEST(judge_ask_yields_to_allow_and_loses_to_deny)
{
	struct policy *policy = help_policy("ask read /a\nread /a/b\ndeny read /a/c\nhide /a/d");

	ck_assert_int_eq(help_judge(policy, "/a/x", RIGHT_READ), DECISION_ASK);
	ck_assert_int_eq(help_judge(policy, "/a/x", RIGHT_STAT | RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(help_judge(policy, "/a/b", RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(policy, "/a/c", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(help_judge(policy, "/a/d", RIGHT_READ), DECISION_HIDE);
	ck_assert_uint_eq(policy_rights(policy, "/a/x"), 0);
	policy_free(policy);
}
END_TEST

START_TEST(judge_names_the_line_that_decides)
{
	static const struct {
		const char *name;
		unsigned int want;
		const char *line;
	} cases[] = {
		{"/a/x",	  RIGHT_READ,		      "write /a except /a/e"},
		{ "/a/b/x", RIGHT_STAT | RIGHT_WRITE, "deny write /a/b"	},
		{ "/a/h",	  RIGHT_WRITE,	       "hide /a/h"	   },
		{ "/a/e/x", RIGHT_READ,		"write /a except /a/e"},
		{ "/a/b/x", RIGHT_READ,		"write /a except /a/e"},
		{ "/q",	RIGHT_READ,		    "ask read /q"	  },
		{ "/z",	RIGHT_READ,		    NULL			 },
		{ "/a/x",	  RIGHT_EXEC,		      NULL		   },
	};
	struct policy *policy = help_policy(
		"write /a except /a/e # note\n deny write /a/b\nhide /a/h\nask read /q");

	for (size_t i = 0; i < array_size(cases); i++) {
		struct verdict v = policy_judge(policy, cases[i].name, cases[i].want);

		if (!cases[i].line)
			ck_assert_ptr_null(v.rule);
		else
			ck_assert_str_eq(v.rule ? v.rule->text : "none", cases[i].line);
	}
	policy_free(policy);
}
END_TEST

START_TEST(judge_refuses_names_that_are_not_canonical)
{
	static const char *const names[] = { "",       "a",	  "a/b", "//",	"/a/",	"/a//b",
					     "/a/./b", "/a/../b", "/.",	 "/..", "/a/.", "/a/.." };
	struct policy *policy = help_policy("write /\nwrite **");

	for (size_t i = 0; i < array_size(names); i++) {
		ck_assert_int_eq(help_judge(policy, names[i], RIGHT_STAT), DECISION_DENY);
		ck_assert_int_eq(policy_judge_carved(policy, names[i], RIGHT_STAT).decision,
				 DECISION_DENY);
		ck_assert_int_eq(policy_judge_move(policy, names[i], "/x").decision, DECISION_DENY);
		ck_assert_int_eq(policy_judge_move(policy, "/x", names[i]).decision, DECISION_DENY);
	}
	ck_assert_int_eq(help_judge(policy, "/a/...", RIGHT_STAT), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(policy, "/a", 0), DECISION_DENY);
	ck_assert_int_eq(help_judge(policy, "/a", 1U << 20 | RIGHT_STAT), DECISION_DENY);
	policy_free(policy);
}
END_TEST

START_TEST(judge_refuses_everything_until_sealed)
{
	struct policy_error error;
	struct policy *policy;

	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	ck_assert_int_eq(policy_line(policy, "test", "write /", &error), 0);
	ck_assert_int_eq(help_judge(policy, "/a", RIGHT_STAT), DECISION_DENY);
	ck_assert_int_eq(policy_judge_carved(policy, "/a", RIGHT_STAT).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_move(policy, "/a", "/b").decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "a", 1).decision, DECISION_DENY);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	ck_assert_int_eq(help_judge(policy, "/a", RIGHT_STAT), DECISION_ALLOW);
	ck_assert_int_lt(policy_line(policy, "test", "write /b", &error), 0);
	ck_assert_int_lt(policy_finish(policy, &error), 0);
	policy_free(policy);
}
END_TEST

START_TEST(judge_carved_looks_at_what_takes_away_only)
{
	struct policy *policy = help_policy(
		"read /a except /a/e\nread /a/e/x\nhide /h\ndeny write /d\nask read /q\n"
		"list /w/*/x /w/*/x/y except /w/s\nlist /w/s/t/z");

	ck_assert_int_eq(policy_judge_carved(policy, "/none", RIGHT_WRITE).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved(policy, "/a/e", RIGHT_READ).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_carved(policy, "/a/e", RIGHT_EXEC).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved(policy, "/a/e/x", RIGHT_READ).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved(policy, "/h/x", RIGHT_STAT).decision, DECISION_HIDE);
	ck_assert_int_eq(policy_judge_carved(policy, "/d/x", WRITE).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_carved(policy, "/d/x", READ).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved(policy, "/q", READ).decision, DECISION_ALLOW);
	/* the way to what another line allows is given back, but not what a glob stands for */
	ck_assert_int_eq(policy_judge_carved(policy, "/w/s/t", RIGHT_STAT).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved(policy, "/w/s/x", RIGHT_STAT).decision, DECISION_DENY);
	policy_free(policy);
}
END_TEST

START_TEST(judge_hides_in_finds_directories_whose_lists_need_a_filter)
{
	static const struct {
		const char *line;
		const char *directory;
		bool expect;
	} cases[] = {
		{"hide /a/b",	       "/a",     true },
		     { "hide /a/b",	    "/",	 false},
		{ "hide /a/b",       "/a/c",   false},
		     { "hide /a/b",	    "/a/b",   true },
		{ "hide /a/b",       "/a/b/c", true },
		     { "hide /a/*.x",     "/a",	    true },
		{ "hide /a/*/x",	 "/a",     false},
		     { "hide /a/*/x",     "/a/q",   true },
		{ "hide **/x",       "/",	    true },
		     { "hide **/x",	    "/a/b/c", true },
		{ "hide /a/**/x",	  "/",      false},
		     { "hide /a/**/x",    "/a",     true },
		{ "hide /a/**/x",	  "/a/b/c", true },
		     { "hide /a/**",	     "/",	  true },
		{ "hide /a/**/x/**", "/a/b",   true },
		     { "hide /a",	  "/",      true },
		{ "deny read /a",	  "/",      false},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct policy *policy = help_policy(cases[i].line);

		ck_assert_msg(policy_hides_in(policy, cases[i].directory) == cases[i].expect,
			      "%s in %s", cases[i].line, cases[i].directory);
		policy_free(policy);
	}
}
END_TEST

START_TEST(judge_order_never_matters)
{
	static const char *const lines[] = {
		"write /a except /a/e", "deny write /a/d", "hide /a/h", "exec /a/e",
		"ask exec /a",		"list /"
	};
	static const char *const names[] = { "/a", "/a/d/x", "/a/e", "/a/h", "/a/x", "/b", "/" };
	unsigned int expected[array_size(names)];
	unsigned int seed = 5;

	for (int round = 0; round < 50; round++) {
		size_t order[array_size(lines)];
		char text[512] = "";
		struct policy *policy;

		for (size_t i = 0; i < array_size(lines); i++)
			order[i] = i;
		for (size_t i = array_size(lines) - 1; round && i > 0; i--) {
			size_t j = (size_t)rand_r(&seed) % (i + 1), keep = order[i];

			order[i] = order[j];
			order[j] = keep;
		}
		for (size_t i = 0; i < array_size(lines); i++) {
			strcat(text, lines[order[i]]);
			strcat(text, "\n");
		}
		policy = help_policy(text);
		for (size_t i = 0; i < array_size(names); i++) {
			unsigned int rights = policy_rights(policy, names[i]);

			if (round == 0)
				expected[i] = rights;
			ck_assert_uint_eq(rights, expected[i]);
		}
		policy_free(policy);
	}
}
END_TEST

START_TEST(judge_repeats_itself_for_long_and_short_names)
{
	struct policy *policy = help_policy("read /a\ndeny read **/no");
	char name[4000];

	for (size_t size = 4; size < sizeof(name) - 8; size = size * 5 / 4 + 1) {
		memset(name, 'x', size);
		memcpy(name, "/a/", 3);
		name[size] = '\0';
		for (int i = 0; i < 2; i++)
			ck_assert_int_eq(help_judge(policy, name, RIGHT_READ), DECISION_ALLOW);
		memcpy(name + size, "/no", 4);
		for (int i = 0; i < 2; i++)
			ck_assert_int_eq(help_judge(policy, name, RIGHT_READ), DECISION_DENY);
	}
	policy_free(policy);
}
END_TEST

START_TEST(judge_refuses_more_state_than_it_has_room_for)
{
	char lines[8192] = "write /\n";
	struct policy *policy;
	size_t n = strlen(lines);

	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(lines + n, sizeof(lines) - n, "read /a/*[!%c%c]\n",
				      'a' + i % 26, 'a' + i / 26);
	policy = help_policy(lines);
	ck_assert_int_eq(help_judge(policy, "/b/0", RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(policy, "/a/0", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(policy_judge_carved(policy, "/a/0", RIGHT_READ).decision, DECISION_DENY);
	policy_free(policy);
}
END_TEST

START_TEST(glob_is_not_slow_for_hostile_names)
{
	static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*b";
	char text[255];

	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 1000; i++)
		ck_assert(!glob_match(pattern, sizeof(pattern) - 1, text, sizeof(text)));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_judge");
	TCase *tcase = test_case(suite, "judge");

	tcase_add_test(tcase, judge_verbs_grant_what_they_imply);
	tcase_add_test(tcase, move_gains_what_lines_give_beneath);
	tcase_add_test(tcase, judge_ancestors_may_be_looked_up_and_no_more);
	tcase_add_test(tcase, judge_globs);
	tcase_add_test(tcase, judge_deny_takes_the_right_and_what_implies_it);
	tcase_add_test(tcase, judge_hide_takes_everything);
	tcase_add_test(tcase, judge_except_limits_its_own_line);
	tcase_add_test(tcase, judge_except_leaves_alone_what_its_line_takes);
	tcase_add_test(tcase, judge_ask_yields_to_allow_and_loses_to_deny);
	tcase_add_test(tcase, judge_names_the_line_that_decides);
	tcase_add_test(tcase, judge_refuses_names_that_are_not_canonical);
	tcase_add_test(tcase, judge_refuses_everything_until_sealed);
	tcase_add_test(tcase, judge_carved_looks_at_what_takes_away_only);
	tcase_add_test(tcase, judge_hides_in_finds_directories_whose_lists_need_a_filter);
	tcase_add_test(tcase, judge_order_never_matters);
	tcase_add_test(tcase, judge_repeats_itself_for_long_and_short_names);
	tcase_add_test(tcase, judge_refuses_more_state_than_it_has_room_for);
	tcase_add_test(tcase, glob_is_not_slow_for_hostile_names);
	return suite;
}
