/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that a child is given by its parent are the parent's to give: files, sockets, pipes,
 * whatever their rights. But some are no objects to use: they are hands that act past the filter.
 * A ring whose kernel thread polls for work (IORING_SETUP_SQPOLL) takes it from shared memory
 * without any system call. These are refused, and nobody has to know whether theirs is harmless.
 *
 * To refuse one more kind, add what /proc/PID/fd calls it.
 */
#include "spawn/private_fds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "spawn/spawn.h"
#include "path/resolve.h"

static const struct {
	const char *link; /* how the name begins */
	const char *what;
	const char *why;
} refused[] = {
	{"anon_inode:[io_uring]",	   "an io_uring ring",      "what is asked of it passes by the filter"},
	{ "anon_inode:seccomp notify", "a seccomp listener",
	  "whoever holds it lets system calls pass"							},
	{ "anon_inode:[userfaultfd]",  "a userfaultfd",	       "it holds up who reads its memory"	  },
	{ "anon_inode:[fanotify]",	   "a fanotify group",      "it opens files of others' doing"	 },
	{ "anon_inode:[perf_event]",   "a perf event",	     "it watches processes and the kernel"	   },
	{ "anon_inode:[fscontext]",    "a file system context", "it mounts"				 },
	{ "anon_inode:bpf",	    "a BPF object",	    "it is code in the kernel"		       },
};

int inherit_check(const int *fds, size_t count, struct sv_error *error)
{
	for (size_t i = 0; i < count; i++) {
		char path[PROC_FD_MAX], link[64];
		ssize_t n = readlink(proc_fd_path(fds[i], path), link, sizeof(link) - 1);

		if (n < 0)
			return stage_fail(error, SV_STAGE_DESCRIPTORS, -errno,
					  "descriptor %d cannot be passed: %s", fds[i],
					  strerror(errno));
		link[n] = '\0';
		for (size_t j = 0; j < array_size(refused); j++)
			if (strncmp(link, refused[j].link, strlen(refused[j].link)) == 0)
				return stage_fail(error, SV_STAGE_DESCRIPTORS, -EPERM,
						  "descriptor %d cannot be passed: it is %s, and "
						  "%s; close it, or open it so that it is not "
						  "inherited",
						  fds[i], refused[j].what, refused[j].why);
	}
	return 0;
}
