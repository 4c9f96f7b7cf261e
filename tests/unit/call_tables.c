/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Call tables and masks, of levels and children that are nothing but their places in a tree. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "policy_help.h"
#include "tree/level.h"
#include "sys/rows.h"
#include "tree/mask.h"
#include "tree/table.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	DEPTH = 4,
};

/* places[0] is a child of the root's, with a level in it, whose child is places[1]; and so on. */
static struct tree tree;
static struct level *levels[DEPTH + 1]; /* [0] is the root's, [n] runs in places[n - 1] */
static struct sv_child places[DEPTH];
static struct policy *all;

static void begin(void)
{
	memset(&tree, 0, sizeof(tree));
	memset(places, 0, sizeof(places));
	tree_init(&tree);
	tree.rows = &sysrows;
	all = help_policy("method *");
	ck_assert_int_eq(level_new_root(&tree, &levels[0]), 0);
}

/* A child of levels[n], and a level in it. */
static void place_make(int n, const struct policy *granted)
{
	struct child *c = &places[n].child;

	places[n].tree = c->tree = &tree;
	c->level = levels[n];
	ck_assert_int_eq(table_find(levels[n], granted, &c->table), 0);
	places[n].next = tree.children;
	tree.children = &places[n];
	mask_flatten(&places[n]);
	ck_assert_int_eq(level_new_root(&tree, &levels[n + 1]), 0);
	levels[n + 1]->child = c;
	levels[n + 1]->table = table_ref(c->table);
}

static void end(void)
{
	for (int i = DEPTH; i >= 0; i--) {
		if (i < DEPTH)
			table_drop(places[i].child.table);
		levels[i] = level_drop(levels[i]);
	}
	ck_assert_ptr_null(tree.tables);
	policy_free(all);
}

static int number_of(const struct level *level, const char *name)
{
	return level_method((struct level *)level, name);
}

static void define(struct level *level, const char *name)
{
	ck_assert_int_ge(level_define(level, name, METHOD_NAMED, NULL, NULL), 0);
}

static void define_many(struct level *level, char letter, int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%c%d", letter, i);
		define(level, name);
	}
}

static bool is_masked(int n, const char *name)
{
	int slot = table_slot(places[n].child.table, name);

	ck_assert_int_ge(slot, 0);
	return mask_has(&places[n].child.masked, mask_index(PCALL_BASE + slot));
}

START_TEST(index_is_of_a_call_or_a_slot)
{
	static const int none[] = {
		INT_MIN, -1, 512, 513, PCALL_BASE - 1, PCALL_BASE + PCALL_SLOT_MAX, INT_MAX
	};

	ck_assert_int_eq(mask_index(0), 0);
	ck_assert_int_eq(mask_index(511), 511);
	ck_assert_int_eq(mask_index(PCALL_BASE), 512);
	ck_assert_int_eq(mask_index(PCALL_BASE + PCALL_SLOT_MAX - 1), NUMBERS_MAX - 1);
	for (size_t i = 0; i < array_size(none); i++)
		ck_assert_int_lt(mask_index(none[i]), 0);
}
END_TEST

START_TEST(calls_that_nobody_repeats_are_not_notified)
{
	static const int none[] = { INT_MIN,
				    -1,
				    511,
				    512,
				    SYS_close,
				    SYS_futex,
				    SYS_fork,
				    SYS_wait4,
				    SYS_write,
				    SYS_exit_group,
				    SYS_clone3,
				    PCALL_BASE,
				    PCALL_BASE + 2,
				    INT_MAX };

	ck_assert(notifiable(SYS_openat) && notifiable(SYS_getppid) && notifiable(SYS_read));
	for (size_t i = 0; i < array_size(none); i++)
		ck_assert_msg(!notifiable(none[i]), "%d", none[i]);
}
END_TEST

START_TEST(names_of_methods_are_plain)
{
	static const char *const bad[] = { "", "A", "a b", "a/b", "a\n", "\303\244", "a*" };
	char large[PCALL_NAME_MAX + 1];

	ck_assert(method_name_valid("a") && method_name_valid("life.sum_2-x"));
	for (size_t i = 0; i < array_size(bad); i++)
		ck_assert_msg(!method_name_valid(bad[i]), "%s", bad[i]);
	memset(large, 'a', sizeof(large));
	large[PCALL_NAME_MAX - 1] = '\0';
	ck_assert(method_name_valid(large));
	large[PCALL_NAME_MAX - 1] = 'a';
	large[PCALL_NAME_MAX] = '\0';
	ck_assert(!method_name_valid(large));
}
END_TEST

