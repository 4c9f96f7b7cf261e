/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Path rules to one matcher.
 *
 * An allowing pattern stands for the name as it is spelled, and for the name that its symbolic
 * links lead to. On the way to either, everything may be looked up (RIGHT_STAT), and nothing more.
 * A carve-out stands for both names too.
 */
#include "policy-internal.h"

#include <errno.h>

static int add_ancestors(struct policy *policy, const struct pattern *pattern, uint16_t line)
{
	size_t end = pattern->literal < pattern->count ? pattern->literal + 1 : pattern->count;

	return matcher_add_ancestors(policy->matcher, pattern, end, RIGHT_STAT, line);
}

static int add_links(struct policy *policy, const struct line *line, const struct item *item)
{
	unsigned int rights = RIGHT_STAT | (line->rule.verb == VERB_EXEC ? RIGHT_EXEC : 0);
	int r = 0;

	for (const struct link *l = item->links; r == 0 && l; l = l->next) {
		r = add_ancestors(policy, &l->pattern, line->index);
		r = r ? r : matcher_add_exact(policy->matcher, &l->pattern, rights, line->index);
	}
	return r;
}

/* What the pattern allows holds only for names that it reaches without a link that may be changed.
 */
static int add_allow(struct policy *policy, const struct line *line, const struct item *item,
		     const struct effect *effect, bool follow)
{
	int r = 0;

	if (!item->found)
		return 0;
	if (!item->pattern.climbs) {
		r = add_ancestors(policy, &item->pattern, line->index);
		r = r ? r : matcher_add(policy->matcher, &item->pattern, effect);
	}
	if (r == 0 && item->followed && follow && !item->tainted) {
		r = add_ancestors(policy, &item->real, line->index);
		r = r ? r : matcher_add(policy->matcher, &item->real, effect);
	}
	return r ? r : add_links(policy, line, item);
}

static int add_carve(struct policy *policy, const struct item *item, const struct effect *effect)
{
	struct pattern flat;
	int r;

	if (item->kind == ITEM_COMMAND && !item->found)
		return 0;
	r = pattern_flatten(&policy->arena, &item->pattern, &flat);
	r = r ? r : matcher_add(policy->matcher, &flat, effect);
	if (r == 0 && item->found && item->followed)
		r = matcher_add(policy->matcher, &item->real, effect);
	return r;
}

static int add_item(struct policy *policy, const struct line *line, const struct item *item,
		    bool follow)
{
	const struct verb_row *row = verb_row(line->inner ? line->inner : line->rule.verb);
	struct effect effect = {
		.kind = EFFECT_ALLOW,
		.rights = (uint8_t)row->rights,
		.line = line->index,
		.guard = line->guard,
	};

	switch (line->rule.verb) {
	case VERB_HIDE:
		effect.kind = EFFECT_HIDE;
		effect.rights = (uint8_t)row->taken;
		return add_carve(policy, item, &effect);
	case VERB_DENY:
		effect.kind = EFFECT_DENY;
		effect.rights = (uint8_t)row->taken;
		return add_carve(policy, item, &effect);
	case VERB_ASK:
		effect.kind = EFFECT_ASK;
		return item->found ? add_carve(policy, item, &effect) : 0;
	default: break;
	}
	if (item->except) {
		effect.kind = EFFECT_EXCEPT;
		return add_carve(policy, item, &effect);
	}
	return add_allow(policy, line, item, &effect, follow);
}

/* A view gives what it is made for, and if that is reading, no other line gives more. */
static int add_bind(struct policy *policy, const struct line *line)
{
	const struct item *name = &line->items[0];
	struct effect effect = {
		.kind = EFFECT_ALLOW,
		.rights = line->writable ? RIGHTS_WRITE : RIGHTS_READ,
		.line = line->index,
		.guard = NO_GUARD,
	};
	int r;

	r = add_allow(policy, line, name, &effect, true);
	if (r < 0 || line->writable)
		return r;
	effect.kind = EFFECT_DENY;
	effect.rights = RIGHT_WRITE;
	return add_carve(policy, name, &effect);
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
	if (!policy->seal)
		policy->seal = line;
	return r;
}

static int add_line(struct policy *policy, const struct line *line, bool follow)
{
	int r = 0;

	if (line->rule.verb == VERB_BIND)
		return add_bind(policy, line);
	if (line->rule.verb == VERB_TEST)
		return 0;
	if (line->rule.verb == VERB_SEALED)
		return add_sealed(policy, line);
	for (size_t i = 0; r == 0 && i < line->count; i++) {
		const struct item *item = &line->items[i];

		if (item->kind == ITEM_PATH || item->kind == ITEM_COMMAND)
			r = add_item(policy, line, item, follow);
	}
	return r;
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
