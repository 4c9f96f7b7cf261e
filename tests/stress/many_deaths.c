/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * G4: a thousand sandboxes of four tasks die at once, and a neighbour does not feel it: its spawns,
 * ends, time limits and calls keep within 100 ms of what they take alone.
 *
 * The kernel has to end four thousand processes meanwhile, whoever asked for it. So a plain process
 * is started and waited for beside it again and again, by a thread that has nothing to do with
 * sandboxes: what that takes is the machine's, and a sandbox takes it twice, since it is cloned by
 * one process and waited for by another.
 *
 * DEATHS_CROWDS says how many sandboxes.
 */
#include "check_main.h"
#include "stopwatch.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "supervisor.h"

enum {
	CROWDS_MAX = 1000,
	LATER_US = 100000,    /* what the neighbour may wait longer */
	ALONE_US = 3000000,   /* for how long it is watched before */
	AFTER_US = 500000,    /* and after the last end was told */
	LIMIT_MS = 50,	      /* of the neighbour's sandboxes that have one */
	ENDED_US = 100000000, /* all are gone by then */
};

enum kind {
	SPAWN,
	EXIT,
	LIMIT,
	CALL,
	PLAIN,
	KIND_MAX,
};

static const char *const kind_names[KIND_MAX] = { "spawn", "exit", "limit", "call", "plain" };

static char program[4200];
static struct sv *sv;
static struct sv_policy *policy;
static struct sv_child *crowds[CROWDS_MAX];
static unsigned int crowds_count;
static atomic_long worst_us[KIND_MAX];
static atomic_long ended_us[2]; /* when the end of the neighbour's sandbox was told; 0: not yet */
static atomic_uint crowds_ended, tenants_ended, tenants_ready;
static atomic_bool over;

static const char *const labels[2] = { "spawned", "limited" };

static long now_us(void)
{
	return stopwatch_ns() / 1000;
}

static void took(enum kind kind, long us)
{
	long before = atomic_load(&worst_us[kind]);

	while (us > before && !atomic_compare_exchange_weak(&worst_us[kind], &before, us))
		;
}

static void on_event(const struct sv_event *event, void *data)
{
	const char *label;

	(void)data;
	if (event->type != SV_EVENT_EXITED || !event->child)
		return;
	label = sv_child_label(event->child);
	for (size_t i = 0; i < 2; i++)
		if (strcmp(label, labels[i]) == 0)
			atomic_store(&ended_us[i], now_us());
	crowds_ended += strncmp(label, "crowd", strlen("crowd")) == 0;
	tenants_ended += strcmp(label, "tenant") == 0;
}

static struct sv_child *start(const char *label, const char *role, const char *word,
			      uint64_t time_ms)
{
	const char *const argv[] = { program, role, word, NULL }, *const envp[] = { NULL };
	struct sv_spec spawn = { .size = sizeof(spawn),
				 .argv = argv,
				 .envp = envp,
				 .policy = policy,
				 .cwd = "/",
				 .label = label,
				 .time_ms = time_ms };
	struct sv_error error = { .text = "" };
	struct sv_child *child;
	int r = sv_spawn(sv, &spawn, &child, &error);

	if (r < 0)
		fprintf(stderr, "%s: %s\n", label, error.text);
	return r < 0 ? NULL : child;
}

/* Until its end was told: when. */
static long end_wait(int which)
{
	while (!atomic_load(&ended_us[which]))
		usleep(500);
	return atomic_load(&ended_us[which]);
}

/* The neighbour: one sandbox after the other, that ends at once. */
static void *spawns(void *data)
{
	while (!atomic_load(&over)) {
		long begin = now_us(), started;
		struct sv_child *child;

		atomic_store(&ended_us[0], 0);
		child = start(labels[0], "end", NULL, 0);
		started = now_us();
		took(SPAWN, child ? started - begin : ENDED_US);
		if (child)
			took(EXIT, end_wait(0) - started);
		sv_child_free(child);
		usleep(5000);
	}
	return data;
}

/* And that its limit ends. */
static void *limits(void *data)
{
	while (!atomic_load(&over)) {
		struct sv_child *child;
		long started;

		atomic_store(&ended_us[1], 0);
		child = start(labels[1], "sleep", NULL, LIMIT_MS);
		started = now_us();
		if (child)
			took(LIMIT, end_wait(1) - started - LIMIT_MS * 1000);
		sv_child_free(child);
		usleep(5000);
	}
	return data;
}

/* And the machine. */
static void *plains(void *data)
{
	char *argv[] = { program, NULL }, *envp[] = { NULL };

	while (!atomic_load(&over)) {
		long begin = now_us();
		pid_t pid;

		if (posix_spawn(&pid, program, NULL, NULL, argv, envp) == 0)
			waitpid(pid, NULL, 0);
		took(PLAIN, now_us() - begin);
		usleep(5000);
	}
	return data;
}

/* deaths.took(us): how long the last call took. */
static struct sv_answer call_took(struct sv_call *call, void *data)
{
	(void)data;
	took(CALL, (long)sv_call_word(call, 0));
	return sv_answer_value(0);
}

/* deaths.ready(error) */
static struct sv_answer tenant_ready(struct sv_call *call, void *data)
{
	(void)data;
	if (sv_call_word(call, 0) == 0)
		tenants_ready++;
	return sv_answer_value(0);
}

