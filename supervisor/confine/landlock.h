/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The floor: what the kernel itself enforces under a child, whatever the supervisor says. Landlock
 * grants execution below the policy's exec roots and nothing else: every other access to the file
 * system is the supervisor's, whose descriptors the floor does not bind.
 */
#ifndef SUPERVISOR_FLOOR_H
#define SUPERVISOR_FLOOR_H

struct policy;

/* Landlock's ABI number, 0 where there is none. */
int floor_abi(void);

/**
 * floor_build - a Landlock ruleset for a child's policy
 *
 * Returns 0 and a descriptor for landlock_restrict_self; 0 and -1 where the kernel has no Landlock
 * (the caller decides whether that may be); a negative errno.
 */
int floor_build(const struct policy *policy, int *ret_fd);

#endif
