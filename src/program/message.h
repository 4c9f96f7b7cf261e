/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What our programs say to people: one line on stderr, with the program's name before it, escaped,
 * and coloured only where that is wanted.
 */
#ifndef PROGRAM_MESSAGE_H
#define PROGRAM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

struct nearest;
struct output;
struct text;

/* Ours, and the same for all programs: POLICY.md's exit statuses. */
enum {
	EXIT_OURS = 125,
	EXIT_NOT_RUNNABLE = 126,
	EXIT_NOT_FOUND = 127,
};

enum when {
	WHEN_AUTO,
	WHEN_ALWAYS,
	WHEN_NEVER,
};

enum color {
	COLOR_NONE,
	COLOR_BOLD,
	COLOR_BAD,
	COLOR_GOOD,
	COLOR_DIM,
};

struct message {
	const char *program;
	bool color;
	struct output *output; /* NULL: stderr, at once */
};

/* "auto", "always", "never"; -EINVAL otherwise. */
int when_parse(const char *word, enum when *ret);
/* Decides about colours on @fd; NO_COLOR and TERM=dumb say no where @when is WHEN_AUTO. */
bool color_wanted(enum when when, int fd);

/* Begins and ends (COLOR_NONE) a colour, if the message has colours. */
void message_color(const struct message *message, struct text *text, enum color color);
/* Text that was made whole, to where messages go. */
void message_write(const struct message *message, const struct text *text);
/* One line: "program: ...". What the format makes is escaped as a whole. Returns EXIT_OURS, for
 * callers that end. */
int message_say(const struct message *message, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Lines that were made for people by the policy language: shown as they are. Returns EXIT_OURS. */
int message_lines(const struct message *message, const char *lines);

/* What a parser says of a word that does not exist, and the nearest that does. Returns EXIT_OURS.
 */
int message_unknown(const struct message *message, const char *what, const char *word,
		    const struct nearest *nearest);

#endif
