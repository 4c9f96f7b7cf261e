/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lives in a tree: methods, masks, limits, and whom a handler holds up. */
#include "life_kit.h"
#include "check_main.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* When the caller has been told that its time is over. */
static struct sv_answer forward_late(struct sv_call *call, void *data)
{
	bool late = strstr(sv_call_path(call, 0), "/late") != NULL;

	(void)data;
	if (late)
		sv_call_limit(call, 30);
	while (late && !atomic_load(&life_go))
		usleep(1000);
	return sv_answer_forward();
}

static struct sv_answer only_two(struct sv_call *call, void *data)
{
	static const unsigned int none[] = { 2, 3, 4, 5, 6, 7, 100, 1u << 31, ~0u };
	const char *from = sv_call_path(call, 0), *to = sv_call_path(call, 1);
	bool more = sv_call_word(call, 6) != 0;

	(void)data;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		more |= sv_call_path(call, none[i]) != NULL;
	return sv_answer_error(
		!more && from && to && !strcmp(from, "/a") && !strcmp(to, "/b") ? EXDEV : EIO);
}

START_TEST(methods_pass_words_bytes_and_descriptors)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	run(WORDS("uses"));
	ck_assert_str_eq(life_label, "top");
	ck_assert_uint_eq(life_badge, 42);
	life_close(&life);
}
END_TEST

START_TEST(methods_of_the_root_pass_through_levels)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	run(WORDS("under", "2", "uses"));
	ck_assert_str_eq(life_label, "top/l/l");
	ck_assert_uint_eq(life_badge, 42);
	life_close(&life);
}
END_TEST

START_TEST(methods_of_a_level_are_its_own)
{
	if (_i)
		setenv("LIFE_DISPATCH", "1", 1);
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("serves"));
	run(WORDS("under", "2", "serves"));
	ck_assert_uint_eq(life_calls, 0);
	life_close(&life);
}
END_TEST

START_TEST(fifty_levels_deep_it_is_the_same)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("under", "50", "uses"));
	run(WORDS("under", "50", "serves"));
	life_close(&life);
}
END_TEST

START_TEST(intercepted_calls_are_answered_or_go_on)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("intercepts"));
	run(WORDS("intercepts", "every"));
	run(WORDS("under", "2", "intercepts", "every"));
	life_close(&life);
}
END_TEST

START_TEST(answer_to_a_caller_that_was_killed_goes_nowhere)
{
	struct sv_child *child;
	char byte;

	open_life((struct sv_options){ .answer_ms = 0 });
	start(&top, methods, WORDS("pends"), &child);
	UNTIL(atomic_load(&life_held));
	sv_child_kill(child, SIGKILL);
	ck_assert_int_ge(life_wait(&life, 1), 0);
	sv_child_free(child);
	/* nothing leads to who has made it, either */
	ck_assert_int_eq(sv_call_limit(life_held, 10), -ESRCH);
	ck_assert_int_eq(sv_call_read(life_held, 4096, &byte, 1), -ESRCH);
	ck_assert_int_eq(sv_call_write(life_held, 4096, &byte, 1), -ESRCH);
	ck_assert_int_eq(sv_call_fd(life_held, 0), -ESRCH);
	ck_assert_ptr_null(sv_call_child(life_held));
	ck_assert_str_eq(sv_call_label(life_held), "top");
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_fd(dup(0), 0)), -ESRCH);
	life_close(&life);
}
END_TEST

START_TEST(answer_after_the_time_goes_nowhere)
{
	open_life((struct sv_options){ .answer_ms = 40 });
	run(WORDS("pends"));
	ck_assert_int_eq(sv_call_answer(life_held, sv_answer_value(1)), -ESRCH);
	life_close(&life);
}
END_TEST

/* Of eight calls at once two are kept, and six are told so by the root itself. */
START_TEST(pending_calls_are_bounded)
{
	static const char *const lines[] = { "method life.*", "limit pending=2", NULL };
	struct sv_spec like = top;

	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	pipe_open();
	like.keep_fds = kept;
	like.keep_fds_count = 1;
	start(&like, lines, WORDS("pends", "check"), NULL);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(pipe_read(), 'a');
	UNTIL(atomic_load(&life_kept_count) == 2 && atomic_load(&life_kept[1]));
	ck_assert_int_eq(sv_call_answer(life_kept[0], sv_answer_value(5)), 0);
	ck_assert_int_eq(sv_call_answer(life_kept[1], sv_answer_value(5)), 0);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	ck_assert_uint_eq(life_kept_count, 2);
	pipe_ends();
	life_close(&life);
}
END_TEST

