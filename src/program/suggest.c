/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words that would allow what was refused. */
#include "program/suggest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/glob.h"
#include "common/pattern.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"
#include "policyc/parse_objects.h"

#define WORD_SIZE 16384

struct text {
	char *at;
	size_t room;
	bool full;
};

static void put(struct text *text, char c)
{
	if (text->room < 2) {
		text->full = true;
		return;
	}
	*text->at++ = c;
	*text->at = '\0';
	text->room--;
}

static void put_all(struct text *text, const char *s)
{
	while (*s)
		put(text, *s++);
}

/*
 * A name as a pattern that matches it. A byte that no policy may hold, and that nobody should copy
 * from a terminal, is written as "any byte".
 */
static void put_name(struct text *text, const char *name)
{
	for (; *name; name++) {
		if ((unsigned char)*name < ' ' || *name == 0x7f) {
			put(text, '?');
			continue;
		}
		if (glob_is_special(*name) || *name == '$' || *name == '"')
			put(text, '\\');
		put(text, *name);
	}
}

/* The object as people would write it: the shortest of ~/x, x below the cwd, and the whole name. */
static void put_object(struct text *text, const struct policy *policy, enum verb verb,
		       const char *object)
{
	const char *home = policy_innermost(policy)->env.home, *bundle = dev_bundle_of(object);
	size_t size = home ? strlen(home) : 0;

	if (verb == VERB_CONNECT || verb == VERB_LISTEN) {
		put_all(text, object);
	} else if (object[0] != '/') {
		put_name(text, object);
	} else if (verb == VERB_DEV && bundle) {
		put_all(text, bundle);
	} else if (size > 1 && path_is_in(object, home)) {
		put(text, '~');
		put_name(text, object + size);
	} else {
		put_name(text, object);
	}
}

int policy_quote(const char *word, char *ret, size_t size)
{
	struct text text = { ret, size, size == 0 };
	bool quote = word[0] == '\0' || strpbrk(word, " \t\"#") || strcmp(word, "except") == 0;

	if (quote)
		put(&text, '"');
	for (; *word; word++) {
		if (*word == '"')
			put(&text, '\\');
		put(&text, *word);
		if (*word == '\\' && word[1])
			put(&text, *++word);
	}
	if (quote)
		put(&text, '"');
	return text.full ? -ENOSPC : 0;
}

/* The word as a shell needs it. */
static void put_shell(struct text *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=./:,@%^";
	size_t start = word[0] == '~' && word[1] == '/' ? 2 : 0;

	if (word[start + strspn(word + start, plain)] == '\0' && word[0]) {
		put_all(text, word);
		return;
	}
	put(text, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			put_all(text, "'\\'");
		put(text, *word);
	}
	put(text, '\'');
}

int policy_suggest(const struct policy *policy, enum verb verb, const char *object, char *ret_flag,
		   size_t flag_size, char *ret_line, size_t line_size)
{
	struct text flag = { ret_flag, flag_size, flag_size == 0 };
	struct text line = { ret_line, line_size, line_size == 0 };
	char *word = malloc(WORD_SIZE), *quoted = malloc(WORD_SIZE);
	struct text object_text = { word, WORD_SIZE, false };
	int r = -ENOMEM;

	if (word && quoted) {
		word[0] = '\0';
		put_object(&object_text, policy, verb, object);
		r = object_text.full ? -ENOSPC : policy_quote(word, quoted, WORD_SIZE);
	}
	if (r == 0) {
		put_all(&flag, "--");
		put_all(&flag, verb_name(verb));
		put(&flag, ' ');
		put_shell(&flag, word);
		put_all(&line, verb_name(verb));
		put(&line, ' ');
		put_all(&line, quoted);
		r = flag.full || line.full ? -ENOSPC : 0;
	}
	free(word);
	free(quoted);
	return r;
}
