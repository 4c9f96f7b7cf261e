/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Children and levels four deep, spawned, killed, freed and taken over at random. At the end
 * nothing is left of them: no process, descriptor, thread or memory of the root. STRESS_SECONDS
 * says for how long; `./dev soak` makes it half an hour.
 */
#include "base_policy.h"
#include "check_main.h"
#include "rest.h"
#include "scratch.h"
#include "soak.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The reaper, the killer, the burier, the workers' and the one that the kernel keeps for the ring.
 */
#define THREADS_AT_REST (THREADS_OWN + 5)

static struct sv_policy *policy_make(void)
{
	char write[sizeof(scratch) + 8], exec[4200];
	const char *lines[] = { write, exec, "exec /bin /usr/bin", "read /usr", "list /", NULL };

	snprintf(write, sizeof(write), "write %s", scratch);
	snprintf(exec, sizeof(exec), "exec %s/tests/stress/soak_level", getenv("PCALL_BUILD"));
	return base_policy(lines);
}

START_TEST(nothing_is_left_of_levels_that_come_and_go)
{
	const char *seconds = getenv("STRESS_SECONDS");
	struct soak soak = { .depth = 4, .width = 4, .random = 1 };
	struct sv_options options = { .size = sizeof(options),
				      .on_event = soak_event,
				      .data = &soak };
	char program[4200];
	struct rest before, after;
	struct sv_error error;

	ck_assert_int_eq(chdir(scratch), 0);
	snprintf(program, sizeof(program), "%s/tests/stress/soak_level", getenv("PCALL_BUILD"));
	soak.program = program;
	soak.policy = policy_make();
	ck_assert_ptr_nonnull(soak.policy);
	ck_assert_int_eq(sv_new(&options, &soak.sv, &error), 0);
	soak_run(&soak, 4); /* caches and arenas have their size then */
	soak_end(&soak);
	before = rest_wait(INT_MAX, THREADS_AT_REST);
	soak_run(&soak, seconds ? atof(seconds) : 10);
	soak_end(&soak);
	after = rest_wait(before.descriptors, THREADS_AT_REST);
	fprintf(stderr, "of the root: %u spawned, %u ended, %u killed, %u taken over, %u failed\n",
		soak.spawned, soak.ended, soak.killed, soak.adopted, soak.failed);
	ck_assert_uint_ge(soak.spawned, 10);
	ck_assert_uint_eq(soak.failed, 0);
	rest_assert(before, after);
	sv_free(soak.sv);
	sv_policy_free(soak.policy);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* the zygote, too */
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("many");
	TCase *tcase = test_case(suite, "levels");

	tcase_set_timeout(tcase, 3600);
	tcase_add_checked_fixture(tcase, scratch_make, scratch_remove);
	tcase_add_test(tcase, nothing_is_left_of_levels_that_come_and_go);
	return suite;
}
