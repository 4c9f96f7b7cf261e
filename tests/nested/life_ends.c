/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of whom when somebody in a tree ends, is killed or stops; and who is adopted. */
#include "life_kit.h"
#include "check_main.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Starts a level with a child that holds the pipe. */
static struct sv_child *keeps_start(const char *word, int adopts)
{
	struct sv_spec like = top;
	struct sv_child *child;

	pipe_open();
	like.keep_fds = kept;
	like.keep_fds_count = 1;
	like.adopts = adopts;
	start(&like, methods, word ? WORDS("keeps", word) : WORDS("keeps"), &child);
	ck_assert_int_eq(pipe_read(), 'r');
	close(LIFE_PIPE);
	return child;
}

START_TEST(children_of_a_level_that_dies_end)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	child = keeps_start(NULL, 0);
	ck_assert_int_eq(kill(sv_child_pid(child), SIGKILL), 0);
	pipe_ends();
	life_close(&life);
}
END_TEST

START_TEST(survivors_end_where_nobody_adopts)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	keeps_start("stays", 0);
	pipe_ends();
	life_close(&life);
}
END_TEST

START_TEST(children_of_a_child_that_is_freed_end)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	child = keeps_start(NULL, 0);
	sv_child_free(child);
	pipe_ends();
	life_close(&life);
}
END_TEST

/* Starts a level that dies, and lets it; the survivor has made a call before. */
static struct sv_child *survivor_start(const char *const *lines, const char *word, uint64_t time_ms)
{
	struct sv_spec like = top;
	struct sv_child *child;

	pipe_open();
	like.keep_fds = kept;
	like.keep_fds_count = 1;
	like.adopts = 1;
	like.time_ms = time_ms;
	start(&like, lines, WORDS("keeps", word), &child);
	ck_assert_int_eq(pipe_read(), 'r');
	close(LIFE_PIPE);
	UNTIL(atomic_load(&life_held));
	atomic_store(&life_go, true);
	UNTIL(life.adopted);
	return child;
}

/* What it called as before is no way to a child that is freed. */
START_TEST(survivor_counts_for_the_children_that_it_could_have)
{
	static const char *const lines[] = { "method life.*", "limit children=3", NULL };
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	child = survivor_start(lines, "breeds", 0);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	ck_assert_ptr_eq(sv_call_child(life_held), child);
	sv_child_free(child);
	ck_assert_ptr_null(sv_call_child(life_held));
	ck_assert_uint_eq(sv_call_badge(life_held), 42);
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_value(5)), 0);
	ck_assert_int_eq(life_wait(&life, 2), 12 << 8);
	pipe_ends();
	life_close(&life);
}
END_TEST

/* As long as its level had. On a machine that is too busy that was too short for its start. */
START_TEST(survivor_counts_for_the_time_that_it_had)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	survivor_start(methods, "breeds", 4000);
	UNTIL(life.limited == life.adopted);
	ck_assert_int_ge(life_wait(&life, 2), 0);
	pipe_ends();
	life_close(&life);
}
END_TEST

START_TEST(consent_to_adopt_is_not_inherited)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	survivor_start(methods, "leaves", 0);
	if (_i)
		ck_assert_int_eq(sv_child_adopt(life.adopted, 0, 1), 0);
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_value(5)), 0);
	ck_assert_int_eq(life_wait(&life, 2), 0);
	if (_i) {
		UNTIL(life.adoptions == 2);
		ck_assert_str_eq(life.adopted_label, "top/kept/left");
		sv_child_free(life.adopted);
	}
	pipe_ends();
	ck_assert_int_eq(life.adoptions, 1 + _i);
	life_close(&life);
}
END_TEST

START_TEST(answer_to_who_was_killed_goes_nowhere)
{
	const struct sv_answer given = _i == 0	 ? sv_answer_value(0)
				       : _i == 1 ? sv_answer_forward()
						 : sv_answer_fd(dup(0), 0);
	struct sv_spec like = top;

	open_life((struct sv_options){ .answer_ms = 0 });
	pipe_open();
	like.keep_fds = kept;
	like.keep_fds_count = 1;
	start(&like, methods, WORDS("killed"), NULL);
	UNTIL(atomic_load(&life_held));
	atomic_store(&life_go, true);
	ck_assert_int_eq(pipe_read(), 'd');
	ck_assert_int_eq(sv_call_answer(life_held, given), -ESRCH);
	life_close(&life);
	pipe_ends();
}
END_TEST

START_TEST(answer_of_a_level_to_who_was_killed_goes_nowhere)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("answers"));
	run(WORDS("answers", "forward"));
	run(WORDS("answers", "fd"));
	life_close(&life);
}
END_TEST

START_TEST(call_of_a_freed_child_leads_nowhere)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("frees"));
	run(WORDS("under", "1", "frees"));
	life_close(&life);
}
END_TEST

