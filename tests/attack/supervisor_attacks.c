/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section E of the attacks, E1, E2 and E4: the supervisor's descriptors, its time and memory, what
 * leaks from it. The attacks themselves are in supervisor_hostile.c, the two boxes of E2 in
 * crowd.c.
 */
#include "box.h"
#include "check_main.h"
#include "crowd.h"

#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "profiles.h"
#include "supervisor.h"

#define SUPERVISOR(name, ...) BOX_TEST(name, "supervisor_hostile", __VA_ARGS__)

SUPERVISOR(e01_descriptors_of_the_supervisor_are_out_of_reach, "e01", .no_native = true)

/* A descriptor that would pass an exec, a variable, a mask: natively a child has them. */
START_TEST(e04_nothing_leaks_into_the_child)
{
	char name[] = "/tmp/leak.XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_eq(write(fd, "CANARY\n", 7), 7);
	ck_assert_int_eq(dup2(fd, 55), 55);
	close(fd);
	unlink(name);
	setenv("PCALL_SECRET", "CANARY of the environment", 1);
	umask(027);
	BOX_ATTACK("supervisor_hostile", "e04");
	close(55);
}
END_TEST

#define CROWD(name, ...)                                                         \
	START_TEST(name)                                                         \
	{                                                                        \
		static const struct crowd c = { .program = "supervisor_hostile", \
						.attack = __VA_ARGS__ };         \
		crowd(&c);                                                       \
	}                                                                        \
	END_TEST

/* A ring does what it is told past every filter, with a polling thread even without a call. */
static int ring_run(void)
{
	struct io_uring_params params = { .flags = 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	const struct sv_options options = { .size = sizeof(options),
					    .degraded = profile_degraded() };
	struct sv_error error = { .text = "" };
	struct sv *sv;

	if (ring < 0)
		return 77;
	dup2(ring, 0);
	if (sv_new(&options, &sv, &error) < 0)
		return 2;
	return crowd_start_one(sv, "/bin/true") ? 1 : 0;
}

START_TEST(d05_ring_is_not_inherited)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(ring_run());
	waitpid(pid, &status, 0);
	if (status == 77 << 8)
		test_skip("io_uring is not to be had here");
	ck_assert_int_eq(status, 0);
}
END_TEST

CROWD(e02_pending_calls_hold_up_nobody, "pending")
CROWD(e02_ten_thousand_threads_hold_up_nobody, "threads")
CROWD(e02_huge_arguments_hold_up_nobody, "huge")
CROWD(e02_small_fork_bomb_holds_up_nobody, "forks")
CROWD(e02_child_without_descriptors_is_answered, "no_descriptors")
CROWD(e02_supervisor_without_descriptors_answers, "pending", .files = 64, .failures = true)

/* What is remembered of callers is given up before it is too much. */
CROWD(e02_many_callers_and_few_descriptors, "callers", .files = 128)
CROWD(e02_flood_of_refusals_stays_small, "refusals")
CROWD(e02_flood_of_refusals_that_nobody_takes_stays_small, "refusals", .deaf = true)
CROWD(e02_signals_at_pending_calls_hold_up_nobody, "interrupted")

Suite *test_suite(void)
{
	Suite *suite = suite_create("supervisor");
	TCase *tcase = test_case(suite, "supervisor");

	tcase_set_timeout(tcase, 300); /* for what hangs */
	tcase_add_test(tcase, d05_ring_is_not_inherited);
	tcase_add_test(tcase, e01_descriptors_of_the_supervisor_are_out_of_reach);
	tcase_add_test(tcase, e02_pending_calls_hold_up_nobody);
	tcase_add_test(tcase, e02_ten_thousand_threads_hold_up_nobody);
	tcase_add_test(tcase, e02_huge_arguments_hold_up_nobody);
	tcase_add_test(tcase, e02_small_fork_bomb_holds_up_nobody);
	tcase_add_test(tcase, e02_child_without_descriptors_is_answered);
	tcase_add_test(tcase, e02_supervisor_without_descriptors_answers);
	tcase_add_test(tcase, e02_many_callers_and_few_descriptors);
	tcase_add_test(tcase, e02_flood_of_refusals_stays_small);
	tcase_add_test(tcase, e02_flood_of_refusals_that_nobody_takes_stays_small);
	tcase_add_test(tcase, e02_signals_at_pending_calls_hold_up_nobody);
	tcase_add_test(tcase, e04_nothing_leaks_into_the_child);
	return suite;
}
