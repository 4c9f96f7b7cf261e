/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy and this machine make of the rows: see enum feature in sysrow.h. */
#ifndef CONFINE_FEATURES_H
#define CONFINE_FEATURES_H

struct policy;

/* The features of a child under this policy, on this machine. */
unsigned int features_of(const struct policy *policy);

#endif
