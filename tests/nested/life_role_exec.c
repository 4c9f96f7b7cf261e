/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels that exec, in every way. A child of the first one holds LIFE_PIPE. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "life.h"
#include "life_role.h"
#include "common/cleanup.h"

static struct life life;

static void exec_role(const char *role, const char *word)
{
	char self[512];
	char *argv[] = { self, (char *)role, (char *)word, NULL };

	snprintf(self, sizeof(self), "%s/tests/nested/life_role", getenv("PCALL_BUILD"));
	execve(self, argv, environ);
	CHECK(!"execve");
}

/* What the level execs: it is one anew, and what the other one had is gone, or will be. */
void anew(const char *word)
{
	static const char *const words[] = { "uses", NULL };
	static const char *const lines[] = { "method life.*", NULL };
	struct sv_spec like = { .label = "anew" };

	(void)word;
	CHECK(role_call("life.who", 0) == getpid());
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_define(life.sv) == 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(life_wait(&life, 1) == 0);
	CHECK(write(LIFE_PIPE, role_failed ? "f" : "n", 1) == 1);
	close(LIFE_PIPE);
	role_stay();
}

/* What its level was asked is refused when that execs; the root's stays. */
void outlives(const char *word)
{
	(void)word;
	CHECK(role_call("life.own", 0) == -ENOSYS);
	while (role_call("life.hold", 0) != 5)
		;
	CHECK(role_call("life.who", 0) == getpid());
	CHECK(role_call("life.own", 0) == -ENOSYS);
	CHECK(write(LIFE_PIPE, role_failed ? "f" : "s", 1) == 1);
	role_stay();
}

static struct sv_answer never(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	return sv_answer_later();
}

static void level_open(bool survives, const char *child)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const lines[] = { "method life.*", NULL };
	const char *words[] = { child, NULL };
	struct sv_spec like = {
		.label = "kept", .keep_fds = kept, .keep_fds_count = 1, .survives = survives
	};

	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	/* what a survivor calls later is to be the root's */
	CHECK(survives || life_define(life.sv) == 0);
	CHECK(sv_define(life.sv, "life.own", never, NULL) >= 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
}

/* It is a level as before. */
static void level_works(void)
{
	static const char *const words[] = { "uses", NULL };
	static const char *const lines[] = { "method life.*", NULL };
	struct sv_spec like = { .label = "after" };
	int before = atomic_load(&life.exited);
	struct sv *second;

	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(life_wait(&life, before + 1) == 0);
	CHECK(sv_new(NULL, &second, NULL) == -EBUSY);
}

/* The kernel takes the path, and then not the rest: each fails after it was let go. */
static void *exec_in_vain(void *data)
{
	char self[512];

	snprintf(self, sizeof(self), "%s/tests/nested/life_role", getenv("PCALL_BUILD"));
	for (int i = 0; i < 50; i++)
		CHECK(syscall(SYS_execve, self, 8L, environ) < 0 && errno == EFAULT);
	return data;
}

static void fails(void)
{
	pthread_t thread;

	exec_in_vain(NULL);
	level_works();
	CHECK(pthread_create(&thread, NULL, exec_in_vain, NULL) == 0);
	level_works();
	pthread_join(thread, NULL);
	level_works();
	CHECK(write(LIFE_PIPE, role_failed ? "f" : "k", 1) == 1);
	role_stay();
}

static char stack[65536] __attribute__((aligned(16)));

static int exec_true(void *data)
{
	static char name[] = "true";
	char *const words[] = { name, NULL };

	(void)data;
	_exit(execv("/bin/true", words));
}

static void forks(void)
{
	int status;
	pid_t pid;

	for (int i = 0; i < 20; i++) {
		/* as by vfork: this one shares our memory until its exec */
		pid = clone(exec_true, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
			    NULL);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
		pid = fork();
		if (pid == 0)
			exec_true(NULL);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
	/* and one that goes on as another program */
	pid = fork();
	if (pid == 0)
		exec_role("stays", NULL);
	level_works();
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid);
	level_works();
	CHECK(write(LIFE_PIPE, role_failed ? "f" : "k", 1) == 1);
	role_stay();
}

static void *exec_anew(void *data)
{
	exec_role("anew", NULL);
	return data;
}

static void from_thread(void)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, exec_anew, NULL) == 0);
	role_stay();
}

static int share(void *data)
{
	(void)data;
	close(LIFE_PIPE);
	for (;;)
		pause();
	return 0;
}

/* Somebody else keeps the old memory. */
static void shared(void)
{
	CHECK(clone(share, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) > 0);
	exec_role("anew", NULL);
}

/* While three threads spawn. */
static void *spawns(void *data)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const words[] = { "stays", NULL };
	struct sv_spec like = { .label = "late", .keep_fds = kept, .keep_fds_count = 1 };

	for (int i = 0; i < 64; i++)
		life_run(&life, &like, NULL, words, NULL);
	return data;
}

static void races(const char *left)
{
	char next[32];
	pthread_t thread;

	snprintf(next, sizeof(next), "races%d", atoi(left) - 1);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_create(&thread, NULL, spawns, NULL) == 0);
	/* another number of children each time, and the exec in the middle of one */
	while (atomic_load(&life.policies_count) < (unsigned int)atoi(left) % 4)
		sched_yield();
	if (role_failed)
		CHECK(write(LIFE_PIPE, "f", 1) == 1);
	exec_role(atoi(left) ? "execs" : "anew", next);
}

void execs(const char *word)
{
	bool survives = strcmp(word, "survivor") == 0;

	level_open(survives, survives ? "outlives" : "stays");
	if (strcmp(word, "now") == 0 || survives)
		exec_role("anew", NULL);
	if (strcmp(word, "silent") == 0 && fcntl(LIFE_PIPE, F_SETFD, FD_CLOEXEC) == 0)
		exec_role("stays", NULL);
	if (strcmp(word, "thread") == 0)
		from_thread();
	if (strcmp(word, "shared") == 0)
		shared();
	if (strcmp(word, "fails") == 0)
		fails();
	if (strcmp(word, "forks") == 0)
		forks();
	races(word + strlen("races"));
}
