/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's capabilities: dropped for good. Its filter is in confine/self_filter.c. */
#include "confine/capabilities.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include "common/cleanup.h"

static void cleanup_cap_p(cap_t *caps)
{
	if (*caps)
		cap_free(*caps);
}

#define cleanup_cap __attribute__((cleanup(cleanup_cap_p)))

static bool cap_held(cap_t caps, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value = CAP_CLEAR;

	return cap_get_flag(caps, cap, set, &value) == 0 && value == CAP_SET;
}

/*
 * Should leave only what is kept to be gained by exec. Without CAP_SETPCAP the kernel refuses: then
 * no bound is lowered, and no_new_privs alone keeps exec from gaining anything.
 */
static int bounding_drop(cap_t held, uint64_t keep)
{
	const cap_value_t need = CAP_SETPCAP;

	if (!cap_held(held, CAP_SETPCAP, CAP_PERMITTED))
		return 0;
	if (cap_set_flag(held, CAP_EFFECTIVE, 1, &need, CAP_SET) < 0 || cap_set_proc(held) < 0)
		return -errno;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (!(keep >> cap & 1) && cap_drop_bound(cap) < 0)
			return -errno;
	return 0;
}

/* Should hold what is kept and was held, inheritable and ambient too, so that it outlives exec;
 * mustn't hold more. */
static int sets_reduce(cap_t held, uint64_t keep)
{
	cleanup_cap cap_t caps = cap_init();

	if (!caps)
		return -ENOMEM;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (!(keep >> cap & 1) || !cap_held(held, cap, CAP_PERMITTED))
			continue;
		if (cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_SET) < 0 ||
		    cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_SET) < 0 ||
		    cap_set_flag(caps, CAP_INHERITABLE, 1, &cap, CAP_SET) < 0)
			return -errno;
	}
	if (cap_set_proc(caps) < 0)
		return -errno;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (cap_held(caps, cap, CAP_PERMITTED) && cap_set_ambient(cap, CAP_SET) < 0)
			return -errno;
	return 0;
}

/* Looks at what the kernel has now, whatever the calls before said. Ambient is within permitted by
 * its own rule. */
static int sets_check(uint64_t keep)
{
	cleanup_cap cap_t caps = cap_get_proc();

	if (!caps)
		return -errno;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (keep >> cap & 1)
			continue;
		if (cap_held(caps, cap, CAP_PERMITTED) || cap_held(caps, cap, CAP_EFFECTIVE) ||
		    cap_held(caps, cap, CAP_INHERITABLE))
			return -EPERM;
	}
	return 0;
}

int confine_capabilities(uint64_t keep)
{
	cleanup_cap cap_t held = cap_get_proc();
	int r;

	if (!held)
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
		return -errno;
	/* cap_reset_ambient() asks for each one first */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L) < 0)
		return -errno;
	if ((r = bounding_drop(held, keep)) < 0 || (r = sets_reduce(held, keep)) < 0)
		return r;
	return sets_check(keep);
}

/* What is not kept, out of these sets. False: libcap does not know one. */
static bool caps_clear(cap_t caps, uint64_t keep, const cap_flag_t *sets, size_t count)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		for (size_t i = 0; i < count && !(keep >> cap & 1); i++)
			if (cap_set_flag(caps, sets[i], 1, &cap, CAP_CLEAR) < 0)
				return false;
	return true;
}

bool capabilities_without(uint64_t keep, bool (*what)(void *data), void *data)
{
	static const cap_flag_t used[] = { CAP_EFFECTIVE };
	cleanup_cap cap_t held = cap_get_proc();
	cleanup_cap cap_t caps = held ? cap_dup(held) : NULL;
	bool r;

	if (!caps || !caps_clear(caps, keep, used, array_size(used)) || cap_set_proc(caps) < 0)
		return false;
	r = what(data);
	return cap_set_proc(held) == 0 && r;
}

int capabilities_lower(uint64_t keep)
{
	static const cap_flag_t all[] = { CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE };
	cleanup_cap cap_t caps = cap_get_proc();

	if (!caps || !caps_clear(caps, keep, all, array_size(all)) || cap_set_proc(caps) < 0)
		return -errno;
	return 0;
}
