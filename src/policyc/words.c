/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line of policy, cut into words. */
#include "policyc/words.h"

#include <errno.h>
#include <stddef.h>

#include "common/arena.h"
#include "policy/policy.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts one word off at *i; returns what is wrong, or NULL. */
static const char *cut(const char *line, size_t size, size_t *i, struct word *word, size_t *ret_at)
{
	bool open = false;

	for (; *i < size && (open || !is_blank(line[*i])); (*i)++) {
		*ret_at = *i;
		if (line[*i] == '"') {
			open = !open;
			word->quoted = true;
			continue;
		}
		if (line[*i] == '\\') {
			if (*i + 1 == size)
				return "nothing follows the backslash";
			word->text[word->size++] = line[(*i)++];
		}
		word->text[word->size++] = line[*i];
	}
	*ret_at = word->column - 1;
	return open ? "no \" ends this word" : NULL;
}

/* Control bytes other than tabs: a text editor does not show them, so a reader cannot judge them.
 */
static const char *check_bytes(const char *line, size_t size, size_t *ret_at)
{
	*ret_at = LINE_SIZE_MAX;
	if (size > LINE_SIZE_MAX)
		return "the line is longer than 4096 bytes";
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c >= ' ' && c != 0x7f)
			continue;
		*ret_at = i;
		if (c == '\r')
			return "a carriage return: lines end in a line feed only";
		if (c == 0)
			return "a NUL byte";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control byte";
	}
	return NULL;
}

/* Most lines of a good policy say why. */
static bool is_comment(const char *line, size_t size)
{
	size_t i = 0;

	while (i < size && is_blank(line[i]))
		i++;
	return i == size || line[i] == '#';
}

int words_split(struct arena *arena, const char *line, size_t size, struct words *ret,
		unsigned int *ret_column, const char **ret_why)
{
	struct words words = { 0 };
	size_t at, blanks = 0;
	char *bytes;

	*ret_why = check_bytes(line, size, &at);
	if (!*ret_why && is_comment(line, size)) {
		*ret = words;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		blanks += is_blank(line[i]);
	/* A word ends in a blank or the line's end, and in the copy in a NUL. */
	bytes = arena_alloc(arena, size + blanks + 2);
	words.word = arena_alloc(arena, (blanks + 1) * sizeof(*words.word));
	if (!bytes || !words.word)
		return -ENOMEM;
	for (size_t i = 0; !*ret_why;) {
		struct word *word = &words.word[words.count];

		while (i < size && is_blank(line[i]))
			i++;
		if (i == size || line[i] == '#')
			break;
		word->text = bytes;
		word->column = (unsigned int)i + 1;
		*ret_why = cut(line, size, &i, word, &at);
		bytes += word->size + 1;
		words.end = i;
		words.count++;
	}
	*ret_column = (unsigned int)at + 1;
	if (*ret_why)
		return -EINVAL;
	*ret = words;
	return 0;
}
