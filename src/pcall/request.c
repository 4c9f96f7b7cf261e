/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of pcall call. Options may stand between the words; a word that begins with a
 * minus and a digit is a number. */
#include "pcall/request.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "common/cleanup.h"

enum {
	EXIT_USAGE = 2,
	ROOM_USUAL = 64 << 10,
};

static int usage(const struct message *message, const char *text, const char *word)
{
	message_say(message, "call: %s%s%s; usage: pcall call NAME [WORD]..., see pcall(1)", text,
		    word ? " " : "", word ? word : "");
	return EXIT_USAGE;
}

/* Decimal or 0x..., of either sign, in 64 bits. */
static int number(const char *word, long *ret)
{
	const char *digits = word + (word[0] == '-');
	int base = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
	char *end;

	if (!strchr("0123456789", digits[0]) || !digits[0])
		return -EINVAL;
	errno = 0;
	*ret = word[0] == '-' ? strtol(word, &end, base) : (long)strtoul(word, &end, base);
	return errno || *end ? -EINVAL : 0;
}

static int bounded(const char *word, long max, long *ret)
{
	int r = word ? number(word, ret) : -EINVAL;

	return r < 0 || *ret < 0 || *ret > max ? -EINVAL : 0;
}

static int option_message(struct request *request, const char *value)
{
	request->text = value;
	return value ? 0 : -EINVAL;
}

static int option_size(struct request *request, const char *value)
{
	long size;
	int r = bounded(value, REQUEST_BYTES_MAX, &size);

	if (r == 0)
		request->room = (size_t)size;
	return r;
}

static int option_fd(struct request *request, const char *value)
{
	long fd = REQUEST_COPY_FD;
	int r = value ? bounded(value, INT_MAX, &fd) : 0;

	request->fd = (int)fd;
	return r;
}

static const struct {
	const char *name;
	bool takes; /* a value in the next word, if there is no = */
	int (*take)(struct request *request, const char *value);
} options[] = {
	{"-m",		true,  option_message},
	{ "--message", true,  option_message},
	{ "--size",    true,  option_size   },
	{ "--fd",	  false, option_fd	   },
};

/* One option. How many words it is; -EINVAL: its value is wrong; -ENOENT: there is none of this
 * name. */
static int option(struct request *request, char **args)
{
	size_t length = strcspn(args[0], "=");

	for (size_t i = 0; i < array_size(options); i++) {
		const char *value = args[0][length] ? args[0] + length + 1 : NULL;
		bool next = !value && options[i].takes;

		if (strlen(options[i].name) != length || strncmp(options[i].name, args[0], length))
			continue;
		if (options[i].take(request, next ? args[1] : value) < 0)
			return -EINVAL;
		return 1 + next;
	}
	return -ENOENT;
}

static int word(struct request *request, const char *text)
{
	if (!request->name) {
		request->name = text;
		return 0;
	}
	if (request->count == array_size(request->words))
		return -E2BIG;
	return number(text, &request->words[request->count++]);
}

static bool is_option(const char *text)
{
	return text[0] == '-' && !(text[1] >= '0' && text[1] <= '9');
}

int request_parse(const struct message *message, char **args, struct request *ret)
{
	struct request request = { .room = ROOM_USUAL, .fd = REQUEST_NO_FD };
	int used;

	for (; *args && strcmp(*args, "--"); args += used) {
		used = is_option(*args) ? option(&request, args) : word(&request, *args);
		if (used == -ENOENT)
			return usage(message, "unknown option", *args);
		if (used == -E2BIG)
			return usage(message, "a method takes six words at most; one more is",
				     *args);
		if (used < 0)
			return usage(message, "not a number that fits:", *args);
		used += !used;
	}
	if (*args && args[1])
		request.command = args + 1;
	if (!request.name)
		return usage(message, "a method's name is missing", NULL);
	if (request.text && request.count)
		return usage(message, "words and a message do not go together", NULL);
	if ((request.fd >= 0) != (request.command != NULL))
		return usage(message, "--fd=N and -- COMMAND go together", NULL);
	*ret = request;
	return 0;
}
