/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers about trees that change their name.
 *
 * The state of a walk after a directory's name is all that decides about names beneath it. So a
 * tree keeps its carve-outs if the nodes that can still lead to one are reached under the new name
 * too. Two directions are asked: what is carved out at the old name must be at the new one (else
 * renaming uncovers it), and where writing is carved out at the new name it must be at the old one
 * (else what may not be written is written elsewhere and moved in).
 *
 * `except` takes from its own line only, so it matters where that line allows and no plain line
 * does, and it is kept where both sides of the line are, and no other line allows more than before.
 * Of a line that takes away it gives back, so it may not reach more under the new name.
 */
#include "judge/judge_move.h"

#include <stdlib.h>

#include "common/cleanup.h"
#include "judge/judge.h"
#include "judge/verdict.h"
#include "judge/match.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

#define WORDS(n) (((n) + 63) / 64)

/* One of the two names. Sets of lines and of guards are bits. */
struct side {
	struct match walk;
	uint64_t taken[WORDS(LINES_MAX)];	 /* hide and deny lines that hold here */
	uint64_t allowed[WORDS(LINES_MAX)];	 /* allowing lines that hold here */
	uint64_t guard_allow[WORDS(GUARDS_MAX)]; /* lines with `except` that hold here */
	uint64_t guard_except[WORDS(GUARDS_MAX)];
	unsigned int plain; /* rights of the allowing lines that have no `except` */
};

struct move {
	const struct policy *policy;
	const struct side *x;		       /* what is carved out here ... */
	const struct side *y;		       /* ... must be here */
	unsigned int mask;		       /* as far as it takes these rights */
	uint16_t broken;		       /* a line that is not kept */
	bool lost;			       /* the node that is looked at is not reached in y */
	uint64_t may_allow[WORDS(GUARDS_MAX)]; /* beneath x */
	uint64_t may_except[WORDS(GUARDS_MAX)];
	uint64_t lost_except[WORDS(GUARDS_MAX)];   /* beneath x and not so beneath y */
	uint64_t gained_except[WORDS(GUARDS_MAX)]; /* beneath y and not so beneath x */
	uint64_t gained[WORDS(LINES_MAX)]; /* lines that allow more beneath y than beneath x */
};

static void set(uint64_t *bits, unsigned int i)
{
	bits[i / 64] |= (uint64_t)1 << i % 64;
}

