/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of a joined policy: every layer is asked, by the names that it knows. */
#ifndef JUDGE_LAYERS_H
#define JUDGE_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "judge/verdict.h"
#include "policy/memo.h"

struct outcome join_outcome(const struct policy *policy, const char *name, bool folded);
struct verdict join_judge_move(const struct policy *policy, const char *from, const char *to,
			       bool folded);
unsigned int join_move_gains(const struct policy *policy, const char *from, const char *to);
bool join_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);
bool join_hides_in(const struct policy *policy, const char *directory);
struct verdict join_judge_address(const struct policy *policy, enum verb verb,
				  const struct address *address, policy_lookup *lookup, void *data,
				  const struct sockaddr *sa);
struct verdict join_judge_abstract(const struct policy *policy, const char *name, size_t size);
struct verdict join_judge_method(const struct policy *policy, const char *name);
bool join_names_hosts(const struct policy *policy);
void join_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		    void *data);

#endif
