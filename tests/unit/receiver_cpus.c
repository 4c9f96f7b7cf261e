/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What receivers learn of CPUs: where callers are, and which way of handing over costs less. */
#include "check_main.h"
#include "call/fd_send.h"
#include "call/wake_cpu.h"

/* A call of @tid, received on @cpu after waiting on @before. */
static bool apart(struct wake_cpu *wake, pid_t tid, int before, int cpu)
{
	wake->before = before;
	return wake_cpu_decide(wake, tid, cpu);
}

START_TEST(one_caller_is_answered_where_we_are)
{
	struct wake_cpu wake = { 0 };

	for (int i = 0; i < 1000; i++)
		ck_assert(!apart(&wake, 7, i / 10 % 2, (i + 1) / 10 % 2));
}
END_TEST

START_TEST(caller_that_waited_elsewhere_is_woken_there)
{
	struct wake_cpu wake = { 0 };

	ck_assert(!apart(&wake, 7, 1, 0)); /* met on 0 */
	ck_assert(!apart(&wake, 8, 0, 1)); /* met on 1 */
	ck_assert(apart(&wake, 7, 1, 1));  /* was waiting while 8 was served */
	ck_assert(!apart(&wake, 8, 1, 1));
	ck_assert(!apart(&wake, 7, 1, 0)); /* met on 0 again */
}
END_TEST

START_TEST(callers_on_one_cpu_are_spread_now_and_then)
{
	struct wake_cpu wake = { 0 };
	unsigned int count = 0;

	for (int i = 0; i < 640; i++)
		count += apart(&wake, 7 + i % 2, 0, 0);
	ck_assert_uint_ge(count, 4);
	ck_assert_uint_le(count, 64);
}
END_TEST

START_TEST(thread_ids_of_one_slot_do_not_mix)
{
	struct wake_cpu wake = { 0 };

	ck_assert(!apart(&wake, 7, 0, 1));
	ck_assert(!apart(&wake, 7 + WAKE_CPU_CALLERS, 0, 0)); /* nothing is known of it */
	ck_assert(!apart(&wake, 7, 0, 0));
}
END_TEST

/* Handovers that take @bound or @freely, and how many of them went bound. */
static unsigned int handovers(struct handover *handover, uint64_t bound, uint64_t freely,
			      unsigned int count)
{
	unsigned int n = 0;

	while (count-- > 0) {
		enum handover_way way = handover->way;

		n += way == HANDOVER_BOUND;
		handover_measured(handover, way == HANDOVER_BOUND ? bound : freely);
	}
	return n;
}

START_TEST(dearer_way_is_left)
{
	struct handover handover = { 0 };

	handovers(&handover, 20000, 10000, 2000);
	ck_assert_uint_le(handovers(&handover, 20000, 10000, 10000), 800);
	/* and taken again when it is the cheaper one */
	handovers(&handover, 10000, 100000, 2000);
	ck_assert_uint_ge(handovers(&handover, 10000, 100000, 10000), 9200);
}
END_TEST

START_TEST(costly_trial_is_cut)
{
	struct handover handover = { 0 };
	unsigned int bound = handovers(&handover, 10000, 1000000, 10000);

	ck_assert_uint_lt(bound, 10000); /* it is tried */
	ck_assert_uint_ge(bound, 9900);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("receiver_cpus");
	TCase *wake = test_case(suite, "wake_cpu");
	TCase *handover = test_case(suite, "handover");

	tcase_add_test(wake, one_caller_is_answered_where_we_are);
	tcase_add_test(wake, caller_that_waited_elsewhere_is_woken_there);
	tcase_add_test(wake, callers_on_one_cpu_are_spread_now_and_then);
	tcase_add_test(wake, thread_ids_of_one_slot_do_not_mix);
	tcase_add_test(handover, dearer_way_is_left);
	tcase_add_test(handover, costly_trial_is_cut);
	return suite;
}
