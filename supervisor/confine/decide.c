/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict on a call by its registers, worked out from the row that the filter was made of. What
 * is refused is notified, to be told; so is a call that a level wants to see, or that may be taken
 * away later, whatever its row says: when it is let through, the row has to say here what it would
 * have said in the kernel. A test compares the two.
 */
#include "confine/decide.h"

#include <errno.h>
#include <stdbool.h>
#include "confine/sysrow.h"

static bool when_holds(const struct when *when, const union arg args[6])
{
	uint64_t value = args[when->arg].u;
	uint32_t low = (uint32_t)value;

	switch ((enum when_test)when->test) {
	case WHEN_ALWAYS: return true;
	case WHEN_EQUAL: return (when->mask ? low & when->mask : low) == (uint32_t)when->value;
	case WHEN_EQUAL64: return value == when->value;
	case WHEN_ANY_BIT: return low & (uint32_t)when->value;
	}
	return false;
}

static enum decided when_decide(const struct when *when, struct refusal *ret)
{
	*ret = (struct refusal){ when->error ? when->error : ENOSYS, when->what, -1,
				 when->lacking };
	switch ((enum when_action)when->action) {
	case WHEN_ALLOW: return DECIDED_ALLOW;
	case WHEN_NOTIFY: return DECIDED_NOTIFY;
	case WHEN_PRETEND: return DECIDED_PRETEND;
	case WHEN_ERROR: return DECIDED_ERROR;
	case WHEN_REFUSE:
	case WHEN_AND: break;
	}
	return DECIDED_REFUSE;
}

/* All of it, or what none of its conditions lets pass, by the argument that the last one looks at.
 */
static struct refusal row_refusal(const struct sysrow *row)
{
	return (struct refusal){
		.error = row->error ? row->error : ENOSYS,
		.arg = row->when_count ? row->when[row->when_count - 1].arg : -1,
		.lacking = row->lacking,
	};
}

/* The first chain of conditions that holds as a whole. */
static enum decided list_decide(const struct sysrow *row, const union arg args[6],
				unsigned int features, struct refusal *ret)
{
	bool holds = true;

	for (size_t i = 0; i < row->when_count; i++) {
		const struct when *when = &row->when[i];

		/* of a chain every condition has to apply, else it is not there */
		holds = holds && (features & when->need) == when->need &&
			!(features & when->unless) && when_holds(when, args);
		if (when->action == WHEN_AND)
			continue;
		if (holds)
			return when_decide(when, ret);
		holds = true;
	}
	*ret = row_refusal(row);
	return DECIDED_REFUSE;
}

enum decided row_decide(const struct sysrow *row, const union arg args[6], unsigned int features,
			struct refusal *ret)
{
	switch (row->tier) {
	case TIER_ALLOW: return DECIDED_ALLOW;
	case TIER_NOTIFY: return DECIDED_NOTIFY;
	case TIER_ARGS: return list_decide(row, args, features, ret);
	case TIER_REFUSE: break;
	}
	*ret = row_refusal(row);
	return DECIDED_REFUSE;
}
