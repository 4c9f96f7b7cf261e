/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy and this machine make of the rows: see enum feature in sysrow.h. */
#ifndef SUPERVISOR_TIERS_H
#define SUPERVISOR_TIERS_H

struct policy;

/* The features of a child under this policy, on this machine. */
unsigned int tiers_features(const struct policy *policy);

#endif
