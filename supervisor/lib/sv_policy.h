/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a struct sv_policy is. */
#ifndef LIB_SV_POLICY_H
#define LIB_SV_POLICY_H

#include <stdatomic.h>

struct names;
struct policy;

struct sv_policy {
	struct policy *policy;
	struct names *names;
	_Atomic unsigned int users;
};

#endif
