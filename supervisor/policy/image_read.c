/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text to a finished policy. The text is hostile. A level's author runs under a policy and would
 * like to be under another one: he gains nothing by what he claims, since the result is joined to
 * what he is under. Our own comes from a process that read what strangers wrote. So all that
 * matters here is that reading it is bounded, touches nothing, and that no part of a policy is in a
 * state that finishing could not have made.
 */
#include "policy/image_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/arena.h"
#include "common/cleanup.h"
#include "common/glob.h"
#include "common/pattern.h"
#include "policy/binds.h"
#include "policy/compile.h"
#include "policy/image.h"
#include "policy/image_record.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

const struct image_bounds image_of_level = { IMAGE_MAX, 1024, 8192, ITEMS_MAX };
const struct image_bounds image_own = { IMAGE_OWN_MAX, ITEMS_MAX, IMAGE_OWN_MAX, 8 * ITEMS_MAX };

struct reading {
	const struct image_bounds *bounds;
	struct policy *policy;
	struct policy_error *error;
	struct records records;
	struct record record;
	struct line *line; /* the rule that records speak of */
	const char *source;
	const char *policy_name;
	bool bound;   /* the rule has its view */
	size_t globs; /* bytes of words with a * */
	struct policy_bind *binds;
	size_t binds_room;
	const char **roots;
	size_t roots_room;
};

static int fail(struct reading *u, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct reading *u, int code, const char *format, ...)
{
	char message[256];
	va_list args;

	/* The words are ours: none of the text's bytes is in them. */
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (u->records.number)
		snprintf(u->error->text, sizeof(u->error->text), "policy image:%u: %s",
			 u->records.number, message);
	else
		snprintf(u->error->text, sizeof(u->error->text), "policy image: %s", message);
	return code;
}

static int wrong(struct reading *u)
{
	return fail(u, -EINVAL, "this record is wrong");
}

/* A hostile word must not make every judgement slow. */
static int count_glob(struct reading *u, size_t size)
{
	u->globs += size;
	return u->globs > u->bounds->globs
		       ? fail(u, -E2BIG, "more than %zu bytes of globs", u->bounds->globs)
		       : 0;
}

static struct item *new_item(struct reading *u, enum item_kind kind, bool except)
{
	size_t room = u->line->room ? 0 : 1 + records_ahead(&u->records, ITEMS_MAX);
	struct item *item = line_item(u->policy, u->line, room);

	if (item)
		*item = (struct item){ .kind = kind, .except = except };
	return item;
}

static int add_text(struct reading *u, enum item_kind kind, bool except, const char *text)
{
	struct item *item = new_item(u, kind, except);

	if (!item)
		return -ENOMEM;
	item->text = text;
	return strpbrk(text, "*?[") ? count_glob(u, strlen(text)) : 0;
}

static int read_pattern(struct reading *u, enum mark mark)
{
	const char *text = u->record.field[0], *why;
	struct pattern pattern;
	struct item *item;
	size_t offset;
	int r;

	if (text[0] != '/')
		return wrong(u);
	r = pattern_parse(&u->policy->arena, text, &pattern, &offset, &why);
	if (r < 0)
		return r == -EINVAL ? wrong(u) : r;
	if (pattern.climbs || !image_is_pattern(text, &pattern))
		return wrong(u);
	item = new_item(u, ITEM_MARK, false);
	if (!item)
		return -ENOMEM;
	item->mark = mark;
	item->pattern = pattern;
	for (size_t i = 0; r == 0 && i < pattern.count; i++)
		if (pattern.parts[i].kind == PART_GLOB)
			r = count_glob(u, pattern.parts[i].size);
	return r;
}

static int read_gives(struct reading *u)
{
	return read_pattern(u, MARK_GIVES);
}

/* An `except` has its number, by which the judge brings both of its sides together. */
static int read_takes(struct reading *u)
{
	if (verb_row(u->line->rule.verb)->rights && u->line->guard == NO_GUARD)
		return wrong(u);
	return read_pattern(u, MARK_TAKES);
}