static bool has(const uint64_t *bits, unsigned int i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void side_effect(struct side *side, const struct effect *e)
{
	switch (e->kind) {
	case EFFECT_HIDE:
	case EFFECT_DENY:
		if (e->guard == NO_GUARD)
			set(side->taken, e->line);
		else
			set(side->guard_allow, e->guard);
		break;
	case EFFECT_EXCEPT: set(side->guard_except, e->guard); break;
	case EFFECT_ALLOW:
		set(side->allowed, e->line);
		if (e->guard == NO_GUARD)
			side->plain |= e->rights;
		else
			set(side->guard_allow, e->guard);
		break;
	}
}

static bool takes_away(const struct line *line)
{
	return line->rule.verb == VERB_HIDE || line->rule.verb == VERB_DENY;
}

static int side_walk(struct side *side, const struct policy *policy, const char *name, bool folded)
{
	int r = folded ? match_walk_folded(policy->matcher, name, &side->walk)
		       : match_walk(policy->matcher, name, &side->walk);

	for (unsigned int i = 0; r == 0 && i < side->walk.hit_count; i++) {
		unsigned int count;
		const struct effect *e = match_effects(policy->matcher, side->walk.hit[i], &count);

		for (; count > 0; count--, e++)
			if (!folded || effect_takes(policy, e))
				side_effect(side, e);
	}
	return r;
}

/* Folded, more is taken and carved out, and no more is given. */
static int side_init(struct side *side, const struct policy *policy, const char *name, bool folded)
{
	int r = side_walk(side, policy, name, false);

	if (r == 0 && folded)
		r = side_walk(side, policy, name, true);
	for (unsigned int g = 0; r == 0 && g < policy->guard_count; g++)
		if (takes_away(policy->lines[policy->guard_line[g]]) && has(side->guard_allow, g) &&
		    !has(side->guard_except, g))
			set(side->taken, policy->guard_line[g]);
	return r;
}

static bool reached(const uint16_t *nodes, unsigned int count, uint16_t node)
{
	while (count > 0)
		if (nodes[--count] == node)
			return true;
	return false;
}

/* An effect that may hold somewhere beneath x. */
static void beneath_x(void *data, const struct effect *e)
{
	struct move *m = data;

	switch (e->kind) {
	case EFFECT_HIDE:
	case EFFECT_DENY:
		if (m->lost && e->rights & m->mask && !has(m->y->taken, e->line))
			m->broken = e->line;
		if (e->guard != NO_GUARD)
			set(m->may_allow, e->guard);
		break;
	case EFFECT_EXCEPT:
		set(m->may_except, e->guard);
		if (m->lost)
			set(m->lost_except, e->guard);
		break;
	case EFFECT_ALLOW:
		if (e->guard == NO_GUARD)
			break;
		set(m->may_allow, e->guard);
		break;
	}
}

/* An effect that may hold somewhere beneath y, and not in the same place beneath x. */
static void beneath_y(void *data, const struct effect *e)
{
	struct move *m = data;

	if (e->kind == EFFECT_ALLOW && !has(m->x->allowed, e->line))
		set(m->gained, e->line);
	if (e->kind == EFFECT_EXCEPT)
		set(m->gained_except, e->guard);
}

static void look_beneath_x(struct move *m)
{
	const struct match *x = &m->x->walk, *y = &m->y->walk;

	for (unsigned int i = 0; i < x->live_count; i++) {
		m->lost = !reached(y->live, y->live_count, x->live[i]);
		match_each_beneath(m->policy->matcher, x->live[i], beneath_x, m);
	}
	for (unsigned int i = 0; i < x->deep_count; i++) {
		m->lost = !reached(y->deep, y->deep_count, x->deep[i]);
		match_each_beneath(m->policy->matcher, x->deep[i], beneath_x, m);
	}
}

static void look_beneath_y(struct move *m)
{
	const struct match *x = &m->x->walk, *y = &m->y->walk;

	for (unsigned int i = 0; i < y->live_count; i++)
		if (!reached(x->live, x->live_count, y->live[i]))
			match_each_beneath(m->policy->matcher, y->live[i], beneath_y, m);
	for (unsigned int i = 0; i < y->deep_count; i++)
		if (!reached(x->deep, x->deep_count, y->deep[i]))
			match_each_beneath(m->policy->matcher, y->deep[i], beneath_y, m);
	for (size_t i = 0; i < WORDS(m->policy->count); i++)
		m->gained[i] |= m->y->allowed[i] & ~m->x->allowed[i];
}

/* hide and deny lines that hold at x itself. */
static void check_taken(struct move *m)
{
	for (unsigned int i = 0; i < m->x->walk.hit_count; i++) {
		unsigned int count;
		const struct effect *e =
			match_effects(m->policy->matcher, m->x->walk.hit[i], &count);

		for (; count > 0; count--, e++)
			if ((e->kind == EFFECT_HIDE || e->kind == EFFECT_DENY) &&
			    e->rights & m->mask && has(m->x->taken, e->line) &&
			    !has(m->y->taken, e->line))
				m->broken = e->line;
	}
}

static bool gains(const struct move *m, uint16_t line, unsigned int rights)
{
	for (size_t i = 0; i < m->policy->count; i++) {
		const struct line *other = m->policy->lines[i];
		unsigned int given = other->rule.verb == VERB_BIND
					     ? RIGHTS_WRITE
					     : verb_row(other->rule.verb)->rights;

		if (i != line && has(m->gained, (unsigned int)i) && given & rights)
			return true;
	}
	return false;
}

/* A line that takes away leaves no more alone under the new name. */
static void check_spared(struct move *m, unsigned int g)
{
	uint16_t line = m->policy->guard_line[g];
	const struct rule *rule = &m->policy->lines[line]->rule;
	enum verb inner = m->policy->lines[line]->inner;
	unsigned int taken = verb_row(inner ? inner : rule->verb)->taken;

	if (!(taken & m->mask) || has(m->x->guard_except, g) ||
	    !(has(m->x->guard_allow, g) || has(m->may_allow, g)))
		return;
	if (has(m->y->guard_except, g) || has(m->gained_except, g))
		m->broken = line;
}

static void check_guard(struct move *m, unsigned int g)
{
	uint16_t line = m->policy->guard_line[g];
	unsigned int rights = verb_row(m->policy->lines[line]->rule.verb)->rights & m->mask;
	bool allows = has(m->x->guard_allow, g), excepts = has(m->x->guard_except, g);

	if ((rights & ~m->x->plain) == 0 || !(allows || has(m->may_allow, g)) ||
	    !(excepts || has(m->may_except, g)))
		return;
	if (!has(m->y->guard_except, g) && (excepts || has(m->lost_except, g)))
		m->broken = line;
	if (gains(m, line, rights & ~m->x->plain))
		m->broken = line;
}

/* The line that is not kept, or NO_LINE. */
static uint16_t check(const struct policy *policy, const struct side *x, const struct side *y,
		      unsigned int mask)
{
	struct move m = { .policy = policy, .x = x, .y = y, .mask = mask, .broken = NO_LINE };

	check_taken(&m);
	look_beneath_x(&m);
	look_beneath_y(&m);
	for (unsigned int g = 0; g < policy->guard_count; g++) {
		if (takes_away(policy->lines[policy->guard_line[g]]))
			check_spared(&m, g);
		else
			check_guard(&m, g);
	}
	return m.broken;
}

/* The rights that lines give beneath y, and at it, and not in the same place of x. */
static unsigned int gained(const struct policy *policy, const struct side *x, const struct side *y)
{
	struct move m = { .policy = policy, .x = x, .y = y, .broken = NO_LINE };
	unsigned int rights = 0;

	look_beneath_y(&m);
	for (size_t i = 0; i < policy->count; i++)
		if (has(m.gained, (unsigned int)i))
			rights |= verb_row(policy->lines[i]->rule.verb)->rights;
	return rights & ~x->plain;
}

unsigned int judge_move_gains(const struct policy *policy, const char *from, const char *to)
{
	cleanup_free struct side *sides = NULL;

	sides = calloc(2, sizeof(*sides));
	if (!policy->finished || !sides || side_init(&sides[0], policy, from, false) < 0 ||
	    side_init(&sides[1], policy, to, false) < 0)
		return RIGHTS_ALL;
	return gained(policy, &sides[0], &sides[1]);
}

struct verdict judge_move(const struct policy *policy, const char *from, const char *to,
			  bool folded)
{
	struct verdict verdict = { .decision = DECISION_DENY };
	cleanup_free struct side *sides = NULL;
	const struct side *x, *y;
	uint16_t line;

	sides = calloc(4, sizeof(*sides));
	if (!policy->finished || !sides || side_init(&sides[0], policy, from, false) < 0 ||
	    side_init(&sides[1], policy, to, false) < 0)
		return verdict;
	if (folded && (side_init(&sides[2], policy, from, true) < 0 ||
		       side_init(&sides[3], policy, to, true) < 0))
		return verdict;
	x = folded ? &sides[2] : &sides[0];
	y = folded ? &sides[3] : &sides[1];
	line = check(policy, x, &sides[1], RIGHTS_ALL);
	if (line == NO_LINE)
		line = check(policy, y, &sides[0], RIGHT_WRITE);
	if (line == NO_LINE)
		verdict.decision = DECISION_ALLOW;
	else
		verdict.rule = &policy->lines[line]->rule;
	verdict.folds = !folded && (match_may_fold(policy->matcher, from) ||
				    match_may_fold(policy->matcher, to));
	return verdict;
}
