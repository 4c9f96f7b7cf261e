/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The gates of calls that name tasks, with a child that is two processes of the test's: one carries
 * its mark, one does not. This is what stands where the kernel has no scopes for signals.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "call/call.h"
#include "check_main.h"
#include "common/cleanup.h"
#include "tree/level.h"
#include "sys/rows.h"
#include "tree/tree.h"

enum { TAG = 0x7a3 };

static struct tree tree;
static struct sv_child family;
static pid_t own, other, half;

/* A process that leads a group of its own and waits for its end; marked before it is seen. Anybody
 * may lower a soft limit: half a mark is none. */
static pid_t start(rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };
	int pipes[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setpgid(0, 0) < 0 || setrlimit(RLIMIT_LOCKS, &limit) < 0)
			_exit(1);
		if (write(pipes[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	ck_assert_int_gt(pid, 0);
	close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	close(pipes[0]);
	return pid;
}

static void setup(void)
{
	struct rlimit locks;

	/* Setting what is there already: refused where this runs in a box itself. */
	if (getrlimit(RLIMIT_LOCKS, &locks) < 0 || setrlimit(RLIMIT_LOCKS, &locks) < 0)
		test_skip("in a box, the marks of processes are its supervisor's");
	ck_assert_int_eq(events_new(&tree.events), 0);
	ck_assert_int_eq(level_new_root(&tree, &tree.level), 0);
	family.child.tree = &tree;
	tree.rows = &sysrows;
	family.child.level = tree.level;
	family.child.tag = TAG;
	own = start(TAG, TAG);
	other = start(locks.rlim_cur, locks.rlim_max);
	half = start(TAG, locks.rlim_max);
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void teardown(void)
{
	stop(own);
	stop(other);
	stop(half);
	events_free(tree.events);
}

/* What the gate of a call says to these registers. */
static int ask(int nr, int64_t first, int64_t second, int64_t third)
{
	struct registers regs = {
		.child = &family.child,
		.tid = own,
		.nr = nr,
		.arg = {{ .s = first }, { .s = second }, { .s = third }},
	};
	const struct sysrow *row = sysrow_find(nr);
	struct call call = { .regs = regs };
	struct sv_answer answer;

	ck_assert(row && (row->gate || row->handler));
	if (row->gate)
		return row->gate(&regs).error;
	answer = row->handler(&call);
	return answer.kind == SV_ANSWER_ERROR ? answer.error : 0;
}

START_TEST(kill_reaches_own_processes_and_groups_only)
{
	ck_assert_int_eq(ask(SYS_kill, own, SIGTERM, 0), 0);
	ck_assert_int_eq(ask(SYS_kill, -own, SIGTERM, 0), 0);
	ck_assert_int_eq(ask(SYS_kill, other, SIGTERM, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_kill, half, SIGTERM, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_kill, -other, SIGTERM, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_kill, getpid(), 0, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_kill, 1, 0, 0), ESRCH);
}
END_TEST

START_TEST(kill_of_everybody_is_refused)
{
	ck_assert_int_eq(ask(SYS_kill, -1, SIGTERM, 0), EPERM);
	ck_assert_int_eq(ask(SYS_kill, INT32_MIN, SIGTERM, 0), EPERM);
}
END_TEST

/* Where the kernel's scope holds, a group is known by its leader or by any member. */
START_TEST(scoped_kill_of_a_group_needs_a_member)
{
	family.child.features = FEATURE_SCOPED;
	ck_assert_int_eq(ask(SYS_kill, -own, SIGTERM, 0), 0);
	ck_assert_int_eq(ask(SYS_kill, -getpgid(own), SIGTERM, 0), 0);
	family.child.tag = TAG + 1;
	ck_assert_int_eq(ask(SYS_kill, -other, SIGTERM, 0), ESRCH);
}
END_TEST

START_TEST(clock_of_another_process_is_not_there)
{
	ck_assert_int_eq(ask(SYS_clock_gettime, ~own * 8 + 2, 0, 0), 0);
	ck_assert_int_eq(ask(SYS_clock_gettime, ~0 * 8 + 2, 0, 0), 0);
	ck_assert_int_eq(ask(SYS_clock_gettime, ~other * 8 + 2, 0, 0), EINVAL);
	ck_assert_int_eq(ask(SYS_clock_getres, ~other * 8 + 6, 0, 0), EINVAL);
	ck_assert_int_eq(ask(SYS_timer_create, ~other * 8, 0, 0), EINVAL);
	ck_assert_int_eq(ask(SYS_clock_nanosleep, ~getpid() * 8 + 2, 0, 0), EINVAL);
}
END_TEST

START_TEST(commands_that_reach_others_are_refused)
{
	static const int commands[] = { F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY, 1040, 5000 };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		ck_assert_int_eq(ask(SYS_fcntl, 0, commands[i], own), EINVAL);
}
END_TEST

/* The caller's group can change between our look and the kernel's. */
START_TEST(kill_of_the_callers_group_is_refused)
{
	ck_assert_int_eq(ask(SYS_kill, 0, SIGTERM, 0), ESRCH);
}
END_TEST

START_TEST(thread_signals_need_both_numbers)
{
	ck_assert_int_eq(ask(SYS_tkill, own, SIGTERM, 0), 0);
	ck_assert_int_eq(ask(SYS_tkill, other, SIGTERM, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_tgkill, own, own, SIGTERM), 0);
	ck_assert_int_eq(ask(SYS_tgkill, own, other, SIGTERM), ESRCH);
	ck_assert_int_eq(ask(SYS_tgkill, other, own, SIGTERM), ESRCH);
	ck_assert_int_eq(ask(SYS_tgkill, -1, other, SIGTERM), EINVAL);
	ck_assert_int_eq(ask(SYS_tgkill, own, 0, SIGTERM), EINVAL);
	ck_assert_int_eq(ask(SYS_rt_sigqueueinfo, other, SIGTERM, 0), ESRCH);
	ck_assert_int_eq(ask(SYS_rt_tgsigqueueinfo, own, other, SIGTERM), ESRCH);
}
END_TEST

START_TEST(owner_of_a_descriptor_is_a_process_of_ones_own)
{
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, 0), 0);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, own), 0);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, (uint32_t)-own), 0);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, other), ESRCH);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, -other), ESRCH);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, (INT64_C(1) << 32) | other), ESRCH);
	ck_assert_int_eq(ask(SYS_fcntl, 0, F_SETOWN, INT32_MIN), EINVAL);
}
END_TEST