START_TEST(what_is_not_granted_has_no_slot)
{
	struct policy *some = help_policy("method a.x b.x"), *few = help_policy("method a.x");

	define(levels[0], "a.x");
	define(levels[0], "b.x");
	define(levels[0], "c.x");
	ck_assert_int_ge(level_define(levels[0], "", SYS_openat, NULL, NULL), 0);
	place_make(0, some);
	ck_assert_uint_eq(places[0].child.table->count, 2);
	ck_assert_int_eq(table_slot(places[0].child.table, "c.x"), -ENOENT);
	place_make(1, few);
	ck_assert_uint_eq(places[1].child.table->count, 1);
	ck_assert_int_eq(table_slot(places[1].child.table, "b.x"), -ENOENT);
	/* whoever is below gets it back from nobody */
	place_make(2, all);
	place_make(3, all);
	ck_assert_int_eq(table_slot(places[3].child.table, "b.x"), -ENOENT);
	policy_free(some);
	policy_free(few);
}
END_TEST

START_TEST(nearest_definition_of_a_name_counts)
{
	define(levels[0], "a.x");
	place_make(0, all);
	define(levels[1], "a.x");
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	ck_assert_uint_eq(places[3].child.table->count, 1);
	ck_assert_ptr_eq(table_method(places[3].child.table, PCALL_SLOT_FIRST)->level, levels[1]);
}
END_TEST

START_TEST(slots_are_bounded)
{
	const struct table *table;

	define_many(levels[0], 'a', METHODS_MAX);
	ck_assert_int_eq(level_define(levels[0], "b", METHOD_NAMED, NULL, NULL), -ENOSPC);
	place_make(0, all);
	define_many(levels[1], 'b', METHODS_MAX);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	table = places[1].child.table;
	ck_assert_uint_eq(table->count, PCALL_SLOT_MAX - PCALL_SLOT_FIRST);
	ck_assert_ptr_nonnull(table_method(table, PCALL_SLOT_FIRST));
	ck_assert_ptr_nonnull(table_method(table, PCALL_SLOT_MAX - 1));
	ck_assert_ptr_null(table_method(table, PCALL_SLOT_MAX));
	ck_assert_ptr_null(table_method(table, PCALL_SLOT_FIRST - 1));
	ck_assert_ptr_null(table_method(table, 0));
	ck_assert_ptr_null(table_method(table, UINT_MAX));
}
END_TEST

START_TEST(calls_of_all_kinds_are_intercepted_once_by_a_level)
{
	const struct intercept *first;

	ck_assert_int_ge(level_define(levels[0], "", SYS_openat, NULL, NULL), 0);
	ck_assert_int_ge(level_define(levels[0], "", METHOD_EVERY, NULL, NULL), 0);
	place_make(0, all);
	ck_assert_int_ge(level_define(levels[1], "", SYS_openat, NULL, NULL), 0);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	first = table_intercept(places[0].child.table, SYS_openat);
	ck_assert_int_eq(first->method->number, SYS_openat);
	ck_assert_ptr_null(first->outer);
	first = table_intercept(places[0].child.table, SYS_getppid);
	ck_assert_int_eq(first->method->number, METHOD_EVERY);
	ck_assert_ptr_null(table_intercept(places[0].child.table, SYS_close));
	/* from the inside out; and those of the levels above hold below, too */
	for (int i = 1; i < DEPTH; i++) {
		first = table_intercept(places[i].child.table, SYS_openat);
		ck_assert_ptr_eq(first->method->level, levels[1]);
		ck_assert_ptr_eq(first->outer->method->level, levels[0]);
		ck_assert_ptr_null(first->outer->outer);
		ck_assert_ptr_eq(table_intercept(places[i].child.table, SYS_getppid)->method->level,
				 levels[0]);
	}
}
END_TEST

/* Who wants all calls gets those, too, that somebody above wants. */
START_TEST(calls_of_all_kinds_are_asked_of_the_inner_level_first)
{
	ck_assert_int_ge(level_define(levels[0], "", SYS_openat, NULL, NULL), 0);
	place_make(0, all);
	ck_assert_int_ge(level_define(levels[1], "", METHOD_EVERY, NULL, NULL), 0);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	for (int i = 1; i < DEPTH; i++) {
		const struct intercept *first = table_intercept(places[i].child.table, SYS_openat);

		ck_assert_ptr_eq(first->method->level, levels[1]);
		ck_assert_ptr_eq(first->outer->method->level, levels[0]);
		ck_assert_ptr_null(first->outer->outer);
	}
}
END_TEST

