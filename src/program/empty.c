/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Removes what a command left in its private directory.
 *
 * A tree that is 100,000 directories deep has no path that a call would take, and recursion would
 * need as many descriptors. So the tree is flattened: a directory that is not empty is opened, its
 * files are removed, its directories are moved up to the top under names of ours; then it is empty.
 * The top is read again until nothing is in it.
 */
#include "program/empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"

struct flattening {
	int top;
	unsigned long lifted; /* how many directories were moved up: the next one's name */
};

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Removes a file or an empty directory. -ENOTEMPTY: a directory with something in it. */
static int remove_one(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR)
		return -errno;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* Gives us back the permissions that the owner took away. Works on the directory itself, whatever
 * its name leads to then. */
static int permit(int dir, const char *name)
{
	cleanup_fd int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[32];

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, 0700) < 0 ? -errno : 0;
}

static int lift(struct flattening *f, int dir, const char *name)
{
	char to[32];
	int r;

	for (;;) {
		snprintf(to, sizeof(to), "%lu", f->lifted++);
		if (renameat2(dir, name, f->top, to, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno == EEXIST)
			continue;
		if (errno != EACCES)
			return -errno;
		/* A directory's ".." changes: it must be writable itself. */
		r = permit(dir, name);
		if (r < 0)
			return r;
		if (renameat2(dir, name, f->top, to, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

/* Empties one directory of the top. */
static int empty_one(struct flattening *f, const char *name)
{
	const struct dirent *entry;
	cleanup_dir DIR *dir = NULL;
	int fd, r;

	r = permit(f->top, name);
	if (r < 0)
		return r;
	fd = openat(f->top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		r = remove_one(fd, entry->d_name);
		if (r == -ENOTEMPTY)
			r = lift(f, fd, entry->d_name);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return unlinkat(f->top, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int directory_empty(int fd)
{
	struct flattening f = { .top = fd };
	const struct dirent *entry;
	cleanup_dir DIR *dir = NULL;
	unsigned long removed, failed;
	int copy, r = 0;

	/* The command may have taken away our own right to look into it. */
	if (fchmod(fd, 0700) < 0)
		return -errno;
	copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return -errno;
	dir = fdopendir(copy);
	if (!dir) {
		close(copy);
		return -ENOMEM;
	}
	do {
		removed = failed = 0;
		rewinddir(dir);
		while ((entry = readdir(dir))) {
			int one;

			if (is_dots(entry->d_name))
				continue;
			one = remove_one(fd, entry->d_name);
			if (one == -ENOTEMPTY)
				one = empty_one(&f, entry->d_name);
			if (one < 0 && one != -ENOENT)
				r = one;
			failed += one < 0;
			removed += one == 0;
		}
	} while (removed > 0);
	return failed ? r : 0;
}