START_TEST(survivor_is_adopted_with_what_it_had)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	child = keeps_start("survivor", 1);
	/* what was taken from its level stays taken, and it is ours to take more */
	ck_assert_int_eq(sv_child_mask(child, sv_method(life.sv, "life.turn"), 0), 0);
	atomic_store(&life_go, true);
	UNTIL(life.adopted);
	ck_assert_int_eq(sv_child_mask(life.adopted, sv_method(life.sv, "life.sum"), 0), 0);
	ck_assert_str_eq(life.adopted_label, "top/kept");
	ck_assert_str_eq(sv_child_label(life.adopted), "top/kept");
	sv_child_free(child);
	UNTIL(atomic_load(&life_held));
	/* It may have called before it was adopted, and calls until it hears what it wants. */
	while (sv_call_child(life_held) != life.adopted) {
		ck_assert_ptr_null(sv_call_child(life_held));
		ck_assert_int_eq(
			sv_call_answer(atomic_exchange(&life_held, NULL), sv_answer_value(0)), 0);
		UNTIL(atomic_load(&life_held));
	}
	/* nobody's, until we say what it is to us */
	ck_assert_uint_eq(sv_call_badge(life_held), 0);
	ck_assert_int_eq(sv_child_adopt(life.adopted, 9, 0), 0);
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_value(5)), 0);
	ck_assert_int_eq(pipe_read(), 's');
	ck_assert_uint_eq(life_badge, 9);
	sv_child_free(life.adopted);
	pipe_ends();
	life_close(&life);
}
END_TEST

START_TEST(root_that_is_killed_takes_all_along)
{
	pid_t pid;

	pipe_open();
	pid = fork();
	if (pid == 0) {
		struct sv_spec like = top;

		like.keep_fds = kept;
		like.keep_fds_count = 1;
		if (life_open(&life, (struct sv_options){ .answer_ms = 0 }) < 0 ||
		    life_run(&life, &like, methods, WORDS("keeps"), NULL) < 0)
			_exit(1);
		for (;;)
			sv_dispatch(life.sv, -1);
	}
	close(LIFE_PIPE);
	ck_assert_int_eq(pipe_read(), 'r');
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pipe_ends();
}
END_TEST

START_TEST(all_ends_while_everything_goes_on)
{
	struct sv_spec like = top;

	open_life((struct sv_options){ .handlers_in_dispatch = _i % 2 });
	pipe_open();
	like.keep_fds = kept;
	like.keep_fds_count = 1;
	start(&like, methods, WORDS("storm", "2"), NULL);
	start(&like, methods, WORDS("storm", "1"), NULL);
	for (int i = 0; i < 20 * (_i + 1); i++)
		sv_dispatch(life.sv, 5);
	life_close(&life);
	pipe_ends();
}
END_TEST

/* By somebody else: its threads that wait for calls stop as well, and what comes then waits. */
START_TEST(level_that_is_stopped_is_told_and_goes_on)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	if (_i)
		start(&top, methods, WORDS("under", "2", "serves", "pauses"), &child);
	else
		start(&top, methods, WORDS("serves", "pauses"), &child);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(kill(sv_child_pid(child), SIGSTOP), 0);
		UNTIL(life.stopped == SIGSTOP);
		ck_assert_int_eq(kill(sv_child_pid(child), SIGCONT), 0);
		UNTIL(life.stopped == 0);
	}
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
}
END_TEST

START_TEST(level_that_nobody_calls_is_stopped_as_well)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	child = keeps_start(NULL, 0);
	ck_assert_int_eq(kill(sv_child_pid(child), SIGSTOP), 0);
	UNTIL(life.stopped == SIGSTOP);
	ck_assert_int_eq(kill(sv_child_pid(child), SIGCONT), 0);
	UNTIL(life.stopped == 0);
	ck_assert_int_eq(kill(sv_child_pid(child), SIGKILL), 0);
	pipe_ends();
	life_close(&life);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("life_ends");
	TCase *tcase = test_case(suite, "life_ends");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, children_of_a_level_that_dies_end);
	tcase_add_test(tcase, survivors_end_where_nobody_adopts);
	tcase_add_test(tcase, children_of_a_child_that_is_freed_end);
	tcase_add_test(tcase, survivor_is_adopted_with_what_it_had);
	tcase_add_test(tcase, survivor_counts_for_the_children_that_it_could_have);
	tcase_add_test(tcase, survivor_counts_for_the_time_that_it_had);
	tcase_add_loop_test(tcase, consent_to_adopt_is_not_inherited, 0, 2);
	tcase_add_loop_test(tcase, answer_to_who_was_killed_goes_nowhere, 0, 3);
	tcase_add_test(tcase, answer_of_a_level_to_who_was_killed_goes_nowhere);
	tcase_add_test(tcase, call_of_a_freed_child_leads_nowhere);
	tcase_add_test(tcase, root_that_is_killed_takes_all_along);
	tcase_add_loop_test(tcase, all_ends_while_everything_goes_on, 0, 4);
	tcase_add_loop_test(tcase, level_that_is_stopped_is_told_and_goes_on, 0, 2);
	tcase_add_test(tcase, level_that_nobody_calls_is_stopped_as_well);
	return suite;
}
