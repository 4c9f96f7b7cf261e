/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What runs below many_deaths.c: deaths_role ROLE [NUMBER]. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "stopwatch.h"
#include "pcall.h"
#include "supervisor.h"

enum {
	OTHERS = 3, /* tasks of a crowd besides its first */
};

/* One of many: tasks that end only when somebody looks for them. */
static int crowd(void)
{
	for (int i = 0; i < OTHERS; i++)
		if (fork() == 0) {
			setsid();
			break;
		}
	pause();
	return 0;
}

/* The level of a tenant, which has so many crowds, and dies when it is told to. */
static int tenant(const char *program, int count)
{
	const char *const lines[] = { "read /", "exec /", NULL }, *const envp[] = { NULL },
			  *const argv[] = { program, "crowd", NULL };
	const struct sv_policy_source source = { .size = sizeof(source),
						 .lines = lines,
						 .cwd = "/" };
	struct sv_spec spawn = {
		.size = sizeof(spawn), .argv = argv, .envp = envp, .label = "crowd"
	};
	struct sv_error error = { .text = "" };
	struct sv_policy *policy;
	struct sv_child *child;
	struct sv *sv;
	int r = sv_policy_read(&source, &policy, &error);

	spawn.policy = policy;
	if (r == 0)
		r = sv_new(NULL, &sv, &error);
	for (int i = 0; i < count && r == 0; i++)
		r = sv_spawn(sv, &spawn, &child, &error);
	if (r < 0)
		fprintf(stderr, "tenant: %s\n", error.text);
	pcall(pcall_method("deaths.ready"), (long)r);
	pause();
	return 0;
}

static long now_us(void)
{
	return stopwatch_ns() / 1000;
}

/* Calls, and says each time how long the last call took. */
static int caller(void)
{
	int method = pcall_method("deaths.took");
	long took = 0, start;

	do {
		start = now_us();
		if (pcall(method, took) < 0)
			return 1;
		took = now_us() - start;
		usleep(1000);
	} while (1);
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "";

	if (strcmp(role, "crowd") == 0)
		return crowd();
	if (strcmp(role, "tenant") == 0 && argc > 2)
		return tenant(argv[0], atoi(argv[2]));
	if (strcmp(role, "caller") == 0)
		return caller();
	if (strcmp(role, "sleeper") == 0)
		return pause();
	return 0;
}
