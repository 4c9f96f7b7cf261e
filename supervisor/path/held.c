/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that are reached through a descriptor: the idea stands in held.h. */
#include "path/held.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/procfs.h"
#include "path/binding.h"
#include "judge/verdict.h"

static const char deleted[] = " (deleted)";

/* How much of the text is a name, if the rest says that it is lost; else 0. */
static size_t lost_length(const char *real)
{
	size_t size = strlen(real), end = sizeof(deleted) - 1;

	return real[0] == '/' && size > end + 1 && strcmp(real + size - end, deleted) == 0
		       ? size - end
		       : 0;
}

bool name_exists(const char *real, int fd)
{
	struct stat st, named;

	if (real[0] != '/' || lost_length(real) == 0)
		return real[0] == '/';
	/* A name may end so, too. */
	return fstat(fd, &st) == 0 && lstat(real, &named) == 0 && st.st_ino == named.st_ino &&
	       st.st_dev == named.st_dev;
}

/*
 * Memory files are shown as if they had lain in the root. What is of another file system than the
 * directory that its name says did not lie there.
 */
static bool was_there(const char *real, int fd)
{
	char directory[PATH_MAX] __attribute__((uninitialized));
	struct stat st, above;
	char *slash;

	snprintf(directory, sizeof(directory), "%s", real);
	slash = strrchr(directory, '/');
	slash[slash == directory] = '\0';
	return fstat(fd, &st) == 0 && lstat(directory, &above) == 0 && st.st_dev == above.st_dev;
}

enum place_kind held_name(const struct call *call, int fd, char *real, char *ret_name, size_t size,
			  bool *ret_lost)
{
	size_t length = lost_length(real);

	*ret_lost = false;
	if (name_exists(real, fd)) {
		if (view_visible(call, real, ret_name, size))
			return PLACE_NAMED;
	} else if (length > 0) {
		real[length] = '\0';
		*ret_lost = was_there(real, fd) && view_visible(call, real, ret_name, size);
		if (*ret_lost)
			return PLACE_UNNAMED;
		real[length] = deleted[0];
	}
	snprintf(ret_name, size, "%s", real);
	return PLACE_UNNAMED;
}

int held_mode(int flags)
{
	return flags < 0 || flags & O_PATH ? -1 : flags & O_ACCMODE;
}

unsigned int lost_rights(const struct call *call, const struct place *place)
{
	static const unsigned int each[] = { RIGHT_LIST, RIGHT_READ, RIGHT_WRITE, RIGHT_EXEC };
	unsigned int rights = 0;

	for (size_t i = 0; place->lost && i < sizeof(each) / sizeof(each[0]); i++)
		if (view_judge(call, place->name, place->real, each[i]).decision == DECISION_ALLOW)
			rights |= each[i];
	return rights;
}

unsigned int held_rights(const struct call *call, const struct place *place)
{
	switch (place->held_mode) {
	case O_RDONLY: return RIGHT_STAT | RIGHT_LIST | RIGHT_READ;
	case O_WRONLY: return RIGHT_STAT | RIGHT_WRITE;
	case O_RDWR: return RIGHT_STAT | RIGHT_LIST | RIGHT_READ | RIGHT_WRITE;
	}
	return RIGHT_STAT | lost_rights(call, place);
}

int held_link_mode(const char *fd_path)
{
	char path[64], text[256];
	uint64_t flags;
	int n;

	/* /proc/N/fd/M → /proc/N/fdinfo/M; also below task/ */
	n = (int)(strstr(fd_path, "/fd/") - fd_path);
	snprintf(path, sizeof(path), "%.*s/fdinfo/%s", n, fd_path, fd_path + n + strlen("/fd/"));
	return proc_read(path, text, sizeof(text)) > 0 && proc_number(text, "\nflags:", 8, &flags)
		       ? held_mode((int)flags)
		       : -1;
}
