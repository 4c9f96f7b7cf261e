/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A line of policy, cut into words.
 *
 * Words stand between spaces and tabs. "..." keeps spaces and # inside a word, and does nothing
 * else: globs and variables mean the same in quotes. A backslash takes the meaning away from the
 * byte behind it and stays in the word: whoever understands the word takes it away. A # at the
 * start of a word begins a comment.
 */
#ifndef POLICYC_WORDS_H
#define POLICYC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"

struct word {
	char *text; /* quotes are gone, backslashes are not */
	size_t size;
	unsigned int column; /* of its first byte, from 1 */
	bool quoted;	     /* so it is no word of ours */
};

struct words {
	struct word *word;
	size_t count;
	size_t end; /* the bytes of the line up to here are all but spaces and comment */
};

/**
 * words_split - cut a line, which has no line end
 * @ret_column: on failure, where
 * @ret_why: on failure, why, for people
 *
 * Returns 0, -EINVAL or -ENOMEM (with a @ret_why of NULL).
 */
int words_split(struct arena *arena, const char *line, size_t size, struct words *ret,
		unsigned int *ret_column, const char **ret_why);

#endif
