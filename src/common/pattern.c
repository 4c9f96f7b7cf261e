/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path of a rule, cut into its components; and what the letters of two paths say. */
#include "common/pattern.h"

#include <errno.h>
#include <string.h>

#include "common/glob.h"

static bool has_stars(const char *text, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++) {
		if (text[i] == '\\')
			i++;
		else if (text[i] == '*' && text[i + 1] == '*')
			return true;
	}
	return false;
}

/* Understands one component. Returns what is wrong, or NULL. */
static const char *parse_part(char *text, size_t size, struct pattern *pattern, size_t *ret_offset)
{
	struct part *part = &pattern->parts[pattern->count];
	const char *why = glob_check(text, size, ret_offset);

	if (why)
		return why;
	*ret_offset = 0;
	part->text = text;
	part->size = size;
	if (size == 2 && memcmp(text, "**", 2) == 0) {
		part->kind = PART_DEEP;
	} else if (has_stars(text, size)) {
		return "** stands alone between slashes (write **/*.x for every .x)";
	} else if (glob_is_pattern(text, size)) {
		part->kind = PART_GLOB;
	} else if (size == 2 && memcmp(text, "..", 2) == 0) {
		if (pattern->literal < pattern->count)
			return ".. cannot follow a pattern";
		part->kind = PART_UP;
		pattern->climbs = true;
	} else {
		part->kind = PART_NAME;
		part->size = glob_unescape(text, size);
	}
	if (pattern->literal == pattern->count &&
	    (part->kind == PART_NAME || part->kind == PART_UP))
		pattern->literal++;
	pattern->count++;
	return NULL;
}

int pattern_parse(struct arena *arena, const char *text, struct pattern *ret, size_t *ret_offset,
		  const char **ret_why)
{
	size_t size = strlen(text), slashes = 0, offset = 0;
	struct pattern pattern = { 0 };
	char *copy = arena_copy(arena, text, size);

	*ret_why = NULL;
	for (size_t i = 0; i < size; i++)
		slashes += text[i] == '/';
	pattern.parts = arena_alloc(arena, (slashes + 1) * sizeof(*pattern.parts));
	if (!copy || !pattern.parts)
		return -ENOMEM;
	for (size_t i = 0, n; i < size; i += n + 1) {
		n = strcspn(text + i, "/");
		if (n == 0 || (n == 1 && text[i] == '.'))
			continue;
		*ret_why = parse_part(copy + i, n, &pattern, &offset);
		if (*ret_why) {
			*ret_offset = i + offset;
			return -EINVAL;
		}
	}
	*ret = pattern;
	return 0;
}

int pattern_flatten(struct arena *arena, const struct pattern *pattern, struct pattern *ret)
{
	struct pattern flat = { 0 };

	flat.parts = arena_alloc(arena, (pattern->count + 1) * sizeof(*flat.parts));
	if (!flat.parts)
		return -ENOMEM;
	for (size_t i = 0; i < pattern->count; i++) {
		if (pattern->parts[i].kind == PART_UP)
			flat.count -= flat.count > 0;
		else
			flat.parts[flat.count++] = pattern->parts[i];
		if (i + 1 == pattern->literal)
			flat.literal = flat.count;
	}
	*ret = flat;
	return 0;
}

char *pattern_path(struct arena *arena, const struct pattern *pattern, size_t count)
{
	size_t size = 2, n = 0;
	char *r;

	for (size_t i = 0; i < count; i++)
		size += 1 + pattern->parts[i].size;
	r = arena_alloc(arena, size);
	if (!r)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		r[n++] = '/';
		memcpy(r + n, pattern->parts[i].text, pattern->parts[i].size);
		n += pattern->parts[i].size;
	}
	if (n == 0)
		r[n++] = '/';
	return r;
}

bool path_is_in(const char *path, const char *root)
{
	size_t size = strlen(root);

	if (size == 1)
		return path[0] == '/';
	return strncmp(path, root, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

size_t path_cut(const char *path, struct part *parts)
{
	size_t count = 0;

	while (*path) {
		size_t n = strcspn(++path, "/");

		if (n)
			parts[count++] = (struct part){ PART_NAME, path, n };
		path += n;
	}
	return count;
}
