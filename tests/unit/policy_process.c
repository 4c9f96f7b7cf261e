/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process that reads policies: what it can do, and what is made of what it says. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/policy_process.h"
#include "policyc/api.h"

static const struct policy_reading plain = {
	.env = {.cwd = "/", .home = "/home/user"}
};

/* Reads by @fill, whose errno and words come back. */
static int read_by(int (*fill)(void *, struct policy *, struct policy_error *), void *data,
		   struct policy_error *why)
{
	struct policy_reading reading = plain;
	struct policy_process *process = NULL;
	struct policy *policy = NULL;
	struct policy_uses uses;
	int r;

	*why = (struct policy_error){ .text = "" };
	reading.fill = fill;
	reading.data = data;
	ck_assert_int_eq(policy_process_start(&reading, &process), 0);
	r = policy_process_read(process, &uses, why);
	if (r == 0) {
		policy_process_go_on(process);
		r = policy_process_finish(process, &policy, why);
	}
	policy_process_free(process);
	policy_free(policy);
	return r;
}

static int one_line(void *data, struct policy *policy, struct policy_error *why)
{
	return policy_line(policy, "test", data, why);
}

START_TEST(a_line_comes_back_as_a_policy)
{
	char right[] = "read /etc", misspelt[] = "raed /etc";
	struct policy_error why;

	ck_assert_int_eq(read_by(one_line, right, &why), 0);
	ck_assert_int_eq(read_by(one_line, misspelt, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "did you mean"));
}
END_TEST

/* In a box a policy is read where it is. */
static void need_process(void)
{
	if (!policy_process_is_used())
		test_skip("in a box there is no such process");
}

/* --- what it can do: each attempt gives the errno that it should -------------------------------
 */

static int elsewhere[2];

static long by_number(long r)
{
	return r < 0 ? errno : 0;
}

static long write_elsewhere(void)
{
	return by_number(write(elsewhere[1], "x", 1));
}

static long make_file(void)
{
	return by_number(open("made", O_WRONLY | O_CREAT, 0600));
}

static long open_to_write(void)
{
	return by_number(open("there", O_RDWR));
}

static long cut_file(void)
{
	return by_number(open("there", O_RDONLY | O_TRUNC));
}

static long open2(void)
{
	return by_number(syscall(SYS_openat2, AT_FDCWD, "there", NULL, 0));
}

static long remove_file(void)
{
	return by_number(unlink("there"));
}

static long make_socket(void)
{
	return by_number(socket(AF_UNIX, SOCK_STREAM, 0));
}

static long send_elsewhere(void)
{
	return by_number(syscall(SYS_sendto, elsewhere[1], "x", 1, 0, NULL, 0));
}

static long fork_once(void)
{
	return by_number(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static long execute(void)
{
	return by_number(execl("/bin/true", "true", NULL));
}

static long signal_parent(void)
{
	return by_number(kill(getppid() > 0 ? getppid() : -1, 0));
}

static long trace_parent(void)
{
	return by_number(ptrace(PTRACE_SEIZE, 1, 0, 0));
}

static long map_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static long own_descriptor(void)
{
	return by_number(fcntl(elsewhere[1], F_SETOWN, getpid()));
}

static long control(void)
{
	return by_number(syscall(SYS_ioctl, 0, 0x5412, "x"));
}

static long read_file(void)
{
	return by_number(open("there", O_RDONLY));
}

static const struct {
	const char *name;
	long (*attempt)(void);
	long wanted;
} attempts[] = {
	{"write elsewhere", write_elsewhere, EPERM},
	{ "make a file",	 make_file,	    EPERM},
	{ "open to write",  open_to_write,	  EPERM},
	{ "cut a file",	cut_file,	  EPERM},
	{ "openat2",	     open2,	    EPERM},
	{ "unlink",	    remove_file,	 EPERM},
	{ "socket",	    make_socket,	 EPERM},
	{ "sendto",	    send_elsewhere,  EPERM},
	{ "clone",	   fork_once,	      EPERM},
	{ "execve",	    execute,	     EPERM},
	{ "kill",		  signal_parent,	 EPERM},
	{ "ptrace",	    trace_parent,	  EPERM},
	{ "map code",	      map_code,	EPERM},
	{ "F_SETOWN",	      own_descriptor,  EPERM},
	{ "ioctl",	   control,	    EPERM},
	{ "read a file",	 read_file,	    0    },
};

/* The errno, as what the policy failed with; 0 as one that no attempt gives. */
static int attempt(void *data, struct policy *policy, struct policy_error *why)
{
	const int *which = data;
	long r = attempts[*which].attempt();

	(void)policy;
	(void)why;
	return r ? (int)-r : -EXFULL;
}

START_TEST(it_reads_and_does_nothing_else)
{
	struct policy_error why;
	int fd = open("there", O_WRONLY | O_CREAT, 0600), r;

	need_process();
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "text", 4), 4);
	close(fd);
	ck_assert_int_eq(pipe(elsewhere), 0);
	r = read_by(attempt, &_i, &why);
	close(elsewhere[0]);
	close(elsewhere[1]);
	unlink("there");
	ck_assert_int_ne(unlink("made"), 0);
	ck_assert_msg(r == (attempts[_i].wanted ? -attempts[_i].wanted : -EXFULL), "%s: %s",
		      attempts[_i].name, strerror(-r));
}
END_TEST

