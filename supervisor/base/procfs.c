/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

ssize_t proc_read(const char *path, char *ret, size_t size)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return n;
}

ssize_t proc_task_read(pid_t tid, const char *name, char *ret, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	return proc_read(path, ret, size);
}

bool proc_number(const char *text, const char *key, int base, uint64_t *ret)
{
	const char *line = strstr(text, key);

	if (line)
		*ret = strtoull(line + strlen(key), NULL, base);
	return line;
}

bool proc_stat_read(pid_t tid, uint64_t ret[STAT_END])
{
	char text[1024], *at;

	if (proc_task_read(tid, "stat", text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	if (!at || strlen(at) < 4)
		return false;
	at += 3; /* ") S": the state is no number */
	for (int field = STAT_STATE + 1; field < STAT_END; field++)
		ret[field] = strtoull(at, &at, 10);
	return true;
}

int link_text(const char *path, char *ret, size_t size)
{
	ssize_t n = readlink(path, ret, size);

	if (n < 0)
		return errno;
	if ((size_t)n == size)
		return ENAMETOOLONG;
	ret[n] = '\0';
	return 0;
}

const char *proc_fd_path(int fd, char buffer[PROC_FD_MAX])
{
	snprintf(buffer, PROC_FD_MAX, "/proc/self/fd/%d", fd);
	return buffer;
}