/* A time that is over is nobody's any more: what its handler then says is not done. */
START_TEST(call_that_is_out_of_time_is_not_forwarded)
{
	static const char *const lines[] = { "method life.*", "write .", NULL };

	/* of a run that failed */
	rmdir("early");
	rmdir("late");
	open_life((struct sv_options){ .answer_ms = 0 });
	ck_assert_int_eq(sv_intercept(life.sv, SYS_mkdir, forward_late, NULL), 0);
	start(&top, lines, WORDS("late"), NULL);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
	ck_assert_int_eq(rmdir("early"), 0);
	ck_assert_int_lt(access("late", F_OK), 0);
}
END_TEST

enum {
	STUCK_MAX = 8, /* threads of ours that serve one child */
};

/* While some handlers do not return, others are served; but only so many. */
START_TEST(handlers_that_do_not_return_hold_up_no_others)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	start(&top, methods, _i ? WORDS("sticks", "all") : WORDS("sticks"), NULL);
	if (_i) {
		UNTIL(atomic_load(&life_stuck) >= STUCK_MAX);
		usleep(200000); /* no event tells that one more will not come */
		ck_assert_uint_eq(atomic_load(&life_stuck), STUCK_MAX);
		atomic_store(&life_go, true);
	}
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
}
END_TEST

START_TEST(children_are_bounded)
{
	static const char *const lines[] = { "limit children=2", NULL };

	open_life((struct sv_options){ .answer_ms = 0 });
	start(&top, lines, WORDS("crowd"), NULL);
	ck_assert_int_eq(life_wait(&life, 1), 12 << 8);
	life_close(&life);
}
END_TEST

static void none_comes_through(void)
{
	unsigned int before = atomic_load(&life_calls);

	usleep(20000);
	ck_assert_uint_eq(atomic_load(&life_calls), before);
}

static void mask_and_give_back(const char *const *words)
{
	struct sv_child *child;
	int sum;

	open_life((struct sv_options){ .answer_ms = 0 });
	sum = sv_method(life.sv, "life.sum");
	start(&top, methods, words, &child);
	UNTIL(atomic_load(&life_calls) > 20);
	ck_assert_int_eq(sv_child_mask(child, sum, 0), 0);
	UNTIL(atomic_load(&life_asked) == 3); /* all threads have seen it */
	none_comes_through();
	ck_assert_int_eq(sv_child_mask(child, sum, 1), 0);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
}

START_TEST(masks_hold_from_the_next_call_on)
{
	mask_and_give_back(WORDS("masked"));
}
END_TEST

START_TEST(masks_hold_for_those_below)
{
	mask_and_give_back(WORDS("under", "3", "masked"));
}
END_TEST

START_TEST(masks_hold_for_levels_that_forward)
{
	mask_and_give_back(WORDS("forwards", "masked"));
}
END_TEST

/* What a handler has seen of the caller's memory it answers itself: it may be another thing by now.
 */
static struct sv_answer look(struct sv_call *call, void *data)
{
	const char *path = sv_call_path(call, 0);
	char text[64];

	(void)data;
	if (strcmp(path, "/proc/self/read") == 0)
		sv_call_read(call, sv_call_word(call, 1), text, 4);
	else if (strcmp(path, "/proc/self/string") == 0)
		sv_call_string(call, sv_call_word(call, 1), text, sizeof(text));
	return sv_answer_forward();
}

START_TEST(what_was_looked_at_does_not_go_on)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	ck_assert_int_eq(sv_intercept(life.sv, SYS_openat, look, NULL), 0);
	run(WORDS("looked_at"));
	life_close(&life);
}
END_TEST

static struct sv_answer answer_read(struct sv_call *call, void *data)
{
	(void)data;
	return strcmp(sv_call_path(call, 0), "/proc/self/read") == 0 ? sv_answer_error(EXDEV)
								     : sv_answer_forward();
}

/* Nor to the next level: that would read it once more. */
START_TEST(what_a_level_has_looked_at_goes_to_no_other)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	ck_assert_int_eq(sv_intercept(life.sv, SYS_openat, answer_read, NULL), 0);
	run(WORDS("intercepts"));
	life_close(&life);
}
END_TEST

static atomic_uint asked;

static struct sv_answer count(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	atomic_fetch_add(&asked, 1);
	return sv_answer_forward();
}

/* Also where a call has to begin anew, for its descriptors to be had (call/fd_take.h). */
START_TEST(who_forwards_is_asked_once)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	ck_assert_int_eq(sv_intercept(life.sv, SYS_sendmsg, count, NULL), 0);
	run(WORDS("sends"));
	ck_assert_uint_eq(asked, 5);
	life_close(&life);
}
END_TEST

