/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The `test` lines of a policy. */
#ifndef FINISH_SELFTEST_H
#define FINISH_SELFTEST_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/parts.h"

/* Does policy_test run this `test` line? */
bool line_is_run(const struct line *line);

/*
 * Runs the `test` lines, but those of policies that others use: who uses them may allow more.
 * Returns how many failed; each failure is told on @out (may be NULL) as file:line: ....
 */
unsigned int policy_test(const struct policy *policy, FILE *out, unsigned int *ret_run);

#endif
