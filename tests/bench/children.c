/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One supervisor with N children that wait: children N says "ready", and stays until its input
 * ends. bench.py reads the supervisor's memory in the meantime.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base_policy.h"
#include "supervisor.h"

static int children_spawn(struct sv *sv, const struct sv_policy *policy, int count)
{
	const char *argv[] = { "/usr/bin/cat", NULL }, *envp[] = { "PATH=/usr/bin:/bin", NULL };
	const struct sv_spec spawn = {
		.size = sizeof(spawn),
		.argv = argv,
		.envp = envp,
		.cwd = "/",
		.policy = policy,
	};
	struct sv_error error;
	struct sv_child *child; /* sv_free frees them all */
	int i;

	for (i = 0; i < count; i++) {
		if (sv_spawn(sv, &spawn, &child, &error) < 0) {
			fprintf(stderr, "children: child %d: %s\n", i, error.text);
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct sv_options options = { .size = sizeof(options) };
	struct sv_error error;
	struct sv_policy *policy = NULL;
	struct sv *sv = NULL;
	int status = EXIT_FAILURE;
	char byte;

	if (argc != 2) {
		fputs("usage: children N\n", stderr);
		return 125;
	}
	if (sv_new(&options, &sv, &error) < 0) {
		fprintf(stderr, "children: %s\n", error.text);
		return 125;
	}
	policy = base_policy((const char *const[]){ "exec /usr/bin/cat", NULL });
	if (policy && children_spawn(sv, policy, (int)strtol(argv[1], NULL, 10)) == 0) {
		puts("ready");
		fflush(stdout);
		/* The children share our input and read it too: they end with it, as we do. */
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		status = EXIT_SUCCESS;
	}
	sv_free(sv);
	sv_policy_free(policy);
	return status;
}
