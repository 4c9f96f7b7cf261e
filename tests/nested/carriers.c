/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Both spellings of a parent-call are one method, at every depth: carriers_role.c calls by number
 * and by carriers, below levels that take nothing away, and compares. Here is the root, with
 * methods that tell the role what the root has seen.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check_main.h"
#include "common/carrier.h"
#include "common/cleanup.h"
#include "profiles.h"
#include "supervisor.h"

static struct sv *sv;
static int status;
static int mix_number;
static atomic_uint as_call; /* calls of the carriers' numbers that came as system calls */
static unsigned int denied; /* events that name the method */

/* Every word counts, each at its place. */
static struct sv_answer mix(struct sv_call *call, void *data)
{
	uint64_t all = 0;

	(void)data;
	for (unsigned int i = 0; i < 6; i++)
		all = all * 31 + sv_call_word(call, i);
	return sv_answer_value((int64_t)(all >> 2));
}

/* (0: take the method away, 1: give it back, 2 and more: a system call) */
static struct sv_answer mask(struct sv_call *call, void *data)
{
	/* it may call before sv_spawn has returned */
	struct sv_child *caller = sv_call_child(call);
	uint64_t what = sv_call_word(call, 0);
	int r = what < 2 ? sv_child_mask(caller, mix_number, (int)what)
			 : sv_child_mask(caller, (int)what, 0);

	(void)data;
	return r < 0 ? sv_answer_error(-r) : sv_answer_value(0);
}

static struct sv_answer seen(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	return sv_answer_value(atomic_load(&as_call));
}

static struct sv_answer every(struct sv_call *call, void *data)
{
	(void)data;
	if (carrier_is(sv_call_number(call)))
		atomic_fetch_add(&as_call, 1);
	return sv_answer_forward();
}

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	if (event->type == SV_EVENT_EXITED)
		status = event->value;
	else if (event->type == SV_EVENT_DENIED && !strcmp(event->object, "test.mix"))
		denied += event->count;
}

static void spawn(const char *const *argv, const struct sv_policy *policy)
{
	const struct sv_spec wish = { .size = sizeof(wish),
				      .argv = argv,
				      .envp = (const char *const *)environ,
				      .label = "carried",
				      .policy = policy };
	struct sv_error error = { .text = "" };
	struct sv_child *child;

	ck_assert_msg(sv_spawn(sv, &wish, &child, &error) == 0, "%s", error.text);
	while (status < 0)
		ck_assert_int_ge(sv_dispatch(sv, -1), 0);
	sv_child_free(child);
}

static void run(int depth, bool intercepts, const char *part)
{
	static const char *const lines[] = { "write /",	    "exec /",	"unix / @*", "dev null tty",
					     "connect *:*", "method *", NULL };
	const struct sv_policy_source source = { .size = sizeof(source), .lines = lines };
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .degraded = profile_degraded() };
	struct sv_error error = { .text = "" };
	struct sv_policy *policy = NULL;
	char under[4096], role[4096], levels[16];
	const char *const argv[] = { under, levels, role, part, NULL };

	snprintf(under, sizeof(under), "%s/tests/nested/under", getenv("PCALL_BUILD"));
	snprintf(role, sizeof(role), "%s/tests/nested/carriers_role", getenv("PCALL_BUILD"));
	snprintf(levels, sizeof(levels), "%d", depth - 1);
	status = -1;
	denied = 0;
	atomic_store(&as_call, 0);
	ck_assert_msg(sv_policy_read(&source, &policy, &error) == 0, "%s", error.text);
	ck_assert_msg(sv_new(&options, &sv, &error) == 0, "%s", error.text);
	mix_number = sv_define(sv, "test.mix", mix, NULL);
	ck_assert_int_gt(mix_number, 0);
	ck_assert_int_gt(sv_define(sv, "test.mask", mask, NULL), 0);
	ck_assert_int_gt(sv_define(sv, "test.seen", seen, NULL), 0);
	if (intercepts)
		ck_assert_int_eq(sv_intercept(sv, SV_EVERY_CALL, every, NULL), 0);
	spawn(argv, policy);
	while (sv_dispatch(sv, 0) > 0)
		;
	sv_free(sv);
	sv_policy_free(policy);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		      "%s at depth %d: wait status %#x", part, depth, (unsigned int)status);
}

static const int depths[] = { 1, 2, 4 };

/* A part of carriers_role, at each depth. */
#define SPELLING(name, intercepts, part)           \
	START_TEST(name)                           \
	{                                          \
		run(depths[_i], intercepts, part); \
	}                                          \
	END_TEST

SPELLING(words_arrive_by_every_spelling, false, "words")
SPELLING(every_slot_is_the_same_by_every_spelling, false, "slots")
SPELLING(words_that_cannot_be_read_are_a_fault, false, "faults")

/* Told of each time, by the method's name: to whoever supervises the caller. */
START_TEST(what_is_taken_away_is_taken_away_by_every_spelling)
{
	run(depths[_i], false, "masks");
	ck_assert_uint_eq(denied, depths[_i] == 1 ? 3 : 0);
}
END_TEST

SPELLING(what_carries_nothing_does_not_exist, false, "plain")
SPELLING(who_sees_every_call_sees_no_carrier, true, "intercepted")
SPELLING(filters_of_ones_own_hide_what_they_name, false, "filters")
SPELLING(words_that_change_meanwhile_are_read_once, false, "race")

Suite *test_suite(void)
{
	const TTest *const tests[] = {
		words_arrive_by_every_spelling,
		every_slot_is_the_same_by_every_spelling,
		words_that_cannot_be_read_are_a_fault,
		what_is_taken_away_is_taken_away_by_every_spelling,
		what_carries_nothing_does_not_exist,
		who_sees_every_call_sees_no_carrier,
		filters_of_ones_own_hide_what_they_name,
		words_that_change_meanwhile_are_read_once,
	};
	Suite *suite = suite_create("carriers");
	TCase *tcase = test_case(suite, "carriers");

	if (getenv("PCALL_TEST_PROFILE"))
		test_skip_all("a container's list lets no number pass that is no system call");

	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < array_size(tests); i++)
		tcase_add_loop_test(tcase, tests[i], 0, (int)array_size(depths));
	return suite;
}
