/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's own confinement: what it must still do, and what it must not do any more. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "confine/capabilities.h"
#include "confine/self_filter.h"
#include "supervisor.h"

/* The hex value of a line of /proc/self/status, in a program that a child of ours executes. */
static uint64_t status_after_exec(const char *line)
{
	char command[128];
	uint64_t value = UINT64_MAX;
	int pair[2];
	char text[64] = "";
	pid_t pid;

	ck_assert_int_eq(pipe(pair), 0);
	snprintf(command, sizeof(command), "sed -n 's/^%s:[ \\t]*//p' /proc/self/status", line);
	pid = fork();
	if (pid == 0) {
		dup2(pair[1], 1);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(pair[1]);
	ck_assert_int_gt(read(pair[0], text, sizeof(text) - 1), 0);
	close(pair[0]);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(sscanf(text, "%lx", &value), 1);
	return value;
}

START_TEST(no_capability_comes_back_by_exec)
{
	ck_assert_int_eq(confine_capabilities(0), 0);
	ck_assert_uint_eq(status_after_exec("CapEff"), 0);
	ck_assert_uint_eq(status_after_exec("CapPrm"), 0);
	ck_assert_uint_eq(status_after_exec("CapInh"), 0);
	ck_assert_uint_eq(status_after_exec("CapAmb"), 0);
	if (getuid() == 0)
		ck_assert_uint_eq(status_after_exec("CapBnd"), 0);
	ck_assert_uint_eq(status_after_exec("NoNewPrivs"), 1);
}
END_TEST

START_TEST(kept_capability_outlives_exec)
{
	const uint64_t keep = 1u << CAP_NET_BIND_SERVICE;

	if (getuid() != 0)
		test_skip("holds no capability to keep");
	ck_assert_int_eq(confine_capabilities(keep), 0);
	ck_assert_uint_eq(status_after_exec("CapEff"), keep);
	ck_assert_uint_eq(status_after_exec("CapBnd"), keep);
}
END_TEST

START_TEST(kept_capability_of_an_ordinary_user_outlives_exec)
{
	const uint64_t keep = 1u << CAP_NET_BIND_SERVICE;

	if (getuid() != 0)
		test_skip("holds no capability to keep");
	if (prctl(PR_CAPBSET_READ, (unsigned long)CAP_SYS_ADMIN) != 1)
		test_skip("a container's root holds no such capability");
	prctl(PR_SET_KEEPCAPS, 1L);
	ck_assert_int_eq(setresuid(12345, 12345, 12345), 0);
	prctl(PR_SET_DUMPABLE, 1L);
	ck_assert_int_eq(confine_capabilities(keep | 1u << CAP_SYS_ADMIN), 0);
	ck_assert_uint_eq(status_after_exec("CapEff"), keep | 1u << CAP_SYS_ADMIN);
	/* and what was kept can be dropped in turn */
	ck_assert_int_eq(confine_capabilities(keep), 0);
	ck_assert_uint_eq(status_after_exec("CapEff"), keep);
}
END_TEST

START_TEST(keeping_what_is_not_held_gives_nothing)
{
	ck_assert_int_eq(confine_capabilities(0), 0);
	ck_assert_int_eq(confine_capabilities(UINT64_MAX), 0);
	ck_assert_uint_eq(status_after_exec("CapEff"), 0);
}
END_TEST

static long exec_fails(void)
{
	return execl("/bin/true", "true", NULL);
}

static long ptrace_fails(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0);
}

static long mount_fails(void)
{
	return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

static long x32_fails(void)
{
	return syscall(0x40000000 | SYS_getpid);
}

static long handle_fails(void)
{
	return syscall(SYS_open_by_handle_at, -1, NULL, 0);
}

static long (*const deadly[])(void) = { exec_fails, ptrace_fails, mount_fails, x32_fails,
					handle_fails };

START_TEST(deadly_call_kills)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (confine_filter() < 0)
			_exit(99);
		deadly[_i]();
		_exit(98);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %#x", status);
}
END_TEST

#define FAILS(call, error)                            \
	do {                                          \
		errno = 0;                            \
		if ((call) != -1 || errno != (error)) \
			return #call;                 \
	} while (0)
#define WORKS(call)                   \
	do {                          \
		if ((call) < 0)       \
			return #call; \
	} while (0)

static void *nothing(void *data)
{
	return data;
}

#define FORK (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD)

