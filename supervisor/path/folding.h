/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names on file systems that do not compare them byte by byte.
 *
 * There .GIT/config is .git/config, and a line that takes the one away has to take the other. Which
 * names that concerns, the policy knows (policy_judge_folded); it is asked only about those that
 * one verdict allows and the other does not, and only then the file systems on the way are looked
 * at. In doubt they fold: it costs names that differ from a forbidden one by no more than their
 * letters' case.
 *
 * A name's directories may be changed for others while they are looked at, but not from one file
 * system to another, which nobody in a box mounts. Where single directories fold, and others beside
 * them do not (ext4, f2fs), whoever may rename both can win that race (README, Known limits).
 */
#ifndef SUPERVISOR_FOLDING_H
#define SUPERVISOR_FOLDING_H

#include <stdbool.h>
#include "judge/verdict.h"

/* policy_judge of a name, and of what else it may be where it really lies. */
struct verdict folding_judge(const struct policy *policy, const char *name, const char *real,
			     unsigned int rights);
/* policy_judge_carved, likewise. */
struct verdict folding_judge_carved(const struct policy *policy, const char *real,
				    unsigned int rights);
/* policy_judge_move, likewise. */
struct verdict folding_judge_move(const struct policy *policy, const char *from, const char *to,
				  const char *from_real, const char *to_real);

/* Does a file system of this type (statfs) compare names otherwise than by their bytes? @flags: of
 * FS_IOC_GETFLAGS; -1: they cannot be read. In doubt it does. */
bool folding_type(long type, long flags);

#endif
