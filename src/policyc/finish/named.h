/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command line gives by name. */
#ifndef FINISH_NAMED_H
#define FINISH_NAMED_H

#include <stdbool.h>

#include "policy/policy.h"

/* Lines that give a precious ${cwd} give
 * nothing if it is named, and are complained of if not; names are to be resolved. */
int check_precious(struct policy *policy, struct policy_error *error);
/* Carves what is named out of one line of a policy that yields. Returns whether there was any; then
 * the policy is to be compiled again. */
bool lift_one(struct policy *policy);

#endif
