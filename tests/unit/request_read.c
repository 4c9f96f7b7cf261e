/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request to spawn says what it says, or nothing: each of its words, one at a time, too large. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "common/cleanup.h"
#include "level/request.h"
#include "spawn/spawn.h"

static char *bytes;
static size_t size;

#define HEAD ((struct wire_spawn *)(void *)bytes)

/* Lists of these many entries each. */
static void make(size_t candidates, size_t masks, size_t masks_named, size_t revocable)
{
	static const char policy[] = "pcall-flat 1\nend\n";
	static const char *const words[] = { "program", "", "two words", NULL };
	static const int fds[] = { 0, 1, 2, 77 };
	const char **paths = calloc(candidates + 1, sizeof(*paths));
	int *calls = calloc(revocable + 1, sizeof(*calls));
	struct sv_mask *taken = calloc(masks + masks_named + 1, sizeof(*taken));
	const struct spawn_request request = {
		.id = 1,
		.label = "label",
		.spec.cwd = "/",
		.spec.argv = words,
		.spec.envp = words,
		.spec.candidates = paths,
		.spec.fds = fds,
		.spec.fds_count = 4,
		.masks = taken,
		.masks_count = masks + masks_named,
		.revocable = calls,
		.revocable_count = revocable,
	};

	for (size_t i = 0; i < candidates; i++)
		paths[i] = "/p";
	for (size_t i = 0; i < masks_named; i++)
		taken[i].name = "a.b";
	ck_assert_int_eq(
		request_write(&request, policy, sizeof(policy) - 1, (void **)&bytes, &size), 0);
	free(paths);
	free(calls);
	free(taken);
}

static void make_small(void)
{
	make(1, 1, 1, 1);
}

static void drop(void)
{
	free(bytes);
	bytes = NULL;
}

/* What is read of it as it is now, in memory of exactly its size. */
static int read_now(void)
{
	cleanup_free void *copy = malloc(size);
	struct request_view view;
	int r;

	memcpy(copy, bytes, size);
	r = request_read(copy, size, &view);
	request_clear(&view);
	return r;
}

START_TEST(request_says_what_was_written)
{
	struct request_view view;

	ck_assert_int_eq(request_read(bytes, size, &view), 0);
	ck_assert_str_eq(view.label, "label");
	ck_assert_str_eq(view.cwd, "/");
	ck_assert_uint_eq(view.policy_size, 17);
	ck_assert_str_eq(view.argv[2], "two words");
	ck_assert_ptr_null(view.argv[3]);
	ck_assert_str_eq(view.masks_named[0], "a.b");
	ck_assert_int_eq(view.numbers[3], 77);
	request_clear(&view);
}
END_TEST

START_TEST(head_that_is_none_is_refused)
{
	HEAD->magic++;
	ck_assert_int_eq(read_now(), -EPROTO);
	HEAD->magic--;
	HEAD->size += 4;
	ck_assert_int_eq(read_now(), -EPROTO);
	HEAD->size -= 4;
	ck_assert_int_eq(read_now(), 0);
}
END_TEST

/* All of its words are as they should be, but there are too few. */
START_TEST(head_that_is_cut_is_refused)
{
	const uint32_t zero = offsetof(struct wire_spawn, flags);

	size = sizeof(struct wire_spawn) - 8;
	*HEAD = (struct wire_spawn){
		.magic = WIRE_SPAWN_MAGIC,
		.size = (uint32_t)size,
		.argv = {zero,	1},
		.candidates = { zero, 1}
	};
	ck_assert_int_eq(read_now(), -EPROTO);
	size = HEAD->size = sizeof(struct wire_spawn);
	ck_assert_int_eq(read_now(), 0);
}
END_TEST

START_TEST(last_byte_is_a_nul)
{
	bytes[size - 1] = 'x';
	ck_assert_int_eq(read_now(), -EPROTO);
}
END_TEST

static const struct {
	size_t at; /* in the head */
	size_t each;
} lists[] = {
	{offsetof(struct wire_spawn,  policy),      1},
	{ offsetof(struct wire_spawn, argv),	     4},
	{ offsetof(struct wire_spawn, envp),	     4},
	{ offsetof(struct wire_spawn, candidates),  4},
	{ offsetof(struct wire_spawn, fds),	    4},
	{ offsetof(struct wire_spawn, numbers),	4},
	{ offsetof(struct wire_spawn, masks),	      4},
	{ offsetof(struct wire_spawn, revocable),	  4},
	{ offsetof(struct wire_spawn, masks_named), 4},
};

