/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last step of a policy: names are resolved once, and compiled. */
#ifndef FINISH_FINISH_H
#define FINISH_FINISH_H

#include "policy/policy.h"

/* Resolves variables, bare names and symbolic links of literal names, and compiles. Once, at the
 * end. */
int policy_finish(struct policy *policy, struct policy_error *error);

#endif
