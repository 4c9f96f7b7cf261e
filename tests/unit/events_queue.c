/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue of events: what is folded, what is bounded, what is never lost. */
#include "check_main.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tree/events.h"

#define CHILD(n) ((struct sv_child *)(uintptr_t)(n))

struct seen {
	int events, denied, exited, lost;
	int lost_value;
	unsigned int counts[16];
	char object[8192];
	size_t object_length;
	struct sv_child *child;
};

static void see(const struct sv_event *event, void *data)
{
	struct seen *seen = data;

	if (seen->events < 16)
		seen->counts[seen->events] = event->count;
	seen->events++;
	seen->denied += event->type == SV_EVENT_DENIED;
	seen->exited += event->type == SV_EVENT_EXITED;
	seen->child = event->child;
	if (event->type == SV_EVENT_LOST) {
		seen->lost++;
		seen->lost_value = event->value;
	}
	if (event->object) {
		seen->object_length = strlen(event->object);
		strncpy(seen->object, event->object, sizeof(seen->object) - 1);
	}
}

static void deny(struct events *queue, const char *object)
{
	struct sv_event event = {
		.type = SV_EVENT_DENIED,
		.child = CHILD(16),
		.verb = "write",
		.syscall = "openat",
		.object = object,
	};

	events_push(queue, &event);
}

static void exited(struct events *queue, unsigned int child)
{
	struct sv_event event = { .type = SV_EVENT_EXITED, .child = CHILD(child), .exe = "x" };

	events_push(queue, &event);
}

static bool readable(struct events *queue)
{
	struct pollfd poll_events = { .fd = events_fd(queue), .events = POLLIN };

	return poll(&poll_events, 1, 0) == 1;
}

/* Of each test, new. */
static struct events *events;
static struct seen seen;

static void queue_begin(void)
{
	ck_assert_int_eq(events_new(&events), 0);
}

static void queue_end(void)
{
	events_free(events);
}

START_TEST(strings_are_copied)
{
	char object[] = "/a/b";

	deny(events, object);
	object[1] = 'z';
	ck_assert_int_eq(events_drain(events, see, &seen), 1);
	ck_assert_str_eq(seen.object, "/a/b");
}
END_TEST

START_TEST(repeats_are_told_at_powers_of_ten)
{
	for (int i = 0; i < 1500; i++)
		deny(events, "/etc/shadow");
	ck_assert_int_eq(events_drain(events, see, &seen), 4);
	ck_assert_uint_eq(seen.counts[0], 1);
	ck_assert_uint_eq(seen.counts[1], 9);
	ck_assert_uint_eq(seen.counts[2], 90);
	ck_assert_uint_eq(seen.counts[3], 900);
}
END_TEST

START_TEST(what_is_left_is_told_before_the_end)
{
	for (int i = 0; i < 1500; i++)
		deny(events, "/etc/shadow");
	for (int i = 0; i < 10; i++)
		deny(events, "/told/already");
	events_drain(events, see, &seen);
	seen = (struct seen){ 0 };
	exited(events, 32); /* another child's */
	ck_assert_int_eq(events_drain(events, see, &seen), 1);
	seen = (struct seen){ 0 };
	exited(events, 16);
	ck_assert_int_eq(events_drain(events, see, &seen), 2);
	ck_assert_int_eq(seen.denied, 1);
	ck_assert_uint_eq(seen.counts[0], 500);
	ck_assert_str_eq(seen.object, "/etc/shadow");
	ck_assert_int_eq(seen.exited, 1);
	exited(events, 16);
	ck_assert_int_eq(events_drain(events, see, &seen), 1); /* once */
}
END_TEST

START_TEST(what_is_counted_is_told_or_lost_in_a_flood)
{
	const int flood = 30000;
	unsigned int told = 0;
	char object[32];

	for (int i = 0; i < flood; i++) {
		snprintf(object, sizeof(object), "/f/%d", i);
		for (int j = 0; j < 3; j++)
			deny(events, object);
		events_drain(events, see, &seen);
		for (int j = 0; j < seen.denied && j < 8; j++)
			told += seen.counts[j];
		ck_assert_int_eq(seen.lost, 0);
		seen = (struct seen){ 0 };
	}
	exited(events, 16);
	events_drain(events, see, &seen);
	/* all but what is in the last events, of which the counts were not noted */
	ck_assert_uint_ge(told, (unsigned int)(3 * flood - 2 * 4096));
	ck_assert_int_ge(seen.denied, 1024);
}
END_TEST

START_TEST(child_that_never_was_is_told_as_nobody)
{
	seen.child = CHILD(1);
	deny(events, "/a");
	events_disown(events, CHILD(16));
	events_forget(events, CHILD(16));
	ck_assert_int_eq(events_drain(events, see, &seen), 1);
	ck_assert_str_eq(seen.object, "/a");
	ck_assert_ptr_null(seen.child);
}
END_TEST

START_TEST(another_object_is_another_refusal)
{
	deny(events, "/a");
	deny(events, "/b");
	deny(events, "/a");
	ck_assert_int_eq(events_drain(events, see, &seen), 2);
}
END_TEST

START_TEST(same_refusal_of_two_children_is_told_twice)
{
	struct sv_event event = { .type = SV_EVENT_DENIED, .child = CHILD(16), .object = "/a" };

	events_push(events, &event);
	event.child = CHILD(32);
	events_push(events, &event);
	ck_assert_int_eq(events_drain(events, see, &seen), 2);
}
END_TEST

