/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that grows. */
#include "program/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/escape.h"

void text_deinit(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

void text_clear(struct text *text)
{
	text->size = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

static bool text_reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 256;
	char *data;

	while (room < text->size + more + 1)
		room *= 2;
	if (room == text->room)
		return true;
	data = realloc(text->data, room);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->room = room;
	return true;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !text_reserve(text, n))
		return;
	va_start(args, format);
	vsnprintf(text->data + text->size, n + 1, format, args);
	va_end(args);
	text->size += n;
}

void text_quoted(struct text *text, const char *bytes)
{
	size_t size = strlen(bytes), room = size * 4 + 1; /* \\xNN for one byte is the worst */

	if (text_reserve(text, room))
		text->size += escape_text(text->data + text->size, room, bytes, size);
}

void text_column(struct text *text, size_t column)
{
	size_t start = text->size, used;

	while (start > 0 && text->data[start - 1] != '\n')
		start--;
	used = text->size - start;
	text_add(text, "%*s", used + 2 < column ? (int)(column - used) : 2, "");
}

static void json_key(struct text *text, const char *key)
{
	bool first = text->size == 0 || text->data[text->size - 1] == '{';

	text_add(text, "%s\"%s\":", first ? "" : ",", key);
}

/*
 * A string holds the escaped form, as messages do: it is valid UTF-8 whatever the child wrote, and
 * nothing of it can end the line or the string.
 */
void text_json(struct text *text, const char *key, const char *value)
{
	struct text quoted cleanup_text = { 0 };

	json_key(text, key);
	if (!value) {
		text_add(text, "null");
		return;
	}
	text_quoted(&quoted, value);
	text_add(text, "\"");
	for (const char *p = quoted.data ? quoted.data : ""; *p; p++)
		text_add(text, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	text_add(text, "\"");
	text->failed |= quoted.failed;
}

void text_json_number(struct text *text, const char *key, int64_t value)
{
	json_key(text, key);
	text_add(text, "%" PRId64, value);
}

int text_write(const struct text *text, int fd)
{
	size_t done = 0;

	if (text->failed)
		return -ENOMEM;
	while (done < text->size) {
		ssize_t n = write(fd, text->data + done, text->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += n;
	}
	return 0;
}