START_TEST(strings_of_a_call_are_two)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	ck_assert_int_eq(sv_intercept(life.sv, SYS_rename, only_two, NULL), 0);
	run(WORDS("renames"));
	life_close(&life);
}
END_TEST

START_TEST(masks_give_back_no_more_than_was_there)
{
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	start(&top, NULL, WORDS("stays"), &child);
	ck_assert_int_eq(sv_child_mask(child, sv_method(life.sv, "life.sum"), 1), -ENOENT);
	ck_assert_int_eq(sv_child_mask(child, SYS_getppid, 0), -EOPNOTSUPP);
	ck_assert_int_eq(sv_child_mask(child, -5, 1), -ENOENT);
	ck_assert_int_eq(sv_child_mask(child, 0x7fffffff, 1), -ENOENT);
	life_close(&life);
}
END_TEST

START_TEST(revocable_calls_are_taken_and_given_back)
{
	static const int calls[] = { SYS_getppid };
	struct sv_spec like = top;
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	like.revocable = calls;
	like.revocable_count = 1;
	start(&like, methods, _i ? WORDS("under", "3", "revoked") : WORDS("revoked"), &child);
	UNTIL(atomic_load(&life_calls) > 20);
	ck_assert_int_eq(sv_child_mask(child, SYS_getppid, 0), 0);
	UNTIL(atomic_load(&life_asked) == 1);
	none_comes_through();
	ck_assert_int_eq(sv_child_mask(child, SYS_getppid, 1), 0);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
}
END_TEST

START_TEST(slow_calls_of_a_level_hold_up_no_sibling)
{
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("crowded"));
	run(WORDS("under", "1", "crowded"));
	life_close(&life);
}
END_TEST

static atomic_uint again_count;
static atomic_bool again_ends;

/* Long enough for those who were answered to call again. */
static struct sv_answer again(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	usleep(1000);
	return sv_answer_error(atomic_fetch_add(&again_count, 1) > 500 || again_ends ? EIO : 0);
}

/* Eight callers have eight calls; who calls again waits for the next time. */
START_TEST(dispatch_does_what_there_was)
{
	unsigned int before;

	open_life((struct sv_options){ .handlers_in_dispatch = 1 });
	ck_assert_int_ge(sv_define(life.sv, "life.again", again, NULL), 0);
	start(&top, methods, WORDS("hammers"), NULL);
	do {
		before = again_count;
		ck_assert_int_ge(sv_dispatch(life.sv, 0), 0);
		ck_assert_uint_le(again_count - before, 8);
	} while (again_count < 200);
	atomic_store(&again_ends, true);
	ck_assert_int_eq(life_wait(&life, 1), 0);
	life_close(&life);
}
END_TEST

/* Only what its own child calls: a sibling's calls wait for sv_dispatch. */
START_TEST(spawn_runs_the_handlers_that_its_child_waits_for)
{
	unsigned int before;

	open_life((struct sv_options){ .handlers_in_dispatch = 1 });
	ck_assert_int_ge(sv_define(life.sv, "life.again", again, NULL), 0);
	ck_assert_int_eq(life_gate(life.sv, _i ? SV_EVERY_CALL : SYS_execve), 0);
	start(&top, methods, WORDS("hammers"), NULL);
	UNTIL(again_count > 8);
	before = again_count;
	life_gated = 0;
	start(&top, methods, WORDS("uses"), NULL);
	ck_assert_uint_gt(life_gated, 0);
	ck_assert(pthread_equal(life_gate_thread, pthread_self()));
	life_gate_error = EXDEV;
	ck_assert_int_eq(life_run(&life, &top, methods, WORDS("uses"), NULL), -EXDEV);
	ck_assert_uint_eq(again_count, before);
	life_gate_error = 0;
	atomic_store(&again_ends, true);
	ck_assert_int_eq(life_wait(&life, 2), 0);
	life_close(&life);
}
END_TEST

START_TEST(spawn_in_a_level_runs_the_handlers_that_its_child_waits_for)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i });
	ck_assert_int_eq(life_gate(life.sv, SYS_execve), 0);
	run(WORDS("gates"));
	run(WORDS("gates", "every"));
	run(WORDS("under", "2", "gates"));
	life_close(&life);
}
END_TEST

START_TEST(handlers_that_a_birth_waits_for_may_spawn)
{
	open_life((struct sv_options){ .handlers_in_dispatch = _i % 2 });
	life_births = LIFE_BIRTHS;
	ck_assert_int_eq(life_gate_with_births(&life, _i < 2 ? SYS_execve : SV_EVERY_CALL), 0);
	start(&top, methods, WORDS("uses"), NULL);
	ck_assert_int_eq(life_wait(&life, LIFE_BIRTHS + 1), 0);
	life_close(&life);
}
END_TEST

