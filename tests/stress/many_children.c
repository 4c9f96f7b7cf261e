/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One supervisor, many short children: spawned, left to end, killed and freed at random for some
 * seconds, eight at a time. At the end nothing is left of them: no process, descriptor, thread,
 * memory.
 *
 * The children do what is hard to end: they exec and spawn from many threads, are hit by signals in
 * blocked calls, leave processes in sessions of their own.
 */
#include "base_policy.h"
#include "check_main.h"
#include "stopwatch.h"
#include "rest.h"
#include "scratch.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "supervisor.h"

enum {
	BOXES = 8,
};

static const char *const commands[] = {
	"exit 3",
	"for i in 1 2 3 4 5 6; do /bin/true & done; wait",
	"setsid sleep 30 & sleep 30",
	"(while :; do cat /etc/passwd; done) >/dev/null & sleep 0.05; kill -9 $!",
	"mkfifo $$.pipe; cat $$.pipe & sleep 0.02; kill -USR1 $!; rm $$.pipe; wait",
	"trap '' TERM; while :; do ls /nonexistent /etc/shadow 2>/dev/null; done",
	"i=0; while [ $i -lt 40 ]; do /bin/true | /bin/cat | /bin/cat; i=$((i + 1)); done",
	"kill -STOP $$",
	("python3 -c 'import threading,subprocess\n"
	 "t=[threading.Thread(target=lambda:[subprocess.call(\"/bin/true\") for _ in range(3)])"
	 " for _ in range(6)]\n[x.start() for x in t]\n[x.join() for x in t]'"),
};

struct box {
	struct sv_child *child;
	double until;
	bool ended;
};

static struct box boxes[BOXES];
static unsigned int started, ended, killed, events;
static unsigned int random_state = 1;

static unsigned int random_below(unsigned int limit)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % limit;
}

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	events++;
	if (event->type != SV_EVENT_EXITED)
		return;
	for (int i = 0; i < BOXES; i++)
		if (boxes[i].child && boxes[i].child == event->child && !boxes[i].ended) {
			boxes[i].ended = true;
			ended++;
		}
}

static struct sv_policy *policy_make(void)
{
	char write[sizeof(scratch) + 8];
	const char *lines[] = { write, "exec /bin /usr/bin", "read /usr", "limit procs=100", NULL };

	snprintf(write, sizeof(write), "write %s", scratch);
	return base_policy(lines);
}

static void box_start(struct sv *sv, struct sv_policy *policy, struct box *box)
{
	const char *command = commands[random_below(sizeof(commands) / sizeof(commands[0]))];
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	const char *envp[] = { "PATH=/usr/bin:/bin", NULL };
	struct sv_spec spawn = {
		.size = sizeof(spawn), .argv = argv, .envp = envp, .policy = policy, .cwd = scratch
	};
	struct sv_error error = { .text = "" };
	int r;

	*box = (struct box){ .until = stopwatch_seconds() + 0.01 * random_below(40) };
	r = sv_spawn(sv, &spawn, &box->child, &error);
	ck_assert_msg(r == 0, "%s", error.text);
	started++;
}

/* Killed, freed while it runs, or freed when it has ended. */
static void box_end(struct box *box)
{
	if (!box->ended && random_below(2)) {
		sv_child_kill(box->child, random_below(2) ? SIGKILL : SIGTERM);
		killed++;
		if (random_below(2))
			return;
	}
	box->child = sv_child_free(box->child);
}

/* The reaper, the killer, the workers' and the one that the kernel keeps for the ring. */
#define THREADS_AT_REST (THREADS_OWN + 4)

static void storm(struct sv *sv, struct sv_policy *policy, double seconds)
{
	double end = stopwatch_seconds() + seconds;

	while (stopwatch_seconds() < end) {
		for (int i = 0; i < BOXES; i++) {
			if (!boxes[i].child)
				box_start(sv, policy, &boxes[i]);
			else if (boxes[i].ended || stopwatch_seconds() > boxes[i].until)
				box_end(&boxes[i]);
		}
		sv_dispatch(sv, 5);
	}
	for (int i = 0; i < BOXES; i++)
		boxes[i].child = sv_child_free(boxes[i].child);
}

START_TEST(nothing_is_left_of_many_children)
{
	struct sv_options options = { .size = sizeof(options), .on_event = on_event };
	const char *seconds = getenv("STRESS_SECONDS");
	struct sv_policy *policy;
	struct sv_error error;
	struct rest before;
	struct sv *sv;

	policy = policy_make();
	ck_assert_ptr_nonnull(policy);
	ck_assert_int_eq(sv_new(&options, &sv, &error), 0);
	storm(sv, policy, 1.5); /* caches and arenas have their size then */
	before = rest_wait(INT_MAX, THREADS_AT_REST);
	storm(sv, policy, seconds ? atof(seconds) : 8);
	fprintf(stderr, "%u started, %u ended, %u killed, %u events\n", started, ended, killed,
		events);
	ck_assert_uint_ge(started, 50);
	rest_assert(before, rest_wait(before.descriptors, THREADS_AT_REST));
	sv_free(sv);
	sv_policy_free(policy);
	/* who was joined may still be on its way out of the kernel */
	WAIT_FOR(entries_count("/proc/self/task") == THREADS_OWN);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* the zygote, too */
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("many");
	TCase *tcase = test_case(suite, "children");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, scratch_make, scratch_remove);
	tcase_add_test(tcase, nothing_is_left_of_many_children);
	return suite;
}