static const char *refusals(void)
{
	long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;

	FAILS(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM);
	FAILS(syscall(SYS_clone, FORK | CLONE_NEWUSER, 0, 0, 0, 0), EPERM);
	FAILS(syscall(SYS_clone, FORK | CLONE_PARENT, 0, 0, 0, 0), EPERM);
	FAILS(syscall(SYS_vfork), EPERM);
	FAILS(syscall(SYS_clone3, NULL, 0), ENOSYS);
	FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL), EPERM);
	FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_TSYNC,
		      NULL),
	      EPERM);
	FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL), EPERM);
	FAILS(prctl(PR_SET_SECCOMP, 2, NULL), EPERM);
	FAILS(prctl(PR_SET_DUMPABLE, 0), EPERM);
	FAILS(syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0),
	      EPERM);
	FAILS(unshare(CLONE_NEWUSER), EPERM);
	FAILS(unshare(CLONE_FS | CLONE_NEWNS), EPERM);
	FAILS(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	FAILS(socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
	FAILS(syscall(SYS_ioctl, 0, TIOCSTI | 1ul << 32, "x"), EPERM);
	FAILS(syscall(SYS_ioctl, 0, TIOCLINUX, "x"), EPERM);
	FAILS(syscall(SYS_setuid, 0), EPERM);
	FAILS(syscall(511), EPERM);
	FAILS(syscall(512), EPERM);
	FAILS(syscall(99999), EPERM);
	return NULL;
}

/* A policy of one line, by the process that reads them. */
static const char *policy_reads(void)
{
	static const char *const lines[] = { "read /etc", NULL };
	const struct sv_policy_source source = { .size = sizeof(source),
						 .lines = lines,
						 .cwd = "/" };
	static struct sv_error error;
	struct sv_policy *policy = NULL;

	if (sv_policy_read(&source, &policy, &error) < 0)
		return error.text;
	sv_policy_free(policy);
	return NULL;
}

static const char *services(void)
{
	uint16_t sizes[3];
	pthread_t thread;
	int fd, pair[2];

	WORKS(fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC));
	WORKS(close(fd));
	WORKS(pipe2(pair, O_CLOEXEC));
	WORKS(-pthread_create(&thread, NULL, nothing, NULL));
	WORKS(-pthread_join(thread, NULL));
	WORKS(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, sizes));
	WORKS(prctl(PR_SET_NAME, "receiver"));
	/* where a container's profile refuses it, threads are made in another way (base/thread.h)
	 */
	if (!getenv("PCALL_TEST_PROFILE"))
		WORKS(unshare(CLONE_FS));
	WORKS(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	WORKS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 4 /* NETLINK_SOCK_DIAG */));
	WORKS(memfd_create("order", MFD_CLOEXEC));
	WORKS(kill(getpid(), 0));
	if (!malloc(64 << 20))
		return "malloc";
	return policy_reads();
}

static const char *(*const lists[])(void) = { refusals, services };

/* In a process of its own, where Check's own needs do not count. */
START_TEST(list_holds)
{
	char wrong[128] = "";
	int pair[2];
	pid_t pid;

	ck_assert_int_eq(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		const char *text = confine_filter() < 0 ? "confine_filter" : lists[_i]();

		if (text)
			(void)!write(pair[1], text, strlen(text));
		_exit(0);
	}
	close(pair[1]);
	(void)!read(pair[0], wrong, sizeof(wrong) - 1);
	close(pair[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_str_eq(wrong, "");
}
END_TEST

static sem_t confined;

static void *before(void *data)
{
	sem_wait(&confined);
	errno = 0;
	*(bool *)data = unshare(CLONE_NEWUTS) == -1 && socket(AF_INET, SOCK_DGRAM, 0) == -1;
	return NULL;
}

START_TEST(threads_from_before_are_confined_too)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		bool refused = false;
		pthread_t thread;

		sem_init(&confined, 0, 0);
		pthread_create(&thread, NULL, before, &refused);
		if (confine_filter() < 0)
			_exit(99);
		sem_post(&confined);
		pthread_join(thread, NULL);
		_exit(refused ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("confine");
	TCase *tcase = test_case(suite, "engine");

	tcase_add_test(tcase, no_capability_comes_back_by_exec);
	tcase_add_test(tcase, kept_capability_outlives_exec);
	tcase_add_test(tcase, kept_capability_of_an_ordinary_user_outlives_exec);
	tcase_add_test(tcase, keeping_what_is_not_held_gives_nothing);
	tcase_add_loop_test(tcase, deadly_call_kills, 0, sizeof(deadly) / sizeof(deadly[0]));
	tcase_add_loop_test(tcase, list_holds, 0, 2);
	tcase_add_test(tcase, threads_from_before_are_confined_too);
	return suite;
}
