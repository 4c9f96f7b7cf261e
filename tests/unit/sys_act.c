/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How paths end, and what the flags of the *at calls ask of the view. */
#include "path/act.h"

#include <string.h>
#include "check_main.h"

static const struct {
	const char *path;
	enum path_end end;
} ends[] = {
	{"f",      PATH_END_NAME  },
	    { "f/",    PATH_END_NAME  },
	{ "",      PATH_END_NAME  },
	{ "...",	 PATH_END_NAME  },
	    { ".f",    PATH_END_NAME  },
	{ "f.",	PATH_END_NAME  },
	{ "..f",	 PATH_END_NAME  },
	    { "a/b",   PATH_END_NAME  },
	{ "a/b//", PATH_END_NAME	 },
	{ "../f",  PATH_END_NAME	},
	    { ".",	   PATH_END_DOT	},
	{ "./",	PATH_END_DOT   },
	{ "/.",	PATH_END_DOT   },
	    { "a/.//", PATH_END_DOT   },
	{ "..",	PATH_END_DOTDOT},
	{ "../",	 PATH_END_DOTDOT},
	    { "/..",   PATH_END_DOTDOT},
	{ "a/..",  PATH_END_DOTDOT},
	{ "/",     PATH_END_ROOT  },
	    { "///",   PATH_END_ROOT  },
};

START_TEST(path_end_is_of_the_last_component)
{
	ck_assert_msg(path_end(ends[_i].path) == ends[_i].end, "\"%s\" ends as %d", ends[_i].path,
		      path_end(ends[_i].path));
}
END_TEST

START_TEST(at_view_follows_unless_told_not_to)
{
	ck_assert_uint_eq(at_view(0), VIEW_FOLLOW);
	ck_assert_uint_eq(at_view(AT_SYMLINK_NOFOLLOW), 0);
	ck_assert_uint_eq(at_view(AT_EMPTY_PATH), VIEW_FOLLOW | VIEW_EMPTY);
	ck_assert_uint_eq(at_view(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW), VIEW_EMPTY);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("sys_act");
	TCase *tcase = test_case(suite, "paths");

	tcase_add_loop_test(tcase, path_end_is_of_the_last_component, 0,
			    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(tcase, at_view_follows_unless_told_not_to);
	return suite;
}
