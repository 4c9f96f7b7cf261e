/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Section D of the attacks: doors into the kernel. The attacks themselves are in entry_hostile.c.
 */
#include "box.h"
#include "i386.h"
#include "check_main.h"

#define ENTRY(name, ...) BOX_TEST(name, "entry_hostile", __VA_ARGS__)

ENTRY(d01_doors_for_32_bit_code_are_shut, "d01")

START_TEST(d01_program_of_32_bits_does_not_run)
{
	if (!i386_there())
		test_skip("this kernel runs no programs of 32 bits");
	BOX_ATTACK("entry_hostile", "d01_program");
}
END_TEST

ENTRY(d02_high_halves_of_arguments_change_nothing, "d02")
ENTRY(d03_numbers_that_are_no_calls_are_refused, "d03")
ENTRY(d04_namespaces_are_not_left, "d04_namespaces")
ENTRY(d04_tasks_of_every_kind_are_bounded, "d04_tasks")
ENTRY(d05_rings_are_not_made, "d05")
ENTRY(d06_prctl_gives_nothing, "d06_prctl")
ENTRY(d06_own_filters_only_take_away, "d06_seccomp")
ENTRY(d07_code_without_a_name_is_contained, "d07")
ENTRY(d07_sealed_child_runs_no_other_code, "d07_sealed", .lines = { "sealed" })
ENTRY(d08_kernel_is_not_configured, "d08")

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
