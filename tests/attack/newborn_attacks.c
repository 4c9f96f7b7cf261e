/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* G1 and G2 of the attacks: newborns belong to the root until their exec (R10). What is tried is in
 * newborn_hostile.c. */
#include "box.h"
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define ATTACK(name, ...) BOX_TEST(name, "newborn_hostile", __VA_ARGS__, .no_native = true)

/* Holds a lease on what is to be executed, and says when somebody waits for it. */
static void lease_hold(void)
{
	int fd = open("w/elf", O_RDONLY);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) < 0)
		return;
	close(open("w/leased", O_WRONLY | O_CREAT, 0600));
	sigwait(&set, &(int){ 0 });
	close(open("w/broken", O_WRONLY | O_CREAT, 0600));
	while (access("w/done", F_OK) < 0)
		usleep(1000);
	fcntl(fd, F_SETLEASE, F_UNLCK);
	pause();
}

ATTACK(g01_newborn_is_no_process_of_the_box, "process")
ATTACK(g01_level_reaches_nothing_of_a_newborn, "call")
ATTACK(g01_level_that_has_every_call_neither, "every_call")
ATTACK(g01_newborn_is_not_met_by_chance, "race")
ATTACK(g01_newborn_that_a_lease_stalls_is_not_met, "lease", .outside = lease_hold)
ATTACK(g01_what_has_execed_is_its_levels, "afterwards")
ATTACK(g02_answers_to_its_exec_put_nothing_on_it, "answers")

Suite *test_suite(void)
{
	Suite *suite = suite_create("newborn");
	TCase *tcase = test_case(suite, "newborn");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, g01_newborn_is_no_process_of_the_box);
	tcase_add_test(tcase, g01_level_reaches_nothing_of_a_newborn);
	tcase_add_test(tcase, g01_level_that_has_every_call_neither);
	tcase_add_test(tcase, g01_newborn_is_not_met_by_chance);
	tcase_add_test(tcase, g01_newborn_that_a_lease_stalls_is_not_met);
	tcase_add_test(tcase, g01_what_has_execed_is_its_levels);
	tcase_add_test(tcase, g02_answers_to_its_exec_put_nothing_on_it);
	return suite;
}
