/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What must be true of every row, and of all of them together. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "common/cleanup.h"
#include "sys/rows.h"

/* The last number of Linux 6.18. */
enum { NR_LAST = __NR_file_setattr };

static void each_row(void (*check)(const struct sysrow *row))
{
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			check(row);
}

/* The lines "#define __NR_name number" of a header: calls each(name, number), and says how many
 * there were. */
static int header_each(const char *path, void (*each)(const char *name, int nr))
{
	cleanup_file FILE *file = fopen(path, "re");
	char line[256], name[64], number[16];
	int count = 0;

	if (!file)
		test_skip("%s cannot be read", path);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "#define __NR_%63s %15s", name, number) == 2) {
			each(name, (int)strtol(number, NULL, 10));
			count++;
		}
	return count;
}

static const char HEADER[] = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";

static void number_has_row(const char *name, int nr)
{
	const struct sysrow *row = sysrow_find(nr);

	ck_assert_msg(row, "%s (%d) has no row", name, nr);
	ck_assert_str_eq(row->name, name);
}

START_TEST(every_number_of_the_header_has_a_row_of_its_name)
{
	ck_assert_int_ge(header_each(HEADER, number_has_row), 360);
}
END_TEST

/* Numbers 337 to 423 were left out so that all architectures have the same ones from 424 on. */
START_TEST(every_number_up_to_linux_6_18_has_a_row)
{
	for (int nr = 0; nr <= NR_LAST; nr++)
		ck_assert_msg(!sysrow_find(nr) == (nr > __NR_uprobe && nr < __NR_pidfd_send_signal),
			      "number %d", nr);
}
END_TEST

static int rows_seen;

static void row_is_found(const struct sysrow *row)
{
	/* Had two rows one number, only one of them would be found. */
	ck_assert_msg(sysrow_find(row->nr) == row, "%s (%d): another row is found", row->name,
		      row->nr);
	rows_seen++;
}

START_TEST(every_row_is_found_by_its_number)
{
	each_row(row_is_found);
	ck_assert_int_eq(rows_seen, NR_LAST + 1 - (__NR_pidfd_send_signal - __NR_uprobe - 1));
	ck_assert_ptr_null(sysrow_find(-1));
	ck_assert_ptr_null(sysrow_find(NR_LAST + 1));
	ck_assert_ptr_null(sysrow_find(PCALL_BASE));
	ck_assert_ptr_null(sysrow_find(INT32_MAX));
	ck_assert_ptr_null(sysrow_find(INT32_MIN));
}
END_TEST

static void letters_are_known(const struct sysrow *row)
{
	size_t strings = 0;

	ck_assert_msg(strlen(row->args) <= 6, "%s has more than 6 arguments", row->name);
	for (const char *letter = row->args; *letter; letter++) {
		ck_assert_msg(strchr("iulzmdfopst", *letter), "%s: unknown letter %c", row->name,
			      *letter);
		strings += strchr("pst", *letter) != NULL;
	}
	/* struct call has room for two. */
	if (row->handler || row->bounded)
		ck_assert_msg(strings <= 2, "%s has more than 2 strings", row->name);
}

START_TEST(letters_of_all_rows_are_known)
{
	each_row(letters_are_known);
}
END_TEST

static bool can_notify(const struct sysrow *row)
{
	if (row->tier == TIER_NOTIFY)
		return true;
	for (size_t i = 0; row->tier == TIER_ARGS && i < row->when_count; i++)
		if (row->when[i].action == WHEN_NOTIFY)
			return true;
	return false;
}

static void one_answers(const struct sysrow *row)
{
	int count = (row->handler != NULL) + (row->gate != NULL) + (row->bounded != NULL);

	ck_assert_msg(count == can_notify(row), "%s: %d functions answer", row->name, count);
}

START_TEST(exactly_one_function_answers_what_notifies_and_none_the_rest)
{
	each_row(one_answers);
}
END_TEST

/* R3: nothing that was decided from memory goes on in the kernel. */
static void pointers_are_handled(const struct sysrow *row)
{
	if (row->gate)
		ck_assert_msg(!strpbrk(row->args, "opst"), "%s has a pointer and a gate",
			      row->name);
}

START_TEST(no_row_with_a_pointer_has_a_gate)
{
	each_row(pointers_are_handled);
}
END_TEST

static void bounded_is_known(const struct sysrow *row)
{
	if (!row->bounded)
		return;
	ck_assert_msg(row->nr == __NR_execve || row->nr == __NR_execveat || row->nr == __NR_chdir,
		      "%s is bounded", row->name);
	ck_assert_msg(row->note, "%s does not say what bounds it", row->name);
}

START_TEST(only_exec_and_chdir_read_memory_and_go_on)
{
	each_row(bounded_is_known);
}
END_TEST

static void refusal_is_explained(const struct sysrow *row)
{
	bool refuses = row->tier == TIER_REFUSE;

	for (size_t i = 0; row->tier == TIER_ARGS && i < row->when_count; i++)
		refuses |=
			row->when[i].action == WHEN_REFUSE || row->when[i].action == WHEN_PRETEND;
	if (refuses)
		ck_assert_msg(row->note && *row->note, "%s has no note", row->name);
}

START_TEST(every_refusal_has_a_note)
{
	each_row(refusal_is_explained);
}
END_TEST

