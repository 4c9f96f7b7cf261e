/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tier each system call takes under a policy: compiled from the rows, as the filter is. */
#include <stddef.h>
#include "confine/features.h"
#include "supervisor.h"
#include "sys/rows.h"

/* The first condition that holds with these features; NULL: none does. */
static const struct when *when_first(const struct sysrow *row, unsigned int features)
{
	for (size_t i = 0; i < row->when_count; i++) {
		const struct when *when = &row->when[i];

		if ((features & when->need) == when->need && !(features & when->unless))
			return when;
	}
	return NULL;
}

static enum sv_tier_kind when_kind(const struct when *when)
{
	if (when->test != WHEN_ALWAYS)
		return SV_TIER_ARGUMENTS;
	switch ((enum when_action)when->action) {
	case WHEN_NOTIFY: return SV_TIER_NOTIFICATION;
	case WHEN_REFUSE: return SV_TIER_REFUSED;
	default: return SV_TIER_KERNEL;
	}
}

static void tier_of(const struct sysrow *row, unsigned int features, struct sv_tier *ret)
{
	const struct when *when;

	*ret = (struct sv_tier){
		.nr = row->nr, .syscall = row->name, .error = row->error, .note = row->note
	};
	switch (row->tier) {
	case TIER_ALLOW: ret->kind = SV_TIER_KERNEL; break;
	case TIER_REFUSE: ret->kind = SV_TIER_REFUSED; break;
	case TIER_NOTIFY: ret->kind = SV_TIER_NOTIFICATION; break;
	case TIER_ARGS:
		when = when_first(row, features);
		ret->kind = when ? when_kind(when) : SV_TIER_REFUSED;
		if (when)
			ret->error = when->error;
		break;
	}
}

void sv_policy_tiers(const struct policy *policy, sv_tier_handler *each, void *data)
{
	unsigned int features = features_of(policy);
	struct sv_tier tier;

	for (int nr = 0; nr < SYSROW_NUMBERS; nr++) {
		const struct sysrow *row = sysrow_find(nr);

		if (!row)
			continue;
		tier_of(row, features, &tier);
		each(&tier, data);
	}
}
