/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command line gives by name, against policies that yield, and where ${cwd} is precious.
 */
#include "policy_help.h"
#include "scratch.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"

enum {
	READ = RIGHT_STAT | RIGHT_LIST | RIGHT_READ,
	WRITE = READ | RIGHT_WRITE,
};

static void write_policy(const char *name, const char *lines)
{
	char file[64], text[1024];

	snprintf(file, sizeof(file), "%s.policy", name);
	snprintf(text, sizeof(text), "policy 1\n%s\n", lines);
	scratch_write(file, text);
}

/* The policy @lines, with @named as --read, --write or --deny would add it. 0 or policy_finish's
 * error. */
static int make(const char *lines, const char *named, const char *cwd, bool yields,
		struct policy **ret, struct policy_error *error)
{
	const char *const directories[] = { scratch, NULL };
	const char *const precious[] = { "/", "/home/u", NULL };
	struct policy_env env = help_env;

	env.cwd = cwd;
	env.home = "/home/u";
	env.directories = directories;
	env.precious = precious;
	env.yielding = yields ? directories : NULL;
	write_policy("p", lines);
	ck_assert_int_eq(policy_new(&env, ret), 0);
	ck_assert_msg(policy_use(*ret, "p", error) == 0, "%s", error->text);
	if (*named)
		ck_assert_msg(policy_line(*ret, "--x", named, error) == 0, "%s", error->text);
	return policy_finish(*ret, error);
}

START_TEST(a_name_on_the_command_line_is_not_taken_away)
{
	static const struct {
		const char *lines;
		const char *named;
		const char *name;
		unsigned int yielding; /* rights where the policy yields */
		unsigned int other;
	} rows[] = {
		{"hide ~/.ssh",				 "read ~/.ssh/known_hosts", "/home/u/.ssh/known_hosts", READ, 0	},
		{ "hide ~/.ssh",			 "read ~/.ssh/known_hosts", "/home/u/.ssh/id",	       0,	  0   },
		{ "hide ~/.ssh",			 "read ~/.ssh",		"/home/u/.ssh/id",	   READ, 0   },
		{ "hide ~/.ssh",			 "read ~",		   "/home/u/.ssh/id",	      0,	 0   },
		{ "hide ~/.ssh",			 "read ~/.ssh/*",		  "/home/u/.ssh/id",	     0,	0	  },
		{ "hide ~/.ssh\nhide ~/.ssh/id",	 "read ~/.ssh/id",	   "/home/u/.ssh/id",	      READ, 0   },
		{ "hide ~/.ssh\nhide ~/.ssh/id",	 "read ~/.ssh",		"/home/u/.ssh/id",	   0,    0	},
		{ "hide ~/.ssh except ~/.ssh/a",	 "read ~/.ssh/b",		  "/home/u/.ssh/b",	    READ, 0   },
		{ "write /p\ndeny write **/.git/config", "write /p/.git/config",	 "/p/.git/config",
		  WRITE,											       READ},
		{ "write /p\ndeny write **/.git/config", "read /p/.git/config",	"/p/.git/config",
		  READ,												READ},
		{ "write /p\ndeny write **/.git/config", "write /p/.git/config",	 "/p/q/.git/config",
		  READ,												READ},
		{ "write /p\ndeny write **/.git/config", "deny read /p/x",	   "/p/.git/config",	     READ,
		  READ												     },
	};

	for (size_t i = 0; i < array_size(rows); i++)
		for (int yields = 0; yields < 2; yields++) {
			struct policy_error error;
			struct policy *policy;
			unsigned int wanted = yields ? rows[i].yielding : rows[i].other;

			ck_assert_int_eq(
				make(rows[i].lines, rows[i].named, "/p", yields, &policy, &error),
				0);
			ck_assert_msg(policy_rights(policy, rows[i].name) == wanted,
				      "%s | %s: %s is %#x", rows[i].lines, rows[i].named,
				      rows[i].name, policy_rights(policy, rows[i].name));
			policy_free(policy);
		}
}
END_TEST

START_TEST(a_precious_directory_is_given_only_by_name)
{
	static const struct {
		const char *lines;
		const char *named;
		const char *cwd;
		int expect;	     /* of finishing */
		unsigned int rights; /* on a file in it */
	} rows[] = {
		{"read ${cwd}",	 "",	     "/home/u/p", 0,	     READ },
		{ "read ${cwd}",	 "",	     "/home/u",	-EPERM, 0	  },
		{ "read ${cwd}",	 "",	     "/home",     -EPERM, 0	},
		{ "read ${cwd}",	 "",	     "/",	  -EPERM, 0    },
		{ "read .",	    "",		"/home/u",   -EPERM, 0    },
		{ "write ${cwd}/**",   "",		 "/home/u",   -EPERM, 0    },
		{ "unix ${cwd}",	 "",	     "/home/u",	-EPERM, 0	  },
		{ "read ${cwd}/file",  "",		  "/home/u",   0,	READ },
		{ "read ~",	    "",		"/home/u",   0,      READ },
		{ "deny write ${cwd}", "",		   "/home/u",   0,	 0	   },
		{ "write ${cwd}",	  "read .",	    "/home/u",   0,	  READ },
		{ "write ${cwd}",	  "read ~",	    "/home/u",   0,	  READ },
		{ "write ${cwd}",	  "write ~",	     "/home/u",	0,	   WRITE},
		{ "write ${cwd}",	  "read ~/other", "/home/u",   -EPERM, 0    },
		{ "write ${cwd}",	  "deny read ~",	 "/home/u",   -EPERM, 0    },
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy_error error;
		struct policy *policy;
		char name[64];
		int r = make(rows[i].lines, rows[i].named, rows[i].cwd, true, &policy, &error);

		ck_assert_msg(r == rows[i].expect, "%s in %s: %d %s", rows[i].lines, rows[i].cwd, r,
			      error.text);
		snprintf(name, sizeof(name), "%s/file", rows[i].cwd);
		if (r == 0)
			ck_assert_msg(policy_rights(policy, name) == rows[i].rights,
				      "%s | %s in %s", rows[i].lines, rows[i].named, rows[i].cwd);
		else
			ck_assert_ptr_nonnull(strstr(error.text, "--read PATH"));
		policy_free(policy);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_named");
	TCase *tcase = test_case(suite, "named");

	tcase_add_unchecked_fixture(tcase, scratch_make, scratch_remove);
	tcase_add_test(tcase, a_name_on_the_command_line_is_not_taken_away);
	tcase_add_test(tcase, a_precious_directory_is_given_only_by_name);
	return suite;
}
