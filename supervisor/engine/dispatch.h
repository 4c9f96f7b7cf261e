/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a notification: who is asked, a level or the row. */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

#include <stdbool.h>

struct child;
struct pool_ops;

/* What receivers run. */
extern const struct pool_ops dispatch_ops;

/* One tick of the reaper for a child that is served: see reception_tick. */
bool dispatch_tick(struct child *child);

#endif
