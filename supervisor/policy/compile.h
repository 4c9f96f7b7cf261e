/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Path rules to one matcher. */
#ifndef POLICY_COMPILE_H
#define POLICY_COMPILE_H

#include "common/arena.h"
#include "policy/parts.h"

/* The matcher of all path rules, and what stands in it. */
int compile_matcher(struct policy *policy, bool follow);
/* Calls @each, in this order, for all names of a line that go into the matcher. */
typedef int compile_mark(void *data, const struct line *line, enum mark mark,
			 const struct pattern *pattern);
int compile_each(struct arena *arena, const struct line *line, bool follow, compile_mark *each,
		 void *data);

#endif
