/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A finished policy to text: what compile.c would put into the matcher, and the rest as it was
 * written. The format stands in policy/image.h.
 */
#include "policy/image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/glob.h"
#include "common/pattern.h"
#include "policy/compile.h"
#include "policy/matcher.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

struct writing {
	char *text;
	size_t size;
	size_t room;
	bool failed; /* no memory */
	struct arena arena;
	const struct policy *policy;
	const struct rule *before; /* the rule whose provenance was told last */
};

bool image_is_canonical(const char *path)
{
	if (path[0] != '/')
		return false;
	if (path[1] == '\0')
		return true;
	for (size_t n; *path; path += n) {
		n = strcspn(++path, "/");
		if (n == 0 || (path[0] == '.' && (n == 1 || (n == 2 && path[1] == '.'))))
			return false;
	}
	return true;
}

/* "." and ".." would be no names without a backslash. */
static bool is_dots(const struct part *part)
{
	return part->text[0] == '.' &&
	       (part->size == 1 || (part->size == 2 && part->text[1] == '.'));
}

/* Does this byte of a part need a backslash? */
static bool is_escaped(const struct part *part, size_t i)
{
	return part->kind == PART_NAME &&
	       (glob_is_special(part->text[i]) || (i == 0 && is_dots(part)));
}

static size_t put_part(char *to, const struct part *part)
{
	size_t n = 0;

	for (size_t i = 0; i < part->size; i++) {
		if (is_escaped(part, i))
			to[n++] = '\\';
		to[n++] = part->text[i];
	}
	return n;
}

/* The pattern as text that pattern_parse understands; NULL: no memory. */
static char *pattern_text(struct arena *arena, const struct pattern *pattern)
{
	size_t size = 2, n = 0;
	char *r;

	for (size_t i = 0; i < pattern->count; i++)
		size += 1 + 2 * pattern->parts[i].size;
	r = arena_alloc(arena, size);
	if (!r)
		return NULL;
	for (size_t i = 0; i < pattern->count; i++) {
		r[n++] = '/';
		n += put_part(r + n, &pattern->parts[i]);
	}
	if (n == 0)
		r[n++] = '/';
	return r;
}

bool image_is_pattern(const char *text, const struct pattern *pattern)
{
	if (pattern->count == 0)
		return strcmp(text, "/") == 0;
	for (size_t i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];

		if (*text++ != '/')
			return false;
		for (size_t j = 0; j < part->size; j++)
			if ((is_escaped(part, j) && *text++ != '\\') || *text++ != part->text[j])
				return false;
	}
	return *text == '\0';
}

/* By hand: a stream takes three times as long, and a start waits for this. */
static void put_bytes(struct writing *f, const char *bytes, size_t size)
{
	if (f->room - f->size <= size) { /* there is room for a NUL, always */
		size_t room = 2 * f->room + size + 16384;
		char *text = f->failed ? NULL : realloc(f->text, room);

		if (!text) {
			f->failed = true;
			return;
		}
		f->text = text;
		f->room = room;
	}
	memcpy(f->text + f->size, bytes, size);
	f->size += size;
}

static void put_text(struct writing *f, const char *text)
{
	put_bytes(f, text, strlen(text));
}

static void put_field(struct writing *f, const char *field)
{
	static const char digits[] = "0123456789abcdef";
	const char *plain = field;

	put_bytes(f, "\t", 1);
	for (; *field; field++) {
		unsigned char c = (unsigned char)*field;

		if (!image_escapes(c))
			continue;
		put_bytes(f, plain, (size_t)(field - plain));
		put_bytes(f, (const char[]){ '\\', digits[c >> 4], digits[c & 15] }, 3);
		plain = field + 1;
	}
	put_bytes(f, plain, (size_t)(field - plain));
}

static void put_record(struct writing *f, char tag, const char *field, const char *more)
{
	put_bytes(f, &tag, 1);
	put_field(f, field);
	if (more)
		put_field(f, more);
	put_bytes(f, "\n", 1);
}

/* A compile_mark. */
static int put_mark(void *data, const struct line *line, enum mark mark,
		    const struct pattern *pattern)
{
	static const char tags[] = {
		[MARK_GIVES] = 'g', [MARK_TAKES] = 't', [MARK_SPARES] = 'e', [MARK_LINK] = 'k'
	};
	struct writing *f = data;
	char *text;

	(void)line;
	text = mark == MARK_LINK ? pattern_path(&f->arena, pattern, pattern->count)
				 : pattern_text(&f->arena, pattern);
	if (!text)
		return -ENOMEM;
	put_record(f, tags[mark], text, NULL);
	return 0;
}

