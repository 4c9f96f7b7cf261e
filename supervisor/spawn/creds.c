/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounds of two tasks, compared as the kernel tells them. */
#include "spawn/creds.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "base/procfs.h"
#include "common/cleanup.h"

enum {
	STATUS_MAX = 4096, /* a status is 1.5 KiB; the list of groups may be long */
};

/* Of /proc/PID/status; what a program's exec may change is not among them. */
static const char *const names[] = {
	"\nUid:",    "\nGid:",	      "\nGroups:",  "\nCapBnd:",
	"\nCapAmb:", "\nNoNewPrivs:", "\nSeccomp:", "\nSeccomp_filters:", /* Linux 5.9 */
};

/* All of it: what is cut off could differ. */
static bool status_read(pid_t pid, char text[STATUS_MAX])
{
	ssize_t n = proc_task_read(pid, "status", text, STATUS_MAX);

	return n > 0 && n < STATUS_MAX - 1;
}

static bool line_same(const char *a, const char *b, const char *name)
{
	const char *x = strstr(a, name), *y = strstr(b, name);
	size_t size;

	if (!x || !y)
		return false;
	size = strcspn(x + 1, "\n") + 1;
	return strncmp(x, y, size) == 0 && y[size] == '\n';
}

int bounds_same(pid_t level, pid_t newborn)
{
	char its[STATUS_MAX], ours[STATUS_MAX];

	if (!status_read(level, its) || !status_read(newborn, ours))
		return -EPERM;
	for (size_t i = 0; i < array_size(names); i++)
		if (!line_same(its, ours, names[i]))
			return -EPERM;
	return 0;
}
