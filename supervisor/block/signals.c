/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of a task of a child's. */
#include "block/signals.h"

#include <errno.h>
#include "base/procfs.h"

bool signals_parse(const char *status, struct signals *ret)
{
	struct signals signals;
	uint64_t tgid;

	if (!proc_number(status, "\nTgid:\t", 10, &tgid) ||
	    !proc_number(status, "\nSigPnd:\t", 16, &signals.own) ||
	    !proc_number(status, "\nShdPnd:\t", 16, &signals.shared) ||
	    !proc_number(status, "\nSigBlk:\t", 16, &signals.blocked) ||
	    !proc_number(status, "\nSigIgn:\t", 16, &signals.ignored))
		return false;
	signals.tgid = (pid_t)tgid;
	*ret = signals;
	return true;
}

int signals_read(pid_t tid, struct signals *ret)
{
	char status[4096];
	ssize_t n = proc_task_read(tid, "status", status, sizeof(status));

	if (n <= 0)
		return n == 0 || n == -ENOENT ? -ESRCH : (int)n;
	return signals_parse(status, ret) ? 0 : -EPROTO;
}
