/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* D7 under `sealed`: data does not become code. The attacks themselves are in code_hostile.c. */
#include "box.h"
#include "check_main.h"

#define CODE(name, attack_, ...) \
	BOX_TEST(name, "code_hostile", attack_, .lines = { "sealed", ##__VA_ARGS__ })

CODE(d07_what_was_written_is_no_code, "written")
CODE(d07_what_may_be_read_alone_is_no_code, "others")
CODE(d07_shared_pages_are_no_code, "shared")
CODE(d07_memory_file_writes_no_code, "memory_file", "write /proc/self /proc/thread-self")
CODE(d07_loader_runs_no_more_than_execve, "loader")
CODE(a04_descriptor_swapped_by_a_thread_is_no_code, "swapped_by_thread")
CODE(a04_descriptor_swapped_by_an_ending_thread_is_no_code, "swapped_by_ending_thread")
CODE(a04_descriptor_swapped_by_a_process_is_no_code, "swapped_by_process")

Suite *test_suite(void)
{
	Suite *suite = suite_create("code");
	TCase *tcase = test_case(suite, "code");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, d07_what_was_written_is_no_code);
	tcase_add_test(tcase, d07_what_may_be_read_alone_is_no_code);
	tcase_add_test(tcase, d07_shared_pages_are_no_code);
	tcase_add_test(tcase, d07_memory_file_writes_no_code);
	tcase_add_test(tcase, d07_loader_runs_no_more_than_execve);
	tcase_add_test(tcase, a04_descriptor_swapped_by_a_thread_is_no_code);
	tcase_add_test(tcase, a04_descriptor_swapped_by_an_ending_thread_is_no_code);
	tcase_add_test(tcase, a04_descriptor_swapped_by_a_process_is_no_code);
	return suite;
}
