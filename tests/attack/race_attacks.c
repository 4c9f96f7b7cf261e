/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Section A of the attacks: races. The attacks themselves are in race_hostile.c,
 * race_calls_hostile.c, race_messages_hostile.c, own_messages_hostile.c and race_waits_hostile.c.
 */
#include "box.h"
#include "check_main.h"

#include <sys/socket.h>

#define RACE(name, ...)	    BOX_TEST(name, "race_hostile", __VA_ARGS__)
#define CALLS(name, ...)    BOX_TEST(name, "race_calls_hostile", __VA_ARGS__)
#define WAITS(name, ...)    BOX_TEST(name, "race_waits_hostile", __VA_ARGS__)
#define MESSAGES(name, ...) BOX_TEST(name, "race_messages_hostile", __VA_ARGS__)
#define OWN(name, ...)	    BOX_TEST(name, "own_messages_hostile", __VA_ARGS__)

RACE(a01_path_rewritten_by_thread, "a01_thread")
RACE(a01_path_rewritten_through_shared_memory, "a01_process")
RACE(a01_path_rewritten_by_process_of_the_same_memory, "a01_vm")
RACE(a01_path_rewritten_by_the_kernel, "a01_kernel")
RACE(a02_path_rewritten_during_execve, "a02", .floor = true)
RACE(a02_interpreter_of_a_program_is_bounded, "a02_interpreter", .floor = true)
RACE(a02_path_through_a_view_rewritten, "a02_view", .no_native = true, .floor = true,
     .lines = { "bind /view $X/w", "exec /view" })
RACE(a02_descriptor_of_a_program_in_a_view_swapped, "a02_view_descriptor", .no_native = true,
     .floor = true, .lines = { "bind /view $X/w", "exec /view" })
RACE(a03_content_changed_after_its_check, "a03", .floor = true)
RACE(a04_descriptor_swapped, "a04", .directory = true)
RACE(a05_page_unmapped_during_the_read, "a05", .no_native = true)
RACE(a06_link_and_directory_swapped, "a06")
RACE(a07_directory_changed_by_thread, "a07", .directory = true)

CALLS(a08_caller_dies_and_another_gets_its_number, "a08", .no_native = true)
CALLS(a09_nothing_is_lost_to_signals, "a09", .no_native = true)

WAITS(a10_limits_and_handlers_end_what_waits_as_the_kernel_does, "a10", .same_native = true,
      .lines = { "connect 127.0.0.1:*", "listen 127.0.0.1:*" })

CALLS(a11_children_are_bounded_from_their_first_call, "a11")
CALLS(a12_structs_swapped_and_too_large, "a12")

/* The owner of w/dgram takes what comes: its queue is never full for long. */
static void receive_all(void)
{
	char bytes[64];

	while (recv(102, bytes, sizeof(bytes), 0) >= 0)
		continue;
}

MESSAGES(a12_messages_go_where_they_were_judged_to_go, "a12_names", .outside = receive_all)
MESSAGES(a12_messages_are_of_the_senders_memory, "a12_vectors")
MESSAGES(a12_control_data_swapped, "a12_control", .no_native = true)
MESSAGES(a12_batches_swapped, "a12_batches", .no_native = true)
MESSAGES(a12_messages_too_large, "a12_sizes")

CALLS(a13_whoever_waits_holds_up_nobody, "a13", .no_native = true)

OWN(a14_own_messages_go_to_the_sockets_other_end, "a14_sockets")
OWN(a14_the_pages_they_are_sent_from_hold, "a14_pages", .no_native = true)
OWN(a14_what_lies_in_the_place_of_the_pages_is_not_sent, "a14_place", .no_native = true)
OWN(a14_own_messages_say_who_wrote_them, "a14_credentials")

Suite *test_suite(void)
{
	Suite *suite = suite_create("races");
	TCase *tcase = test_case(suite, "races");

	tcase_set_timeout(tcase, 300); /* for what hangs */
	tcase_add_test(tcase, a01_path_rewritten_by_thread);
	tcase_add_test(tcase, a01_path_rewritten_through_shared_memory);
	tcase_add_test(tcase, a01_path_rewritten_by_process_of_the_same_memory);
	tcase_add_test(tcase, a01_path_rewritten_by_the_kernel);
	tcase_add_test(tcase, a02_path_rewritten_during_execve);
	tcase_add_test(tcase, a02_interpreter_of_a_program_is_bounded);
	tcase_add_test(tcase, a02_path_through_a_view_rewritten);
	tcase_add_test(tcase, a02_descriptor_of_a_program_in_a_view_swapped);
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
	tcase_add_test(tcase, a14_own_messages_go_to_the_sockets_other_end);
	tcase_add_test(tcase, a14_the_pages_they_are_sent_from_hold);
	tcase_add_test(tcase, a14_what_lies_in_the_place_of_the_pages_is_not_sent);
	tcase_add_test(tcase, a14_own_messages_say_who_wrote_them);
	return suite;
}
