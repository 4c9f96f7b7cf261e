/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Labels: which are good, what is made of a command's name, and how those of one name count. */
#include "check_main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "common/cleanup.h"
#include "common/label.h"
#include "common/pcall-wire.h"

START_TEST(label_is_what_a_terminal_may_be_shown)
{
	static const struct {
		const char *label;
		int r;
	} cases[] = {
		{"tab7",			  0	    },
		{ "a b",			 0	   },
		{ "gr\xc3\xbc\xc3\x9f",	0	  },
		{ "...",			 0	   },
		{ "-",		       0	 },
		{ "",		      -EINVAL},
		{ ".",		       -EINVAL},
		{ "..",			-EINVAL},
		{ "a/b",			 -EINVAL},
		{ "/",		       -EINVAL},
		{ "a\n",			 -EINVAL},
		{ "\x1b[31m",	      -EINVAL},
		{ "\x7f",		  -EINVAL},
		{ "a\xc2\x9b"
		  "31m",  -EINVAL},
		{ "a\x9b"
		  "31m",  -EINVAL},
		{ "\xff\xfe",	      -EINVAL},
		{ "\xc0\xaf",	      -EINVAL},
		{ "\xe2\x80\xae"
		  "evil", -EINVAL},
		{ "\xe2\x81\xa6",	  -EINVAL},
		{ "\xe2\x80\x8b",	  -EINVAL},
		{ "cut\xc3",		     -EINVAL},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		ck_assert_msg(label_judge("browser", cases[i].label) == cases[i].r, "%zu", i);
}
END_TEST

START_TEST(label_is_bounded_and_so_are_all_its_parts)
{
	char outer[PCALL_LABEL_MAX], part[PCALL_LABEL_PART_MAX + 1];

	memset(part, 'a', sizeof(part));
	part[PCALL_LABEL_PART_MAX] = '\0';
	ck_assert_int_eq(label_judge(NULL, part), -ENAMETOOLONG);
	part[PCALL_LABEL_PART_MAX - 1] = '\0';
	ck_assert_int_eq(label_judge(NULL, part), 0);
	memset(outer, 'a', sizeof(outer));
	outer[PCALL_LABEL_MAX - 3] = '\0';
	ck_assert_int_eq(label_judge(outer, "b"), 0);
	ck_assert_int_eq(label_judge(outer, "bc"), -ENAMETOOLONG);
}
END_TEST

START_TEST(label_of_a_command_is_a_good_one)
{
	static const struct {
		const char *name;
		const char *label;
	} cases[] = {
		{"make",	  "make"	 },
		    { ".",	   "_"	       },
		    { "..",	    "_"	},
		{ "",	      "_"	  },
		    { "/",	   "_"	       },
		    { "a\nb",      "a_b"	    },
		{ "\xff",	  "_"	      },
		    { "\xc2\x9bx", "__x"	 },
		    { "x\xc3\xbc", "x\xc3\xbc"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		cleanup_free char *label = label_of_name(cases[i].name);

		ck_assert_str_eq(label, cases[i].label);
		ck_assert_int_eq(label_judge(NULL, label), 0);
	}
}
END_TEST

START_TEST(numbers_of_labels_are_told)
{
	static const struct {
		const char *base;
		const char *label;
		unsigned int number;
	} cases[] = {
		{"tab",	 "tab",		1		  },
		{ "tab",	 "tab-2",	  2		    },
		{ "tab",	 "tab-40",	   40	      },
		{ "tab",	 "tab-999999999",  LABEL_NUMBER_MAX},
		{ "tab",	 "tab-0",	  0		    },
		{ "tab",	 "tab-02",	   0		     },
		{ "tab",	 "tab-",		 0		   },
		{ "tab",	 "tab-2x",	   0		     },
		{ "tab",	 "tab-9999999999", 0		     },
		{ "tab",	 "tab2",		 0		   },
		{ "tab",	 "ta",	       0		 },
		{ "tab",	 "tab/x",	  0		    },
		{ "tab-2", "tab-2-2",	      2		},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		ck_assert_uint_eq(label_number(cases[i].base, cases[i].label), cases[i].number);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("label_names");
	TCase *tcase = test_case(suite, "label");

	tcase_add_test(tcase, label_is_what_a_terminal_may_be_shown);
	tcase_add_test(tcase, label_is_bounded_and_so_are_all_its_parts);
	tcase_add_test(tcase, label_of_a_command_is_a_good_one);
	tcase_add_test(tcase, numbers_of_labels_are_told);
	return suite;
}