static int read_spares(struct reading *u)
{
	if (u->line->guard == NO_GUARD)
		return wrong(u);
	return read_pattern(u, MARK_SPARES);
}

/* A link is its own name: no byte of it is special. */
static int read_link(struct reading *u)
{
	const char *path = u->record.field[0];
	size_t parts = 1;
	struct item *item;

	if (!image_is_canonical(path))
		return wrong(u);
	for (const char *p = path; *p; p++)
		parts += *p == '/';
	item = new_item(u, ITEM_MARK, false);
	if (!item)
		return -ENOMEM;
	item->mark = MARK_LINK;
	item->pattern.parts = arena_alloc(&u->policy->arena, parts * sizeof(struct part));
	if (!item->pattern.parts)
		return -ENOMEM;
	item->pattern.count = path_cut(path, item->pattern.parts);
	item->pattern.literal = item->pattern.count;
	return 0;
}

static int read_address(struct reading *u)
{
	bool listen = u->line->rule.verb == VERB_LISTEN || u->line->inner == VERB_LISTEN;
	struct address_pattern *address = arena_alloc(&u->policy->arena, sizeof(*address));
	const char *text = u->record.field[0];
	struct item *item = new_item(u, ITEM_ADDRESS, u->record.tag == 'A');
	size_t offset;

	if (!address || !item)
		return -ENOMEM;
	if (address_parse(text, listen, address, &offset) ||
	    (listen && address->kind == ADDRESS_HOST))
		return wrong(u);
	item->text = text;
	item->address = address;
	return 0;
}

static int read_abstract(struct reading *u)
{
	const char *text = u->record.field[0];
	size_t offset;

	if (text[0] == '\0' || glob_check(text, u->record.size[0], &offset))
		return wrong(u);
	return add_text(u, ITEM_ABSTRACT, u->record.tag == 'U', text);
}

static int read_name(struct reading *u)
{
	const char *text = u->record.field[0];
	size_t size = u->record.size[0];

	if (u->line->rule.verb == VERB_ENV) {
		if (u->record.tag == 'N' || !is_env_name(text, size, true))
			return wrong(u);
	} else {
		for (size_t i = 0; i < size; i++)
			if (!is_method_byte(text[i]))
				return wrong(u);
		if (size == 0)
			return wrong(u);
	}
	return add_text(u, ITEM_NAME, u->record.tag == 'N', text);
}

static int read_set(struct reading *u)
{
	struct item *item;

	if (!is_env_name(u->record.field[0], u->record.size[0], false))
		return wrong(u);
	item = new_item(u, ITEM_SET, false);
	if (!item)
		return -ENOMEM;
	item->text = u->record.field[0];
	item->value = u->record.field[1];
	return 0;
}

static int read_limit(struct reading *u)
{
	uint64_t limit, number;
	struct item *item;

	if (!record_number(u->record.field[0], LIMIT_MAX - 1, &limit) ||
	    !record_number(u->record.field[1], INT64_MAX, &number) || number == 0)
		return wrong(u);
	item = new_item(u, ITEM_LIMIT, false);
	if (!item)
		return -ENOMEM;
	item->limit = (enum limit)limit;
	item->number = number;
	return 0;
}

static int read_bind(struct reading *u)
{
	const char *name = u->record.field[0], *target = u->record.field[1];
	struct policy *policy = u->policy;

	if (u->bound || !image_is_canonical(name) || !image_is_canonical(target) ||
	    name[1] == '\0' || name_is_of_process(name))
		return wrong(u);
	if (policy->bind_count == BINDS_MAX)
		return fail(u, -E2BIG, "more than %d views", BINDS_MAX);
	if (array_grow(&u->binds, &u->binds_room, policy->bind_count, sizeof(*u->binds)) < 0)
		return -ENOMEM;
	u->bound = true;
	u->binds[policy->bind_count++] =
		(struct policy_bind){ name, target, u->line->writable, &u->line->rule };
	return 0;
}

