/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name of a path by its letters, and by the links that were met before. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check_main.h"
#include "call/call.h"
#include "call/caller.h"
#include "call/pool.h"
#include "path/place.h"
#include "tree/child.h"
#include "policy_help.h"
#include "scratch.h"

static struct child child;
static struct receiver receiver;
static struct call call = { .regs.child = &child, .receiver = &receiver };
static struct place place;

/* A link below the scratch directory, which is guessed to be one. */
static void link_make(const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	ck_assert_int_eq(symlink(text, path), 0);
	link_guess(&call, path);
}

static void setup(void)
{
	struct policy_env env = { .environment = (const char *const[]){ NULL } };
	char read[PATH_MAX + 16], hide[PATH_MAX + 16];

	scratch_make();
	env.cwd = scratch;
	snprintf(read, sizeof(read), "read %s", scratch);
	snprintf(hide, sizeof(hide), "hide %s/hidden", scratch);
	child.policy = help_policy_of(&env, (const char *const[]){ read, hide, NULL });
	memset(&receiver, 0, sizeof(receiver));
	link_make("link", "to");
	link_make("chain", "link/more");
	link_make("up", "../to");
	link_make("odd", "to//more");
	link_make("root", "/to");
	link_make("hidden", "to");
	link_make("round", "round");
	ck_assert_int_eq(symlink("to", scratch_path("unmet")), 0);
}

static void teardown(void)
{
	policy_free((struct policy *)child.policy);
	scratch_remove();
}

/* path → the name below the scratch directory, or NULL: it is to be walked. */
static const struct {
	const char *path;
	bool follow;
	const char *name;
} names[] = {
	{"f",	       true,  "/f"	  },
	     { "./a//b",	 true,  "/a/b"      },
	{ "a/../b",   true,  NULL	       },
	{ "a/.",	 true,  NULL	    },
	     { "unmet/f",  true,	"/unmet/f"  },
	{ "link/f",   true,  "/to/f"	  },
	{ "link",	  true,	"/to"	      },
	     { "link",     false, "/link"     },
	{ "link/",	   false, "/to"	},
	{ "links",	   true,	 "/links"	  },
	     { "chain/f",  true,	"/to/more/f"},
	{ "up/f",	  true,	NULL	     },
	{ "odd/f",	   true,	 NULL	      },
	     { "root/f",	 true,  NULL	    },
	{ "hidden/f", true,  NULL	 },
	{ "round/f",  true,  NULL	},
};

START_TEST(a_path_has_a_name_by_its_letters_and_by_links_that_were_met)
{
	char want[PATH_MAX];
	bool is = lexical_name(&call, scratch, names[_i].path, names[_i].follow, &place);

	ck_assert_msg(is == (names[_i].name != NULL), "%s", names[_i].path);
	snprintf(want, sizeof(want), "%s%s", scratch, names[_i].name);
	if (is) {
		ck_assert_str_eq(place.name, want);
		ck_assert_str_eq(place.real, want);
	}
}
END_TEST

START_TEST(what_is_no_link_any_more_stays_as_it_is_written)
{
	char path[PATH_MAX], want[PATH_MAX];

	snprintf(path, sizeof(path), "%s/link", scratch);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(lexical_name(&call, scratch, "link/f", true, &place));
	snprintf(want, sizeof(want), "%s/link/f", scratch);
	ck_assert_str_eq(place.name, want);
}
END_TEST

/* /proc is walked, also where a link leads there from the root: nobody can make one there. */
START_TEST(a_name_in_proc_is_walked)
{
	ck_assert(!lexical_name(&call, "/", "/proc/self", true, &place));
	ck_assert(!lexical_name(&call, "/proc", "self", true, &place));
	ck_assert(lexical_name(&call, "/", "/process", true, &place));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("lexical_names");
	TCase *tcase = test_case(suite, "names");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_path_has_a_name_by_its_letters_and_by_links_that_were_met, 0,
			    (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(tcase, what_is_no_link_any_more_stays_as_it_is_written);
	tcase_add_test(tcase, a_name_in_proc_is_walked);
	return suite;
}
