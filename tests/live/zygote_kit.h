/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the zygote share: orders with a filter that notifies execve, and says yes to
 * it. */
#ifndef TESTS_LIVE_ZYGOTE_KIT_H
#define TESTS_LIVE_ZYGOTE_KIT_H

#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd_sender.h"
#include "common/cleanup.h"
#include "zygote/zygote.h"

/* Of this run of the test: others may kill by theirs at the same time. */
#define KIT_TAG (0x50000000u | (uint32_t)getsid(0))
/* Nobody's: the next number may be that of a test beside this one. */
#define KIT_TAG_OTHER (0x58000000u | (uint32_t)getsid(0))

extern char **environ;

static struct sock_filter kit_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static const int kit_fds[] = { 0, 1, 2 };

/* An order for a program that is given by its path, with 0 to 2. */
static inline struct zygote_order kit_order(const char *const *argv, const char *const *candidates)
{
	return (struct zygote_order){
		.spec.argv = argv,
		.spec.envp = (const char *const *)environ,
		.spec.candidates = candidates,
		.spec.fds = kit_fds,
		.spec.fds_count = 3,
		.tag = KIT_TAG,
		.floor = -1,
		.inbox = -1,
		.filter = {.len = array_size(kit_filter), .filter = kit_filter},
	};
}

#define KIT_ORDER(path, ...) \
	kit_order((const char *const[]){ __VA_ARGS__, NULL }, (const char *const[]){ path, NULL })
#define KIT_SH(command) KIT_ORDER("/bin/sh", "sh", "-c", command)

/* These orders have no sender (call/fd_take.h); live/fd_sender and all of nested try those that
 * have. */
static inline void kit_need(void)
{
	if (fd_sender_needed())
		test_skip_all("pidfd_getfd is refused, and the orders of this test have no sender");
}

/* Lets every execve pass until nobody is left who could make one. */
static inline void *kit_serve(void *data)
{
	struct zygote_birth *birth = data;
	struct pollfd poll_listener = { .fd = birth->listener, .events = POLLIN };

	while (poll(&poll_listener, 1, -1) == 1 && !(poll_listener.revents & POLLHUP)) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		if (ioctl(birth->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue;
		answer.id = call.id;
		ioctl(birth->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	return NULL;
}

/* Serves the child from here on, and waits for its exec. */
static inline int kit_exec(struct zygote_birth *birth, pthread_t *ret_server)
{
	if (pthread_create(ret_server, NULL, kit_serve, birth))
		return -EAGAIN;
	return zygote_wait_exec(birth, -1);
}

static inline void birth_close(struct zygote_birth *birth, pthread_t server)
{
	pthread_join(server, NULL);
	close(birth->listener);
	close(birth->pidfd);
	if (birth->report >= 0)
		close(birth->report);
}

/* The next change, waited for at most 10 s; code 0 if there is none. */
static inline struct zygote_change kit_change(struct zygote *zygote)
{
	struct pollfd poll_socket = { .fd = zygote->socket, .events = POLLIN };
	struct zygote_change change = { 0 };

	if (poll(&poll_socket, 1, 10000) == 1)
		zygote_next(zygote, &change);
	return change;
}

/* Runs an order to its end. The change, or code 0 and the failure in status. */
static inline struct zygote_change kit_run(struct zygote *zygote, const struct zygote_order *order)
{
	struct zygote_change change = { 0 };
	struct zygote_birth birth;
	enum sv_stage stage;
	pthread_t server;
	int r;

	r = zygote_spawn(zygote, order, &birth, &stage);
	if (r == 0) {
		r = kit_exec(&birth, &server);
		change = kit_change(zygote);
		birth_close(&birth, server);
	}
	if (r < 0)
		change = (struct zygote_change){ .status = r };
	return change;
}

/* The output of a shell command, run by an order that @set may have changed. */
static inline char *kit_shell(struct zygote *zygote, const char *command,
			      void (*set)(struct zygote_order *order, void *data), void *data)
{
	struct zygote_order order = KIT_SH(command);
	struct zygote_change change;
	static char text[65536];
	int pair[2], saved;
	size_t size = 0;
	ssize_t n;

	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	saved = fcntl(1, F_DUPFD_CLOEXEC, 10);
	fflush(stdout);
	dup2(pair[1], 1);
	if (set)
		set(&order, data);
	change = kit_run(zygote, &order);
	dup2(saved, 1);
	close(saved);
	close(pair[1]);
	while ((n = read(pair[0], text + size, sizeof(text) - 1 - size)) > 0)
		size += (size_t)n;
	text[size] = '\0';
	close(pair[0]);
	ck_assert_msg(change.code == CLD_EXITED && change.status == 0, "code %d, status %d: %s",
		      change.code, change.status, text);
	return text;
}

#endif
