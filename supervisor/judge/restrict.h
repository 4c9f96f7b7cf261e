/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several levels' policies as one. */
#ifndef JUDGE_RESTRICT_H
#define JUDGE_RESTRICT_H

#include "policy/policy.h"

/**
 * policy_join - the policy of a child whose supervisor is itself under a policy
 * @outer: what the supervisor is under; may be joined itself
 * @inner: what the supervisor gives to its child, in the names that the supervisor sees
 *
 * What both allow, each judging the name that it knows the object by, is allowed; nothing else is.
 * The result is used like any finished policy: its names are the child's, the targets of its views
 * the outermost level's. It keeps what it needs of both alive, and may be @outer itself where
 * @inner says nothing new.
 *
 * Returns 0; -EINVAL if one is not finished, or binds a name of a process; -E2BIG for more than
 * 65,534 rules, 1,024 layers or 512 views in all; -ENAMETOOLONG; -ENOMEM.
 */
int policy_join(const struct policy *outer, const struct policy *inner, struct policy **ret);

#endif
