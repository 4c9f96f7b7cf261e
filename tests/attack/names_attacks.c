/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Section B of the attacks: other names of what is refused. The attacks themselves are in
 * names_hostile.c. */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMES(name, ...) BOX_TEST(name, "names_hostile", __VA_ARGS__)

NAMES(b01_proc_is_the_callers, "b01", .lines = { "list /dev" })
NAMES(b02_magic_links_lead_nowhere, "b02")
NAMES(b03_no_second_name_for_what_is_refused, "b03")
NAMES(b04_spelling_makes_no_difference, "b04")
NAMES(b05_directory_descriptors_are_no_authority, "b05", .directory = true)
NAMES(b06_every_sibling_call_is_refused, "b06")
NAMES(b07_no_devices_no_set_user_id, "b07")

START_TEST(b08_special_files_are_not_opened)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		setenv("PTS", ptsname(master), 1);
	BOX_ATTACK("names_hostile", "b08", .lines = { "list /dev" });
	close(master);
}
END_TEST

NAMES(b09_what_does_not_exist_yet_stays_refused, "b09",
      .lines = { "deny write **/.git/hooks/**", "deny write $X/w/own.policy" })

Suite *test_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = test_case(suite, "names");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, b01_proc_is_the_callers);
	tcase_add_test(tcase, b02_magic_links_lead_nowhere);
	tcase_add_test(tcase, b03_no_second_name_for_what_is_refused);
	tcase_add_test(tcase, b04_spelling_makes_no_difference);
	tcase_add_test(tcase, b05_directory_descriptors_are_no_authority);
	tcase_add_test(tcase, b06_every_sibling_call_is_refused);
	tcase_add_test(tcase, b07_no_devices_no_set_user_id);
	tcase_add_test(tcase, b08_special_files_are_not_opened);
	tcase_add_test(tcase, b09_what_does_not_exist_yet_stays_refused);
	return suite;
}
