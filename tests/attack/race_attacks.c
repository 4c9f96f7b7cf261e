/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Section A of the attacks: races. The attacks themselves are in race_hostile.c,
 * race_calls_hostile.c, race_messages_hostile.c and race_waits_hostile.c. */
#include "box.h"
#include "check_main.h"

#include <sys/socket.h>

#define RUN(program_, attack_, ...)                                              \
	do {                                                                     \
		static const struct box_attack attack = { .program = (program_), \
							  .attack = (attack_),   \
							  ##__VA_ARGS__ };       \
		box_attack(&attack);                                             \
	} while (0)
#define RACE(...)     RUN("race_hostile", __VA_ARGS__)
#define CALLS(...)    RUN("race_calls_hostile", __VA_ARGS__)
#define WAITS(...)    RUN("race_waits_hostile", __VA_ARGS__)
#define MESSAGES(...) RUN("race_messages_hostile", __VA_ARGS__)

START_TEST(a01_path_rewritten_by_thread)
{
	RACE("a01_thread");
}
END_TEST

START_TEST(a01_path_rewritten_through_shared_memory)
{
	RACE("a01_process");
}
END_TEST

START_TEST(a01_path_rewritten_by_process_of_the_same_memory)
{
	RACE("a01_vm");
}
END_TEST

START_TEST(a01_path_rewritten_by_the_kernel)
{
	RACE("a01_kernel");
}
END_TEST

START_TEST(a02_path_rewritten_during_execve)
{
	RACE("a02");
}
END_TEST

START_TEST(a02_interpreter_of_a_program_is_bounded)
{
	RACE("a02_interpreter");
}
END_TEST

START_TEST(a03_content_changed_after_its_check)
{
	RACE("a03");
}
END_TEST

START_TEST(a04_descriptor_swapped)
{
	RACE("a04", .directory = true);
}
END_TEST

START_TEST(a05_page_unmapped_during_the_read)
{
	RACE("a05", .no_native = true);
}
END_TEST

START_TEST(a06_link_and_directory_swapped)
{
	RACE("a06");
}
END_TEST

START_TEST(a07_directory_changed_by_thread)
{
	RACE("a07", .directory = true);
}
END_TEST

START_TEST(a08_caller_dies_and_another_gets_its_number)
{
	CALLS("a08", .no_native = true);
}
END_TEST

START_TEST(a09_nothing_is_lost_to_signals)
{
	CALLS("a09", .no_native = true);
}
END_TEST

START_TEST(a10_limits_and_handlers_end_what_waits_as_the_kernel_does)
{
	WAITS("a10", .same_native = true, .lines = { "connect 127.0.0.1:*", "listen 127.0.0.1:*" });
}
END_TEST

START_TEST(a11_children_are_bounded_from_their_first_call)
{
	CALLS("a11");
}
END_TEST

START_TEST(a12_structs_swapped_and_too_large)
{
	CALLS("a12");
}
END_TEST

/* The owner of w/dgram takes what comes: its queue is never full for long. */
static void receive_all(void)
{
	char bytes[64];

	while (recv(102, bytes, sizeof(bytes), 0) >= 0)
		continue;
}

START_TEST(a12_messages_go_where_they_were_judged_to_go)
{
	MESSAGES("a12_names", .outside = receive_all);
}
END_TEST

START_TEST(a12_messages_are_of_the_senders_memory)
{
	MESSAGES("a12_vectors");
}
END_TEST

START_TEST(a12_control_data_swapped)
{
	MESSAGES("a12_control", .no_native = true);
}
END_TEST

START_TEST(a12_batches_swapped)
{
	MESSAGES("a12_batches", .no_native = true);
}
END_TEST

START_TEST(a12_messages_too_large)
{
	MESSAGES("a12_sizes");
}
END_TEST

START_TEST(a13_whoever_waits_holds_up_nobody)
{
	CALLS("a13", .no_native = true);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("races");
	TCase *tcase = test_case(suite, "races");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a01_path_rewritten_by_thread);
	tcase_add_test(tcase, a01_path_rewritten_through_shared_memory);
	tcase_add_test(tcase, a01_path_rewritten_by_process_of_the_same_memory);
	tcase_add_test(tcase, a01_path_rewritten_by_the_kernel);
	tcase_add_test(tcase, a02_path_rewritten_during_execve);
	tcase_add_test(tcase, a02_interpreter_of_a_program_is_bounded);
	tcase_add_test(tcase, a03_content_changed_after_its_check);
	tcase_add_test(tcase, a04_descriptor_swapped);
	tcase_add_test(tcase, a05_page_unmapped_during_the_read);
	tcase_add_test(tcase, a06_link_and_directory_swapped);
	tcase_add_test(tcase, a07_directory_changed_by_thread);
	tcase_add_test(tcase, a08_caller_dies_and_another_gets_its_number);
	tcase_add_test(tcase, a09_nothing_is_lost_to_signals);
	tcase_add_test(tcase, a10_limits_and_handlers_end_what_waits_as_the_kernel_does);
	tcase_add_test(tcase, a11_children_are_bounded_from_their_first_call);
	tcase_add_test(tcase, a12_structs_swapped_and_too_large);
	tcase_add_test(tcase, a12_messages_go_where_they_were_judged_to_go);
	tcase_add_test(tcase, a12_messages_are_of_the_senders_memory);
	tcase_add_test(tcase, a12_control_data_swapped);
	tcase_add_test(tcase, a12_batches_swapped);
	tcase_add_test(tcase, a12_messages_too_large);
	tcase_add_test(tcase, a13_whoever_waits_holds_up_nobody);
	return suite;
}
