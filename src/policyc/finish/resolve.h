/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where names lead when the policy is finished. */
#ifndef FINISH_RESOLVE_H
#define FINISH_RESOLVE_H

#include <stddef.h>

#include "policy/parts.h"

/* Fills in found, followed, real and links. Returns 0 or -ENOMEM. */
int resolve_item(struct policy *policy, struct item *item);
/* The same for the first @count parts only; those behind them stay as they are. */
int resolve_parts(struct policy *policy, struct item *item, size_t count);

#endif
