/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Under `sealed` what is written does not run. */
#ifndef FINISH_CHECK_WX_H
#define FINISH_CHECK_WX_H

#include "policy/policy.h"

/* Under `sealed`, may anything below this root of execution be written?
 * Complains. */
int check_wx(const struct policy *policy, const char *root, struct policy_error *error);

#endif
