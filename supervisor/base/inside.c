/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of this process to its parents.
 *
 * By a carrier, which works under lists of calls as well, and is safe to try under one that kills
 * for a number that is not on it. Where a list refuses carriers, by the method's own number: that
 * is found out when it is asked whether there is a tree, and holds for the process.
 */
#include "base/inside.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/carrier.h"

static atomic_bool by_number;

static long call_by_number(unsigned int slot, const uint64_t w[6])
{
	return syscall(PCALL_BASE + slot, w[0], w[1], w[2], w[3], w[4], w[5]);
}

long parent_call(unsigned int slot, const uint64_t w[6])
{
	if (atomic_load_explicit(&by_number, memory_order_relaxed))
		return call_by_number(slot, w);
	return syscall(CARRIER, w[0], w[1], w[2], w[3], w[4], carrier_head(slot, w[5]));
}

bool inside_where(struct wire_inside *ret)
{
	const uint64_t words[6] = { (uintptr_t)ret, sizeof(*ret) };

	if (parent_call(PCALL_SLOT_INSIDE, words) == 0)
		return true;
	/* ENOSYS is what the kernel says where nothing stands above. */
	if ((errno != EPERM && errno != EACCES) || call_by_number(PCALL_SLOT_INSIDE, words) != 0)
		return false;
	atomic_store_explicit(&by_number, true, memory_order_relaxed);
	return true;
}

bool inside_is(void)
{
	struct wire_inside inside;

	return inside_where(&inside);
}
