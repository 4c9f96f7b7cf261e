/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which descriptors are given to no child, and taken from none, whoever asks. */
#ifndef BASE_PRIVATE_FDS_H
#define BASE_PRIVATE_FDS_H

/* A kind of them, in words for people. */
struct private_fd {
	const char *link; /* how its name in /proc/PID/fd begins */
	const char *what;
	const char *why;
};

/* 0; -EPERM: it is one of them, and *ret says which; another negative errno: nobody can tell. */
int private_fd_check(int fd, const struct private_fd **ret);

#endif
