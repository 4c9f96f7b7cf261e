/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc says. */
#ifndef BASE_PROCFS_H
#define BASE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* From /proc/TID/stat, as proc_pid_stat(5) counts its fields. All of it is the kernel's, but for
 * the name, which ends with the last ')'. */
enum stat_field {
	STAT_STATE = 3,
	STAT_TERMINAL = 7,
	STAT_THREADS = 20,
	STAT_STACK = 28,
	STAT_ARGUMENTS = 48,
	STAT_END = 53,
};

/* The numbers of a task's, by these. False: it is gone. */
bool proc_stat_read(pid_t tid, uint64_t ret[STAT_END]);

/* A file of a task's, from its beginning, as a string. How much of it, or a negative errno. */
ssize_t proc_read(const char *path, char *ret, size_t size);
ssize_t proc_task_read(pid_t tid, const char *name, char *ret, size_t size);
/* The number in the line that begins so: "\nTgid:". Not the first line: where its text is a
 * child's, the kernel escapes newlines in it. False: there is no such line. */
bool proc_number(const char *text, const char *key, int base, uint64_t *ret);

/* What a link says, whole: 0, or a positive errno. */
int link_text(const char *path, char *ret, size_t size);

/* "/proc/self/fd/N" of one of our descriptors: the way to act on exactly that object by path. */
#define PROC_FD_MAX 32
const char *proc_fd_path(int fd, char buffer[PROC_FD_MAX]);

#endif
