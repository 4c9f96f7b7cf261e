/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "level/level_of.h"

#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "call/caller.h"
#include "tree/child.h"
#include "tree/level.h"

bool level_has_execed(struct level *level)
{
	uint64_t stat[STAT_END];
	struct level_exec *exec = &level->exec;
	char byte;

	if (!atomic_load(&exec->pending))
		return false;
	/* written once, before pending */
	if (pread(exec->memory, &byte, 1, 0) == 0)
		return true;
	/* 0: it has no memory now, or none that we may see */
	return proc_stat_read(level->tgid, stat) && stat[STAT_STACK] &&
	       (stat[STAT_STACK] != exec->stack || stat[STAT_ARGUMENTS] != exec->arguments);
}

struct level *level_of(struct call *call)
{
	struct child *child = call->regs.child;
	struct level *level;
	pid_t tgid;

	if (task_tgid(call, &tgid) != 0)
		return NULL;
	child_lock_take(&child->lock);
	for (level = child->levels; level; level = level->next)
		if (level->tgid == tgid && !level->dead) {
			level_ref(level);
			break;
		}
	child_lock_give(&child->lock);
	if (level && level_has_execed(level)) {
		level_died(level->tree, level->serial);
		level = level_drop(level);
	}
	return level;
}
