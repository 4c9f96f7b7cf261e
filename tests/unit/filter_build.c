/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compiler from rows to BPF, on small tables of the test's own. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "common/cleanup.h"
#include "confine/filter.h"
#include "sys/rows.h"

static int build(const struct sysrow *rows, struct sock_fprog *ret)
{
	const struct sysrow *const tables[] = { rows, NULL };

	return filter_build(tables, 0, ret);
}

START_TEST(no_rows_make_a_filter_that_refuses_all)
{
	static const struct sysrow rows[] = { ROWS_END };
	struct sock_fprog program;

	ck_assert_int_eq(build(rows, &program), 0);
	ck_assert_uint_gt(program.len, 0);
	for (unsigned int i = 0; i < program.len; i++)
		ck_assert(program.filter[i].code != (BPF_RET | BPF_K) ||
			  program.filter[i].k != SECCOMP_RET_ALLOW);
	free(program.filter);
}
END_TEST

START_TEST(two_rows_of_one_number_are_an_error)
{
	static const struct sysrow rows[] = {
		ALLOWED(read, "", NULL),
		REFUSED(read, "", EPERM, NULL),
		ROWS_END,
	};
	struct sock_fprog program;

	ck_assert_int_eq(build(rows, &program), -EINVAL);
}
END_TEST

START_TEST(row_with_the_number_of_a_method_is_an_error)
{
	static const struct sysrow rows[] = {
		{.nr = PCALL_BASE, .name = "method", .args = ""},
		    ROWS_END
	};
	struct sock_fprog program;

	ck_assert_int_eq(build(rows, &program), -EINVAL);
}
END_TEST

START_TEST(chain_without_an_end_is_an_error)
{
	static const struct when when[] = { IF_EQUAL(0, 1, PASS), IF_EQUAL(0, 2, AND) };
	static const struct sysrow rows[] = { ROW(read, "i", WHEN(when)), ROWS_END };
	struct sock_fprog program;

	ck_assert_int_eq(build(rows, &program), -EINVAL);
}
END_TEST

/* Conditions that differ, so that nothing is merged: 40 rows of 60 do not fit in 4096 instructions.
 */
START_TEST(more_than_the_kernel_takes_is_an_error)
{
	struct when when[60];
	struct sysrow rows[41];
	struct sock_fprog program;

	for (unsigned int i = 0; i < array_size(when); i++)
		when[i] = (struct when)IF_EQUAL(i % 6, i, AS_LINUX(1 + i));
	for (int i = 0; i < 40; i++)
		rows[i] = (struct sysrow){ .nr = i, .name = "", .args = "zzzzzz", WHEN(when) };
	rows[40] = (struct sysrow)ROWS_END;
	ck_assert_int_eq(build(rows, &program), -E2BIG);
}
END_TEST

START_TEST(same_rows_make_the_same_filter)
{
	struct sock_fprog first, second;

	ck_assert_int_eq(filter_build(sysrow_tables, FEATURE_SCOPED, &first), 0);
	ck_assert_int_eq(filter_build(sysrow_tables, FEATURE_SCOPED, &second), 0);
	ck_assert_uint_eq(first.len, second.len);
	ck_assert_mem_eq(first.filter, second.filter, first.len * sizeof(first.filter[0]));
	free(first.filter);
	free(second.filter);
}
END_TEST

/* 32,768 instructions is what a chain may have: each filter of a child's own costs 4 more. */
START_TEST(filter_leaves_room_for_the_childs_own)
{
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, 0, &program), 0);
	ck_assert_uint_lt(program.len, 2048);
	free(program.filter);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("filter_build");
	TCase *tables = test_case(suite, "tables");

	tcase_add_test(tables, no_rows_make_a_filter_that_refuses_all);
	tcase_add_test(tables, two_rows_of_one_number_are_an_error);
	tcase_add_test(tables, row_with_the_number_of_a_method_is_an_error);
	tcase_add_test(tables, chain_without_an_end_is_an_error);
	tcase_add_test(tables, more_than_the_kernel_takes_is_an_error);
	tcase_add_test(tables, same_rows_make_the_same_filter);
	tcase_add_test(tables, filter_leaves_room_for_the_childs_own);
	return suite;
}
