/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* escape_text: what a terminal may be shown. */
#include "policy_help.h"

#include "common/cleanup.h"
#include "common/escape.h"

START_TEST(escape_renders_each_kind_of_byte)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
		{"plain text",		"plain text"		     },
		{ "tab\tline\nbell\a",	       "tab\\x09line\\x0abell\\x07"},
		{ "\x1b[2J\x7f",		 "\\x1b[2J\\x7f"		 },
		{ "gr\xc3\xbc\xc3\x9f",	"gr\xc3\xbc\xc3\x9f"	     },
		{ "\xe2\x82\xac",		  "\xe2\x82\xac"		 },
		{ "\xf0\x9f\x90\x9f",	      "\xf0\x9f\x90\x9f"		 },
		{ "\xff\xc3",		      "\\xff\\xc3"		   },
		{ "\xc0\xaf",		      "\\xc0\\xaf"		   },
		{ "\xe0\x80\xaf",		  "\\xe0\\x80\\xaf"	    },
		{ "\xed\xa0\x80",		  "\\xed\\xa0\\x80"	    },
		{ "\xf4\x90\x80\x80",	      "\\xf4\\x90\\x80\\x80"	     },
		{ "\xc2\x9b",		      "\\u{009b}"		  },
		{ "a\xe2\x80\xaetxt.exe",	  "a\\u{202e}txt.exe"	      },
		{ "\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"	   },
		{ "\xe2\x80\x8b\xef\xbb\xbf", "\\u{200b}\\u{feff}"	   },
		{ "\xf3\xa0\x81\x81",	      "\\u{e0041}"		   },
		{ "\"quoted\\\"",		  "\"quoted\\\""		 },
		{ "",			 ""			  },
	};
	char out[128];

	for (size_t i = 0; i < array_size(cases); i++) {
		size_t n = escape_text(out, sizeof(out), cases[i].in, strlen(cases[i].in));

		ck_assert_str_eq(out, cases[i].out);
		ck_assert_uint_eq(n, strlen(cases[i].out));
	}
}
END_TEST

START_TEST(escape_renders_nul)
{
	char out[16];

	escape_text(out, sizeof(out), "a\0b", 3);
	ck_assert_str_eq(out, "a\\x00b");
}
END_TEST

START_TEST(escape_always_ends_and_never_cuts_an_escape)
{
	static const char in[] = "a\x1b\xe2\x80\xae\xc3\xbc";
	static const size_t whole[] = { 0, 1, 5, 13, 15 };

	for (size_t size = 1; size < 24; size++) {
		char out[32];
		bool fits = false;
		size_t n;

		memset(out, '#', sizeof(out));
		n = escape_text(out, size, in, strlen(in));
		ck_assert_uint_lt(n, size);
		ck_assert_uint_eq(out[n], 0);
		ck_assert_uint_eq(out[size], '#');
		for (size_t i = 0; i < array_size(whole); i++)
			fits = fits || n == whole[i];
		ck_assert_msg(fits, "%zu bytes", n);
	}
}
END_TEST

START_TEST(escape_writes_nothing_to_no_room)
{
	char out = '#';

	ck_assert_uint_eq(escape_text(&out, 0, "abc", 3), 0);
	ck_assert_int_eq(out, '#');
}
END_TEST

START_TEST(escape_of_any_bytes_is_printable)
{
	unsigned int seed = 1;

	for (int round = 0; round < 2000; round++) {
		char in[24], out[256];
		size_t n;

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (char)rand_r(&seed);
		n = escape_text(out, sizeof(out), in, sizeof(in));
		for (size_t i = 0; i < n; i++)
			ck_assert((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("escape_text");
	TCase *tcase = test_case(suite, "escape");

	tcase_add_test(tcase, escape_renders_each_kind_of_byte);
	tcase_add_test(tcase, escape_renders_nul);
	tcase_add_test(tcase, escape_always_ends_and_never_cuts_an_escape);
	tcase_add_test(tcase, escape_writes_nothing_to_no_room);
	tcase_add_test(tcase, escape_of_any_bytes_is_printable);
	return suite;
}