START_TEST(tables_are_shared_where_all_is_equal)
{
	struct policy *none = help_policy("read /x");
	struct table *tables[4], *again;

	place_make(0, all);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	ck_assert_int_eq(table_find(levels[0], all, &tables[0]), 0);
	ck_assert_int_eq(table_find(levels[1], all, &tables[1]), 0);
	ck_assert_int_eq(table_find(levels[0], none, &tables[2]), 0);
	define(levels[0], "a.x");
	ck_assert_int_eq(table_find(levels[0], all, &tables[3]), 0);
	ck_assert_ptr_eq(tables[0], places[0].child.table);
	ck_assert_ptr_eq(tables[1], places[1].child.table);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			ck_assert_ptr_ne(tables[i], tables[j]);
	ck_assert_int_eq(table_find(levels[0], all, &again), 0);
	ck_assert_ptr_eq(again, tables[3]);
	table_drop(again);
	for (int i = 0; i < 4; i++)
		table_drop(tables[i]);
	policy_free(none);
}
END_TEST

START_TEST(symbols_can_only_be_read)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd;

	define(levels[0], "b.x");
	define(levels[0], "a.x");
	place_make(0, all);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	fd = table_symbols(places[0].child.table);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(table_symbols(places[0].child.table), fd);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	/* in a box it is sealed against execution, too */
	ck_assert_int_eq(fcntl(fd, F_GET_SEALS) & seals, seals);
	ck_assert_int_lt(write(fd, "x", 1), 0);
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}
END_TEST

START_TEST(numbers_of_masks_are_those_of_the_level)
{
	static const int none[] = { INT_MIN,
				    -1,
				    600,
				    PCALL_BASE,
				    PCALL_BASE - 1,
				    PCALL_BASE + PCALL_SLOT_FIRST + 5,
				    PCALL_BASE + METHOD_DEFINED_FIRST + 2,
				    INT_MAX };
	int own;

	define(levels[0], "a.x");
	place_make(0, all);
	define(levels[1], "b.x");
	ck_assert_int_ge(level_define(levels[1], "", SYS_openat, NULL, NULL), 0);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	own = number_of(levels[1], "b.x");
	ck_assert_int_ge(child_mask_index(&places[1], own), SYSROW_NUMBERS);
	/* what it can call itself it has as a slot of its own table */
	ck_assert_int_ge(child_mask_index(&places[1], PCALL_BASE + PCALL_SLOT_FIRST),
			 SYSROW_NUMBERS);
	ck_assert_int_eq(child_mask_index(&places[1], SYS_openat), SYS_openat);
	ck_assert_int_eq(child_mask_index(&places[1], 511), -ENOENT); /* no such call */
	/* an interception is no method; a method of the level is none of the root's */
	ck_assert_int_eq(child_mask_index(&places[1], own + 1), -ENOENT);
	ck_assert_int_eq(child_mask_index(&places[0], PCALL_BASE + PCALL_SLOT_FIRST), -ENOENT);
	for (size_t i = 0; i < array_size(none); i++)
		for (int n = 0; n < 3; n++)
			ck_assert_int_eq(child_mask_index(&places[n], none[i]), -ENOENT);
}
END_TEST

START_TEST(mask_on_what_the_kernel_decides_is_refused)
{
	place_make(0, all);
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	ck_assert_int_eq(child_mask(&places[0], SYS_getppid, false), -EOPNOTSUPP);
	ck_assert_int_eq(child_mask(&places[0], SYS_socket, false), -EOPNOTSUPP);
	ck_assert_int_eq(child_mask(&places[0], SYS_openat, false), 0); /* notified */
	ck_assert_int_eq(child_mask(&places[0], SYS_ptrace, false), 0); /* refused as it is */
	places[0].child.seen[SYS_getppid / 64] |= (uint64_t)1 << SYS_getppid % 64;
	ck_assert_int_eq(child_mask(&places[0], SYS_getppid, false), 0); /* revocable */
	ck_assert(mask_has(&places[3].child.masked, SYS_getppid));
}
END_TEST

