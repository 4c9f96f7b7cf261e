/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A8 of the attacks: numbers of threads that come round at once, while the supervisor still works
 * for, or remembers, whoever had them before. The attacks themselves are in
 * race_numbers_hostile.c.
 *
 * This program runs itself again in a process namespace of its own, where somebody outside of the
 * box may say which number is the next.
 */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	LAST_NUMBER = 300, /* the kernel gives none below 300 a second time */
};

static const char last_number_file[] = "/proc/sys/kernel/ns_last_pid";

static int last_number_set(int fd)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", LAST_NUMBER);

	return pwrite(fd, text, (size_t)n, 0) == n ? 0 : -1;
}

/* Whoever is made next has one of the first numbers that are free. */
static void numbers_come_round(void)
{
	int fd = open(last_number_file, O_WRONLY | O_CLOEXEC);

	while (fd >= 0 && last_number_set(fd) == 0)
		usleep(20);
}

static void skip_if_they_cannot(void)
{
	int fd = open(last_number_file, O_WRONLY | O_CLOEXEC);

	if (!box_namespaced() || fd < 0 || last_number_set(fd) < 0)
		test_skip("no process namespace whose numbers can be set");
	close(fd);
}

#define NUMBERS(name, attack_)                                                 \
	START_TEST(name)                                                       \
	{                                                                      \
		skip_if_they_cannot();                                         \
		BOX_ATTACK("race_numbers_hostile", attack_, .no_native = true, \
			   .outside = numbers_come_round);                     \
	}                                                                      \
	END_TEST

NUMBERS(a08_process_with_the_number_of_another, "processes")
NUMBERS(a08_process_with_the_number_of_a_thread, "threads")
NUMBERS(a08_process_with_the_number_of_one_that_waited, "pending")

Suite *test_suite(void)
{
	Suite *suite = suite_create("numbers");
	TCase *tcase = test_case(suite, "numbers");

	box_namespace(geteuid() == 0 ? "-mpf --mount-proc" : "-rmpf --mount-proc", "true");
	tcase_set_timeout(tcase, 300); /* for what hangs */
	tcase_add_test(tcase, a08_process_with_the_number_of_another);
	tcase_add_test(tcase, a08_process_with_the_number_of_a_thread);
	tcase_add_test(tcase, a08_process_with_the_number_of_one_that_waited);
	return suite;
}
