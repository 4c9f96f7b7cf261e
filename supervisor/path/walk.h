/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Following a path component by component, by what readlink says: a guess at the canonical name,
 * which the kernel has to prove afterwards (path/resolve.h). Needed where a path passes links,
 * "..", /proc or a view.
 */
#ifndef SUPERVISOR_WALK_H
#define SUPERVISOR_WALK_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "judge/verdict.h"
#include "path/place.h"

struct call;

/* Where a walk came to. */
struct walk {
	struct call *call;
	bool follow;	  /* the last component, too */
	uint64_t resolve; /* openat2's RESOLVE_* of the child */
	uint64_t mount;	  /* RESOLVE_NO_XDEV: the one that the path starts on, and may not leave */
	bool rooted;	  /* the path begins at the root, or may not leave where it begins */
	size_t floor; /* RESOLVE_BENEATH, RESOLVE_IN_ROOT: length of the name that may not be left;
			 0: none */
	unsigned int links;
	int error; /* what the way there says: 0, ENOENT, ENOTDIR, ELOOP, EXDEV, ...; told after the
		      verdict */
	bool directory; /* the path asks for a directory */
	bool refused;	/* .done names a link that may not even be looked up */
	bool overlong;	/* what it leads to has too long a name */
	bool foreign;	/* a process that is not the child's own: it does not exist, whatever the
			   policy says */
	int pinned;	/* a magic link of /proc as the last component: the object itself; else -1
			 */
	enum place_kind kind;
	bool lost;	     /* .done is the name that the pinned object had */
	int pinned_mode;     /* O_ACCMODE of the descriptor that leads to an unnamed file */
	size_t length;	     /* of done */
	char done[PATH_MAX]; /* canonical name in the child's terms; "" stands for "/" */
	char rest[PATH_MAX]; /* what is left of the path */
	char stop[PATH_MAX]; /* the name that .error is said of; .done goes on to what is judged */
};

/* @base: canonical name that a relative path starts at. Leaves walk->done with the guess.
 * walk->pinned is the caller's. */
void walk_run(struct walk *walk, const char *base, const char *path);

/* What the kernel did not get to is part of the name all the same: it is the name that is judged.
 */
void walk_append_rest(struct walk *walk);

#endif
