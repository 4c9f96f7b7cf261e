/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Path rules to one matcher.
 *
 * An allowing pattern stands for the name as it is spelled, and for the name that its symbolic
 * links lead to. On the way to either, everything may be looked up (RIGHT_STAT), and nothing more.
 * A carve-out stands for both names too.
 */
#include "policy/compile.h"

#include <errno.h>

#include "common/arena.h"
#include "common/pattern.h"
#include "policy/matcher.h"
#include "policy/parts.h"
#include "policy/verbs.h"

/* On its way to whoever wants the names. */
struct marking {
	struct arena *arena;
	const struct line *line;
	bool follow;
	compile_mark *each;
	void *data;
};

static int give(const struct marking *m, enum mark mark, const struct pattern *pattern)
{
	return m->each(m->data, m->line, mark, pattern);
}

/* What the pattern allows holds only for names that it reaches without a link that may be changed.
 */
static int mark_allow(const struct marking *m, const struct item *item)
{
	int r = 0;

	if (!item->found)
		return 0;
	if (!item->pattern.climbs)
		r = give(m, MARK_GIVES, &item->pattern);
	if (r == 0 && item->followed && m->follow && !item->tainted)
		r = give(m, MARK_GIVES, &item->real);
	for (const struct link *l = item->links; r == 0 && l; l = l->next)
		r = give(m, MARK_LINK, &l->pattern);
	return r;
}

static int mark_carve(const struct marking *m, const struct item *item)
{
	struct pattern flat;
	int r;

	if (item->kind == ITEM_COMMAND && !item->found)
		return 0;
	r = pattern_flatten(m->arena, &item->pattern, &flat);
	r = r ? r : give(m, MARK_TAKES, &flat);
	if (r == 0 && item->found && item->followed)
		r = give(m, MARK_TAKES, &item->real);
	return r;
}

/* What a line that takes away leaves alone is given back, so it is as narrow as what is allowed. */
static int mark_spare(const struct marking *m, const struct item *item)
{
	int r = 0;

	if (!item->found)
		return 0;
	if (!item->pattern.climbs)
		r = give(m, MARK_SPARES, &item->pattern);
	if (r == 0 && item->followed && m->follow && !item->tainted)
		r = give(m, MARK_SPARES, &item->real);
	return r;
}

static int mark_item(const struct marking *m, const struct item *item)
{
	switch (m->line->rule.verb) {
	case VERB_HIDE:
	case VERB_DENY: return item->except ? mark_spare(m, item) : mark_carve(m, item);
	case VERB_ASK: return item->found ? mark_carve(m, item) : 0;
	default: return item->except ? mark_carve(m, item) : mark_allow(m, item);
	}
}

/* A view gives what it is made for, and if that is reading, no other line gives more. */
static int mark_bind(struct marking *m)
{
	const struct item *name = &m->line->items[0];
	int r;

	m->follow = true;
	r = mark_allow(m, name);
	return r < 0 || m->line->writable ? r : mark_carve(m, name);
}

int compile_each(struct arena *arena, const struct line *line, bool follow, compile_mark *each,
		 void *data)
{
	struct marking m = { arena, line, follow, each, data };
	int r = 0;

	if (line->rule.verb == VERB_TEST)
		return 0;
	if (line->rule.verb == VERB_BIND && line->count && line->items[0].kind == ITEM_PATH)
		return mark_bind(&m);
	for (size_t i = 0; r == 0 && i < line->count; i++) {
		const struct item *item = &line->items[i];

		if (item->kind == ITEM_PATH || item->kind == ITEM_COMMAND)
			r = mark_item(&m, item);
		else if (item->kind == ITEM_MARK)
			r = give(&m, item->mark, &item->pattern);
	}
	return r;
}

/* What the names of a line that are marked so mean. */
static struct effect effect_of(const struct line *line, enum mark mark)
{
	const struct verb_row *row = verb_row(line->inner ? line->inner : line->rule.verb);
	struct effect effect = {
		.kind = mark == MARK_GIVES ? EFFECT_ALLOW : EFFECT_EXCEPT,
		.rights = (uint8_t)row->rights,
		.line = line->index,
		.guard = line->guard,
	};

	if (mark == MARK_SPARES)
		return effect;
	switch (line->rule.verb) {
	case VERB_HIDE:
		effect.kind = EFFECT_HIDE;
		effect.rights = (uint8_t)row->taken;
		break;
	case VERB_DENY:
		effect.kind = EFFECT_DENY;
		effect.rights = (uint8_t)row->taken;
		break;
	case VERB_ASK: effect.kind = EFFECT_ASK; break;
	case VERB_BIND:
		effect.rights = line->writable ? RIGHTS_WRITE : RIGHTS_READ;
		if (mark == MARK_GIVES)
			break;
		effect.kind = EFFECT_DENY;
		effect.rights = RIGHT_WRITE;
		break;
	default: break;
	}
	return effect;
}

static int add_ancestors(struct policy *policy, const struct pattern *pattern, uint16_t line)
{
	size_t end = pattern->literal < pattern->count ? pattern->literal + 1 : pattern->count;

	return matcher_add_ancestors(policy->matcher, pattern, end, RIGHT_STAT, line);
}

/* A compile_mark; data is the policy. */
static int add_mark(void *data, const struct line *line, enum mark mark,
		    const struct pattern *pattern)
{
	unsigned int link_rights = RIGHT_STAT | (line->rule.verb == VERB_EXEC ? RIGHT_EXEC : 0);
	struct effect effect = effect_of(line, mark);
	struct policy *policy = data;
	int r = 0;

	if (mark == MARK_GIVES || mark == MARK_LINK)
		r = add_ancestors(policy, pattern, line->index);
	if (r < 0)
		return r;
	if (mark == MARK_LINK)
		return matcher_add_exact(policy->matcher, pattern, link_rights, line->index);
	return matcher_add(policy->matcher, pattern, &effect);
}

/*
 * Memory written through a file is written whatever its pages allow. That what may be written does
 * not run is the judge's to say.
 */
static int add_sealed(struct policy *policy, const struct line *line)
{
	static const char *const memory[] = { "/proc/*/mem", "/proc/*/task/*/mem" };
	struct effect effect = {
		.kind = EFFECT_DENY,
		.rights = (uint8_t)verb_row(VERB_WRITE)->taken,
		.line = line->index,
		.guard = NO_GUARD,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(memory) / sizeof(memory[0]); i++) {
		struct pattern pattern;
		const char *why;
		size_t offset;

		r = pattern_parse(&policy->arena, memory[i], &pattern, &offset, &why);
		r = r ? r : matcher_add(policy->matcher, &pattern, &effect);
	}
	if (!policy->sealed)
		policy->sealed = line;
	return r;
}

static int add_line(struct policy *policy, const struct line *line, bool follow)
{
	if (line->rule.verb == VERB_SEALED)
		return add_sealed(policy, line);
	return compile_each(&policy->arena, line, follow, add_mark, policy);
}

int compile_matcher(struct policy *policy, bool follow)
{
	int r;

	policy->matcher = matcher_free(policy->matcher);
	r = matcher_new(&policy->matcher);
	for (size_t i = 0; r == 0 && i < policy->count; i++)
		r = add_line(policy, policy->lines[i], follow);
	return r ? r : matcher_finish(policy->matcher);
}
