/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel takes the filter, and it holds: a process puts it on itself, without a listener, so
 * that what would be notified, to be judged or to be told and refused, fails with ENOSYS.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check_main.h"
#include "confine/filter.h"
#include "i386.h"
#include "sys/rows.h"

#define HIGH (1L << 32)

/* Is the errno of this result @error? 0: it succeeded. */
static bool gives(long result, int error)
{
	return error ? result < 0 && errno == error : result >= 0;
}

/* The profile of a container is heard before us. */
static bool refused(long result)
{
	return result < 0 && (errno == ENOSYS || errno == EPERM);
}

/* What a container's profile, or a box without Landlock, refuses before. */
struct before {
	bool i386;
	int group;   /* to signal one's own */
	int unknown; /* a number that is no system call */
};

/* The number of the first thing that is wrong, or 0. Reports by exit status: nothing else is open
 * to it. */
static int confined(unsigned int features, const struct before *before)
{
	struct sock_fprog own = { .len = 1,
				  .filter = &(struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
									  SECCOMP_RET_ALLOW) };
	struct rlimit limit = { 0, 0 };

	if (!gives(syscall(SYS_getppid), 0))
		return 1;
	if (!gives(syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY, 0), ENOSYS))
		return 2;
	if (before->i386 && i386_getpid() != -ENOSYS && i386_getpid() != (uint32_t)-ENOSYS)
		return 3;
	if (!gives(syscall(SYS_getpid | X32_BIT), ENOSYS))
		return 4;
	if (!refused(syscall(-1)) || !refused(syscall(5000)) ||
	    !gives(syscall(PCALL_BASE), before->unknown))
		return 5;
	if (!gives(syscall(SYS_ioctl, 0, TIOCSTI, "x"), ENOSYS) ||
	    !gives(syscall(SYS_ioctl, 0, TIOCSTI | HIGH, "x"), ENOSYS))
		return 6;
	if (!refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)))
		return 7;
	if (!gives(syscall(SYS_clone3, NULL, 0), ENOSYS))
		return 8;
	if (!gives(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			   &own),
		   ENOSYS)) /* asked of a supervisor, and there is none */
		return 9;
	if (!gives(syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), 0) ||
	    syscall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) != 1)
		return 10;
	if (!gives(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0), 0) ||
	    !refused(syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0)) ||
	    !gives(syscall(SYS_socket, 46, SOCK_STREAM, 0), EAFNOSUPPORT))
		return 11;
	if (!gives(syscall(SYS_setrlimit, RLIMIT_LOCKS, &limit), ENOSYS) ||
	    !gives(syscall(SYS_prlimit64, 0, RLIMIT_LOCKS, &limit, NULL), ENOSYS) ||
	    !gives(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL), 0))
		return 12;
	if (!gives(syscall(SYS_kill, getpid(), 0), ENOSYS) ||
	    !gives(syscall(SYS_kill, 0, 0), features & FEATURE_SCOPED ? before->group : ENOSYS))
		return 13;
	if (!gives(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &own),
		   0)) /* its own, over ours */
		return 14;
	if (!gives(syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), 0) ||
	    !gives(syscall(SYS_setrlimit, RLIMIT_LOCKS, &limit), ENOSYS))
		return 15;
	return 0;
}

static int confine(unsigned int features)
{
	struct sock_fprog program;
	const struct before before = {
		.i386 = i386_there(),
		.group = kill(0, 0) < 0 ? errno : 0,
		.unknown = syscall(PCALL_BASE) < 0 ? errno : ENOSYS, /* 0: this is in a box */
	};

	if (filter_build(sysrow_tables, features, &program) != 0)
		return 101;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 102;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return 103;
	return confined(features, &before);
}

START_TEST(kernel_takes_the_filter_and_it_holds)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(confine((unsigned int)_i));
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		      "with features %#x: wait status %#x", (unsigned int)_i, (unsigned int)status);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("filter_kernel");
	TCase *kernel = test_case(suite, "kernel");

	tcase_add_loop_test(kernel, kernel_takes_the_filter_and_it_holds, 0,
			    (FEATURE_SEALED | FEATURE_REMAP | FEATURE_SCOPED | FEATURE_SENDER) + 1);
	return suite;
}
