/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* E6 of the attacks: a level that lies. What it does is in level_hostile.c, and what it wants too
 * much of in level_bounds_hostile.c. */
#include "box.h"
#include "check_main.h"

#define ATTACK(name, ...) BOX_TEST(name, "level_hostile", __VA_ARGS__, .no_native = true)
#define BOUNDS(name, ...) BOX_TEST(name, "level_bounds_hostile", __VA_ARGS__, .no_native = true)

ATTACK(e06_garbage_in_a_request_is_refused, "requests")
ATTACK(e06_lies_about_a_requests_size_are_refused, "sizes")
ATTACK(e06_request_is_read_once, "memory")
ATTACK(e06_child_has_no_more_than_its_level, "wider")
ATTACK(e06_children_of_others_are_out_of_reach, "others")
ATTACK(e06_calls_of_others_are_out_of_reach, "answers")
ATTACK(e06_sleeping_threads_are_bounded, "waits")
BOUNDS(e06_definitions_are_bounded, "defines")
ATTACK(e06_who_is_a_level_is_one_once, "twice")
ATTACK(e06_children_of_a_dead_level_end, "dies")
ATTACK(e06_deaf_level_costs_its_own_events, "floods")
ATTACK(e06_levels_without_end_meet_one, "endless_begin",
       .lines = { "method *", "limit children=20" })
BOUNDS(e06_descriptors_it_has_not_are_not_given, "descriptors")
BOUNDS(e06_labels_are_names, "labels")
ATTACK(e06_session_of_its_own_is_no_way_out, "session")
ATTACK(e06_child_freed_before_it_is_born, "early")
BOUNDS(e06_labels_do_not_grow_for_ever, "labels_deep", .lines = { "method *" })
BOUNDS(e06_policy_of_another_child_is_not_taken, "policies")
BOUNDS(e06_child_starts_where_its_level_may_look, "directories")
BOUNDS(e06_refusals_that_a_level_hears_of_tell_nothing, "hears")
BOUNDS(e06_numbers_of_children_are_one_childs, "numbers")
BOUNDS(e06_levels_of_one_box_are_bounded, "levels")

BOUNDS(e06_what_a_level_has_looked_at_does_not_go_on, "forwards")
BOUNDS(e06_calls_that_nobody_answers_are_bounded, "pending",
       .lines = { "method *", "limit pending=3" })
BOUNDS(e06_calls_that_nobody_answers_are_bounded_by_themselves, "pending_default")
/* Four thousand threads of a program that is built so take longer than all other tests together. */
#ifdef __SANITIZE_THREAD__
#define MANY_THREADS false
#else
#define MANY_THREADS true
#endif

START_TEST(e06_answers_that_a_level_owes_are_bounded)
{
	if (!MANY_THREADS)
		test_skip("the thread sanitizer makes too much of four thousand threads");
	BOX_ATTACK("level_bounds_hostile", "asked", .no_native = true,
		   .lines = { "method *", "limit pending=5000" });
}
END_TEST

BOUNDS(e06_answers_that_are_none_are_errors, "kinds")
BOUNDS(e06_policies_that_do_not_go_together_are_refused, "views",
       .lines = { "method *", "bind $X/w/v $X/w/dir rw" })
BOUNDS(e06_what_was_let_go_is_gone, "gone")
BOUNDS(e06_calls_that_could_not_be_told_are_told_again, "returned")
BOUNDS(e06_each_child_has_its_turn, "rounds", .lines = { "method *", "limit pending=3" })

Suite *test_suite(void)
{
	Suite *suite = suite_create("level");
	TCase *tcase = test_case(suite, "level");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, e06_garbage_in_a_request_is_refused);
	tcase_add_test(tcase, e06_lies_about_a_requests_size_are_refused);
	tcase_add_test(tcase, e06_request_is_read_once);
	tcase_add_test(tcase, e06_child_has_no_more_than_its_level);
	tcase_add_test(tcase, e06_children_of_others_are_out_of_reach);
	tcase_add_test(tcase, e06_calls_of_others_are_out_of_reach);
	tcase_add_test(tcase, e06_sleeping_threads_are_bounded);
	tcase_add_test(tcase, e06_definitions_are_bounded);
	tcase_add_test(tcase, e06_who_is_a_level_is_one_once);
	tcase_add_test(tcase, e06_children_of_a_dead_level_end);
	tcase_add_test(tcase, e06_deaf_level_costs_its_own_events);
	tcase_add_test(tcase, e06_levels_without_end_meet_one);
	tcase_add_test(tcase, e06_descriptors_it_has_not_are_not_given);
	tcase_add_test(tcase, e06_labels_are_names);
	tcase_add_test(tcase, e06_session_of_its_own_is_no_way_out);
	tcase_add_test(tcase, e06_child_freed_before_it_is_born);
	tcase_add_test(tcase, e06_labels_do_not_grow_for_ever);
	tcase_add_test(tcase, e06_policy_of_another_child_is_not_taken);
	tcase_add_test(tcase, e06_child_starts_where_its_level_may_look);
	tcase_add_test(tcase, e06_refusals_that_a_level_hears_of_tell_nothing);
	tcase_add_test(tcase, e06_numbers_of_children_are_one_childs);
	tcase_add_test(tcase, e06_levels_of_one_box_are_bounded);
	tcase_add_test(tcase, e06_what_a_level_has_looked_at_does_not_go_on);
	tcase_add_test(tcase, e06_calls_that_nobody_answers_are_bounded);
	tcase_add_test(tcase, e06_calls_that_nobody_answers_are_bounded_by_themselves);
	tcase_add_test(tcase, e06_answers_that_a_level_owes_are_bounded);
	tcase_add_test(tcase, e06_answers_that_are_none_are_errors);
	tcase_add_test(tcase, e06_policies_that_do_not_go_together_are_refused);
	tcase_add_test(tcase, e06_what_was_let_go_is_gone);
	tcase_add_test(tcase, e06_calls_that_could_not_be_told_are_told_again);
	tcase_add_test(tcase, e06_each_child_has_its_turn);
	return suite;
}
