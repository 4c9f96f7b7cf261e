/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a small text file that a stranger may have put there. */
#include "policyc/disk/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/cleanup.h"

static int check_type(const struct stat *st, const char **ret_why)
{
	static const struct {
		mode_t type;
		const char *why;
		int code;
	} refused[] = {
		{S_IFDIR,   "is a directory",	     -EISDIR},
		{ S_IFIFO,  "is a FIFO, no file",	 -EINVAL},
		{ S_IFCHR,  "is a device, no file", -EINVAL},
		{ S_IFBLK,  "is a device, no file", -EINVAL},
		{ S_IFSOCK, "is a socket, no file", -EINVAL},
	};

	if (S_ISREG(st->st_mode))
		return 0;
	*ret_why = "is no regular file";
	for (size_t i = 0; i < array_size(refused); i++) {
		if ((st->st_mode & S_IFMT) != refused[i].type)
			continue;
		*ret_why = refused[i].why;
		return refused[i].code;
	}
	return -EINVAL;
}

/* Opens it if it is, before and after, one and the same regular file. */
static int open_regular(const char *path, struct stat *ret, const char **ret_why)
{
	cleanup_fd int fd = -1;
	struct stat before;
	int r;

	if (stat(path, &before) < 0)
		return -errno;
	r = check_type(&before, ret_why);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	if (before.st_dev != ret->st_dev || before.st_ino != ret->st_ino) {
		*ret_why = "changed while it was opened";
		return -EAGAIN;
	}
	r = check_type(ret, ret_why);
	return r < 0 ? r : steal_fd(&fd);
}

/* Reads to the end or until @room is full. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	size_t done = 0;

	while (done < room) {
		ssize_t n = read(fd, bytes + done, room - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int reader_load(const char *path, struct arena *arena, struct reader_file *ret,
		const char **ret_why)
{
	cleanup_fd int fd = -1;
	struct stat st;
	char *bytes;
	ssize_t n;

	*ret_why = NULL;
	fd = open_regular(path, &st, ret_why);
	if (fd < 0)
		return fd;
	if (st.st_size > (off_t)READER_MAX) {
		*ret_why = "is larger than 1 MiB";
		return -EFBIG;
	}
	/* one byte more than there should be, and the one of the NUL */
	bytes = arena_alloc(arena, (size_t)st.st_size + 2);
	if (!bytes)
		return -ENOMEM;
	n = read_all(fd, bytes, (size_t)st.st_size + 1);
	if (n < 0)
		return (int)n;
	if (n > st.st_size) {
		*ret_why = "grew while it was read";
		return -EAGAIN;
	}
	bytes[n] = '\0';
	ret->bytes = bytes;
	ret->size = (size_t)n;
	ret->device = st.st_dev;
	ret->inode = st.st_ino;
	return 0;
}