START_TEST(masks_hold_below_and_nowhere_else)
{
	define(levels[0], "a.x");
	define(levels[0], "b.x");
	place_make(0, all);
	define(levels[1], "c.x"); /* so that slots differ */
	place_make(1, all);
	place_make(2, all);
	place_make(3, all);
	ck_assert_int_eq(
		child_mask(&places[1], PCALL_BASE + table_slot(levels[1]->table, "a.x"), false), 0);
	ck_assert_int_eq(child_mask(&places[1], SYS_openat, false), 0);
	for (int i = 0; i < DEPTH; i++) {
		ck_assert_int_eq(is_masked(i, "a.x"), i >= 1);
		ck_assert_int_eq(mask_has(&places[i].child.masked, SYS_openat), i >= 1);
		ck_assert(!is_masked(i, "b.x"));
	}
	/* a level's own method is under no number above */
	places[0].child.seen[0] = ~(uint64_t)0;
	ck_assert_int_eq(child_mask(&places[0], SYS_uname, false), 0);
	ck_assert(!is_masked(1, "c.x"));
	/* what one level gives back, another may still have taken */
	ck_assert_int_eq(child_mask(&places[0], number_of(levels[0], "a.x"), false), 0);
	ck_assert_int_eq(
		child_mask(&places[1], PCALL_BASE + table_slot(levels[1]->table, "a.x"), true), 0);
	for (int i = 0; i < DEPTH; i++)
		ck_assert(is_masked(i, "a.x"));
	ck_assert_int_eq(child_mask(&places[0], number_of(levels[0], "a.x"), true), 0);
	for (int i = 0; i < DEPTH; i++)
		ck_assert(!is_masked(i, "a.x"));
}
END_TEST

/* places[2], whose level dies, goes to the one above. */
START_TEST(masks_hold_for_adopted_children_too)
{
	define(levels[0], "a.x");
	define(levels[0], "b.x");
	place_make(0, all);
	define(levels[1], "c.x");
	place_make(1, all);
	define(levels[2], "d.x");
	place_make(2, all);
	place_make(3, all);
	ck_assert_int_eq(child_mask(&places[2], number_of(levels[2], "d.x"), false), 0);
	ck_assert_int_eq(child_mask(&places[1], number_of(levels[1], "c.x"), false), 0);
	mask_adopt(&places[2]);
	places[2].child.level = levels[1];
	mask_flatten(&places[2]);
	/* what was taken stays taken, whoever gives it back */
	ck_assert_int_eq(child_mask(&places[1], number_of(levels[1], "c.x"), true), 0);
	ck_assert(is_masked(2, "d.x") && is_masked(2, "c.x") && !is_masked(1, "c.x"));
	/* what is taken from those above is taken from it */
	ck_assert_int_eq(child_mask(&places[0], number_of(levels[0], "a.x"), false), 0);
	for (int i = 0; i < DEPTH; i++)
		ck_assert(is_masked(i, "a.x"));
	/* and its new level can take what it has, by its own numbers */
	ck_assert_int_eq(child_mask(&places[2], number_of(levels[1], "c.x"), true), 0);
	ck_assert(!is_masked(2, "c.x"));
	ck_assert_int_eq(
		child_mask(&places[2], PCALL_BASE + table_slot(levels[1]->table, "b.x"), false), 0);
	for (int i = 0; i < DEPTH; i++)
		ck_assert_int_eq(is_masked(i, "b.x"), i >= 2);
	ck_assert_int_eq(child_mask(&places[2], number_of(levels[2], "d.x") + 1, true), -ENOENT);
	places[2].child.level = levels[2];
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("call_tables");
	TCase *tcase = test_case(suite, "numbers");

	tcase_add_test(tcase, index_is_of_a_call_or_a_slot);
	tcase_add_test(tcase, calls_that_nobody_repeats_are_not_notified);
	tcase_add_test(tcase, names_of_methods_are_plain);
	tcase = test_case(suite, "trees");
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, what_is_not_granted_has_no_slot);
	tcase_add_test(tcase, nearest_definition_of_a_name_counts);
	tcase_add_test(tcase, slots_are_bounded);
	tcase_add_test(tcase, calls_of_all_kinds_are_intercepted_once_by_a_level);
	tcase_add_test(tcase, calls_of_all_kinds_are_asked_of_the_inner_level_first);
	tcase_add_test(tcase, tables_are_shared_where_all_is_equal);
	tcase_add_test(tcase, symbols_can_only_be_read);
	tcase_add_test(tcase, numbers_of_masks_are_those_of_the_level);
	tcase_add_test(tcase, mask_on_what_the_kernel_decides_is_refused);
	tcase_add_test(tcase, masks_hold_below_and_nowhere_else);
	tcase_add_test(tcase, masks_hold_for_adopted_children_too);
	return suite;
}
