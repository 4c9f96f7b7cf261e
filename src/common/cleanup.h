/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cleanup by attribute: what a function owns is given back on every way out. */
#ifndef CORE_CLEANUP_H
#define CORE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_fd_p(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free_p(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_file_p(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_dir_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define cleanup_fd   __attribute__((cleanup(cleanup_fd_p)))
#define cleanup_free __attribute__((cleanup(cleanup_free_p)))
#define cleanup_file __attribute__((cleanup(cleanup_file_p)))
#define cleanup_dir  __attribute__((cleanup(cleanup_dir_p)))

/* Takes the descriptor out of *fd, which then owns nothing. */
static inline int steal_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

/* Takes the pointer out of *p, which then owns nothing. */
static inline void *steal_pointer(void *p)
{
	void *r = *(void **)p;

	*(void **)p = NULL;
	return r;
}

#define array_size(a) (sizeof(a) / sizeof((a)[0]))

#endif
