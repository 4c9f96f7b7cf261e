/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts the zygote's program. */
#ifndef ZYGOTE_LAUNCH_H
#define ZYGOTE_LAUNCH_H

#include <sys/types.h>

/* The descriptors that the program begins with; see launch.c. */
enum launch_fd {
	LAUNCH_SOCKET, /* the engine's */
	LAUNCH_AHEAD,  /* of the child that is cloned ahead */
	LAUNCH_FDS,
};

/**
 * launch - start the program with these descriptors
 * @fds: by enum launch_fd, any numbers; the caller's still
 * @ret_pidfd: the caller's
 *
 * Returns 0, or a negative errno: -EACCES where nothing may be executed that has no name, and no
 * program of this very version is installed.
 */
int launch(const int fds[LAUNCH_FDS], pid_t *ret_pid, int *ret_pidfd);

#endif
