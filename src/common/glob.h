/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patterns for one word: `*` any bytes, `?` one byte, `[a-z]` `[!a]` one byte of a set, `\` takes
 * the meaning away from the byte behind it. Bytes, not characters; a leading dot is a byte like any
 * other.
 */
#ifndef CORE_GLOB_H
#define CORE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with the pattern, for people, and at which byte; NULL: nothing. */
const char *glob_check(const char *pattern, size_t size, size_t *ret_offset);
/* Has it a meaning beyond its own bytes? */
bool glob_is_pattern(const char *pattern, size_t size);
/* At worst pattern size times text size steps: a hostile text cannot make it slow. */
bool glob_match(const char *pattern, size_t pattern_size, const char *text, size_t text_size);
/* Takes the backslashes away, in place; returns the new size. */
size_t glob_unescape(char *pattern, size_t size);
/* Is this byte one that needs a backslash to stand for itself? */
static inline bool glob_is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

#endif