START_TEST(priority_of_others_is_not_there)
{
	/* what it is already: whoever runs us may have lowered it, and it is not raised again */
	const int nice = getpriority(PRIO_PROCESS, 0);

	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PROCESS, own, nice), 0);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PROCESS, other, nice), ESRCH);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PGRP, own, nice), 0);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PGRP, other, nice), ESRCH);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PGRP, 0, nice), 0);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_USER, 0, nice), EPERM);
	ck_assert_int_eq(ask(SYS_setpriority, 3, 0, nice), EINVAL);
	/* as a guest in their group it may ask, and no more */
	ck_assert_int_eq(setpgid(own, other), 0);
	ck_assert_int_eq(ask(SYS_getpriority, PRIO_PGRP, 0, 0), 0);
	ck_assert_int_eq(ask(SYS_setpriority, PRIO_PGRP, 0, nice), ESRCH);
	ck_assert_int_eq(getpriority(PRIO_PROCESS, other), getpriority(PRIO_PROCESS, 0));
}
END_TEST

START_TEST(comparison_is_of_two_own_processes)
{
	ck_assert_int_eq(ask(SYS_kcmp, own, own, 0), 0);
	ck_assert_int_eq(ask(SYS_kcmp, own, other, 0), EPERM);
	ck_assert_int_eq(ask(SYS_kcmp, other, own, 0), EPERM);
}
END_TEST

START_TEST(mark_must_be_exactly_the_childs)
{
	family.child.tag = TAG + 1;
	ck_assert_int_eq(ask(SYS_kill, own, 0, 0), ESRCH);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("task_gates");
	TCase *gates = test_case(suite, "gates");

	tcase_add_checked_fixture(gates, setup, teardown);
	tcase_add_test(gates, kill_reaches_own_processes_and_groups_only);
	tcase_add_test(gates, kill_of_everybody_is_refused);
	tcase_add_test(gates, scoped_kill_of_a_group_needs_a_member);
	tcase_add_test(gates, clock_of_another_process_is_not_there);
	tcase_add_test(gates, commands_that_reach_others_are_refused);
	tcase_add_test(gates, kill_of_the_callers_group_is_refused);
	tcase_add_test(gates, thread_signals_need_both_numbers);
	tcase_add_test(gates, owner_of_a_descriptor_is_a_process_of_ones_own);
	tcase_add_test(gates, priority_of_others_is_not_there);
	tcase_add_test(gates, comparison_is_of_two_own_processes);
	tcase_add_test(gates, mark_must_be_exactly_the_childs);
	return suite;
}
