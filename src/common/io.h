/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As many bytes as were asked for, or nothing: in parts, past signals. */
#ifndef COMMON_IO_H
#define COMMON_IO_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* False: there are fewer, or an error. */
static inline bool read_whole(int fd, void *ret, size_t size)
{
	char *at = ret;

	while (size) {
		ssize_t n = TEMP_FAILURE_RETRY(read(fd, at, size));

		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

/* False: a part may have been written. */
static inline bool write_whole(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = TEMP_FAILURE_RETRY(write(fd, at, size));

		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

#endif
