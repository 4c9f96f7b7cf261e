/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines that set something: bind, env, limit. */
#include "policyc/parse_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/glob.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policyc/expand.h"
#include "policyc/nearest.h"
#include "policyc/parse_objects.h"
#include "policyc/words.h"

/* bind NAME TARGET [ro|rw] */
int parse_bind(struct parser *parser)
{
	const struct word *word = parser->words.word;
	struct nearest nearest;
	int r;

	for (size_t i = 1; i <= 2; i++) {
		const struct item *item;

		r = object_path(parser, &word[i], false);
		if (r < 0)
			return r;
		item = &parser->line->items[parser->line->count - 1];
		if (item->pattern.literal < item->pattern.count)
			return parse_fail(parser, &word[i], 0, NULL,
					  "\"bind\" takes names, not patterns");
		if (i == 1 && item->pattern.count == 0)
			return parse_fail(parser, &word[i], 0, NULL, "the root cannot be bound");
	}
	if (parser->words.count == 3 || strcmp(word[3].text, "ro") == 0)
		return 0;
	if (strcmp(word[3].text, "rw") == 0) {
		parser->line->writable = true;
		return 0;
	}
	nearest_init(&nearest, word[3].text);
	nearest_try(&nearest, "ro");
	nearest_try(&nearest, "rw");
	return parse_fail(parser, &word[3], 0, nearest.best, "a view is \"ro\" or \"rw\"");
}

static int parse_keep(struct parser *parser, const struct word *word)
{
	struct item *item;

	if (!is_env_name(word->text, word->size, true))
		return parse_fail(parser, word, 0, NULL,
				  "a variable's name has letters, digits, _ and * only");
	item = parse_item(parser, word, ITEM_NAME, false);
	if (!item)
		return -ENOMEM;
	item->text = word->text;
	return 0;
}

static int parse_set(struct parser *parser, const struct word *word)
{
	size_t size = strcspn(word->text, "=");
	struct item *item;
	char *text;
	int r;

	if (word->text[size] != '=')
		return parse_fail(parser, word, 0, NULL, "\"env set\" takes NAME=VALUE");
	if (!is_env_name(word->text, size, false))
		return parse_fail(parser, word, 0, NULL,
				  "a variable's name has letters, digits and _ only");
	r = parse_expand(parser, word, EXPAND_TEXT, &text);
	if (r < 0)
		return r;
	item = parse_item(parser, word, ITEM_SET, false);
	if (!item)
		return -ENOMEM;
	text[size] = '\0';
	item->text = text;
	item->value = text + size + 1;
	return 0;
}

/* env keep NAME..., env set NAME=VALUE... */
int parse_env(struct parser *parser)
{
	static const struct {
		const char *name;
		int (*parse)(struct parser *parser, const struct word *word);
	} kinds[] = {
		{"keep", parse_keep},
		{ "set", parse_set },
	};
	const struct word *word = parser->words.word;
	struct nearest nearest;
	int r = 0;

	nearest_init(&nearest, word[1].text);
	for (size_t k = 0; k < array_size(kinds); k++) {
		nearest_try(&nearest, kinds[k].name);
		if (strcmp(kinds[k].name, word[1].text) != 0)
			continue;
		for (size_t i = 2; r == 0 && i < parser->words.count; i++)
			r = kinds[k].parse(parser, &word[i]);
		return r;
	}
	return parse_fail(parser, &word[1], 0, nearest.best, "\"env\" can \"keep\" and \"set\"");
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{"",   1		},
	{ "k", (uint64_t)1 << 10},
	{ "K", (uint64_t)1 << 10},
	{ "M", (uint64_t)1 << 20},
	{ "G", (uint64_t)1 << 30},
	{ "T", (uint64_t)1 << 40},
};
static const struct unit counts[] = {
	{"", 1}
};
static const struct unit durations[] = {
	{"ms", 1	  },
	{ "s", 1000   },
	{ "m", 60000  },
	{ "h", 3600000},
};

/* clang-format off */
static const struct {
	const char *name;
	enum limit limit;
	uint64_t divisor; /* from the units' measure to the limit's, rounded up */
	const struct unit *units;
	size_t unit_count;
	const char *wanted;
} limits[] = {
	{ "mem",   LIMIT_MEM,   1,    sizes,     array_size(sizes),     "a size: 512M, 2G" },
	{ "procs", LIMIT_PROCS, 1,    counts,    array_size(counts),    "a number" },
	{ "files", LIMIT_FILES, 1,    counts,    array_size(counts),    "a number" },
	{ "cpu",   LIMIT_CPU,   1000, durations, array_size(durations), "a duration: 500ms, 60s, 15m, 1h" },
	{ "time",  LIMIT_TIME,  1,    durations, array_size(durations), "a duration: 500ms, 60s, 15m, 1h" },
	{ "fsize", LIMIT_FSIZE, 1,    sizes,     array_size(sizes),     "a size: 512M, 2G" },
	{ "children", LIMIT_CHILDREN, 1, counts, array_size(counts),    "a number" },
	{ "pending", LIMIT_PENDING, 1, counts,   array_size(counts),    "a number" },
};
/* clang-format on */

/* Digits and a unit. Returns false for anything else, for 0 and for what is too large. */
static bool parse_measure(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
			return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, units[i].name) == 0)
			return !__builtin_mul_overflow(n, units[i].factor, ret) && *ret > 0 &&
			       *ret <= INT64_MAX;
	return false;
}

/* One KEY=N. */
static int parse_limit_word(struct parser *parser, const struct word *word)
{
	size_t size = strcspn(word->text, "=");
	struct nearest nearest;
	struct item *item;
	char key[16];

	if (word->text[size] != '=')
		return parse_fail(parser, word, 0, NULL, "\"limit\" takes KEY=N");
	snprintf(key, sizeof(key), "%.*s", (int)size, word->text);
	nearest_init(&nearest, key);
	for (size_t i = 0; i < array_size(limits); i++) {
		uint64_t number;

		nearest_try(&nearest, limits[i].name);
		if (strcmp(limits[i].name, key) != 0 || size >= sizeof(key))
			continue;
		if (!parse_measure(word->text + size + 1, limits[i].units, limits[i].unit_count,
				   &number))
			return parse_fail(parser, word, size + 1, NULL,
					  "\"%s\" is limited by %s; it is larger than 0", key,
					  limits[i].wanted);
		item = parse_item(parser, word, ITEM_LIMIT, false);
		if (!item)
			return -ENOMEM;
		item->limit = limits[i].limit;
		item->number = (number + limits[i].divisor - 1) / limits[i].divisor;
		return 0;
	}
	return parse_fail(parser, word, 0, nearest.best, "there is no limit \"%.*s\"", (int)size,
			  word->text);
}

int parse_limit(struct parser *parser)
{
	int r = 0;

	for (size_t i = 1; r == 0 && i < parser->words.count; i++)
		r = parse_limit_word(parser, &parser->words.word[i]);
	return r;
}
