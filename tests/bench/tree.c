/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tree of levels costs. Each use prints numbers, one a line, in nanoseconds or bytes:
 *
 *	tree deep N COMMAND...	runs the command N levels deep, and prints nothing of its own
 *	tree method		a method answered by the root
 *	tree method_level	by a level
 *	tree bare		the bare round trip of a notification
 *	tree spawn, spawn_level	a child, until it runs
 *	tree many N COMMAND...	runs the command beside N - 1 other children, then says how many
 *				bytes the supervisor has more for each of these
 *	tree flatten N		a mask changed above N children
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base_policy.h"
#include "stopwatch.h"
#include "pcall.h"
#include "supervisor.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

enum {
	CALLS = 20000, /* of a method, in one sample */
	SPAWNS = 30,
	CHANGES = 200,
};

static char self[4096];
static int ended = -1; /* wait status of the child that counts */
static struct sv_child *counts;

static void complain(const char *what, const struct sv_error *error)
{
	fprintf(stderr, "tree: %s: %s\n", what, error->text);
	exit(125);
}

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	if (event->type == SV_EVENT_EXITED && event->child == counts)
		ended = event->value;
}

static struct sv *supervisor(void)
{
	const struct sv_options options = { .size = sizeof(options), .on_event = on_event };
	struct sv_error error = { .text = "" };
	struct sv *sv;

	if (sv_new(&options, &sv, &error) < 0)
		complain("sv_new", &error);
	return sv;
}

static struct sv_policy *policy(void)
{
	const char *lines[] = {
		"read /", "exec /", "method bench.*", "list /proc", "limit children=5000", NULL
	};
	struct sv_policy *ret = base_policy(lines);

	if (!ret)
		exit(125);
	return ret;
}

static struct sv_child *spawn(struct sv *sv, const struct sv_policy *rules, const char *const *argv)
{
	const struct sv_spec spawn = {
		.size = sizeof(spawn),
		.argv = argv,
		.envp = (const char *const *)environ,
		.policy = rules,
	};
	struct sv_error error = { .text = "" };
	struct sv_child *child;

	if (sv_spawn(sv, &spawn, &child, &error) < 0)
		complain(argv[0], &error);
	return child;
}

static int run(struct sv *sv, const struct sv_policy *rules, const char *const *argv)
{
	ended = -1;
	counts = NULL;
	counts = spawn(sv, rules, argv);
	while (ended < 0)
		sv_dispatch(sv, -1);
	sv_child_free(counts);
	return WIFEXITED(ended) ? WEXITSTATUS(ended) : 125;
}

/* N levels, each a process of this program, then the command. */
static int deep(int levels, char **argv)
{
	const char *next[64] = { self, "deep" };
	struct sv *sv = supervisor();
	char number[16];
	int r;

	snprintf(number, sizeof(number), "%d", levels - 1);
	next[2] = number;
	for (size_t i = 0; argv[i] && i < 60; i++)
		next[i + 3] = argv[i];
	r = run(sv, policy(), levels > 1 ? next : (const char *const *)argv);
	sv_free(sv);
	return r;
}

static struct sv_answer answer(struct sv_call *call, void *data)
{
	(void)data;
	return sv_answer_value((int64_t)(sv_call_word(call, 0) + sv_call_word(call, 5)));
}

/* In the child: calls the method of its supervisor. */
static int method_call(void)
{
	int method = pcall_method("bench.add");
	uint64_t begin;

	if (method < 0 || pcall(method, 1L, 0L, 0L, 0L, 0L, 2L) != 3)
		return 1;
	begin = stopwatch_ns();
	for (int i = 0; i < CALLS; i++)
		pcall(method, 1L, 2L, 3L, 4L, 5L, 6L);
	printf("%.1f\n", (double)(stopwatch_ns() - begin) / CALLS);
	return 0;
}

static int method(bool level)
{
	const char *call[] = { self, "method_call", NULL }, *next[] = { self, "method", NULL };
	struct sv *sv = supervisor();
	int r;

	if (!level && sv_define(sv, "bench.add", answer, NULL) < 0)
		return 1;
	r = run(sv, policy(), level ? next : call);
	sv_free(sv);
	return r;
}

/* Every getppid of the child is answered by the parent, and nothing else is done. */
static int bare_listener(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			    &program);
}

static int bare_child(int pipe)
{
	int listener = bare_listener();
	uint64_t begin;

	if (write(pipe, &listener, sizeof(listener)) != sizeof(listener))
		return 1;
	syscall(SYS_getppid);
	begin = stopwatch_ns();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	printf("%.1f\n", (double)(stopwatch_ns() - begin) / CALLS);
	fflush(stdout);
	return 0;
}

