/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that grows: messages and JSON lines are made whole and then written with one write(2), so
 * that they do not mix with what the command writes.
 *
 * Bytes that came from a child or a file go through text_quoted or text_json: they hold no control
 * character when they leave.
 */
#ifndef PROGRAM_TEXT_H
#define PROGRAM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* ends with a NUL, which size does not count; NULL when empty */
	size_t size;
	size_t room;
	bool failed; /* memory ran out: something is missing */
};

void text_deinit(struct text *text);
void text_clear(struct text *text);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escaped: what it prints cannot move the cursor, and is one line. */
void text_quoted(struct text *text, const char *bytes);
/* Spaces up to this column of the current line, and at least two. */
void text_column(struct text *text, size_t column);
/* Members of a JSON object: `"key":"value"`, with a comma before all but the first. A NULL value is
 * null. */
void text_json(struct text *text, const char *key, const char *value);
void text_json_number(struct text *text, const char *key, int64_t value);

/* 0 or a negative errno. */
int text_write(const struct text *text, int fd);

#define cleanup_text __attribute__((cleanup(text_deinit)))

#endif
