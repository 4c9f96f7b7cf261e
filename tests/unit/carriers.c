/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What carries a parent-call is that call, and what only looks like it is nothing. */
#include <linux/seccomp.h>
#include <limits.h>
#include <stdint.h>
#include "engine/carrier.h"
#include "check_main.h"
#include "common/carrier.h"
#include "common/cleanup.h"

/* How a call with this number and sixth register comes out of the decoder; five words stay. */
static struct seccomp_data unpacked(int nr, uint64_t sixth)
{
	struct seccomp_notif notification = {
		.data = {.nr = nr, .args = { 1, UINT64_MAX, 3, 1UL << 63, 5, sixth }},
	};

	ck_assert_int_eq(carrier_unpack(NULL, NULL, &notification), 0);
	ck_assert_uint_eq(notification.data.args[0], 1);
	ck_assert_uint_eq(notification.data.args[1], UINT64_MAX);
	ck_assert_uint_eq(notification.data.args[2], 3);
	ck_assert_uint_eq(notification.data.args[3], 1UL << 63);
	ck_assert_uint_eq(notification.data.args[4], 5);
	return notification.data;
}

START_TEST(each_slot_is_carried_to_its_number)
{
	unsigned int wrong = 0;

	for (unsigned int slot = 0; slot < CARRIER_SLOTS; slot++) {
		struct seccomp_notif notification = {
			.data = {.nr = CARRIER, .args = { [5] = carrier_head(slot, slot) }},
		};
		int r = carrier_unpack(NULL, NULL, &notification);

		wrong += r != 0 || notification.data.nr != PCALL_BASE + (int)slot ||
			 notification.data.args[5] != slot;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static const uint64_t fitting[] = {
	0,
	1,
	UINT32_MAX,
	INT32_MAX,
	(UINT64_C(1) << 47) - 1,
	UINT64_MAX,
	-5000UL,
	(uint64_t)INT32_MIN,
	(uint64_t) - (INT64_C(1) << 47),
};

static const uint64_t wide[] = {
	UINT64_C(1) << 47, UINT64_C(1) << 48,	(uint64_t) - (INT64_C(1) << 47) - 1,
	INT64_MAX,	   (uint64_t)INT64_MIN, 0x8020000000000000,
};

START_TEST(a_word_that_fits_comes_out_with_its_sign)
{
	for (size_t i = 0; i < array_size(fitting); i++) {
		struct seccomp_data data = unpacked(CARRIER, carrier_head(40, fitting[i]));

		ck_assert(carrier_fits(fitting[i]));
		ck_assert_int_eq(data.nr, PCALL_BASE + 40);
		ck_assert_uint_eq(data.args[5], fitting[i]);
	}
	for (size_t i = 0; i < array_size(wide); i++)
		ck_assert(!carrier_fits(wide[i]));
}
END_TEST

/* Whoever wrote a head by hand with a word that does not fit still names his slot and no other. */
START_TEST(a_word_that_does_not_fit_names_no_other_slot)
{
	for (size_t i = 0; i < array_size(wide); i++)
		ck_assert_int_eq(unpacked(CARRIER, carrier_head(40, wide[i])).nr, PCALL_BASE + 40);
}
END_TEST

/* A level's own numbers begin where slots end, and nobody calls by them. */
START_TEST(a_head_reaches_no_number_beyond_the_slots)
{
	ck_assert_int_eq(unpacked(CARRIER, UINT64_MAX).nr, PCALL_BASE + CARRIER_SLOTS - 1);
}
END_TEST

/* What the registers of a program that means the real call may hold by chance. */
START_TEST(what_has_no_mark_is_no_head)
{
	static const uint64_t sixths[] = { 0, 1, 0x7ffd12345678, 0x7fffffffffffffff, 0x70636c6c };

	for (size_t i = 0; i < array_size(sixths); i++) {
		struct seccomp_data data = unpacked(CARRIER, sixths[i]);

		ck_assert_int_eq(data.nr, CARRIER);
		ck_assert_uint_eq(data.args[5], sixths[i]);
		/* its head is the first word, 1 */
		ck_assert_int_eq(unpacked(CARRIER_WIDE, sixths[i]).nr, CARRIER_WIDE);
	}
}
END_TEST

START_TEST(other_numbers_stay_what_they_are)
{
	static const int numbers[] = { 0,
				       213,
				       216,
				       CARRIER | 0x40000000,
				       PCALL_BASE,
				       PCALL_BASE + 1,
				       PCALL_BASE + 31,
				       INT_MAX,
				       -1,
				       INT_MIN };

	for (size_t i = 0; i < array_size(numbers); i++) {
		struct seccomp_data data = unpacked(numbers[i], carrier_head(33, 7));

		ck_assert_int_eq(data.nr, numbers[i]);
		ck_assert_uint_eq(data.args[5], carrier_head(33, 7));
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("carriers");
	TCase *tcase = test_case(suite, "carriers");

	tcase_add_test(tcase, each_slot_is_carried_to_its_number);
	tcase_add_test(tcase, a_word_that_fits_comes_out_with_its_sign);
	tcase_add_test(tcase, a_word_that_does_not_fit_names_no_other_slot);
	tcase_add_test(tcase, a_head_reaches_no_number_beyond_the_slots);
	tcase_add_test(tcase, what_has_no_mark_is_no_head);
	tcase_add_test(tcase, other_numbers_stay_what_they_are);
	return suite;
}
