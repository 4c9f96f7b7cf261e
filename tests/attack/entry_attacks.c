/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Section D of the attacks: doors into the kernel. The attacks themselves are in entry_hostile.c.
 */
#include "box.h"
#include "i386.h"
#include "check_main.h"

#define ENTRY(attack_, ...)                                                           \
	do {                                                                          \
		static const struct box_attack attack = { .program = "entry_hostile", \
							  .attack = (attack_),        \
							  ##__VA_ARGS__ };            \
		box_attack(&attack);                                                  \
	} while (0)

START_TEST(d01_doors_for_32_bit_code_are_shut)
{
	ENTRY("d01");
}
END_TEST

START_TEST(d01_program_of_32_bits_does_not_run)
{
	if (!i386_there())
		test_skip("this kernel runs no programs of 32 bits");
	ENTRY("d01_program");
}
END_TEST

START_TEST(d02_high_halves_of_arguments_change_nothing)
{
	ENTRY("d02");
}
END_TEST

START_TEST(d03_numbers_that_are_no_calls_are_refused)
{
	ENTRY("d03");
}
END_TEST

START_TEST(d04_namespaces_are_not_left)
{
	ENTRY("d04_namespaces");
}
END_TEST

START_TEST(d04_tasks_of_every_kind_are_bounded)
{
	ENTRY("d04_tasks");
}
END_TEST

START_TEST(d05_rings_are_not_made)
{
	ENTRY("d05");
}
END_TEST

START_TEST(d06_prctl_gives_nothing)
{
	ENTRY("d06_prctl");
}
END_TEST

START_TEST(d06_own_filters_only_take_away)
{
	ENTRY("d06_seccomp");
}
END_TEST

START_TEST(d07_code_without_a_name_is_contained)
{
	ENTRY("d07");
}
END_TEST

START_TEST(d07_sealed_child_runs_no_other_code)
{
	ENTRY("d07_sealed", .lines = { "sealed" });
}
END_TEST

START_TEST(d08_kernel_is_not_configured)
{
	ENTRY("d08");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("entry");
	TCase *tcase = test_case(suite, "entry");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, d01_doors_for_32_bit_code_are_shut);
	tcase_add_test(tcase, d01_program_of_32_bits_does_not_run);
	tcase_add_test(tcase, d02_high_halves_of_arguments_change_nothing);
	tcase_add_test(tcase, d03_numbers_that_are_no_calls_are_refused);
	tcase_add_test(tcase, d04_namespaces_are_not_left);
	tcase_add_test(tcase, d04_tasks_of_every_kind_are_bounded);
	tcase_add_test(tcase, d05_rings_are_not_made);
	tcase_add_test(tcase, d06_prctl_gives_nothing);
	tcase_add_test(tcase, d06_own_filters_only_take_away);
	tcase_add_test(tcase, d07_code_without_a_name_is_contained);
	tcase_add_test(tcase, d07_sealed_child_runs_no_other_code);
	tcase_add_test(tcase, d08_kernel_is_not_configured);
	return suite;
}
