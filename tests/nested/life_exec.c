/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels that exec end, with their children, as if their process had; and no others do. */
#include "life.h"
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

static struct life life;
static const char *const methods[] = { "method life.*", "limit children=200", NULL };
static int pipe_end = -1;

static struct sv_child *start(const char *depth, const char *way, int adopts)
{
	static const int kept[] = { LIFE_PIPE };
	const char *const direct[] = { "execs", way, NULL };
	const char *const below[] = { "under", depth, "execs", way, NULL };
	struct sv_spec like = {
		.label = "top", .keep_fds = kept, .keep_fds_count = 1, .adopts = adopts
	};
	struct sv_child *child = NULL;
	int pair[2];

	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(pair[1], LIFE_PIPE), LIFE_PIPE);
	close(pair[1]);
	pipe_end = pair[0];
	ck_assert_int_eq(life_open(&life, (struct sv_options){ .answer_ms = 0 }), 0);
	ck_assert_int_eq(life_define(life.sv), 0);
	ck_assert_int_eq(life_run(&life, &like, methods, depth ? below : direct, &child), 0);
	close(LIFE_PIPE);
	return child;
}

static char told(void)
{
	struct pollfd p = { .fd = pipe_end, .events = POLLIN };
	char byte = 0;

	while (poll(&p, 1, 5) == 0)
		sv_dispatch(life.sv, 0);
	return read(pipe_end, &byte, 1) == 1 ? byte : 0;
}

static void stop(void)
{
	life_close(&life);
	ck_assert_int_eq(told(), 0);
	close(pipe_end);
}

/* The new program has told that all is well, and goes on; what held the pipe is gone. */
static void ends_with(const char *depth, const char *way)
{
	start(depth, way, 0);
	ck_assert_int_eq(told(), 'n');
	ck_assert_int_eq(told(), 0);
	ck_assert_int_eq(atomic_load(&life.exited), 0);
	stop();
}

START_TEST(level_that_execs_ends_and_its_new_program_is_one_again)
{
	ends_with(_i ? "2" : NULL, "now");
}
END_TEST

START_TEST(level_ends_although_its_new_program_asks_for_nothing)
{
	start(NULL, "silent", 0);
	ck_assert_int_eq(told(), 0);
	ck_assert_int_eq(atomic_load(&life.exited), 0);
	stop();
}
END_TEST

START_TEST(exec_of_a_second_thread_ends_the_level)
{
	ends_with(_i ? "2" : NULL, "thread");
}
END_TEST

START_TEST(exec_ends_the_level_although_its_memory_is_still_in_use)
{
	ends_with(NULL, "shared");
}
END_TEST

static void stays_with(const char *way)
{
	start(NULL, way, 0);
	ck_assert_int_eq(told(), 'k');
	stop();
}

START_TEST(exec_that_fails_keeps_the_level)
{
	stays_with("fails");
}
END_TEST

START_TEST(exec_of_what_the_level_forks_keeps_it)
{
	stays_with("forks");
}
END_TEST

START_TEST(survivor_of_an_exec_is_adopted)
{
	struct sv_child *child = start(NULL, "survivor", 1);
	bool anew = false;

	while (!life.adopted || !atomic_load(&life_held))
		ck_assert_int_ge(sv_dispatch(life.sv, 5), 0);
	ck_assert_str_eq(life.adopted_label, "top/kept");
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_value(5)), 0);
	for (int i = 0; i < 2; i++) {
		char byte = told();

		ck_assert(byte == 's' || (byte == 'n' && !anew));
		anew |= byte == 'n';
	}
	ck_assert_int_eq(atomic_load(&life.exited), 0);
	sv_child_free(child);
	stop();
}
END_TEST

/* Twelve programs after one another, each with threads that spawn while it execs. */
START_TEST(nothing_is_left_of_what_was_spawned_during_an_exec)
{
	ends_with(_i ? "2" : NULL, "races12");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("life_exec");
	TCase *tcase = test_case(suite, "life_exec");

	tcase_set_timeout(tcase, 100);
	tcase_add_loop_test(tcase, level_that_execs_ends_and_its_new_program_is_one_again, 0, 2);
	tcase_add_test(tcase, level_ends_although_its_new_program_asks_for_nothing);
	tcase_add_loop_test(tcase, exec_of_a_second_thread_ends_the_level, 0, 2);
	tcase_add_test(tcase, exec_ends_the_level_although_its_memory_is_still_in_use);
	tcase_add_test(tcase, exec_that_fails_keeps_the_level);
	tcase_add_test(tcase, exec_of_what_the_level_forks_keeps_it);
	tcase_add_test(tcase, survivor_of_an_exec_is_adopted);
	tcase_add_loop_test(tcase, nothing_is_left_of_what_was_spawned_during_an_exec, 0, 2);
	return suite;
}
