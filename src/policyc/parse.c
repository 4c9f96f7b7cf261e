/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines: one row for each verb says how many words may follow it and who understands them. What a
 * verb means stands in policy/verbs.c.
 */
#include "policyc/parse.h"

#include <errno.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "policy/matcher.h"
#include "policy/parts.h"
#include "policy/verbs.h"
#include "policyc/complain.h"
#include "policyc/expand.h"
#include "policyc/nearest.h"
#include "policyc/parse_objects.h"
#include "policyc/parse_settings.h"
#include "policyc/words.h"

#define MANY LINE_SIZE_MAX

static int parse_version(struct parser *parser);
static int parse_about(struct parser *parser);
static int parse_use(struct parser *parser);
static int parse_deny(struct parser *parser);
static int parse_test(struct parser *parser);
static int parse_sealed(struct parser *parser);
static int parse_objects(struct parser *parser);

/* The words behind a verb. */
struct grammar {
	unsigned int least;
	unsigned int most;
	int (*parse)(struct parser *parser);
	int (*object)(struct parser *parser, const struct word *word, bool except);
};

/* clang-format off */
static const struct grammar grammars[VERB_MAX] = {
	[VERB_NONE]    = { 1, 1,    parse_version, NULL },
	[VERB_LIST]    = { 1, MANY, parse_objects, object_path },
	[VERB_READ]    = { 1, MANY, parse_objects, object_path },
	[VERB_WRITE]   = { 1, MANY, parse_objects, object_path },
	[VERB_EXEC]    = { 1, MANY, parse_objects, object_exec },
	[VERB_HIDE]    = { 1, MANY, parse_objects, object_path },
	[VERB_DENY]    = { 2, MANY, parse_deny,    NULL },
	[VERB_BIND]    = { 2, 3,    parse_bind,    NULL },
	[VERB_CONNECT] = { 1, MANY, parse_objects, object_address },
	[VERB_LISTEN]  = { 1, MANY, parse_objects, object_address },
	[VERB_UNIX]    = { 1, MANY, parse_objects, object_unix },
	[VERB_DEV]     = { 1, MANY, parse_objects, object_dev },
	[VERB_ENV]     = { 2, MANY, parse_env,     NULL },
	[VERB_LIMIT]   = { 1, MANY, parse_limit,   NULL },
	[VERB_METHOD]  = { 1, MANY, parse_objects, object_method },
	[VERB_ASK]     = { 2, MANY, parse_deny,    NULL },
	[VERB_SEALED]  = { 0, 0,    parse_sealed,  NULL },
	[VERB_TEST]    = { 3, 3,    parse_test,    NULL },
	[VERB_USE]     = { 1, 1,    parse_use,     NULL },
	[VERB_ABOUT]   = { 1, 1,    parse_about,   NULL },
};
/* clang-format on */

static const struct grammar *grammar_of(const struct verb_row *row)
{
	return &grammars[row->verb];
}

static bool word_is(const struct word *word, const char *text)
{
	return !word->quoted && strcmp(word->text, text) == 0;
}

/* A verb of which all bits in @flags are set, or NULL and a complaint. */
static const struct verb_row *find_row(struct parser *parser, const struct word *word,
				       unsigned int flags)
{
	struct nearest nearest;

	for (enum verb verb = VERB_NONE; verb < VERB_MAX; verb++) {
		const struct verb_row *row = verb_row(verb);

		if ((row->flags & flags) == flags && word_is(word, row->name))
			return row;
	}
	nearest_init(&nearest, word->text);
	for (enum verb verb = VERB_NONE; verb < VERB_MAX; verb++)
		if ((verb_row(verb)->flags & flags) == flags)
			nearest_try(&nearest, verb_row(verb)->name);
	if (flags)
		parse_fail(parser, word, 0, nearest.best, "\"%s\" is no verb that \"%s\" can take",
			   word->text, parser->row->name);
	else
		parse_fail(parser, word, 0, nearest.best, "unknown word \"%s\"", word->text);
	return NULL;
}

