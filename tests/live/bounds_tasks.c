/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two tasks that are bounded alike, or differently in one thing: of bounds_same. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "spawn/creds.h"
#include "check_main.h"

static bool filter_add(void)
{
	static struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	static const struct sock_fprog program = { 1, all };

	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
	       prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, &program) == 0;
}

static bool nothing(void)
{
	return true;
}

static bool no_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0;
}

static bool two_filters(void)
{
	bool one = filter_add();

	return filter_add() && one;
}

/* Nothing but read, write and their kin; and that is no filter. */
static bool strict(void)
{
	return prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_STRICT) == 0;
}

static bool one_group(void)
{
	static const gid_t group = 4001;

	return setgroups(1, &group) == 0;
}

static bool other_groups(void)
{
	static const gid_t groups[] = { 4001, 4002 };

	return setgroups(2, groups) == 0;
}

static bool other_group(void)
{
	return setresgid((gid_t)-1, 4001, (gid_t)-1) == 0;
}

static bool other_user(void)
{
	return setresuid((uid_t)-1, 4001, (uid_t)-1) == 0;
}

static bool fewer_capabilities(void)
{
	return prctl(PR_CAPBSET_DROP, (long)CAP_NET_RAW, 0L, 0L, 0L) == 0;
}

static bool ambient_capability(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	data[0].inheritable |= 1u << CAP_CHOWN;
	return syscall(SYS_capset, &head, data) == 0 &&
	       prctl(PR_CAP_AMBIENT, (long)PR_CAP_AMBIENT_RAISE, (long)CAP_CHOWN, 0L, 0L) == 0;
}

/* What one of two has done that the other has not. */
static const struct {
	bool (*one)(void);
	bool (*other)(void);
} pairs[] = {
	{nothing,		   no_new_privileges },
	 { no_new_privileges, filter_add	 },
	{ filter_add,	      two_filters	  },
	 { nothing,	    strict		   },
	{ nothing,	   other_groups	},
	 { one_group,	      other_groups	   },
	{ nothing,	   other_group       },
	 { nothing,	    other_user	       },
	{ nothing,	   fewer_capabilities},
	 { nothing,	    ambient_capability},
};

static int ends[4]; /* of those that wait: where they would read from */
static size_t ends_count;

/* A process that has done so, and waits; 0: it cannot. */
static pid_t start(bool (*set)(void))
{
	int pair[2];
	char byte;
	bool done;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* and it reads what never comes: strict allows no more */
		if (!set() || write(pair[1], "", 1) != 1 || read(pair[1], &byte, 1) != 1)
			_exit(1);
		_exit(1);
	}
	ck_assert_int_gt(pid, 0);
	close(pair[1]);
	done = read(pair[0], &byte, 1) == 1;
	if (done)
		ends[ends_count++] = pair[0];
	else
		close(pair[0]);
	if (!done)
		waitpid(pid, NULL, 0);
	return done ? pid : 0;
}

static void stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void close_all(void)
{
	while (ends_count > 0)
		close(ends[--ends_count]);
}

START_TEST(task_that_differs_in_one_thing_differs)
{
	pid_t one = start(pairs[_i].one), same = start(pairs[_i].one),
	      other = start(pairs[_i].other);

	if (one > 0 && other > 0) {
		ck_assert_int_eq(bounds_same(one, same), 0);
		ck_assert_int_eq(bounds_same(one, other), -EPERM);
		ck_assert_int_eq(bounds_same(other, one), -EPERM);
	}
	stop(one);
	stop(same);
	stop(other);
	close_all();
	if (!one || !other)
		test_skip("it takes privileges");
}
END_TEST

START_TEST(task_that_is_gone_is_like_none)
{
	pid_t one = start(nothing), gone = start(nothing);

	stop(gone);
	ck_assert_int_eq(bounds_same(one, gone), -EPERM);
	ck_assert_int_eq(bounds_same(gone, one), -EPERM);
	ck_assert_int_eq(bounds_same(gone, gone), -EPERM);
	stop(one);
	close_all();
}
END_TEST

/* More of it than there is room for: what is behind cannot be compared. */
static bool many_groups(void)
{
	static gid_t groups[1000];

	for (int i = 0; i < 1000; i++)
		groups[i] = (gid_t)(100000 + i);
	return setgroups(1000, groups) == 0;
}

START_TEST(status_that_is_cut_is_like_none)
{
	pid_t one = start(many_groups), other;

	if (!one)
		test_skip("it takes privileges");
	other = start(many_groups);
	ck_assert_int_eq(bounds_same(one, other), -EPERM);
	stop(one);
	stop(other);
	close_all();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("bounds");
	TCase *tcase = test_case(suite, "tasks");

	tcase_add_loop_test(tcase, task_that_differs_in_one_thing_differs, 0,
			    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tcase, task_that_is_gone_is_like_none);
	tcase_add_test(tcase, status_that_is_cut_is_like_none);
	return suite;
}
