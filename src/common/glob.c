/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patterns for one word. */
#include "common/glob.h"

#include <string.h>

/* The size of the `[...]` at the start of @p, or 0 if it does not end. */
static size_t set_size(const char *p, size_t size)
{
	size_t i = 1;

	if (i < size && (p[i] == '!' || p[i] == '^'))
		i++;
	for (size_t first = i; i < size; i++) {
		if (p[i] == ']' && i > first)
			return i + 1;
		if (p[i] == '\\')
			i++;
	}
	return 0;
}

static unsigned char set_byte(const char *p, size_t *i)
{
	if (p[*i] == '\\')
		(*i)++;
	return (unsigned char)p[(*i)++];
}

/* Walks over the ranges of the set p[0..size); returns false where one is upside down. */
static bool set_walk(const char *p, size_t size, unsigned char c, bool *ret_inside)
{
	size_t i = p[1] == '!' || p[1] == '^' ? 2 : 1;
	bool inside = false, sound = true;

	while (i < size - 1) {
		unsigned char low = set_byte(p, &i), high = low;

		if (i + 1 < size - 1 && p[i] == '-') {
			i++;
			high = set_byte(p, &i);
		}
		sound = sound && low <= high;
		inside = inside || (c >= low && c <= high);
	}
	*ret_inside = inside != (p[1] == '!' || p[1] == '^');
	return sound;
}

const char *glob_check(const char *pattern, size_t size, size_t *ret_offset)
{
	for (size_t i = 0, n; i < size; i += n) {
		bool inside;

		*ret_offset = i;
		n = 1;
		if (pattern[i] == '\\') {
			n = 2;
			if (i + 1 == size)
				return "nothing follows the backslash";
		} else if (pattern[i] == '[') {
			n = set_size(pattern + i, size - i);
			if (n == 0)
				return "no ] ends this [ (write \\[ for the byte itself)";
			if (!set_walk(pattern + i, n, 0, &inside))
				return "a range in this [...] is upside down";
		}
	}
	return NULL;
}

bool glob_is_pattern(const char *pattern, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (pattern[i] == '\\')
			i++;
		else if (glob_is_special(pattern[i]))
			return true;
	}
	return false;
}

/* Matches one byte at @p; returns how much of the pattern that took, or 0. */
static size_t match_byte(const char *p, size_t size, char c)
{
	size_t n;
	bool inside;

	switch (p[0]) {
	case '?': return 1;
	case '[':
		n = set_size(p, size);
		if (n == 0)
			return 0;
		set_walk(p, n, (unsigned char)c, &inside);
		return inside ? n : 0;
	case '\\': return size > 1 && p[1] == c ? 2 : 0;
	default: return p[0] == c ? 1 : 0;
	}
}

bool glob_match(const char *pattern, size_t pattern_size, const char *text, size_t text_size)
{
	size_t p = 0, t = 0, star = 0, star_text = 0, n;
	bool starred = false;

	while (t < text_size) {
		if (p < pattern_size && pattern[p] == '*') {
			starred = true;
			star = ++p;
			star_text = t;
			continue;
		}
		n = p < pattern_size ? match_byte(pattern + p, pattern_size - p, text[t]) : 0;
		if (n) {
			p += n;
			t++;
		} else if (starred) {
			p = star;
			t = ++star_text;
		} else {
			return false;
		}
	}
	while (p < pattern_size && pattern[p] == '*')
		p++;
	return p == pattern_size;
}

size_t glob_unescape(char *pattern, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (pattern[i] == '\\' && i + 1 < size)
			i++;
		pattern[n++] = pattern[i];
	}
	return n;
}