static void put_item(struct writing *f, const struct item *item)
{
	char which[16], number[32];

	switch (item->kind) {
	case ITEM_ABSTRACT: put_record(f, item->except ? 'U' : 'u', item->text, NULL); break;
	case ITEM_ADDRESS: put_record(f, item->except ? 'A' : 'a', item->text, NULL); break;
	case ITEM_NAME: put_record(f, item->except ? 'N' : 'n', item->text, NULL); break;
	case ITEM_SET: put_record(f, 's', item->text, item->value); break;
	case ITEM_LIMIT:
		snprintf(which, sizeof(which), "%d", (int)item->limit);
		snprintf(number, sizeof(number), "%" PRIu64, item->number);
		put_record(f, 'm', which, number);
		break;
	case ITEM_PATH:
	case ITEM_COMMAND:
	case ITEM_MARK: break;
	}
}

static bool same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

static void put_rule(struct writing *f, const struct line *line)
{
	const struct rule *rule = &line->rule;
	char number[16];
	/* No rule can have both. */
	const char *flag = line->guard != NO_GUARD ? "g" : line->writable ? "w" : "-";

	if (!f->before || !same(f->before->source, rule->source) ||
	    !same(f->before->policy, rule->policy))
		put_record(f, 'f', rule->source, rule->policy);
	f->before = rule;
	snprintf(number, sizeof(number), "%u", rule->line);
	put_bytes(f, "l", 1);
	put_field(f, number);
	put_field(f, verb_name(rule->verb));
	put_field(f, line->inner ? verb_name(line->inner) : "-");
	put_field(f, flag);
	put_field(f, rule->text);
	put_bytes(f, "\n", 1);
}

static int put_line(struct writing *f, const struct line *line)
{
	const struct policy *policy = f->policy;
	int r;

	if (line->rule.verb == VERB_TEST)
		return 0;
	put_rule(f, line);
	r = compile_each(&f->arena, line, true, put_mark, f);
	for (size_t i = 0; i < line->count; i++)
		put_item(f, &line->items[i]);
	for (size_t i = 0; i < policy->bind_count; i++)
		if (policy->binds[i].rule == &line->rule)
			put_record(f, 'b', policy->binds[i].name, policy->binds[i].target);
	return r;
}

int policy_image_write(const struct policy *policy, char **ret_text, size_t *ret_size)
{
	struct writing f = { .policy = policy };
	int r = 0;

	if (!policy->finished || policy->layers)
		return -EINVAL;
	put_text(&f, IMAGE_HEAD);
	for (size_t i = 0; r == 0 && i < policy->count; i++)
		r = put_line(&f, policy->lines[i]);
	for (size_t i = 0; i < policy->exec_root_count; i++)
		put_record(&f, 'r', policy->exec_roots[i], NULL);
	put_text(&f, IMAGE_END);
	arena_deinit(&f.arena);
	if (f.failed)
		r = -ENOMEM;
	if (r == 0 && f.size > IMAGE_OWN_MAX)
		r = -EFBIG;
	if (r < 0) {
		free(f.text);
		return r;
	}
	f.text[f.size] = '\0';
	*ret_text = f.text;
	*ret_size = f.size;
	return 0;
}

/* The content's hash; 0: unknown. Who finds collisions gains slow comparisons. */
static uint64_t content_of(const struct policy *policy)
{
	struct policy *shared = (struct policy *)policy; /* all who find out find the same */
	uint64_t h = atomic_load_explicit(&policy->content, memory_order_relaxed);
	char *text;
	size_t size;

	if (h != 0 || policy_image_write(policy, &text, &size) < 0)
		return h;
	h = 14695981039346656037U;
	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211U;
	h |= 1;
	free(text);
	atomic_store_explicit(&shared->content, h, memory_order_relaxed);
	return h;
}

static bool same_text(const struct policy *a, const struct policy *b)
{
	char *x = NULL, *y = NULL;
	size_t n, m;
	bool equal = policy_image_write(a, &x, &n) == 0 && policy_image_write(b, &y, &m) == 0 &&
		     n == m && memcmp(x, y, n) == 0;

	free(x);
	free(y);
	return equal;
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
	uint64_t content;

	if (a == b)
		return true;
	content = content_of(a);
	return content != 0 && content == content_of(b) && same_text(a, b);
}
