/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path of a rule, cut into its components; and what the letters of two paths say. */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"

enum part_kind {
	PART_NAME, /* these bytes; no backslashes left */
	PART_GLOB, /* one component that matches, see glob.h */
	PART_DEEP, /* `**`: any number of components, also none */
	PART_UP,   /* `..`, among names only */
};

struct part {
	enum part_kind kind;
	const char *text;
	size_t size;
};

struct pattern {
	struct part *parts;
	size_t count;
	size_t literal; /* so many parts at the start are names or .. */
	bool climbs;	/* there is a .. */
};

/**
 * pattern_parse - cut @text, which begins with a slash
 * @ret_offset: on failure, the byte of text
 * @ret_why: on failure, why, for people
 *
 * Empty components and "." vanish. Returns 0, -EINVAL or -ENOMEM (with a @ret_why of NULL).
 */
int pattern_parse(struct arena *arena, const char *text, struct pattern *ret, size_t *ret_offset,
		  const char **ret_why);

/* The pattern without its .., as if no component were a symbolic link. */
int pattern_flatten(struct arena *arena, const struct pattern *pattern, struct pattern *ret);

/* The path of the first @count parts, all names: "/" or "/a/b". NULL: no memory. */
char *pattern_path(struct arena *arena, const struct pattern *pattern, size_t count);

/* The names of a path that begins with / or is empty; they point into it, and there are at most as
 * many as slashes. */
size_t path_cut(const char *path, struct part *parts);
/* Is @path the name @root or beneath it? */
bool path_is_in(const char *path, const char *root);

#endif