START_TEST(handlers_of_a_level_that_a_birth_waits_for_may_spawn)
{
	if (_i % 2)
		setenv("LIFE_DISPATCH", "1", 1);
	open_life((struct sv_options){ .answer_ms = 0 });
	run(WORDS("begets", _i < 2 ? "execve" : "every"));
	run(WORDS("under", "2", "begets", _i < 2 ? "execve" : "every"));
	life_close(&life);
}
END_TEST

START_TEST(siblings_have_names_of_their_own)
{
	static const char *const bad[] = { "",	  ".",	  "..",	       "a/b",
					   "a\n", "\xff", "a\xc2\x9b", "\xe2\x80\xae" };
	struct sv_child *child[3];
	struct sv_spec like = top;

	open_life((struct sv_options){ .answer_ms = 0 });
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		like.label = bad[i];
		ck_assert_int_eq(life_run(&life, &like, NULL, WORDS("stays"), NULL), -EINVAL);
	}
	for (int i = 0; i < 3; i++)
		start(&top, NULL, WORDS("stays"), &child[i]);
	ck_assert_str_eq(sv_child_label(child[0]), "top");
	ck_assert_str_eq(sv_child_label(child[1]), "top-2");
	ck_assert_str_eq(sv_child_label(child[2]), "top-3");
	sv_child_free(child[0]);
	run(WORDS("names"));
	life_close(&life);
}
END_TEST

START_TEST(command_that_is_not_there_leaves_nothing)
{
	static const char *const lines[] = { "deny read /", NULL };
	struct sv_child *child;

	open_life((struct sv_options){ .answer_ms = 0 });
	for (int i = 0; i < 20; i++)
		ck_assert_int_lt(life_run(&life, &top, lines, WORDS("uses"), &child), 0);
	ck_assert_int_eq(atomic_load(&life.exited), 0);
	life_close(&life);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("life");
	TCase *tcase = test_case(suite, "life");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, methods_pass_words_bytes_and_descriptors, 0, 2);
	tcase_add_loop_test(tcase, methods_of_the_root_pass_through_levels, 0, 2);
	tcase_add_loop_test(tcase, methods_of_a_level_are_its_own, 0, 2);
	tcase_add_test(tcase, fifty_levels_deep_it_is_the_same);
	tcase_add_test(tcase, intercepted_calls_are_answered_or_go_on);
	tcase_add_test(tcase, answer_to_a_caller_that_was_killed_goes_nowhere);
	tcase_add_test(tcase, answer_after_the_time_goes_nowhere);
	tcase_add_loop_test(tcase, pending_calls_are_bounded, 0, 2);
	tcase_add_test(tcase, call_that_is_out_of_time_is_not_forwarded);
	tcase_add_loop_test(tcase, handlers_that_do_not_return_hold_up_no_others, 0, 2);
	tcase_add_loop_test(tcase, what_was_looked_at_does_not_go_on, 0, 2);
	tcase_add_test(tcase, what_a_level_has_looked_at_goes_to_no_other);
	tcase_add_loop_test(tcase, who_forwards_is_asked_once, 0, 2);
	tcase_add_test(tcase, strings_of_a_call_are_two);
	tcase_add_test(tcase, children_are_bounded);
	tcase_add_test(tcase, masks_hold_from_the_next_call_on);
	tcase_add_test(tcase, masks_hold_for_those_below);
	tcase_add_test(tcase, masks_hold_for_levels_that_forward);
	tcase_add_test(tcase, masks_give_back_no_more_than_was_there);
	tcase_add_loop_test(tcase, revocable_calls_are_taken_and_given_back, 0, 2);
	tcase_add_test(tcase, slow_calls_of_a_level_hold_up_no_sibling);
	tcase_add_test(tcase, dispatch_does_what_there_was);
	tcase_add_loop_test(tcase, spawn_runs_the_handlers_that_its_child_waits_for, 0, 2);
	tcase_add_loop_test(tcase, spawn_in_a_level_runs_the_handlers_that_its_child_waits_for, 0,
			    2);
	tcase_add_loop_test(tcase, handlers_that_a_birth_waits_for_may_spawn, 0, 4);
	tcase_add_loop_test(tcase, handlers_of_a_level_that_a_birth_waits_for_may_spawn, 0, 4);
	tcase_add_test(tcase, siblings_have_names_of_their_own);
	tcase_add_test(tcase, command_that_is_not_there_leaves_nothing);
	return suite;
}