/* The words from @first on are objects of @row, then `except`, then carve-outs. */
static int parse_rest(struct parser *parser, const struct verb_row *row, size_t first)
{
	bool except = false;

	for (size_t i = first; i < parser->words.count; i++) {
		const struct word *word = &parser->words.word[i];
		int r;

		if (word_is(word, "except")) {
			if (!(parser->row->flags & ROW_EXCEPT))
				return parse_fail(parser, word, 0, NULL,
						  "\"%s\" has nothing that could be excepted",
						  parser->row->name);
			if (except)
				return parse_fail(parser, word, 0, NULL,
						  "there is an \"except\" already");
			if (i == first)
				return parse_fail(parser, word, 0, NULL,
						  "nothing is named before \"except\"");
			if (i + 1 == parser->words.count)
				return parse_fail(parser, word, 0, NULL,
						  "nothing is named behind \"except\"");
			except = true;
			continue;
		}
		r = grammar_of(row)->object(parser, word, except);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_objects(struct parser *parser)
{
	return parse_rest(parser, parser->row, 1);
}

/* deny VERB OBJECT..., ask VERB OBJECT... */
static int parse_deny(struct parser *parser)
{
	const struct verb_row *inner = find_row(parser, &parser->words.word[1], ROW_DENIABLE);

	if (!inner)
		return -EINVAL;
	parser->line->inner = inner->verb;
	return parse_rest(parser, inner, 2);
}

/* test allow|deny VERB OBJECT */
static int parse_test(struct parser *parser)
{
	const struct word *expect = &parser->words.word[1];
	const struct verb_row *inner;
	const struct item *item;
	struct nearest nearest;
	int r;

	if (!word_is(expect, "allow") && !word_is(expect, "deny")) {
		nearest_init(&nearest, expect->text);
		nearest_try(&nearest, "allow");
		nearest_try(&nearest, "deny");
		return parse_fail(parser, expect, 0, nearest.best,
				  "a test expects \"allow\" or \"deny\"");
	}
	inner = find_row(parser, &parser->words.word[2], ROW_DENIABLE);
	if (!inner)
		return -EINVAL;
	parser->line->inner = inner->verb;
	parser->line->expect = word_is(expect, "allow");
	r = grammar_of(inner)->object(parser, &parser->words.word[3], false);
	item = parser->line->items;
	if (r == 0 && ((item->kind == ITEM_PATH && item->pattern.literal < item->pattern.count) ||
		       (item->kind == ITEM_NAME && strchr(item->text, '*'))))
		return parse_fail(parser, &parser->words.word[3], 0, NULL,
				  "a test names one object, no pattern");
	return r;
}

static int parse_sealed(struct parser *parser)
{
	(void)parser;
	return 0;
}

/* Where a file has to begin: "policy 1". */
static int parse_version(struct parser *parser)
{
	const struct word *word = parser->words.word;

	if (parser->file && !parser->versioned) {
		parser->versioned = true;
		if (word_is(&word[1], "1"))
			return 0;
		return parse_fail(parser, &word[1], 0, "1",
				  "version \"%s\" of the language is not known", word[1].text);
	}
	return parse_fail(parser, &parser->words.word[0], 0, NULL,
			  "\"policy\" stands once, on the first line of a file");
}

static int parse_about(struct parser *parser)
{
	char *text;
	int r;

	if (parser->about_seen)
		return parse_fail(parser, &parser->words.word[0], 0, NULL,
				  "there is an \"about\" already");
	r = parse_expand(parser, &parser->words.word[1], EXPAND_TEXT, &text);
	if (r < 0)
		return r;
	parser->about_seen = true;
	if (parser->file)
		parser->file->about = text;
	return 0;
}

static int parse_use(struct parser *parser)
{
	const struct word *word = &parser->words.word[1];
	bool path = strchr(word->text, '/') != NULL;
	char *name;
	int r;

	r = parse_expand(parser, word, EXPAND_TEXT, &name);
	if (r < 0)
		return r;
	/* A home is a path; a value with a slash in it must not turn a name into one. */
	if (strncmp(word->text, "~/", 2) == 0 && parser->policy->env.home) {
		size_t home = strlen(parser->policy->env.home), size = strlen(name);
		char *joined = arena_alloc(&parser->policy->arena, home + size);

		if (!joined)
			return -ENOMEM;
		memcpy(joined, parser->policy->env.home, home);
		memcpy(joined + home, name + 1, size);
		name = joined;
	}
	if (!path && strchr(name, '/'))
		return parse_fail(parser, word, 0, NULL, "this name became a path");
	return parser->use(parser, name);
}

static int check_count(struct parser *parser)
{
	const struct grammar *grammar = grammar_of(parser->row);
	const char *name = parser->row->name;
	size_t words = parser->words.count - 1;

	if (words < grammar->least)
		return complain(parser->error, -EINVAL, &parser->place,
				(unsigned int)parser->words.end + 1, NULL,
				grammar->most == grammar->least
					? "\"%s\" needs %u word%s, here are %zu"
					: "\"%s\" needs %u word%s or more, here are %zu",
				name, grammar->least, grammar->least == 1 ? "" : "s", words);
	if (words > grammar->most)
		return parse_fail(parser, &parser->words.word[grammar->most + 1], 0, NULL,
				  "\"%s\" takes %u word%s", name, grammar->most,
				  grammar->most == 1 ? "" : "s");
	return 0;
}

/* A heap of zeroes for the line, with the rule that people see. */
static struct line *line_new(struct parser *parser)
{
	struct arena *arena = &parser->policy->arena;
	size_t start = parser->words.word[0].column - 1;
	struct line *line = arena_alloc(arena, sizeof(*line));
	const char *raw = parser->place.text;

	if (!line)
		return NULL;
	line->rule.verb = parser->row->verb;
	line->rule.source = parser->place.source;
	line->rule.policy = parser->file ? parser->file->name : parser->place.source;
	line->rule.line = parser->place.line;
	line->rule.text = arena_copy(arena, raw + start, parser->words.end - start);
	line->raw = raw;
	line->file = parser->file;
	line->guard = NO_GUARD;
	return line->rule.text ? line : NULL;
}

int parse_line(struct parser *parser, size_t size)
{
	unsigned int column;
	const char *why;
	int r;

	r = words_split(&parser->policy->arena, parser->place.text, size, &parser->words, &column,
			&why);
	if (r == -EINVAL)
		return complain(parser->error, r, &parser->place, column, NULL, "%s", why);
	if (r < 0 || parser->words.count == 0)
		return r;
	parser->row = find_row(parser, &parser->words.word[0], 0);
	if (!parser->row)
		return -EINVAL;
	if (parser->file && !parser->versioned && parser->row->verb != VERB_NONE)
		return parse_fail(parser, &parser->words.word[0], 0, NULL,
				  "the first line of a policy is \"policy 1\"");
	r = check_count(parser);
	if (r < 0)
		return r;
	parser->line = line_new(parser);
	if (!parser->line)
		return -ENOMEM;
	r = grammar_of(parser->row)->parse(parser);
	if (parser->policy->item_count > ITEMS_MAX)
		return complain(parser->error, -E2BIG, &parser->place, 0, NULL,
				"more than %d objects in all", ITEMS_MAX);
	if (r < 0 || parser->row->flags & ROW_SILENT)
		return r;
	r = policy_add(parser->policy, parser->line);
	if (r == -E2BIG)
		return complain(parser->error, r, &parser->place, 0, NULL,
				"more than %d rules in all", LINES_MAX);
	return r;
}
