/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that a child is given by its parent are the parent's to give: files, sockets, pipes,
 * whatever their rights. But some are no objects to use: they are hands that act past the filter.
 * A ring whose kernel thread polls for work (IORING_SETUP_SQPOLL) takes it from shared memory
 * without any system call. These are refused, and nobody has to know whether theirs is harmless; in
 * the other direction, too: what is taken out of a child is held by somebody afterwards.
 *
 * To refuse one more kind, add what /proc/PID/fd calls it.
 */
#include "base/private_fds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

static const struct private_fd kinds[] = {
	{"anon_inode:[io_uring]",	   "an io_uring ring",      "what is asked of it passes by the filter"},
	{ "anon_inode:seccomp notify", "a seccomp listener",
	  "whoever holds it lets system calls pass"							},
	{ "anon_inode:[userfaultfd]",  "a userfaultfd",	       "it holds up who reads its memory"	  },
	{ "anon_inode:[fanotify]",	   "a fanotify group",      "it opens files of others' doing"	 },
	{ "anon_inode:[perf_event]",   "a perf event",	     "it watches processes and the kernel"	   },
	{ "anon_inode:[fscontext]",    "a file system context", "it mounts"				 },
	{ "anon_inode:bpf",	    "a BPF object",	    "it is code in the kernel"		       },
};

int private_fd_check(int fd, const struct private_fd **ret)
{
	char path[32], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	for (size_t i = 0; i < array_size(kinds); i++)
		if (strncmp(link, kinds[i].link, strlen(kinds[i].link)) == 0) {
			*ret = &kinds[i];
			return -EPERM;
		}
	return 0;
}
