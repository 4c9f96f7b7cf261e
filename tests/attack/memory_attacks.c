/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* H1: a call reaches its caller's memory where the caller does. The attacks are in
 * memory_hostile.c. */
#include "box.h"
#include "check_main.h"

#define MEMORY(attack_, ...) \
	BOX_ATTACK("memory_hostile", attack_, .same_native = true, ##__VA_ARGS__)

START_TEST(h01_late_length_writes_no_code)
{
	MEMORY("late_length");
	MEMORY("late_length", .lines = { "sealed" });
}
END_TEST

START_TEST(h01_results_go_only_where_the_caller_writes)
{
	MEMORY("results");
	MEMORY("results", .lines = { "sealed" });
}
END_TEST

START_TEST(h01_arguments_come_only_from_where_the_caller_reads)
{
	MEMORY("arguments");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("memory_attacks");
	TCase *tcase = test_case(suite, "memory");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, h01_late_length_writes_no_code);
	tcase_add_test(tcase, h01_results_go_only_where_the_caller_writes);
	tcase_add_test(tcase, h01_arguments_come_only_from_where_the_caller_reads);
	return suite;
}