/* --- what it says ------------------------------------------------------------------------------
 */

static int socket_of_process(void)
{
	for (int fd = 3; fd < 64; fd++)
		if (write(fd, "", 0) == 0)
			return fd;
	return -1;
}

/* clang-format off */
struct said {
	int32_t result;
	uint32_t tmp, cache, size, more;
	char text[64];
};

static const struct said wrong[] = {
	{ .result = 1 },
	{ .result = -5000 },
	{ .result = INT32_MIN },
	{ .result = -EINVAL, .size = 4096 },
	{ .result = -EINVAL, .size = UINT32_MAX },
	{ .size = UINT32_MAX },
	{ .size = 2, .more = 3 },
};
/* clang-format on */

static int say(void *data, struct policy *policy, struct policy_error *why)
{
	int fd = socket_of_process();

	(void)policy;
	(void)why;
	_exit(fd < 0 || write(fd, data, sizeof(struct said)) < 0);
}

START_TEST(a_wrong_answer_is_none)
{
	struct policy_error why;
	struct said said = wrong[_i];

	need_process();
	ck_assert_int_eq(read_by(say, &said, &why), -EPROTO);
	ck_assert_ptr_nonnull(strstr(why.text, "wrong answer"));
}
END_TEST

static int end_at_once(void *data, struct policy *policy, struct policy_error *why)
{
	(void)policy;
	(void)why;
	if (data) /* a signal would be refused: the kernel's own */
		*(volatile char *)NULL = 0;
	_exit(0);
}

START_TEST(an_end_without_an_answer_is_told)
{
	struct policy_error why;

	need_process();
	ck_assert_int_eq(read_by(end_at_once, NULL, &why), -EPROTO);
	ck_assert_ptr_nonnull(strstr(why.text, "without an answer"));
#ifndef __SANITIZE_ADDRESS__ /* catches the signal */
	ck_assert_int_eq(read_by(end_at_once, &why, &why), -EPROTO);
	ck_assert_ptr_nonnull(strstr(why.text, "signal 11"));
#endif
}
END_TEST

/* Says that all was read, then hands over what is no image. */
static int say_twice(void *data, struct policy *policy, struct policy_error *why)
{
	const struct said read = { 0 },
			  image = { .size = sizeof(image.text), .text = "pcall-flat 1\nx" };
	size_t head = offsetof(struct said, text);
	int fd = socket_of_process();

	(void)data;
	(void)policy;
	(void)why;
	_exit(write(fd, &read, head) < 0 || write(fd, &image, sizeof(image)) < 0);
}

START_TEST(an_image_is_taken_for_hostile)
{
	struct policy_error why;

	need_process();
	ck_assert_int_eq(read_by(say_twice, NULL, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "policy image"));
}
END_TEST

static int hang(void *data, struct policy *policy, struct policy_error *why)
{
	char c;
	int fd = socket_of_process();

	(void)data;
	(void)policy;
	(void)why;
	while (read(fd, &c, 1) != -2)
		; /* nobody writes, nobody hangs up */
	return 0;
}

START_TEST(one_that_hangs_is_ended)
{
	struct policy_reading reading = plain;
	struct policy_process *process;

	need_process();
	reading.fill = hang;
	ck_assert_int_eq(policy_process_start(&reading, &process), 0);
	policy_process_free(process);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* Of a parent that is killed, nothing stays. */
START_TEST(it_ends_with_its_parent)
{
	int alive[2], status;
	char c;
	pid_t pid;

	need_process();
	ck_assert_int_eq(pipe(alive), 0);
	pid = fork();
	if (pid == 0) {
		struct policy_reading reading = plain;
		struct policy_process *process;

		reading.fill = hang;
		if (policy_process_start(&reading, &process) == 0)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	close(alive[1]);
	ck_assert_int_eq(read(alive[0], &c, 1), 0); /* it had the other end, too */
	close(alive[0]);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_process");
	TCase *tcase = test_case(suite, "process");

	tcase_add_test(tcase, a_line_comes_back_as_a_policy);
	tcase_add_loop_test(tcase, it_reads_and_does_nothing_else, 0,
			    sizeof(attempts) / sizeof(attempts[0]));
	tcase_add_loop_test(tcase, a_wrong_answer_is_none, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, an_end_without_an_answer_is_told);
	tcase_add_test(tcase, an_image_is_taken_for_hostile);
	tcase_add_test(tcase, one_that_hangs_is_ended);
	tcase_add_test(tcase, it_ends_with_its_parent);
	return suite;
}