/* Nothing reaches past the end, begins there, or stands between two words. */
START_TEST(list_stays_inside)
{
	struct wire_span *list = (struct wire_span *)(void *)(bytes + lists[_i].at);
	const struct wire_span good = *list;

	ck_assert_int_eq(read_now(), 0);
	list->count = (uint32_t)((size - good.offset) / lists[_i].each) + 1;
	ck_assert_int_eq(read_now(), -EPROTO);
	list->count = UINT32_MAX;
	ck_assert_int_eq(read_now(), -EPROTO);
	*list = (struct wire_span){ (uint32_t)((size + 7) & ~(size_t)3), good.count };
	ck_assert_int_eq(read_now(), -EPROTO);
	*list = (struct wire_span){ UINT32_MAX - 3, good.count };
	ck_assert_int_eq(read_now(), -EPROTO);
	*list = (struct wire_span){ good.offset + 2, good.count };
	ck_assert_int_eq(read_now(), -EPROTO);
	*list = good;
	ck_assert_int_eq(read_now(), 0);
}
END_TEST

START_TEST(string_begins_inside)
{
	uint32_t *words[] = { &HEAD->label,
			      &HEAD->cwd,
			      (uint32_t *)(void *)(bytes + HEAD->argv.offset) + 1,
			      (uint32_t *)(void *)(bytes + HEAD->envp.offset) + 1,
			      (uint32_t *)(void *)(bytes + HEAD->candidates.offset),
			      (uint32_t *)(void *)(bytes + HEAD->masks_named.offset) };
	uint32_t good = *words[_i];

	*words[_i] = (uint32_t)size - 1;
	ck_assert_int_eq(read_now(), 0);
	*words[_i] = (uint32_t)size;
	ck_assert_int_eq(read_now(), -EPROTO);
	*words[_i] = UINT32_MAX;
	ck_assert_int_eq(read_now(), -EPROTO);
	*words[_i] = good;
}
END_TEST

START_TEST(what_has_to_be_there_is)
{
	HEAD->numbers.count--;
	ck_assert_int_eq(read_now(), -EPROTO);
	HEAD->fds.count--;
	ck_assert_int_eq(read_now(), 0);
	HEAD->argv.count = 0;
	ck_assert_int_eq(read_now(), -EPROTO);
	HEAD->argv.count = 1;
	HEAD->candidates.count = 0;
	ck_assert_int_eq(read_now(), -EPROTO);
}
END_TEST

/* Else a small request would be made a large order. */
START_TEST(no_byte_is_listed_twice)
{
	uint32_t *paths, first, last;

	drop();
	make(PCALL_CANDIDATES_MAX, 1, 1, 1);
	paths = (uint32_t *)(void *)(bytes + HEAD->candidates.offset);
	first = paths[0];
	last = paths[PCALL_CANDIDATES_MAX - 1];
	memset(bytes + first, 'x', 1000);
	for (size_t i = 0; i < PCALL_CANDIDATES_MAX; i++)
		paths[i] = last;
	paths[0] = first;
	ck_assert_int_eq(read_now(), 0);
	for (size_t i = 0; i < PCALL_CANDIDATES_MAX; i++)
		paths[i] = first;
	ck_assert_int_eq(read_now(), -EPROTO);
	HEAD->candidates.count = 1;
	ck_assert_int_eq(read_now(), 0);
	HEAD->envp = (struct wire_span){ 0, (uint32_t)(size / sizeof(uint32_t)) };
	ck_assert_int_eq(read_now(), -EPROTO);
}
END_TEST

START_TEST(lists_that_are_gone_through_under_locks_are_short)
{
	static const size_t full[4] = { PCALL_CANDIDATES_MAX, PCALL_MASKS_MAX, PCALL_MASKS_MAX,
					PCALL_MASKS_MAX };

	drop();
	make(full[0], full[1], full[2], full[3]);
	ck_assert_int_eq(read_now(), 0);
	for (int i = 0; i < 4; i++) {
		drop();
		make(full[0] + (i == 0), full[1] + (i == 1), full[2] + (i == 2),
		     full[3] + (i == 3));
		ck_assert_int_eq(read_now(), -EPROTO);
	}
}
END_TEST

START_TEST(request_that_nobody_would_read_is_not_written)
{
	static const char *const words[] = { "x", NULL };
	static char policy[PCALL_REQUEST_MAX];
	const struct spawn_request request = { .label = "x",
					       .spec.argv = words,
					       .spec.candidates = words };
	void *ret = NULL;
	size_t ret_size;

	ck_assert_int_eq(request_write(&request, policy, sizeof(policy), &ret, &ret_size), -E2BIG);
	ck_assert_ptr_null(ret);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase = test_case(suite, "read");

	tcase_add_checked_fixture(tcase, make_small, drop);
	tcase_add_test(tcase, request_says_what_was_written);
	tcase_add_test(tcase, head_that_is_none_is_refused);
	tcase_add_test(tcase, head_that_is_cut_is_refused);
	tcase_add_test(tcase, last_byte_is_a_nul);
	tcase_add_loop_test(tcase, list_stays_inside, 0, sizeof(lists) / sizeof(lists[0]));
	tcase_add_loop_test(tcase, string_begins_inside, 0, 6);
	tcase_add_test(tcase, what_has_to_be_there_is);
	tcase_add_test(tcase, no_byte_is_listed_twice);
	tcase_add_test(tcase, lists_that_are_gone_through_under_locks_are_short);
	tcase_add_test(tcase, request_that_nobody_would_read_is_not_written);
	return suite;
}
