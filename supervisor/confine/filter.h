/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The seccomp filter of a child, generated from the rows. */
#ifndef SUPERVISOR_FILTER_H
#define SUPERVISOR_FILTER_H

#include <linux/filter.h>
#include <stdint.h>

struct sysrow;

/**
 * filter_build - make the filter for a child with these features
 * @tables: sysrow_tables, or a test's own
 * @features: enum feature
 * @ret: filter is allocated, the caller frees it
 *
 * The program refuses foreign architectures and x32 first, then searches the number in a balanced
 * tree, and loads arguments only in the leaves that need them: the kernel's constant-action bitmap
 * then makes TIER_ALLOW free. Numbers from PCALL_BASE up notify. All other unknown numbers: ENOSYS.
 *
 * Returns 0, -ENOMEM, -E2BIG if the kernel's limit of instructions is passed, or -EINVAL for rows
 * that say nothing definite: two of one number, or a chain of conditions without an end.
 */
int filter_build(const struct sysrow *const *tables, unsigned int features, struct sock_fprog *ret);

/* The same, but the numbers whose bits are set notify whatever their rows say. */
int filter_build_seen(const struct sysrow *const *tables, unsigned int features,
		      const uint64_t *seen, struct sock_fprog *ret);

#endif
