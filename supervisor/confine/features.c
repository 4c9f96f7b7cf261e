/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which conditions of the rows hold for a child whatever it calls. */
#include "confine/features.h"

#include <stddef.h>
#include "confine/landlock.h"
#include "confine/sysrow.h"
#include "policy/policy.h"

enum {
	LANDLOCK_SCOPES_ABI = 6,
};

unsigned int features_of(const struct policy *policy)
{
	unsigned int features = 0;
	size_t binds;

	policy_binds(policy, &binds);
	if (policy_has(policy, VERB_SEALED))
		features |= FEATURE_SEALED;
	if (binds > 0)
		features |= FEATURE_REMAP;
	if (floor_abi() >= LANDLOCK_SCOPES_ABI)
		features |= FEATURE_SCOPED;
	return features;
}
