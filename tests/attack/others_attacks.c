/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * H5, H6: what a box learns of processes outside, and what they do to it, by the commands of
 * multiplexers. The attacks are in others_hostile.c.
 */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define OTHERS(name, ...) BOX_TEST(name, "others_hostile", __VA_ARGS__)

OTHERS(h06_process_outside_is_as_one_that_is_not_there, "outside")
OTHERS(h06_no_lease_no_notice_no_foreign_owner, "commands")
OTHERS(h06_of_its_own_a_box_asks_everything, "own", .same_native = true)
OTHERS(h06_its_own_group_is_signalled_as_0, "own_group", .same_native = true, .floor = true)

/* Holds leases until the box has done what it does meanwhile. */
static void hold_leases(void)
{
	int file = open("r/file", O_RDONLY | O_CLOEXEC),
	    program = open("w/prog", O_RDONLY | O_CLOEXEC);

	signal(SIGIO, SIG_IGN);
	if (fcntl(file, F_SETLEASE, F_WRLCK) < 0 || fcntl(program, F_SETLEASE, F_WRLCK) < 0)
		_exit(1);
	while (access("w/done", F_OK) < 0)
		usleep(1000);
	fcntl(file, F_SETLEASE, F_UNLCK);
	fcntl(program, F_SETLEASE, F_UNLCK);
	pause();
}

OTHERS(h05_leased_file_is_waited_for_by_who_opens_it, "leased", .same_native = true,
       .outside = hold_leases)
OTHERS(h05_leased_program_holds_up_nobody, "leased_program", .no_native = true,
       .outside = hold_leases)
OTHERS(h10_attributes_of_what_may_only_be_listed_are_not_read, "attributes",
       .lines = { "list $X/s" }, .directory = true)

Suite *test_suite(void)
{
	Suite *suite = suite_create("others_attacks");
	TCase *tcase = test_case(suite, "others");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, h06_process_outside_is_as_one_that_is_not_there);
	tcase_add_test(tcase, h06_no_lease_no_notice_no_foreign_owner);
	tcase_add_test(tcase, h06_of_its_own_a_box_asks_everything);
	tcase_add_test(tcase, h06_its_own_group_is_signalled_as_0);
	tcase_add_test(tcase, h05_leased_file_is_waited_for_by_who_opens_it);
	tcase_add_test(tcase, h05_leased_program_holds_up_nobody);
	tcase_add_test(tcase, h10_attributes_of_what_may_only_be_listed_are_not_read);
	return suite;
}