static int read_source(struct reading *u)
{
	if (u->record.size[0] > IMAGE_SOURCE || u->record.size[1] > IMAGE_POLICY)
		return wrong(u);
	u->source = u->record.field[0];
	u->policy_name = u->record.field[1];
	return 0;
}

static int read_root(struct reading *u)
{
	struct policy *policy = u->policy;

	if (!image_is_canonical(u->record.field[0]))
		return wrong(u);
	if (policy->exec_root_count == u->bounds->roots)
		return fail(u, -E2BIG, "more than %zu roots of execution", u->bounds->roots);
	if (array_grow(&u->roots, &u->roots_room, policy->exec_root_count, sizeof(*u->roots)) < 0)
		return -ENOMEM;
	u->roots[policy->exec_root_count++] = u->record.field[0];
	u->line = NULL; /* no more rules */
	u->source = NULL;
	return 0;
}

/* FLAG is one letter, where it can mean something. */
static bool read_flags(struct reading *u, struct line *line, const char *flags)
{
	struct policy *policy = u->policy;

	if (strcmp(flags, "-") == 0)
		return true;
	if (line->rule.verb == VERB_BIND) {
		line->writable = true;
		return strcmp(flags, "w") == 0;
	}
	if (strcmp(flags, "g") != 0 || !(verb_row(line->rule.verb)->flags & ROW_EXCEPT) ||
	    policy->guard_count == GUARDS_MAX)
		return false;
	line->guard = policy->guard_count;
	policy->guard_line[policy->guard_count++] = (uint16_t)policy->count;
	return true;
}

/* A view's rule has a view. */
static bool line_is_whole(const struct reading *u)
{
	return !u->line || u->line->rule.verb != VERB_BIND || u->bound;
}

static int read_rule(struct reading *u)
{
	struct line *line = arena_alloc(&u->policy->arena, sizeof(*line));
	char **field = u->record.field;
	bool taking;
	uint64_t number;
	int r;

	if (!line)
		return -ENOMEM;
	if (!u->source || !line_is_whole(u) || !record_number(field[0], INT32_MAX, &number) ||
	    u->record.size[4] > IMAGE_TEXT)
		return wrong(u);
	line->rule.verb = record_verb(field[1], false);
	taking = line->rule.verb == VERB_DENY || line->rule.verb == VERB_ASK;
	line->inner = strcmp(field[2], "-") ? record_verb(field[2], true) : VERB_NONE;
	line->rule.source = u->source;
	line->rule.policy = u->policy_name;
	line->rule.line = (unsigned int)number;
	line->rule.text = line->raw = field[4];
	line->guard = NO_GUARD;
	if (line->rule.verb == VERB_NONE || taking != (line->inner != VERB_NONE) ||
	    (!taking && strcmp(field[2], "-") != 0) || !read_flags(u, line, field[3]))
		return wrong(u);
	r = policy_add(u->policy, line);
	u->line = line;
	u->bound = false;
	return r == -E2BIG ? fail(u, r, "more than %d rules in all", LINES_MAX) : r;
}

static const struct {
	char tag;
	bool of_rule;
	size_t fields;
	int (*read)(struct reading *u);
} kinds[] = {
	{'f',  false, 2, read_source  },
	 { 'l', false, 5, read_rule    },
	{ 'r', false, 1, read_root	   },
	 { 'g', true,  1, read_gives   },
	{ 't', true,  1, read_takes   },
	 { 'e', true,  1, read_spares  },
	{ 'k', true,  1, read_link	  },
	 { 'a', true,  1, read_address },
	{ 'A', true,  1, read_address },
	 { 'u', true,  1, read_abstract},
	{ 'U', true,  1, read_abstract},
	 { 'n', true,  1, read_name	   },
	{ 'N', true,  1, read_name	  },
	 { 's', true,  2, read_set	  },
	{ 'm', true,  2, read_limit   },
	 { 'b', true,  2, read_bind	   },
};

