/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls everything that names a path, in every form, with every kind of path, and prints what came
 * of it: one line per call, with the errno and a digest of the directory after it. Run natively and
 * boxed, the lines must be the same.
 *
 * Works in the current directory, which it needs to write to; each call has a fresh tree in it.
 * With an argument, only calls whose name holds that text are made.
 */
#include "path_calls.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *only;

bool asked_for(const char *name)
{
	return !only || strstr(name, only);
}

/* Names for files that have none. */
static void run_unnamed(void)
{
	char path[64];
	struct stat st;
	int fd, memory;

	tree_make();
	fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (fd < 0) {
		report("tmpfile", ".", fd);
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("tmpfile", "chmod", fchmod(fd, 0644));
	report("tmpfile", "follow", linkat(AT_FDCWD, path, AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0666);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("tmpfile", "exclusive", linkat(AT_FDCWD, path, AT_FDCWD, "new3", AT_SYMLINK_FOLLOW));
	close(fd);
	fd = open("g", O_RDWR | O_CLOEXEC);
	unlink("g");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("deleted", "link", linkat(AT_FDCWD, path, AT_FDCWD, "new4", AT_SYMLINK_FOLLOW));
	report("deleted", "stat", stat(path, &st));
	report("deleted", "chmod", chmod(path, 0600));
	report("deleted", "truncate", truncate(path, 1));
	report("deleted", "utimensat", utimensat(AT_FDCWD, path, NULL, 0));
	close(fd);
	memory = memfd_create("memory", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	report("memory", "fchmod", fchmod(memory, 0600));
	report("memory", "stat", stat(path, &st));
	report("memory", "truncate", truncate(path, 100));
	report("memory", "link", linkat(AT_FDCWD, path, AT_FDCWD, "new5", AT_SYMLINK_FOLLOW));
	close(memory);
}

/* The box has no capabilities: neither has the native run. Refused where there is none to drop. */
static void capabilities_drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	syscall(SYS_capset, &header, none);
}

int main(int argc, char *argv[])
{
	capabilities_drop();
	only = argc > 1 ? argv[1] : NULL;
	tree_begin();
	umask(027);
	run_forms();
	run_at();
	run_fd();
	run_addresses();
	if (!only || strcmp(only, "unnamed") == 0)
		run_unnamed();
	return 0;
}
