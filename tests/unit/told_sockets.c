/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asked to be told who writes, and who does not have to be. */
#include "check_main.h"

#include <sys/socket.h>
#include <unistd.h>
#include "own/told.h"
#include "common/cleanup.h"

static struct told *told;
static int asking[2], other[2];

static void setup(void)
{
	int diag;

	told = told_new();
	ck_assert_ptr_nonnull(told);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, asking), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, other), 0);
	diag = socket(AF_NETLINK, SOCK_RAW, 4 /* NETLINK_SOCK_DIAG */);
	if (diag < 0)
		test_skip("nobody tells who is at the other end of a socket");
	close(diag);
}

static void teardown(void)
{
	told_free(told);
	for (int i = 0; i < 2; i++) {
		close(asking[i]);
		close(other[i]);
	}
}

START_TEST(nobody_pays_before_somebody_asked)
{
	ck_assert(!told_is_asked(told));
	ck_assert(!told_asked(told, asking[0]));
}
END_TEST

START_TEST(who_writes_to_one_that_asked_is_known)
{
	told_note(told, asking[1], false);
	told_note(told, asking[1], false);
	ck_assert(told_is_asked(told));
	ck_assert(told_asked(told, asking[0]));
}
END_TEST

START_TEST(who_writes_to_another_is_not)
{
	int alone = socket(AF_UNIX, SOCK_DGRAM, 0);

	told_note(told, asking[1], false);
	ck_assert(!told_asked(told, asking[1]));
	ck_assert(!told_asked(told, other[0]));
	ck_assert(!told_asked(told, alone));
	close(alone);
}
END_TEST

START_TEST(what_is_accepted_asks_as_its_listener)
{
	told_note(told, other[1], true);
	ck_assert(told_asked(told, asking[0]));
}
END_TEST

START_TEST(so_many_that_each_may_be_one)
{
	for (int i = 0; i < 600; i++) {
		int pair[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		ck_assert(!told_asked(told, other[0]) || i > 500);
		told_note(told, pair[0], false);
		/* its number goes to no other socket meanwhile */
		close(pair[0]);
		close(pair[1]);
	}
	ck_assert(told_asked(told, other[0]));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("told");
	TCase *tcase = test_case(suite, "sockets");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, nobody_pays_before_somebody_asked);
	tcase_add_test(tcase, who_writes_to_one_that_asked_is_known);
	tcase_add_test(tcase, who_writes_to_another_is_not);
	tcase_add_test(tcase, what_is_accepted_asks_as_its_listener);
	tcase_add_test(tcase, so_many_that_each_may_be_one);
	return suite;
}
