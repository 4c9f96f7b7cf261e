/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages with descriptors: what was not asked for is closed. test_case counts what is open. */
#include "check_main.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fdpass.h"

static int mine, its;

static void setup(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	mine = pair[0];
	its = pair[1];
}

static void teardown(void)
{
	close(mine);
	if (its >= 0)
		close(its);
}

static void send_word(size_t size, size_t fds)
{
	static const int zeros[FDPASS_MAX];
	char bytes[64] = "word";

	ck_assert_int_eq(fdpass_send(its, bytes, size, zeros, fds, 0), 0);
}

static int receive_word(size_t most, struct fdpass *ret)
{
	char bytes[8];

	return fdpass_receive(mine, bytes, sizeof(bytes), most, MSG_DONTWAIT, ret);
}

START_TEST(message_and_descriptors_come)
{
	struct fdpass with;
	char bytes[8];

	send_word(sizeof(bytes), 2);
	ck_assert_int_eq(fdpass_receive(mine, bytes, sizeof(bytes), 2, 0, &with), 1);
	ck_assert_str_eq(bytes, "word");
	ck_assert_uint_eq(with.count, 2);
	ck_assert_int_eq(with.sender, 0);
	close(with.fds[0]);
	close(with.fds[1]);
}
END_TEST

START_TEST(as_many_as_the_kernel_passes_come)
{
	struct fdpass with;

	send_word(8, FDPASS_MAX);
	ck_assert_int_eq(receive_word(FDPASS_MAX, &with), 1);
	ck_assert_uint_eq(with.count, FDPASS_MAX);
	while (with.count > 0)
		close(with.fds[--with.count]);
}
END_TEST

START_TEST(descriptors_that_were_not_asked_for_are_closed)
{
	struct fdpass with;

	send_word(8, 1);
	ck_assert_int_eq(receive_word(0, &with), -EPROTO);
	ck_assert_uint_eq(with.count, 0);
	send_word(8, FDPASS_MAX);
	ck_assert_int_eq(receive_word(1, &with), -EPROTO);
	ck_assert_uint_eq(with.count, 0);
}
END_TEST

START_TEST(message_of_another_size_leaves_nothing)
{
	struct fdpass with;

	send_word(7, 1);
	ck_assert_int_eq(receive_word(1, &with), -EPROTO);
	send_word(9, 1);
	ck_assert_int_eq(receive_word(1, &with), -EPROTO);
	ck_assert_uint_eq(with.count, 0);
}
END_TEST

START_TEST(hang_up_is_none)
{
	struct fdpass with;

	ck_assert_int_eq(receive_word(1, &with), -EAGAIN);
	close(its);
	its = -1;
	ck_assert_int_eq(receive_word(1, &with), 0);
}
END_TEST

START_TEST(sender_is_told_where_it_is_asked_for)
{
	struct fdpass with;
	int on = 1;

	ck_assert_int_eq(setsockopt(mine, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
	send_word(8, 1);
	ck_assert_int_eq(receive_word(1, &with), 1);
	ck_assert_int_eq(with.sender, getpid());
	ck_assert_uint_eq(with.count, 1);
	close(with.fds[0]);
	ck_assert_int_eq(write(its, "12345678", 8), 8);
	ck_assert_int_eq(receive_word(0, &with), 1);
	ck_assert_int_eq(with.sender, getpid());
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("fdpass");
	TCase *tcase = test_case(suite, "fdpass");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, message_and_descriptors_come);
	tcase_add_test(tcase, as_many_as_the_kernel_passes_come);
	tcase_add_test(tcase, descriptors_that_were_not_asked_for_are_closed);
	tcase_add_test(tcase, message_of_another_size_leaves_nothing);
	tcase_add_test(tcase, hang_up_is_none);
	tcase_add_test(tcase, sender_is_told_where_it_is_asked_for);
	return suite;
}
