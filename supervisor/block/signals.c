/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of a task of a child's. */
#include "block/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

/* The number behind a key at the start of a line; the first line, whose text is the child's, has
 * none of ours. */
static bool line_number(const char *status, const char *key, int base, uint64_t *ret)
{
	const char *line = strstr(status, key);

	if (!line)
		return false;
	*ret = strtoull(line + strlen(key), NULL, base);
	return true;
}

bool signals_parse(const char *status, struct signals *ret)
{
	struct signals signals;
	uint64_t tgid;

	if (!line_number(status, "\nTgid:\t", 10, &tgid) ||
	    !line_number(status, "\nSigPnd:\t", 16, &signals.own) ||
	    !line_number(status, "\nShdPnd:\t", 16, &signals.shared) ||
	    !line_number(status, "\nSigBlk:\t", 16, &signals.blocked) ||
	    !line_number(status, "\nSigIgn:\t", 16, &signals.ignored))
		return false;
	signals.tgid = (pid_t)tgid;
	*ret = signals;
	return true;
}

int signals_read(pid_t tid, struct signals *ret)
{
	char path[32], status[4096];
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, status, sizeof(status) - 1);
	if (n <= 0)
		return -ESRCH;
	status[n] = '\0';
	return signals_parse(status, ret) ? 0 : -EPROTO;
}