static int read_one(struct reading *u)
{
	if (!record_read(&u->records, &u->record))
		return wrong(u);
	for (size_t i = 0; i < array_size(kinds); i++) {
		if (kinds[i].tag != u->record.tag)
			continue;
		if (kinds[i].fields != u->record.count ||
		    (kinds[i].of_rule &&
		     (!u->line || !record_fits(u->line->rule.verb, u->line->inner, u->record.tag))))
			return wrong(u);
		if (kinds[i].of_rule && ++u->policy->item_count > u->bounds->items)
			return fail(u, -E2BIG, "more than %zu objects in all", u->bounds->items);
		return kinds[i].read(u);
	}
	return wrong(u);
}

/* Behind the last record, the end and nothing else. */
static int read_all(struct reading *u)
{
	size_t head = strlen(IMAGE_HEAD), tail = strlen(IMAGE_END);
	struct records *records = &u->records;
	int r = 0;

	if ((size_t)(records->end - records->at) < head + tail ||
	    memcmp(records->at, IMAGE_HEAD, head) != 0 ||
	    memcmp(records->end - tail, IMAGE_END, tail) != 0)
		return wrong(u);
	records->at += head;
	records->end -= tail;
	while (r == 0 && records->at < records->end)
		r = read_one(u);
	return r == 0 && !line_is_whole(u) ? wrong(u) : r;
}

static int take_views(struct reading *u)
{
	struct policy *policy = u->policy;
	size_t size = policy->bind_count * sizeof(*u->binds);

	if (policy->bind_count == 0)
		return 0;
	policy->binds = arena_alloc(&policy->arena, size);
	if (!policy->binds)
		return -ENOMEM;
	memcpy(policy->binds, u->binds, size);
	binds_sort(policy->binds, policy->bind_count);
	for (size_t i = 1; i < policy->bind_count; i++)
		if (strcmp(policy->binds[i - 1].name, policy->binds[i].name) == 0)
			return fail(u, -EINVAL, "a name is bound twice");
	return 0;
}

static int take_roots(struct reading *u)
{
	struct policy *policy = u->policy;
	size_t size = policy->exec_root_count * sizeof(*u->roots);

	if (size) {
		policy->exec_roots = arena_alloc(&policy->arena, size);
		if (!policy->exec_roots)
			return -ENOMEM;
		memcpy(policy->exec_roots, u->roots, size);
	}
	return exec_places(&policy->arena, policy->exec_roots, policy->exec_root_count,
			   policy->binds, policy->bind_count, &policy->exec_places,
			   &policy->exec_place_count);
}

/* As policy_finish, but everything is found already. */
static int read_image(struct reading *u)
{
	struct policy *policy = u->policy;
	int r;

	policy->guard_line = arena_alloc(&policy->arena, GUARDS_MAX * sizeof(uint16_t));
	if (!policy->guard_line)
		return -ENOMEM;
	r = read_all(u);
	r = r ? r : take_views(u);
	r = r ? r : take_roots(u);
	r = r ? r : collect_rules(policy);
	if (r < 0)
		return r;
	r = compile_matcher(policy, true);
	if (r == -E2BIG)
		return fail(u, r, "more than %d names in all rules", NODE_MAX);
	if (r < 0)
		return r;
	policy->memo = memo_new();
	return policy->memo ? 0 : -ENOMEM;
}

int policy_image_read_within(const struct image_bounds *bounds, const char *text, size_t size,
			     const struct policy_env *env, struct policy **ret,
			     struct policy_error *error)
{
	struct reading u = { .bounds = bounds, .error = error };
	int r;

	error->text[0] = '\0';
	if (size > bounds->size)
		return fail(&u, -EFBIG, "more than %zu bytes", bounds->size);
	r = policy_new(env, &u.policy);
	if (r < 0)
		return fail(&u, r, "%s", strerror(-r));
	u.records.at = arena_copy(&u.policy->arena, text, size);
	r = -ENOMEM;
	if (u.records.at) {
		u.records.end = u.records.at + size;
		r = read_image(&u);
	}
	free(u.binds);
	free(u.roots);
	if (r < 0) {
		policy_free(u.policy);
		return error->text[0] ? r : fail(&u, r, "%s", strerror(-r));
	}
	u.policy->finished = true;
	*ret = u.policy;
	return 0;
}
