/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children with a terminal of their own, and their keepers. */
#include "zygote_kit.h"

#include <sys/pidfd.h>

struct kept {
	struct zygote zygote;
	struct zygote_birth birth;
	pthread_t server;
	pid_t keeper;
	int master;
};

static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	int fd, parent = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_int_eq(sscanf(strrchr(text, ')') + 1, " %*c %d", &parent), 1);
	return parent;
}

/* Until this has been written on the terminal. */
static void until_written(const struct kept *kept, const char *what)
{
	char text[4096] = "";
	size_t size = 0;
	ssize_t n;

	while (!strstr(text, what) &&
	       (n = read(kept->master, text + size, sizeof(text) - 1 - size)) > 0) {
		size += (size_t)n;
		text[size] = '\0';
	}
	ck_assert_ptr_nonnull(strstr(text, what));
}

static void type_in(const struct kept *kept, const char *keys)
{
	ck_assert_int_eq(write(kept->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void start(struct kept *kept, const char *command)
{
	struct zygote_order order = KIT_SH(command);
	int fds[3], numbers[] = { 0, 1, 2 };
	enum sv_stage stage;
	char name[64];

	kept->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_eq(unlockpt(kept->master), 0);
	ck_assert_int_eq(ptsname_r(kept->master, name, sizeof(name)), 0);
	fds[0] = fds[1] = fds[2] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(fds[0], 0);
	order.spec.fds = fds;
	order.spec.numbers = numbers;
	order.spec.new_session = order.spec.terminal = true;
	ck_assert_int_eq(zygote_open(&kept->zygote), 0);
	ck_assert_int_eq(zygote_spawn(&kept->zygote, &order, &kept->birth, &stage), 0);
	ck_assert_int_eq(kit_exec(&kept->birth, &kept->server), 0);
	close(fds[0]);
	until_written(kept, "up");
	kept->keeper = parent_of(kept->birth.pid);
}

static void expect(struct kept *kept, int code, int status)
{
	struct zygote_change change = kit_change(&kept->zygote);

	ck_assert_int_eq(change.pid, kept->birth.pid);
	ck_assert_int_eq(change.code, code);
	ck_assert_int_eq(change.status, status);
}

static void stop(struct kept *kept)
{
	birth_close(&kept->birth, kept->server);
	close(kept->master);
	zygote_close(&kept->zygote);
}

START_TEST(child_is_in_the_session_of_its_keeper_and_in_the_foreground)
{
	struct kept kept;
	pid_t pid;

	start(&kept, "echo up; read x; exit 7");
	pid = kept.birth.pid;
	ck_assert_int_ne(kept.keeper, kept.zygote.pid);
	ck_assert_int_eq(getsid(pid), kept.keeper);
	ck_assert_int_eq(getpgid(pid), pid);
	ck_assert_int_eq(tcgetpgrp(kept.master), pid);
	type_in(&kept, "x\n");
	expect(&kept, CLD_EXITED, 7);
	stop(&kept);
}
END_TEST

START_TEST(terminal_stops_the_child_and_that_is_told)
{
	struct kept kept;

	start(&kept, "echo up; read x; exit 7");
	for (int i = 0; i < 3; i++) {
		type_in(&kept, "\x1a");
		expect(&kept, CLD_STOPPED, SIGTSTP);
		pidfd_send_signal(kept.birth.pidfd, SIGCONT, NULL, 0);
		expect(&kept, CLD_CONTINUED, SIGCONT);
	}
	type_in(&kept, "\x03");
	expect(&kept, CLD_KILLED, SIGINT);
	stop(&kept);
}
END_TEST

/* It gave the terminal to a group that is gone, stopped, and would be stopped again for reading. */
START_TEST(child_that_goes_on_has_the_terminal)
{
	struct kept kept;

	start(&kept, "exec python3 -c 'import os, signal, sys, time\n"
		     "signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n"
		     "pid = os.fork()\n"
		     "if pid == 0: os.setpgid(0, 0); os._exit(signal.pause() or 0)\n"
		     "os.setpgid(pid, pid) if os.getpgid(pid) != pid else 0\n"
		     "os.tcsetpgrp(0, pid); os.kill(pid, 9); os.wait()\n"
		     "print(\"up\", flush=True); os.kill(os.getpid(), signal.SIGSTOP)\n"
		     "while os.tcgetpgrp(0) != os.getpgrp(): time.sleep(0.01)\n"
		     "sys.exit(len(sys.stdin.readline()))'");
	expect(&kept, CLD_STOPPED, SIGSTOP);
	ck_assert_int_ne(tcgetpgrp(kept.master), kept.birth.pid);
	pidfd_send_signal(kept.birth.pidfd, SIGCONT, NULL, 0);
	expect(&kept, CLD_CONTINUED, SIGCONT);
	type_in(&kept, "ab\n");
	expect(&kept, CLD_EXITED, 3);
	stop(&kept);
}
END_TEST

START_TEST(terminal_hangs_up_with_the_child)
{
	struct kept kept;
	char bytes[256];

	start(&kept, "echo up; read x; exit 3");
	type_in(&kept, "x\n");
	expect(&kept, CLD_EXITED, 3);
	while (read(kept.master, bytes, sizeof(bytes)) > 0)
		;
	ck_assert_int_eq(errno, EIO);
	stop(&kept);
}
END_TEST

START_TEST(hang_up_of_the_terminal_reaches_the_child)
{
	struct kept kept;

	start(&kept, "trap 'kill $!; exit 9' HUP; echo up; sleep 1000 & wait");
	close(kept.master);
	expect(&kept, CLD_EXITED, 9);
	kept.master = -1;
	birth_close(&kept.birth, kept.server);
	zygote_close(&kept.zygote);
}
END_TEST

START_TEST(child_ends_with_a_keeper_that_is_killed_and_that_is_told)
{
	struct kept kept;

	start(&kept, "trap '' HUP; echo up; read x; exit 7");
	ck_assert_int_eq(kill(kept.keeper, SIGKILL), 0);
	expect(&kept, CLD_KILLED, SIGKILL);
	stop(&kept);
}
END_TEST

START_TEST(keeper_and_child_end_with_the_zygote)
{
	struct pollfd end = { .events = POLLIN };
	struct kept kept;

	start(&kept, "trap '' HUP; echo up; read x; exit 7");
	end.fd = pidfd_open(kept.keeper, 0);
	if (_i)
		kill(kept.zygote.pid, SIGKILL);
	zygote_close(&kept.zygote);
	ck_assert_int_eq(poll(&end, 1, 10000), 1);
	close(end.fd);
	end.fd = kept.birth.pidfd;
	ck_assert_int_eq(poll(&end, 1, 10000), 1);
	birth_close(&kept.birth, kept.server);
	close(kept.master);
}
END_TEST

START_TEST(order_without_a_terminal_is_refused)
{
	struct zygote_order order = KIT_ORDER("/bin/true", "true");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), numbers[] = { 0 };
	struct zygote zygote;
	struct zygote_birth birth;
	enum sv_stage stage;

	order.spec.fds = &null;
	order.spec.numbers = numbers;
	order.spec.fds_count = 1;
	order.spec.new_session = order.spec.terminal = true;
	ck_assert_int_eq(zygote_open(&zygote), 0);
	ck_assert_int_eq(zygote_spawn(&zygote, &order, &birth, &stage), -ENOTTY);
	ck_assert_int_eq(stage, SV_STAGE_SESSION);
	order.spec.fds_count = 0;
	ck_assert_int_eq(zygote_spawn(&zygote, &order, &birth, &stage), -ENOTTY);
	close(null);
	zygote_close(&zygote);
}
END_TEST

Suite *test_suite(void)
{
	kit_need();
	Suite *suite = suite_create("zygote_keeper");
	TCase *tcase = test_case(suite, "zygote_keeper");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, child_is_in_the_session_of_its_keeper_and_in_the_foreground);
	tcase_add_test(tcase, terminal_stops_the_child_and_that_is_told);
	tcase_add_test(tcase, child_that_goes_on_has_the_terminal);
	tcase_add_test(tcase, terminal_hangs_up_with_the_child);
	tcase_add_test(tcase, hang_up_of_the_terminal_reaches_the_child);
	tcase_add_test(tcase, child_ends_with_a_keeper_that_is_killed_and_that_is_told);
	tcase_add_loop_test(tcase, keeper_and_child_end_with_the_zygote, 0, 2);
	tcase_add_test(tcase, order_without_a_terminal_is_refused);
	return suite;
}
