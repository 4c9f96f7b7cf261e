/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy of `base` and lines, read as an embedder does, from the policies of this tree. */
#ifndef TESTS_BASE_POLICY_H
#define TESTS_BASE_POLICY_H

#include <stdio.h>
#include <stdlib.h>
#include "supervisor.h"

/* NULL if a line is wrong, which is told on stderr. @lines ends with NULL. */
static inline struct sv_policy *base_policy(const char *const *lines)
{
	const char *directories[] = { getenv("PCALL_POLICY_PATH"), NULL };
	const char *names[] = { "base", NULL };
	const struct sv_policy_source source = {
		.size = sizeof(source),
		.names = names,
		.lines = lines,
		.directories = directories,
		.cwd = "/tmp",
		.home = "/tmp",
	};
	struct sv_policy *policy = NULL;
	struct sv_error error = { .text = "" };

	if (sv_policy_read(&source, &policy, &error) < 0)
		fprintf(stderr, "policy: %s\n", error.text);
	return policy;
}

#endif
