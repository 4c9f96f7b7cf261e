/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a wrong line is shown. */
#include "policyc/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "policy/parts.h"
#include "policy/policy.h"

/* Of a long line, this much is shown, with the column in it. */
#define SHOWN_BEFORE 60
#define SHOWN	     120

struct sink {
	char *at;
	size_t room;
};

static size_t put(struct sink *sink, const char *text, size_t size)
{
	size_t n = escape_text(sink->at, sink->room, text, size);

	sink->at += n;
	sink->room -= n;
	return n;
}

/* Bytes that are ours and need no escape: line ends, and the spaces before a caret. */
static void put_raw(struct sink *sink, char c, size_t count)
{
	for (; count > 0 && sink->room > 1; count--, sink->room--)
		*sink->at++ = c;
	*sink->at = '\0';
}

static size_t width(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += (text[i] & 0xc0) != 0x80;
	return n;
}

static void put_line(struct sink *sink, const char *line, unsigned int column)
{
	size_t size = strlen(line), at = column ? column - 1 : 0, from = 0, shown, caret;
	char copy[SHOWN];
	const char *start;

	at = at < size ? at : size;
	if (at > SHOWN_BEFORE && size > SHOWN)
		from = at - SHOWN_BEFORE;
	while (from > 0 && (line[from] & 0xc0) == 0x80)
		from--;
	shown = size - from < SHOWN ? size - from : SHOWN;
	memcpy(copy, line + from, shown);
	for (size_t i = 0; i < shown; i++)
		if (copy[i] == '\t')
			copy[i] = ' ';
	put_raw(sink, '\n', 1);
	put_raw(sink, ' ', 2);
	start = sink->at;
	put(sink, copy, at - from);
	caret = width(start, (size_t)(sink->at - start));
	put(sink, copy + (at - from), shown - (at - from));
	if (column == 0)
		return;
	put_raw(sink, '\n', 1);
	put_raw(sink, ' ', 2 + caret);
	put_raw(sink, '^', 1);
}

int complain(struct policy_error *error, int code, const struct place *place, unsigned int column,
	     const char *hint, const char *format, ...)
{
	struct sink sink = { error->text, sizeof(error->text) };
	char message[1024];
	int n = 0;
	va_list args;

	put(&sink, place->source, strlen(place->source));
	if (place->line && column)
		n = snprintf(message, sizeof(message), ":%u:%u: ", place->line, column);
	else if (place->line)
		n = snprintf(message, sizeof(message), ":%u: ", place->line);
	else
		n = snprintf(message, sizeof(message), ": ");
	put(&sink, message, (size_t)n);
	va_start(args, format);
	n = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	put(&sink, message, n < (int)sizeof(message) ? (size_t)n : sizeof(message) - 1);
	if (place->text)
		put_line(&sink, place->text, column);
	if (hint && hint[0]) {
		put_raw(&sink, '\n', 1);
		n = snprintf(message, sizeof(message), "  did you mean \"%s\"?", hint);
		put(&sink, message, (size_t)n);
	}
	return code;
}

int line_fail(struct policy_error *error, int code, const struct line *line,
	      const struct item *item, const char *format, ...)
{
	struct place place = { line->rule.source, line->rule.line, line->raw };
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return complain(error, code, &place, item ? item->column : 0, NULL, "%s", message);
}
