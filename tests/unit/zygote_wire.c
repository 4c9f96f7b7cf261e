/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order as bytes: what goes in comes out, and what wire_pack does not make is refused. */
#include "check_main.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "zygote/order.h"

static const char *const argv[] = { "program", "", "two words", NULL };
static const char *const envp[] = { "A=1", "B=", NULL };
static const char *const candidates[] = { "/usr/bin/program", NULL };
static struct sock_filter filter[] = {
	{0x20,	0, 0, 0		},
	   { 0x06, 0, 0, 0x7fff0000}
};
static const int fds[] = { 0, 1, 2, 77 };

static struct zygote_order order_make(void)
{
	struct zygote_order order = {
		.spec.argv = argv,
		.spec.envp = envp,
		.spec.candidates = candidates,
		.spec.fds = fds,
		.spec.fds_count = array_size(fds),
		.tag = 42,
		.floor = 9,
		.inbox = -1,
		.sealed = true,
		.filter = {.len = array_size(filter), .filter = filter},
	};

	sigemptyset(&order.spec.sigmask);
	sigaddset(&order.spec.sigmask, SIGUSR2);
	sigfillset(&order.spec.sigignore);
	order.limit_set[RLIMIT_FSIZE] = true;
	order.limits[RLIMIT_FSIZE] = (struct rlimit){ 5, 6 };
	return order;
}

static void strings_eq(char *const *list, const char *const *expected)
{
	for (; *expected; list++, expected++)
		ck_assert_str_eq(*list, *expected);
	ck_assert_ptr_null(*list);
}

START_TEST(order_comes_out_as_it_went_in)
{
	struct zygote_order order = order_make();
	struct wire_view view;
	uint32_t size;
	int fd;

	ck_assert_int_eq(wire_pack(&order, &fd, &size), 0);
	ck_assert_int_eq(wire_unpack(fd, size, &view), 0);
	strings_eq(view.argv, argv);
	strings_eq(view.envp, envp);
	strings_eq(view.candidates, candidates);
	ck_assert_uint_eq(view.head->fds.count, array_size(fds));
	ck_assert_mem_eq(view.fds, fds, sizeof(fds));
	ck_assert_uint_eq(view.head->filter.count, array_size(filter));
	ck_assert_mem_eq(view.filter, filter, sizeof(filter));
	ck_assert_uint_eq(view.head->tag, 42);
	ck_assert_uint_eq(view.head->flags, WIRE_SEALED | WIRE_FLOOR);
	ck_assert_uint_eq(view.head->sigmask, 1u << (SIGUSR2 - 1));
	ck_assert_uint_eq(view.head->limit_set, 1u << RLIMIT_FSIZE);
	ck_assert_uint_eq(view.head->limits[RLIMIT_FSIZE].rlim_max, 6);
	close(fd);
}
END_TEST

START_TEST(order_cannot_be_changed_after_it_was_made)
{
	struct zygote_order order = order_make();
	uint32_t size;
	int fd;

	ck_assert_int_eq(wire_pack(&order, &fd, &size), 0);
	ck_assert_int_eq(pwrite(fd, "x", 1, 0), -1);
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	ck_assert_ptr_eq(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}
END_TEST

START_TEST(empty_command_is_refused)
{
	static const char *const none[] = { NULL };
	struct zygote_order order = order_make();
	uint32_t size;
	int fd;

	order.spec.argv = none;
	ck_assert_int_eq(wire_pack(&order, &fd, &size), -EINVAL);
	order = order_make();
	order.spec.candidates = none;
	ck_assert_int_eq(wire_pack(&order, &fd, &size), -EINVAL);
}
END_TEST

/* A copy of an order that may be written to. */
static int forge(char *ret_bytes, size_t room, uint32_t *ret_size)
{
	struct zygote_order order = order_make();
	int fd, forged = memfd_create("forged", MFD_CLOEXEC);

	ck_assert_int_eq(wire_pack(&order, &fd, ret_size), 0);
	ck_assert_uint_le(*ret_size, room);
	ck_assert_int_eq(pread(fd, ret_bytes, *ret_size, 0), *ret_size);
	close(fd);
	return forged;
}

/* Every word of the order in turn becomes one of these; what is accepted must lie inside the
 * mapping. */
static const uint32_t words[] = { 0, 1, 4, 8, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };

static void list_inside(char *const *list, uint32_t count, const char *base, uint32_t size)
{
	const char *at = (const char *)list;

	ck_assert(at >= base && at + (count + 1ull) * sizeof(*list) <= base + size);
	for (uint32_t i = 0; i < count; i++)
		ck_assert(list[i] >= base && list[i] < base + size);
}

START_TEST(forged_order_leads_nowhere_outside)
{
	char bytes[4096], was[sizeof(uint32_t)];
	struct wire_view view;
	uint32_t size;
	int fd = forge(bytes, sizeof(bytes), &size);

	for (size_t at = 0; at + 4 <= size; at += 4) {
		memcpy(was, bytes + at, 4);
		memcpy(bytes + at, &words[_i], 4);
		ck_assert_int_eq(pwrite(fd, bytes, size, 0), size);
		memcpy(bytes + at, was, 4);
		if (wire_unpack(fd, size, &view) < 0)
			continue;
		const char *base = (const char *)view.head;

		list_inside(view.argv, view.head->argv.count, base, size);
		list_inside(view.envp, view.head->envp.count, base, size);
		list_inside(view.candidates, view.head->candidates.count, base, size);
		ck_assert((const char *)(view.fds + view.head->fds.count) <= base + size);
		ck_assert((const char *)(view.filter + view.head->filter.count) <= base + size);
		munmap((void *)view.head, size);
	}
	close(fd);
}
END_TEST

START_TEST(shortened_order_is_refused)
{
	char bytes[4096];
	struct wire_view view;
	uint32_t size;
	int fd = forge(bytes, sizeof(bytes), &size);

	ck_assert_int_eq(pwrite(fd, bytes, size, 0), size);
	ck_assert_int_eq(wire_unpack(fd, 0, &view), -EPROTO);
	ck_assert_int_eq(wire_unpack(fd, sizeof(struct wire_order), &view), -EPROTO);
	for (uint32_t less = size - 1; less > sizeof(struct wire_order); less--) {
		if (wire_unpack(fd, less, &view) < 0)
			continue;
		/* where it still fits, every string ends inside */
		ck_assert_int_eq(((const char *)view.head)[less - 1], '\0');
	}
	close(fd);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("zygote");
	TCase *tcase = test_case(suite, "wire");

	tcase_add_test(tcase, order_comes_out_as_it_went_in);
	tcase_add_test(tcase, order_cannot_be_changed_after_it_was_made);
	tcase_add_test(tcase, empty_command_is_refused);
	tcase_add_loop_test(tcase, forged_order_leads_nowhere_outside, 0, array_size(words));
	tcase_add_test(tcase, shortened_order_is_refused);
	return suite;
}