static void begin(void)
{
	const char *lines[] = { "exec /", "read /", "method deaths.*", "limit children=4000",
				NULL };
	const struct sv_policy_source source = {
		.size = sizeof(source), .lines = lines, .cwd = "/", .home = "/"
	};
	struct sv_options options = { .size = sizeof(options), .on_event = on_event };
	const char *count = getenv("DEATHS_CROWDS");
	struct sv_error error = { .text = "" };

	crowds_count = count ? (unsigned int)atoi(count) : CROWDS_MAX;
	ck_assert_uint_le(crowds_count, CROWDS_MAX);
	snprintf(program, sizeof(program), "%s/tests/stress/deaths_role", getenv("PCALL_BUILD"));
	ck_assert_msg(sv_policy_read(&source, &policy, &error) == 0, "%s", error.text);
	ck_assert_msg(sv_new(&options, &sv, &error) == 0, "%s", error.text);
	ck_assert_int_gt(sv_define(sv, "deaths.took", call_took, NULL), 0);
	ck_assert_int_gt(sv_define(sv, "deaths.ready", tenant_ready, NULL), 0);
}

/* Takes events until then, or for so long. */
static void dispatch(long us, const atomic_uint *count, unsigned int wanted)
{
	long end = now_us() + us;

	while (now_us() < end && (!count || atomic_load(count) < wanted))
		ck_assert_int_ge(sv_dispatch(sv, 5), 0);
	ck_assert(!count || atomic_load(count) >= wanted);
}

static void worst_take(long ret[KIND_MAX])
{
	for (int i = 0; i < KIND_MAX; i++)
		ret[i] = atomic_exchange(&worst_us[i], 0);
}

/* The neighbour lives alone for a while, @kill ends the others, and it lives on until they are
 * gone. */
static void neighbour(void (*kill)(void), const atomic_uint *count, unsigned int wanted)
{
	void *(*const runs[])(void *) = { spawns, limits, plains };
	long alone[KIND_MAX], beside[KIND_MAX], began;
	struct sv_child *caller = start("caller", "caller", NULL, 0);
	pthread_t threads[3];

	ck_assert_ptr_nonnull(caller);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, runs[i], NULL), 0);
	dispatch(500000, NULL, 0);
	worst_take(alone); /* the first of each kind */
	dispatch(ALONE_US, NULL, 0);
	worst_take(alone);
	began = now_us();
	kill();
	dispatch(ENDED_US, count, wanted);
	fprintf(stderr, "%u ends were told in %ld ms\n", wanted, (now_us() - began) / 1000);
	dispatch(AFTER_US, NULL, 0);
	worst_take(beside);
	atomic_store(&over, true);
	for (size_t i = 0; i < 3; i++)
		while (pthread_tryjoin_np(threads[i], NULL) != 0)
			sv_dispatch(sv, 5);
	for (int i = 0; i < KIND_MAX; i++)
		fprintf(stderr, "%s: %ld us alone, %ld us beside\n", kind_names[i], alone[i],
			beside[i]);
	for (int i = 0; i < PLAIN; i++)
		ck_assert_int_le(beside[i], alone[i] + LATER_US + 2 * beside[PLAIN]);
}

/* @until_us: when the time limit of all ends. A machine that is too busy to start them all in time
 * has so many fewer. */
static void crowds_start(long until_us)
{
	for (unsigned int i = 0; i < crowds_count; i++) {
		long left = until_us ? until_us - now_us() : 0;

		if (until_us && left < ALONE_US + 1500000) {
			crowds_count = i;
			break;
		}
		crowds[i] = start("crowd", "crowd", NULL, (uint64_t)left / 1000);
		ck_assert_ptr_nonnull(crowds[i]);
	}
	ck_assert_uint_gt(crowds_count, 0);
}

static void end(void)
{
	long began = now_us();

	sv_free(sv);
	fprintf(stderr, "all was freed in %ld ms\n", (now_us() - began) / 1000);
	sv_policy_free(policy);
}

/* Somebody kills the first process of each: the rest is for the supervisor to find. */
static void kill_first(void)
{
	for (unsigned int i = 0; i < crowds_count; i++)
		kill(sv_child_pid(crowds[i]), SIGKILL);
}

START_TEST(first_processes_killed)
{
	begin();
	crowds_start(0);
	neighbour(kill_first, &crowds_ended, crowds_count);
	end();
}
END_TEST

static void kill_all(void)
{
	for (unsigned int i = 0; i < crowds_count; i++)
		ck_assert_int_eq(sv_child_kill(crowds[i], SIGKILL), 0);
}

START_TEST(killed_by_the_embedder)
{
	begin();
	crowds_start(0);
	neighbour(kill_all, &crowds_ended, crowds_count);
	end();
}
END_TEST

static long limit_us;

static void limit_wait(void)
{
	ck_assert_int_lt(now_us(), limit_us);
	dispatch(limit_us - now_us(), NULL, 0);
}

START_TEST(time_limits_that_end_together)
{
	begin();
	limit_us = now_us() + ALONE_US + 3000000 + 30000 * (long)crowds_count;
	crowds_start(limit_us);
	dispatch(limit_us - now_us() - ALONE_US - 1000000, NULL, 0);
	neighbour(limit_wait, &crowds_ended, crowds_count);
	end();
}
END_TEST

static struct sv_child *tenant;

static void tenant_kill(void)
{
	kill(sv_child_pid(tenant), SIGKILL);
}

START_TEST(level_of_theirs_killed)
{
	char count[16];

	begin();
	snprintf(count, sizeof(count), "%u", crowds_count);
	tenant = start("tenant", "tenant", count, 0);
	ck_assert_ptr_nonnull(tenant);
	dispatch(ENDED_US, &tenants_ready, 1);
	neighbour(tenant_kill, &tenants_ended, 1);
	end();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("many");
	TCase *tcase = test_case(suite, "deaths");

	tcase_set_timeout(tcase, 240);
	tcase_add_test(tcase, first_processes_killed);
	tcase_add_test(tcase, killed_by_the_embedder);
	tcase_add_test(tcase, time_limits_that_end_together);
	tcase_add_test(tcase, level_of_theirs_killed);
	return suite;
}
