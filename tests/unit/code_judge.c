/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may become code under `sealed`: each reason against it alone. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "check_main.h"
#include "tree/child.h"
#include "path/exec_integrity.h"
#include "common/cleanup.h"
#include "policy_help.h"
#include "scratch.h"

/* A child under these lines, born when all that is there now is old. */
static struct child child_of(const char *const *lines)
{
	struct policy_env env = { .cwd = scratch, .environment = (const char *const[]){ NULL } };

	return (struct child){ .policy = help_policy_of(&env, lines),
			       .born = code_now() + INT64_C(60000000000) };
}

#define CHILD(...) child_of((const char *const[]){ "sealed", ##__VA_ARGS__, NULL })

static bool is_code(const struct child *child, int fd)
{
	char name[PATH_MAX];

	code_name(fd, name, sizeof(name));
	return code_judge(child, fd, name).decision == DECISION_ALLOW;
}

static bool path_is_code(const struct child *child, const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return is_code(child, fd);
}

static int file_make(void)
{
	int dir = open(scratch, O_PATH | O_CLOEXEC);
	int fd = openat(dir, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	close(dir);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void child_end(struct child *child)
{
	policy_free((struct policy *)child->policy);
}

START_TEST(what_may_run_may_be_mapped)
{
	struct child child = CHILD("exec ${cwd}");
	cleanup_fd int fd = file_make();

	ck_assert(is_code(&child, fd));
	child_end(&child);
}
END_TEST

START_TEST(what_may_be_read_alone_may_not)
{
	struct child child = CHILD("read ${cwd}");
	cleanup_fd int fd = file_make();

	ck_assert(!is_code(&child, fd));
	child_end(&child);
}
END_TEST

START_TEST(what_changed_since_the_birth_may_not)
{
	struct child child = CHILD("exec ${cwd}");
	cleanup_fd int fd = file_make();

	child.born = code_now() - 1000000000;
	ck_assert(!is_code(&child, fd));
	child_end(&child);
}
END_TEST

START_TEST(whole_seconds_may_have_been_cut)
{
	const struct child child = { .born = INT64_C(1000500000000) };
	struct stat st = { .st_ctim = { .tv_sec = 1000 } };

	ck_assert(!code_is_old(&child, &st));
	st.st_ctim.tv_sec = 999;
	ck_assert(!code_is_old(&child, &st));
	st.st_ctim.tv_sec = 998;
	ck_assert(code_is_old(&child, &st));
	st.st_ctim = (struct timespec){ 1000, 499999999 };
	ck_assert(code_is_old(&child, &st));
	st.st_ctim = (struct timespec){ 1000, 500000000 };
	ck_assert(!code_is_old(&child, &st));
}
END_TEST

START_TEST(what_a_view_lets_be_written_may_not)
{
	struct child child = CHILD("exec ${cwd}", "bind /data ${cwd} ro");
	cleanup_fd int fd = file_make();
	struct policy_env env = { .cwd = scratch, .environment = (const char *const[]){ NULL } };
	struct policy_error error;
	struct policy *policy;

	ck_assert(is_code(&child, fd));
	child_end(&child);
	child = CHILD("read ${cwd}", "bind /data ${cwd} rw");
	ck_assert(!is_code(&child, fd));
	child_end(&child);
	/* What finishing would not let through: a root of execution is written by another name. */
	ck_assert_int_eq(policy_new(&env, &policy), 0);
	ck_assert_int_eq(policy_line(policy, "test", "exec ${cwd}", &error), 0);
	ck_assert_int_eq(policy_line(policy, "test", "bind /data ${cwd} rw", &error), 0);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	child.policy = policy;
	ck_assert(!is_code(&child, fd));
	child_end(&child);
}
END_TEST

START_TEST(what_has_no_name_may_not)
{
	struct child child = CHILD("exec /");
	int memory = memfd_create("code", MFD_CLOEXEC), pipes[2];
	cleanup_fd int fd = file_make();

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	ck_assert(!is_code(&child, memory));
	ck_assert(!is_code(&child, pipes[0]));
	ck_assert(is_code(&child, fd));
	ck_assert_int_eq(unlink(scratch_path("file")), 0);
	ck_assert(!is_code(&child, fd));
	close(memory);
	close(pipes[0]);
	close(pipes[1]);
	child_end(&child);
}
END_TEST

START_TEST(what_is_no_file_may_not)
{
	struct child child = CHILD("exec /");

	ck_assert(path_is_code(&child, "/bin/sh"));
	ck_assert(!path_is_code(&child, "/dev/null"));
	ck_assert(!path_is_code(&child, scratch));
	child_end(&child);
}
END_TEST

/* A library of this machine, in one of the loader's directories. */
static const char *library(void)
{
	static char real[PATH_MAX];

	if (!realpath("/lib64/ld-linux-x86-64.so.2", real) || strncmp(real, "/usr/lib", 8) != 0)
		test_skip("the loader is not where it is on most systems");
	return real;
}

START_TEST(libraries_that_may_be_read_may)
{
	const char *path = library();
	struct child child = CHILD("read /usr/lib");

	ck_assert(path_is_code(&child, path));
	ck_assert(!path_is_code(&child, "/usr/lib/os-release"));
	child_end(&child);
	child = CHILD("list /usr/lib");
	ck_assert(!path_is_code(&child, path));
	child_end(&child);
	child = CHILD("write /usr/lib");
	ck_assert(!path_is_code(&child, path));
	child_end(&child);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("code");
	TCase *tcase = test_case(suite, "judge");

	tcase_add_checked_fixture(tcase, scratch_make, scratch_remove);
	tcase_add_test(tcase, what_may_run_may_be_mapped);
	tcase_add_test(tcase, what_may_be_read_alone_may_not);
	tcase_add_test(tcase, what_changed_since_the_birth_may_not);
	tcase_add_test(tcase, whole_seconds_may_have_been_cut);
	tcase_add_test(tcase, what_a_view_lets_be_written_may_not);
	tcase_add_test(tcase, what_has_no_name_may_not);
	tcase_add_test(tcase, what_is_no_file_may_not);
	tcase_add_test(tcase, libraries_that_may_be_read_may);
	return suite;
}