START_TEST(flood_is_bounded_and_counted)
{
	const int flood = 100000;
	char object[32];

	for (int i = 0; i < flood; i++) {
		snprintf(object, sizeof(object), "/f/%d", i);
		deny(events, object);
	}
	exited(events, 16);
	events_drain(events, see, &seen);
	ck_assert_int_eq(seen.denied, 1024);
	ck_assert_int_eq(seen.exited, 1);
	ck_assert_int_eq(seen.lost, 1);
	ck_assert_int_eq(seen.lost_value, flood - 1024);
}
END_TEST

START_TEST(long_strings_are_cut_and_bounded)
{
	char *object = malloc(20000);

	memset(object, 'x', 19999);
	object[19999] = '\0';
	for (int i = 0; i < 1000; i++) {
		snprintf(object, 8, "/%06d", i);
		object[7] = 'x';
		deny(events, object);
	}
	exited(events, 16);
	events_drain(events, see, &seen);
	ck_assert_int_eq(seen.object_length, 4096);
	ck_assert_int_le(seen.denied * 4096, 1 << 20);
	ck_assert_int_ge(seen.denied, 200);
	ck_assert_int_eq(seen.exited, 1);
	free(object);
}
END_TEST

START_TEST(readable_exactly_while_something_waits)
{
	ck_assert(!readable(events));
	deny(events, "/a");
	ck_assert(readable(events));
	deny(events, "/b");
	events_drain(events, see, &seen);
	ck_assert(!readable(events));
	deny(events, "/c");
	ck_assert(readable(events));
}
END_TEST

START_TEST(forgotten_child_is_not_told)
{
	deny(events, "/a");
	exited(events, 32);
	deny(events, "/b");
	events_forget(events, CHILD(16));
	ck_assert_int_eq(events_drain(events, see, &seen), 1);
	ck_assert_ptr_eq(seen.child, CHILD(32));
	/* its count went with it: a new child at the same address starts afresh */
	deny(events, "/a");
	ck_assert_int_eq(events_drain(events, see, &seen), 1);
}
END_TEST

static atomic_bool flooding;

static void *flood(void *data)
{
	char object[32];

	for (unsigned int i = 0; atomic_load(&flooding); i++) {
		snprintf(object, sizeof(object), "/%u", i);
		deny(data, object);
	}
	return NULL;
}

START_TEST(drain_ends_under_a_flood)
{
	pthread_t thread;

	atomic_store(&flooding, true);
	pthread_create(&thread, NULL, flood, events);
	for (int i = 0; i < 50; i++)
		ck_assert_int_le(events_drain(events, see, &seen), 2049);
	atomic_store(&flooding, false);
	pthread_join(thread, NULL);
	events = events_free(events);
	ck_assert_ptr_null(events);
	ck_assert_ptr_null(events_free(NULL));
}
END_TEST

/* Two queues of one account: together they hold no more words than it may have. */
START_TEST(words_are_charged_until_they_are_taken)
{
	struct account account = { .most = 3000 };
	struct events *queues[2];
	char object[512];

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(events_new_charged(1000, &account, &queues[i]), 0);
	memset(object, 'x', sizeof(object) - 1);
	object[sizeof(object) - 1] = '\0';
	for (int i = 0; i < 40; i++) {
		object[0] = (char)('a' + i / 2);
		deny(queues[i / 2 % 2], object); /* the second time it is kept for later */
		ck_assert_uint_le(account.bytes, account.most);
	}
	ck_assert_uint_gt(account.bytes, 2 * sizeof(object));
	for (int i = 0; i < 2; i++) {
		seen = (struct seen){ 0 };
		exited(queues[i], 32); /* for that there is room, without words */
		events_drain(queues[i], see, &seen);
		ck_assert_int_gt(seen.denied, 0);
		ck_assert_int_eq(seen.exited, 1);
	}
	ck_assert_uint_gt(account.bytes, 0); /* what is kept for later */
	deny(queues[0], "/later");
	for (int i = 0; i < 2; i++)
		events_close(queues[i]);
	ck_assert_uint_eq(account.bytes, 0);
	deny(queues[0], "/too/late");
	ck_assert_uint_eq(account.bytes, 0);
	for (int i = 0; i < 2; i++)
		events_free(queues[i]);
}
END_TEST

START_TEST(queue_of_a_level_has_room_as_its_policy_says)
{
	struct account account = { .most = 1 << 20 };
	char object[32];

	events_free(events);
	ck_assert_int_eq(events_new_charged(100, &account, &events), 0);
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(object, sizeof(object), "/o/%u", i);
		deny(events, object);
	}
	for (unsigned int i = 0; i < 150; i++)
		exited(events, 32 + i);
	while (events_drain(events, see, &seen) > 0)
		;
	ck_assert_int_eq(seen.denied, 100);
	ck_assert_int_eq(seen.exited, 100);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = test_case(suite, "queue");

	tcase_add_checked_fixture(tcase, queue_begin, queue_end);
	tcase_add_test(tcase, strings_are_copied);
	tcase_add_test(tcase, repeats_are_told_at_powers_of_ten);
	tcase_add_test(tcase, what_is_left_is_told_before_the_end);
	tcase_add_test(tcase, what_is_counted_is_told_or_lost_in_a_flood);
	tcase_add_test(tcase, child_that_never_was_is_told_as_nobody);
	tcase_add_test(tcase, another_object_is_another_refusal);
	tcase_add_test(tcase, same_refusal_of_two_children_is_told_twice);
	tcase_add_test(tcase, flood_is_bounded_and_counted);
	tcase_add_test(tcase, long_strings_are_cut_and_bounded);
	tcase_add_test(tcase, readable_exactly_while_something_waits);
	tcase_add_test(tcase, forgotten_child_is_not_told);
	tcase_add_test(tcase, drain_ends_under_a_flood);
	tcase_add_test(tcase, words_are_charged_until_they_are_taken);
	tcase_add_test(tcase, queue_of_a_level_has_room_as_its_policy_says);
	return suite;
}
