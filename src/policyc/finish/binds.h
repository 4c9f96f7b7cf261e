/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Views, as they are finished. */
#ifndef FINISH_BINDS_H
#define FINISH_BINDS_H

#include "policy/policy.h"

/* The views, before anything else is resolved. */
int finish_binds(struct policy *policy, struct policy_error *error);

#endif
