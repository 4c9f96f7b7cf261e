/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A sealed policy to text: what compile.c would put into the matcher, and the rest as it was
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

struct flattening {
	FILE *out;
	struct arena arena;
	const struct policy *policy;
	const struct rule *before; /* the rule whose provenance was told last */
};

bool flat_is_canonical(const char *path)
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

static size_t put_name(char *to, const struct part *part)
{
	bool dots = part->text[0] == '.' &&
		    (part->size == 1 || (part->size == 2 && part->text[1] == '.'));
	size_t n = 0;

	for (size_t i = 0; i < part->size; i++) {
		if (glob_is_special(part->text[i]) || (dots && i == 0))
			to[n++] = '\\';
		to[n++] = part->text[i];
	}
	return n;
}

char *flat_pattern(struct arena *arena, const struct pattern *pattern)
{
	size_t size = 2, n = 0;
	char *r;

	for (size_t i = 0; i < pattern->count; i++)
		size += 1 + 2 * pattern->parts[i].size;
	r = arena_alloc(arena, size);
	if (!r)
		return NULL;
	for (size_t i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];

		r[n++] = '/';
		if (part->kind == PART_NAME) {
			n += put_name(r + n, part);
		} else {
			memcpy(r + n, part->text, part->size);
			n += part->size;
		}
	}
	if (n == 0)
		r[n++] = '/';
	return r;
}

static void put_field(struct flattening *f, const char *field)
{
	putc('\t', f->out);
	for (; *field; field++) {
		unsigned char c = (unsigned char)*field;

		if (flat_escapes(c))
			fprintf(f->out, "\\%02x", c);
		else
			putc(c, f->out);
	}
}

static void put_record(struct flattening *f, char tag, const char *field, const char *more)
{
	putc(tag, f->out);
	put_field(f, field);
	if (more)
		put_field(f, more);
	putc('\n', f->out);
}

/* A compile_mark. */
static int put_mark(void *data, const struct line *line, enum mark mark,
		    const struct pattern *pattern)
{
	static const char tags[] = {
		[MARK_GIVES] = 'g', [MARK_TAKES] = 't', [MARK_SPARES] = 'e', [MARK_LINK] = 'k'
	};
	struct flattening *f = data;
	char *text;

	(void)line;
	text = mark == MARK_LINK ? pattern_path(&f->arena, pattern, pattern->count)
				 : flat_pattern(&f->arena, pattern);
	if (!text)
		return -ENOMEM;
	put_record(f, tags[mark], text, NULL);
	return 0;
}

static void put_item(struct flattening *f, const struct item *item)
{
	char number[48];

	switch (item->kind) {
	case ITEM_ABSTRACT: put_record(f, item->except ? 'U' : 'u', item->text, NULL); break;
	case ITEM_ADDRESS: put_record(f, item->except ? 'A' : 'a', item->text, NULL); break;
	case ITEM_NAME: put_record(f, item->except ? 'N' : 'n', item->text, NULL); break;
	case ITEM_SET: put_record(f, 's', item->text, item->value); break;
	case ITEM_LIMIT:
		snprintf(number, sizeof(number), "%d\t%" PRIu64, (int)item->limit, item->number);
		fprintf(f->out, "m\t%s\n", number);
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

static void put_rule(struct flattening *f, const struct line *line)
{
	const struct rule *rule = &line->rule;
	/* No rule can have both. */
	const char *flag = line->guard != NO_GUARD ? "g" : line->writable ? "w" : "-";

	if (!f->before || !same(f->before->source, rule->source) ||
	    !same(f->before->policy, rule->policy))
		put_record(f, 'f', rule->source, rule->policy);
	f->before = rule;
	fprintf(f->out, "l\t%u\t%s\t%s\t%s", rule->line, verb_name(rule->verb),
		line->inner ? verb_name(line->inner) : "-", flag);
	put_field(f, rule->text);
	putc('\n', f->out);
}

static int put_line(struct flattening *f, const struct line *line)
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

int policy_flatten(const struct policy *policy, char **ret_text, size_t *ret_size)
{
	struct flattening f = { .policy = policy };
	char *text = NULL;
	size_t size = 0;
	int r = 0;

	if (!policy->sealed || policy->layers)
		return -EINVAL;
	f.out = open_memstream(&text, &size);
	if (!f.out)
		return -ENOMEM;
	fputs(FLAT_HEAD, f.out);
	for (size_t i = 0; r == 0 && i < policy->count; i++)
		r = put_line(&f, policy->lines[i]);
	for (size_t i = 0; i < policy->exec_root_count; i++)
		put_record(&f, 'r', policy->exec_roots[i], NULL);
	fputs(FLAT_END, f.out);
	arena_deinit(&f.arena);
	if (fclose(f.out) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0 && size > FLAT_MAX)
		r = -EFBIG;
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_size = size;
	return 0;
}

/* The content's hash; 0: unknown. Who finds collisions gains slow comparisons. */
static uint64_t content_of(const struct policy *policy)
{
	struct policy *shared = (struct policy *)policy; /* all who find out find the same */
	uint64_t h = atomic_load_explicit(&policy->content, memory_order_relaxed);
	char *text;
	size_t size;

	if (h != 0 || policy_flatten(policy, &text, &size) < 0)
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
	bool equal = policy_flatten(a, &x, &n) == 0 && policy_flatten(b, &y, &m) == 0 && n == m &&
		     memcmp(x, y, n) == 0;

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
