/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The `test` lines of a policy. */
#ifndef PCALL_SELFTEST_H
#define PCALL_SELFTEST_H

#include <stdio.h>

#include "policy/policy.h"

/*
 * Runs the `test` lines, but those of policies that others use: who uses them may allow more.
 * Returns how many failed; each failure is told on @out (may be NULL) as file:line: ....
 */
unsigned int policy_test(const struct policy *policy, FILE *out, unsigned int *ret_run);

#endif