static void bare_serve(int listener)
{
	struct seccomp_notif notification;
	struct seccomp_notif_resp response;

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 1);
	for (int i = 0; i < CALLS + 1; i++) {
		memset(&notification, 0, sizeof(notification));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0)
			return;
		response = (struct seccomp_notif_resp){ .id = notification.id };
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

static int bare(void)
{
	int pipes[2], number, status = 1, pidfd;
	pid_t pid;

	if (pipe(pipes) < 0)
		return 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(bare_child(pipes[1]));
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (read(pipes[0], &number, sizeof(number)) != sizeof(number))
		return 1;
	bare_serve((int)syscall(SYS_pidfd_getfd, pidfd, number, 0));
	waitpid(pid, &status, 0);
	return status != 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_median(uint64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	printf("%llu\n", (unsigned long long)times[count / 2]);
	fflush(stdout);
}

static int spawns(bool level)
{
	const char *program[] = { "/bin/true", NULL }, *next[] = { self, "spawn", NULL };
	struct sv *sv = supervisor();
	struct sv_policy *rules = policy();
	uint64_t times[SPAWNS];
	int r = 0;

	if (level) {
		r = run(sv, rules, next);
	} else {
		for (size_t i = 0; i < SPAWNS; i++) {
			int64_t begin = stopwatch_ns();
			struct sv_child *child = spawn(sv, rules, program);

			times[i] = (uint64_t)(stopwatch_ns() - begin);
			sv_child_free(child);
		}
		print_median(times, SPAWNS);
	}
	sv_free(sv);
	return r;
}

static long own_bytes(void)
{
	long pages = 0, resident = 0, shared = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file || fscanf(file, "%ld %ld %ld", &pages, &resident, &shared) != 3)
		resident = shared = 0;
	if (file)
		fclose(file);
	return (resident - shared) * sysconf(_SC_PAGESIZE);
}

static void hold(struct sv *sv, const struct sv_policy *rules, int count)
{
	const char *sleeper[] = { "/usr/bin/sleep", "1000", NULL };

	for (int i = 0; i < count; i++)
		spawn(sv, rules, sleeper);
}

static int many(int count, char **argv)
{
	struct sv *sv = supervisor();
	struct sv_policy *rules = policy();
	long before;
	int r;

	hold(sv, rules, 1);
	before = own_bytes();
	hold(sv, rules, count - 2);
	if (count > 2)
		fprintf(stderr, "%ld\n", (own_bytes() - before) / (count - 2));
	r = run(sv, rules, (const char *const *)argv);
	sv_free(sv);
	return r;
}

/* A level with all its children, which says when they are there. */
static _Noreturn void holder(int count)
{
	struct sv *sv = supervisor();

	hold(sv, policy(), count);
	puts("ready");
	fflush(stdout);
	for (;;)
		sv_dispatch(sv, -1);
}

static int flatten(int count)
{
	char number[16];
	const char *level[] = { self, "holder", number, NULL };
	struct sv *sv = supervisor();
	uint64_t times[CHANGES];
	struct sv_child *child;
	int pipes[2], out = dup(1);
	char said[16];

	snprintf(number, sizeof(number), "%d", count - 1);
	if (pipe(pipes) < 0 || dup2(pipes[1], 1) < 0)
		return 1;
	child = spawn(sv, policy(), level);
	if (read(pipes[0], said, sizeof(said)) <= 0)
		return 1;
	dup2(out, 1);
	for (size_t i = 0; i < CHANGES; i++) {
		int64_t begin = stopwatch_ns();

		if (sv_child_mask(child, SYS_mkdir, i % 2) < 0)
			return 1;
		times[i] = (uint64_t)(stopwatch_ns() - begin);
	}
	print_median(times, CHANGES);
	sv_free(sv);
	return 0;
}

int main(int argc, char **argv)
{
	const char *use = argc > 1 ? argv[1] : "";
	int number = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 125;
	if (!strcmp(use, "deep") && argc > 3)
		return deep(number, argv + 3);
	if (!strcmp(use, "method") || !strcmp(use, "method_level"))
		return method(use[6]);
	if (!strcmp(use, "method_call"))
		return method_call();
	if (!strcmp(use, "bare"))
		return bare();
	if (!strcmp(use, "spawn") || !strcmp(use, "spawn_level"))
		return spawns(use[5]);
	if (!strcmp(use, "many") && argc > 3)
		return many(number, argv + 3);
	if (!strcmp(use, "flatten") && number > 1)
		return flatten(number);
	if (!strcmp(use, "holder"))
		holder(number);
	fputs("usage: tree deep|method|method_level|bare|spawn|spawn_level|many|flatten ...\n",
	      stderr);
	return 125;
}
