/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects of rules: paths, commands, sockets, devices, addresses, methods. */
#include "policyc/parse_objects.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/arena.h"
#include "common/cleanup.h"
#include "common/glob.h"
#include "common/pattern.h"
#include "policy/parts.h"
#include "policy/verbs.h"
#include "policyc/expand.h"
#include "policyc/nearest.h"
#include "policyc/words.h"

int parse_fail(struct parser *parser, const struct word *word, size_t offset, const char *hint,
	       const char *format, ...)
{
	unsigned int column = word->column + (word->quoted ? 0 : (unsigned int)offset);
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return complain(parser->error, -EINVAL, &parser->place, column, hint, "%s", message);
}

int parse_expand(struct parser *parser, const struct word *word, int how, char **ret)
{
	struct expand_failure failure;
	int r;

	r = expand(&parser->policy->arena, &parser->policy->env, word->text, (enum expand)how, ret,
		   &failure);
	if (r == -EINVAL)
		return parse_fail(parser, word, failure.offset, failure.hint, "%s", failure.why);
	return r;
}

struct item *parse_item(struct parser *parser, const struct word *word, enum item_kind kind,
			bool except)
{
	struct item *item;

	if (++parser->policy->item_count > ITEMS_MAX)
		return NULL;
	/* Most lines have an object for each word; bundles of devices have more. */
	item = line_item(parser->policy, parser->line, parser->words.count);
	if (item)
		*item = (struct item){ .kind = kind, .column = word->column, .except = except };
	return item;
}

int object_path(struct parser *parser, const struct word *word, bool except)
{
	struct item *item;
	const char *why;
	size_t offset;
	char *text;
	int r;

	r = parse_expand(parser, word, EXPAND_PATH, &text);
	if (r < 0)
		return r;
	item = parse_item(parser, word, ITEM_PATH, except);
	if (!item)
		return -ENOMEM;
	item->text = text;
	item->at_cwd = strncmp(word->text, "${cwd}", 6) == 0 ||
		       (!strchr("/~$", word->text[0]) && strncmp(word->text, "**", 2) != 0);
	r = pattern_parse(&parser->policy->arena, text, &item->pattern, &offset, &why);
	if (r == -EINVAL)
		/* the offset is of the expanded text, which ends as the word does */
		return parse_fail(parser, word,
				  strlen(text) - offset <= word->size
					  ? word->size - (strlen(text) - offset)
					  : 0,
				  NULL, "%s", why);
	return r;
}

/* A bare name is looked up in PATH when the policy is finished. */
int object_exec(struct parser *parser, const struct word *word, bool except)
{
	struct item *item;
	char *text;
	int r;

	if (strchr(word->text, '/') || word->text[0] == '~' || strncmp(word->text, "${", 2) == 0 ||
	    strcmp(word->text, "**") == 0 || strspn(word->text, ".") == word->size)
		return object_path(parser, word, except);
	r = parse_expand(parser, word, EXPAND_GLOB, &text);
	if (r < 0)
		return r;
	if (glob_is_pattern(text, strlen(text)))
		return parse_fail(parser, word, 0, NULL,
				  "a bare name is looked up in PATH and can have no *, ? or [");
	text[glob_unescape(text, strlen(text))] = '\0';
	if (strchr(text, '/'))
		return parse_fail(parser, word, 0, NULL, "this name became a path");
	item = parse_item(parser, word, ITEM_COMMAND, except);
	if (!item)
		return -ENOMEM;
	item->text = text;
	return 0;
}

int object_unix(struct parser *parser, const struct word *word, bool except)
{
	struct item *item;
	const char *why;
	size_t offset;
	char *text;
	int r;

	if (word->text[0] != '@')
		return object_path(parser, word, except);
	r = parse_expand(parser, word, EXPAND_GLOB, &text);
	if (r < 0)
		return r;
	if (text[1] == '\0')
		return parse_fail(parser, word, 0, NULL, "a name is missing behind the @");
	why = glob_check(text, strlen(text), &offset);
	if (why)
		return parse_fail(parser, word, offset, NULL, "%s", why);
	item = parse_item(parser, word, ITEM_ABSTRACT, except);
	if (!item)
		return -ENOMEM;
	item->text = text + 1;
	return 0;
}

/* Devices that go together, so that nobody has to know what libc opens. */
static const struct {
	const char *name;
	const char *path;
} bundles[] = {
	{"null",  "/dev/null"   },
	   { "null", "/dev/zero"	 },
	       { "null", "/dev/full"   },
	{ "null", "/dev/random" },
	   { "null", "/dev/urandom"},
	       { "tty",	"/dev/tty"	   },
	{ "tty",	 "/dev/ptmx"   },
	   { "tty",  "/dev/pts/*"	 },
};

const char *dev_bundle_of(const char *path)
{
	for (size_t i = 0; i < array_size(bundles); i++)
		if (glob_match(bundles[i].path, strlen(bundles[i].path), path, strlen(path)))
			return bundles[i].name;
	return NULL;
}

int object_dev(struct parser *parser, const struct word *word, bool except)
{
	struct nearest nearest;
	bool found = false;
	int r;

	if (word->text[0] == '/' || word->text[0] == '~' || strncmp(word->text, "${", 2) == 0)
		return object_path(parser, word, except);
	nearest_init(&nearest, word->text);
	for (size_t i = 0; i < array_size(bundles); i++) {
		struct word device = *word;

		nearest_try(&nearest, bundles[i].name);
		if (strcmp(bundles[i].name, word->text) != 0)
			continue;
		found = true;
		device.text = (char *)bundles[i].path;
		r = object_path(parser, &device, except);
		if (r < 0)
			return r;
		/* a test names one object */
		if (parser->row->verb == VERB_TEST)
			break;
	}
	if (!found)
		return parse_fail(parser, word, 0, nearest.best,
				  "\"%s\" is no bundle of devices, and no absolute path",
				  word->text);
	return 0;
}

int object_address(struct parser *parser, const struct word *word, bool except)
{
	bool listen = parser->row->verb == VERB_LISTEN || parser->line->inner == VERB_LISTEN;
	struct address_pattern *address;
	struct item *item;
	const char *why;
	size_t offset;
	char *text;
	int r;

	r = parse_expand(parser, word, EXPAND_TEXT, &text);
	if (r < 0)
		return r;
	address = arena_alloc(&parser->policy->arena, sizeof(*address));
	item = parse_item(parser, word, ITEM_ADDRESS, except);
	if (!address || !item)
		return -ENOMEM;
	why = address_parse(text, listen, address, &offset);
	if (!why && listen && address->kind == ADDRESS_HOST)
		why = "who listens names an address, not a host";
	if (why)
		return parse_fail(parser, word, offset, NULL, "%s", why);
	item->text = text;
	item->address = address;
	return 0;
}

int object_method(struct parser *parser, const struct word *word, bool except)
{
	struct item *item;

	for (size_t i = 0; i < word->size; i++)
		if (!is_method_byte(word->text[i]))
			return parse_fail(parser, word, i, NULL,
					  "a method's name has letters, digits, . _ - and * only");
	if (word->size == 0)
		return parse_fail(parser, word, 0, NULL, "this word is empty");
	item = parse_item(parser, word, ITEM_NAME, except);
	if (!item)
		return -ENOMEM;
	item->text = word->text;
	return 0;
}