static void conditions_make_sense(const struct sysrow *row)
{
	ck_assert_msg((row->tier == TIER_ARGS) == (row->when_count > 0), "%s: conditions",
		      row->name);
	for (size_t i = 0; i < row->when_count; i++) {
		const struct when *when = &row->when[i];

		ck_assert_msg(when->arg < strlen(row->args) || when->test == WHEN_ALWAYS,
			      "%s: condition %zu is on argument %u", row->name, i, when->arg);
		ck_assert_msg(when->test == WHEN_EQUAL64 || when->value <= UINT32_MAX,
			      "%s: condition %zu is cut", row->name, i);
		ck_assert_msg(!when->mask || (when->value & ~when->mask) == 0,
			      "%s: condition %zu never holds", row->name, i);
		ck_assert_msg((when->action != WHEN_REFUSE && when->action != WHEN_ERROR) ||
				      when->error != 0,
			      "%s: condition %zu says no error", row->name, i);
		ck_assert_msg((when->action == WHEN_REFUSE) == (when->what != NULL),
			      "%s: condition %zu has no words for what is refused", row->name, i);
		ck_assert_msg(when->action != WHEN_AND || i + 1 < row->when_count,
			      "%s: a chain without an end", row->name);
	}
}

START_TEST(every_condition_can_hold_and_says_what_then)
{
	each_row(conditions_make_sense);
}
END_TEST

/* A pointer is 0 or not by both of its halves. */
static void pointers_are_whole(const struct sysrow *row)
{
	for (size_t i = 0; i < row->when_count; i++) {
		const struct when *when = &row->when[i];

		if (when->test != WHEN_ALWAYS && strchr("opstlz", row->args[when->arg]) &&
		    when->test == WHEN_EQUAL)
			ck_assert_msg(false, "%s: half of argument %u is looked at", row->name,
				      when->arg);
	}
}

START_TEST(conditions_on_wide_arguments_look_at_both_halves)
{
	each_row(pointers_are_whole);
}
END_TEST

static void error_fits(const struct sysrow *row)
{
	ck_assert_msg(row->error < 4096, "%s", row->name);
	ck_assert_msg(row->tier != TIER_ALLOW || row->error == 0, "%s", row->name);
	ck_assert_msg(row->tier != TIER_REFUSE || row->error != 0, "%s", row->name);
}

START_TEST(every_refused_row_names_its_error)
{
	each_row(error_fits);
}
END_TEST

/* R11: what the filter itself refuses nobody hears of. */
static void refusal_is_told(const struct sysrow *row)
{
	bool socket = row->nr == __NR_socket || row->nr == __NR_socketpair;

	ck_assert_msg(!row->often || row->nr == __NR_clone3, "%s is refused silently", row->name);
	for (size_t i = 0; i < row->when_count; i++)
		ck_assert_msg(row->when[i].action != WHEN_ERROR || socket,
			      "%s: condition %zu is refused silently", row->name, i);
}

START_TEST(nothing_but_clone3_is_refused_silently)
{
	each_row(refusal_is_told);
}
END_TEST

static bool is_one_of(int nr, const int *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == nr)
			return true;
	return false;
}

/* A range that ends above what a child can have is cut where it has a sender. */
static bool is_for_sender(const struct sysrow *row)
{
	for (size_t i = 0; i < row->when_count; i++)
		if (row->when[i].action == WHEN_NOTIFY && row->when[i].need != FEATURE_SENDER)
			return false;
	return row->nr == __NR_close_range;
}

/* A notified call that a signal meets too early is aborted: nobody retries these. */
static void is_never_notified(const struct sysrow *row)
{
	static const int never[] = {
		__NR_close,  __NR_close_range, __NR_dup,	  __NR_dup2,
		__NR_dup3,   __NR_fork,	       __NR_vfork,	  __NR_clone,
		__NR_exit,   __NR_exit_group,  __NR_munmap,	  __NR_wait4,
		__NR_waitid, __NR_pipe2,       __NR_rt_sigreturn, __NR_restart_syscall,
	};

	if (is_one_of(row->nr, never, array_size(never)))
		ck_assert_msg(!can_notify(row) || is_for_sender(row), "%s may notify", row->name);
}

START_TEST(calls_that_nobody_retries_never_notify)
{
	each_row(is_never_notified);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("systable_rows");
	TCase *table = test_case(suite, "table"), *rows = test_case(suite, "rows");

	tcase_add_test(table, every_number_of_the_header_has_a_row_of_its_name);
	tcase_add_test(table, every_number_up_to_linux_6_18_has_a_row);
	tcase_add_test(table, every_row_is_found_by_its_number);
	tcase_add_test(rows, letters_of_all_rows_are_known);
	tcase_add_test(rows, exactly_one_function_answers_what_notifies_and_none_the_rest);
	tcase_add_test(rows, no_row_with_a_pointer_has_a_gate);
	tcase_add_test(rows, only_exec_and_chdir_read_memory_and_go_on);
	tcase_add_test(rows, every_refusal_has_a_note);
	tcase_add_test(rows, nothing_but_clone3_is_refused_silently);
	tcase_add_test(rows, every_condition_can_hold_and_says_what_then);
	tcase_add_test(rows, conditions_on_wide_arguments_look_at_both_halves);
	tcase_add_test(rows, every_refused_row_names_its_error);
	tcase_add_test(rows, calls_that_nobody_retries_never_notify);
	return suite;
}
