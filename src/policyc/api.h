/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a policy is filled: files by name, and single lines. */
#ifndef POLICYC_API_H
#define POLICYC_API_H

#include "policy/policy.h"

/**
 * policy_use - add a policy's lines, and those of the policies that it uses
 * @name: a path if it holds a slash, else a name that is searched in the env's directories
 * @error: filled in on failure
 *
 * Returns 0, or a negative errno: -ENOENT no such policy, -EINVAL a line is wrong, -ELOOP uses go
 * in circles or deeper than 8, -EFBIG the file is larger than 1 MiB, -EACCES and others as open(2).
 */
int policy_use(struct policy *policy, const char *name, struct policy_error *error);

/* Adds one line as if a policy had it; source says where it comes from ("--read", "command line").
 * What it gives by a name without patterns, the policies in env's yielding directories do not take
 * away, and is given also where ${cwd} is precious. */
int policy_line(struct policy *policy, const char *source, const char *line,
		struct policy_error *error);

#endif
