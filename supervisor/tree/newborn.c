/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a newborn becomes its child's. The idea stands in newborn.h. */
#include "tree/newborn.h"

#include <poll.h>
#include <pthread.h>
#include "tree/child.h"

void newborn_watch(struct child *child, int report)
{
	child_lock_take(&child->lock);
	child->newborn.report = report;
	child_lock_give(&child->lock);
}

void newborn_settle(struct child *child, bool execed)
{
	child_lock_take(&child->lock);
	child->newborn.report = -1;
	if (execed)
		atomic_store(&child->newborn.is, false);
	child_lock_give(&child->lock);
}

bool newborn_look(struct child *child)
{
	struct pollfd end = { .events = POLLRDHUP };

	child_lock_take(&child->lock);
	end.fd = child->newborn.report;
	if (atomic_load(&child->newborn.is) && end.fd >= 0 && poll(&end, 1, 0) > 0 &&
	    end.revents & (POLLHUP | POLLRDHUP))
		atomic_store(&child->newborn.is, false);
	child_lock_give(&child->lock);
	return atomic_load(&child->newborn.is);
}
