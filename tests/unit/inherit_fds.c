/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors that act past the filter are not given to a child; all others are. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "check_main.h"
#include "spawn/spawn.h"
#include "supervisor.h"

/* Is it refused, in words that name it and its number? Closes it. */
static void refused(int fd, const char *what)
{
	struct sv_error error = { .stage = SV_STAGE_NONE };
	int fds[] = { 0, fd, 1 };
	char number[32];

	if (fd < 0)
		test_skip("%s cannot be had", what);
	snprintf(number, sizeof(number), "descriptor %d ", fd);
	ck_assert_int_eq(inherit_check(fds, 3, &error), -EPERM);
	ck_assert_int_eq(error.stage, SV_STAGE_DESCRIPTORS);
	ck_assert_ptr_nonnull(strstr(error.text, number));
	ck_assert_ptr_nonnull(strstr(error.text, what));
	ck_assert_ptr_null(strchr(error.text, '\n'));
	close(fd);
}

START_TEST(ring_is_refused)
{
	struct io_uring_params params = { .flags = 0 };

	refused((int)syscall(SYS_io_uring_setup, 4, &params), "an io_uring ring");
}
END_TEST

START_TEST(userfaultfd_is_refused)
{
	refused((int)syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* of user space alone */),
		"a userfaultfd");
}
END_TEST

START_TEST(perf_event_is_refused)
{
	struct perf_event_attr perf = { .size = sizeof(perf),
					.type = PERF_TYPE_SOFTWARE,
					.exclude_kernel = 1 };

	refused((int)syscall(SYS_perf_event_open, &perf, 0, -1, -1, 0), "a perf event");
}
END_TEST

START_TEST(fanotify_is_refused)
{
	/* FAN_CLASS_NOTIF | FAN_REPORT_FID: for everybody since Linux 5.13 */
	refused((int)syscall(SYS_fanotify_init, 0x200, 0), "a fanotify group");
}
END_TEST

START_TEST(file_system_context_is_refused)
{
	refused((int)syscall(SYS_fsopen, "tmpfs", 1), "a file system context");
}
END_TEST

START_TEST(seccomp_listener_is_refused)
{
	static struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	static const struct sock_fprog program = { 1, all };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), 0);
	refused((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			     &program),
		"a seccomp listener");
}
END_TEST

START_TEST(bpf_object_is_refused)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	refused((int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map)), "a BPF object");
}
END_TEST

START_TEST(others_are_given)
{
	struct sv_error error;
	int fds[7], pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fds[0] = pair[0];
	fds[1] = pair[1];
	fds[2] = eventfd(0, EFD_CLOEXEC);
	fds[3] = epoll_create1(EPOLL_CLOEXEC);
	fds[4] = memfd_create("anon_inode:[io_uring]", MFD_CLOEXEC);
	fds[5] = open("/", O_PATH | O_CLOEXEC);
	fds[6] = open("/dev/null", O_RDWR | O_CLOEXEC);
	ck_assert_msg(inherit_check(fds, 7, &error) == 0, "%s", error.text);
	for (int i = 0; i < 7; i++)
		close(fds[i]);
}
END_TEST

START_TEST(one_that_is_closed_is_an_error)
{
	struct sv_error error = { .stage = SV_STAGE_NONE };
	int fd = 1000;

	ck_assert_int_eq(inherit_check(&fd, 1, &error), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.text, "descriptor 1000 "));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("inherit");
	TCase *tcase = test_case(suite, "fds");

	tcase_add_test(tcase, ring_is_refused);
	tcase_add_test(tcase, userfaultfd_is_refused);
	tcase_add_test(tcase, perf_event_is_refused);
	tcase_add_test(tcase, fanotify_is_refused);
	tcase_add_test(tcase, file_system_context_is_refused);
	tcase_add_test(tcase, seccomp_listener_is_refused);
	tcase_add_test(tcase, bpf_object_is_refused);
	tcase_add_test(tcase, others_are_given);
	tcase_add_test(tcase, one_that_is_closed_is_an_error);
	return suite;
}
