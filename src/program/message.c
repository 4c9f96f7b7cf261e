/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What our programs say to people. */
#include "program/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "policyc/nearest.h"
#include "program/output.h"
#include "program/text.h"

int when_parse(const char *word, enum when *ret)
{
	static const char *const words[] = {
		[WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"
	};

	for (size_t i = 0; i < array_size(words); i++) {
		if (strcmp(word, words[i]))
			continue;
		*ret = i;
		return 0;
	}
	return -EINVAL;
}

bool color_wanted(enum when when, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	if (no_color && *no_color)
		return false;
	return term && strcmp(term, "dumb") && isatty(fd);
}

void message_color(const struct message *message, struct text *text, enum color color)
{
	static const char *const codes[] = { [COLOR_NONE] = "\033[0m",
					     [COLOR_BOLD] = "\033[1m",
					     [COLOR_BAD] = "\033[1;31m",
					     [COLOR_GOOD] = "\033[32m",
					     [COLOR_DIM] = "\033[2m" };

	if (message->color)
		text_add(text, "%s", codes[color]);
}

void message_write(const struct message *message, const struct text *text)
{
	if (message->output)
		output_write(message->output, text);
	else
		text_write(text, STDERR_FILENO);
}

int message_say(const struct message *message, const char *format, ...)
{
	struct text text cleanup_text = { 0 };
	char line[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);

	message_color(message, &text, COLOR_BOLD);
	text_add(&text, "%s:", message->program);
	message_color(message, &text, COLOR_NONE);
	text_add(&text, " ");
	text_quoted(&text, line);
	text_add(&text, "\n");
	message_write(message, &text);
	return EXIT_OURS;
}

int message_lines(const struct message *message, const char *lines)
{
	struct text text cleanup_text = { 0 };
	size_t size = strlen(lines);

	message_color(message, &text, COLOR_BOLD);
	text_add(&text, "%s:", message->program);
	message_color(message, &text, COLOR_NONE);
	text_add(&text, " %s%s", lines, size && lines[size - 1] == '\n' ? "" : "\n");
	message_write(message, &text);
	return EXIT_OURS;
}

int message_unknown(const struct message *message, const char *what, const char *word,
		    const struct nearest *nearest)
{
	if (nearest->best[0])
		return message_say(message, "unknown %s %s; did you mean %s?", what, word,
				   nearest->best);
	return message_say(message, "unknown %s %s; see %s --help", what, word, message->program);
}
