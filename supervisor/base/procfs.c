/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

bool proc_stat_read(pid_t tid, uint64_t ret[STAT_END])
{
	char path[32], text[1024], *at;
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	at = strrchr(text, ')');
	if (!at || strlen(at) < 4)
		return false;
	at += 3; /* ") S": the state is no number */
	for (int field = STAT_STATE + 1; field < STAT_END; field++)
		ret[field] = strtoull(at, &at, 10);
	return true;
}

const char *proc_fd_path(int fd, char buffer[PROC_FD_MAX])
{
	snprintf(buffer, PROC_FD_MAX, "/proc/self/fd/%d", fd);
	return buffer;
}
