/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers about paths.
 *
 * A name is walked once, and every right is decided at once: that is its *outcome*. A question is
 * about several rights; of their decisions the worst counts. An unfinished policy, a name that is
 * not canonical, and more state than a walk has room for: all refused.
 */
#include "judge/judge.h"

#include <string.h>

#include "judge/verdict.h"
#include "judge/match.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

#define GUARD_WORDS (GUARDS_MAX / 64)

const struct outcome outcome_unknown = {
	.line = {NO_LINE, NO_LINE, NO_LINE, NO_LINE, NO_LINE, NO_LINE, NO_LINE},
	.decisions = OUTCOME_UNKNOWN | 0x1555 * DECISION_DENY,
};

/* For each right the first line that says so. */
struct tally {
	uint16_t hide;
	uint16_t deny[RIGHT_COUNT];
	uint16_t allow[RIGHT_COUNT];
	uint16_t ask[RIGHT_COUNT];
	uint16_t carved[RIGHT_COUNT];
	uint64_t guard_holds[GUARD_WORDS];
	uint64_t guard_except[GUARD_WORDS];
};

static void note(uint16_t *lines, unsigned int rights, uint16_t line)
{
	for (; rights; rights &= rights - 1) {
		int bit = __builtin_ctz(rights);

		if (lines[bit] == NO_LINE)
			lines[bit] = line;
	}
}

static void tally_line(struct tally *t, enum effect_kind kind, unsigned int rights, uint16_t line)
{
	if (kind == EFFECT_ALLOW)
		note(t->allow, rights, line);
	else if (kind == EFFECT_DENY)
		note(t->deny, rights, line);
	else if (t->hide == NO_LINE)
		t->hide = line;
}

static void tally_effect(struct tally *t, const struct effect *e)
{
	uint64_t guard = (uint64_t)1 << e->guard % 64;

	switch (e->kind) {
	case EFFECT_EXCEPT: t->guard_except[e->guard / 64] |= guard; break;
	case EFFECT_ASK: note(t->ask, e->rights, e->line); break;
	case EFFECT_HIDE:
	case EFFECT_DENY:
	case EFFECT_ALLOW:
		if (e->guard == NO_GUARD)
			tally_line(t, e->kind, e->rights, e->line);
		else
			t->guard_holds[e->guard / 64] |= guard;
		break;
	}
}

/* A line with `except` that holds: behind that word an allowing line carves out, and one that takes
 * away leaves alone. */
static void tally_guard(const struct line *line, bool excepted, struct tally *t)
{
	const struct verb_row *row = verb_row(line->inner ? line->inner : line->rule.verb);

	if (line->rule.verb == VERB_HIDE || line->rule.verb == VERB_DENY) {
		if (!excepted)
			tally_line(t, line->rule.verb == VERB_HIDE ? EFFECT_HIDE : EFFECT_DENY,
				   row->taken, line->index);
	} else if (excepted) {
		note(t->carved, row->rights, line->index);
	} else {
		note(t->allow, row->rights, line->index);
	}
}

/* The lines with `except`, now that both of their sides are known. */
static void tally_guards(const struct policy *policy, struct tally *t)
{
	for (unsigned int word = 0; word * 64 < policy->guard_count; word++) {
		for (uint64_t left = t->guard_holds[word]; left; left &= left - 1) {
			unsigned int bit = (unsigned int)__builtin_ctzll(left);

			tally_guard(policy->lines[policy->guard_line[word * 64 + bit]],
				    t->guard_except[word] >> bit & 1, t);
		}
	}
}

static void outcome_set(struct outcome *outcome, int bit, enum decision decision, uint16_t line)
{
	outcome->decisions |= (uint16_t)(decision << 2 * bit);
	outcome->line[bit] = line;
}

static struct outcome outcome_of(const struct tally *t)
{
	struct outcome outcome = { .decisions = 0 };

	for (int bit = 0; bit < RIGHT_COUNT; bit++) {
		if (t->hide != NO_LINE)
			outcome_set(&outcome, bit, DECISION_HIDE, t->hide);
		else if (t->deny[bit] != NO_LINE)
			outcome_set(&outcome, bit, DECISION_DENY, t->deny[bit]);
		else if (t->allow[bit] != NO_LINE)
			outcome_set(&outcome, bit, DECISION_ALLOW, t->allow[bit]);
		else if (t->ask[bit] != NO_LINE)
			outcome_set(&outcome, bit, DECISION_ASK, t->ask[bit]);
		else
			outcome_set(&outcome, bit, DECISION_DENY, t->carved[bit]);
	}
	return outcome;
}

enum decision decision_of(const struct outcome *outcome, int bit)
{
	return (enum decision)(outcome->decisions >> 2 * bit & 3);
}

/* Under `sealed` what may be written does not run. */
static void outcome_sealed(struct outcome *outcome, const struct line *sealed)
{
	int write = __builtin_ctz(RIGHT_WRITE), exec = __builtin_ctz(RIGHT_EXEC);

	if (decision_of(outcome, write) != DECISION_ALLOW ||
	    decision_of(outcome, exec) != DECISION_ALLOW)
		return;
	outcome->decisions &= (uint16_t) ~(3U << 2 * exec);
	outcome_set(outcome, exec, DECISION_DENY, sealed->index);
}

static void tally_init(const struct policy *policy, struct tally *t)
{
	size_t words = (policy->guard_count + 63) / 64 * sizeof(uint64_t);

	/* NO_LINE is all ones */
	memset(t, 0xff, offsetof(struct tally, guard_holds));
	memset(t->guard_holds, 0, words);
	memset(t->guard_except, 0, words);
}

static void tally_walk(const struct policy *policy, const struct match *walk, struct tally *t)
{
	for (unsigned int i = 0; i < walk->hit_count; i++) {
		unsigned int count;
		const struct effect *e = match_effects(policy->matcher, walk->hit[i], &count);

		for (; count > 0; count--)
			tally_effect(t, e++);
	}
}

bool effect_takes(const struct policy *policy, const struct effect *e)
{
	enum verb verb = policy->lines[e->line]->rule.verb;

	return e->kind == EFFECT_HIDE || e->kind == EFFECT_DENY ||
	       (e->kind == EFFECT_EXCEPT && verb != VERB_HIDE && verb != VERB_DENY);
}

/* What other spellings of a name take from it, where they are the same to the file system. */
static int tally_folded(const struct policy *policy, const char *name, struct tally *t)
{
	struct match walk __attribute__((uninitialized));

	if (match_walk_folded(policy->matcher, name, &walk) < 0)
		return -1;
	for (unsigned int i = 0; i < walk.hit_count; i++) {
		unsigned int count;
		const struct effect *e = match_effects(policy->matcher, walk.hit[i], &count);

		for (; count > 0; count--, e++)
			if (effect_takes(policy, e))
				tally_effect(t, e);
	}
	return 0;
}

/* All that was noted, and what hangs on the name itself. */
static struct outcome outcome_end(const struct policy *policy, const struct match *walk,
				  struct tally *t)
{
	struct outcome outcome;

	tally_guards(policy, t);
	for (unsigned int i = 0; i < walk->live_count; i++) {
		uint16_t line;
		unsigned int rights = match_exact(policy->matcher, walk->live[i], &line);

		note(t->allow, rights, line);
	}
	outcome = outcome_of(t);
	if (policy->sealed)
		outcome_sealed(&outcome, policy->sealed);
	return outcome;
}

static bool tally_spelled(const struct policy *policy, const char *name, struct match *walk,
			  struct tally *t)
{
	tally_init(policy, t);
	if (!policy->matcher || match_walk(policy->matcher, name, walk) < 0)
		return false;
	tally_walk(policy, walk, t);
	return true;
}

struct outcome judge_folded(const struct policy *policy, const char *name)
{
	struct match walk __attribute__((uninitialized));
	struct tally t __attribute__((uninitialized));

	if (!tally_spelled(policy, name, &walk, &t) || tally_folded(policy, name, &t) < 0)
		return outcome_unknown;
	return outcome_end(policy, &walk, &t);
}

struct outcome judge_outcome(const struct policy *policy, const char *name)
{
	struct match walk __attribute__((uninitialized));
	struct tally t __attribute__((uninitialized)), folded __attribute__((uninitialized));
	struct outcome outcome;

	if (!tally_spelled(policy, name, &walk, &t))
		return outcome_unknown;
	if (!match_may_fold(policy->matcher, name))
		return outcome_end(policy, &walk, &t);
	folded = t;
	outcome = outcome_end(policy, &walk, &t);
	if (tally_folded(policy, name, &folded) < 0 ||
	    outcome_end(policy, &walk, &folded).decisions != outcome.decisions)
		outcome.decisions |= OUTCOME_FOLDS;
	return outcome;
}

struct verdict judge_decided(const struct policy *policy, enum decision decision, uint16_t line)
{
	return (struct verdict){
		.decision = decision,
		.rule = policy_rule_at(policy, line),
	};
}

bool decision_worse(enum decision a, enum decision b)
{
	static const unsigned int weight[] = {
		[DECISION_ALLOW] = 0,
		[DECISION_ASK] = 1,
		[DECISION_DENY] = 2,
		[DECISION_HIDE] = 3,
	};

	return weight[a] > weight[b];
}

struct verdict judge_verdict(const struct policy *policy, const struct outcome *outcome,
			     unsigned int want)
{
	struct verdict verdict;
	int worst = -1;

	if (want == 0 || want & ~RIGHTS_ALL)
		return judge_decided(policy, DECISION_DENY, NO_LINE);
	/* Among equals the strongest right is what the question is about. */
	for (; want; want &= want - 1) {
		int bit = __builtin_ctz(want);

		if (worst < 0 ||
		    !decision_worse(decision_of(outcome, worst), decision_of(outcome, bit)))
			worst = bit;
	}
	verdict = judge_decided(policy, decision_of(outcome, worst), outcome->line[worst]);
	verdict.folds = outcome->decisions & OUTCOME_FOLDS;
	return verdict;
}

/* The memo is the one thing in a finished policy that changes; it keeps itself right. */
struct outcome judge_remembered(const struct policy *policy, const char *name, judge_name *judge)
{
	struct outcome outcome;

	if (!policy->finished)
		return outcome_unknown;
	if (memo_find(policy->memo, name, &outcome))
		return outcome;
	outcome = judge(policy, name);
	memo_store(policy->memo, name, &outcome);
	return outcome;
}

/* Is there a view directly in this directory? What it shows may be hidden by its other name. */
static bool binds_in(const struct policy *policy, const char *directory)
{
	for (size_t i = 0; i < policy->bind_count; i++) {
		const char *name = policy->binds[i].name, *slash = strrchr(name, '/');
		size_t size = slash == name ? 1 : (size_t)(slash - name);

		if (strlen(directory) == size && memcmp(directory, name, size) == 0)
			return true;
	}
	return false;
}

/* Is there a view at this directory, or anywhere below it? */
static bool binds_below(const struct policy *policy, const char *directory)
{
	size_t size = strcmp(directory, "/") ? strlen(directory) : 0;

	for (size_t i = 0; i < policy->bind_count; i++) {
		const char *name = policy->binds[i].name;

		if (strncmp(name, directory, size) == 0 && (name[size] == '/' || !name[size]))
			return true;
	}
	return false;
}

bool judge_hides_in(const struct policy *policy, const char *directory)
{
	struct match walk __attribute__((uninitialized));
	struct outcome outcome;

	outcome = judge_remembered(policy, directory, judge_outcome);
	if (!policy->finished || decision_of(&outcome, 0) == DECISION_HIDE ||
	    binds_in(policy, directory))
		return true;
	/* The directory may be spelled otherwise, too: then there is more to look at. */
	if ((match_may_fold(policy->matcher, directory)
		     ? match_walk_folded(policy->matcher, directory, &walk)
		     : match_walk(policy->matcher, directory, &walk)) < 0)
		return true;
	for (unsigned int i = 0; i < walk.live_count; i++)
		if (match_hides_next(policy->matcher, walk.live[i]))
			return true;
	for (unsigned int i = 0; i < walk.deep_count; i++)
		if (match_hides_next(policy->matcher, walk.deep[i]))
			return true;
	return false;
}

/* What is carved out beneath a directory. */
struct carving {
	const struct policy *policy;
	const struct tally *at; /* the directory itself */
	unsigned int rights;
	bool found;
};

static void carve_beneath(void *data, const struct effect *e)
{
	struct carving *c = data;
	const struct line *line = c->policy->lines[e->line];
	bool taking = line->rule.verb == VERB_HIDE || line->rule.verb == VERB_DENY;

	/* Behind `except` of a line that takes away nothing is taken. */
	if (e->kind == EFFECT_EXCEPT)
		c->found |= !taking;
	else if ((e->kind == EFFECT_HIDE || e->kind == EFFECT_DENY) && e->rights & c->rights)
		c->found |= e->guard == NO_GUARD ||
			    !(c->at->guard_except[e->guard / 64] >> e->guard % 64 & 1);
}

bool judge_gives_whole(const struct policy *policy, const char *directory, unsigned int rights)
{
	struct match walk __attribute__((uninitialized));
	struct tally t __attribute__((uninitialized));
	struct carving carving = { .policy = policy, .at = &t, .rights = rights };
	struct outcome outcome;

	outcome = judge_remembered(policy, directory, judge_outcome);
	if (judge_verdict(policy, &outcome, rights).decision != DECISION_ALLOW ||
	    match_walk(policy->matcher, directory, &walk) < 0)
		return false;
	tally_init(policy, &t);
	tally_walk(policy, &walk, &t);
	if (match_may_fold(policy->matcher, directory) &&
	    match_walk_folded(policy->matcher, directory, &walk) < 0)
		return false;
	for (unsigned int i = 0; i < walk.live_count; i++)
		match_each_beneath(policy->matcher, walk.live[i], carve_beneath, &carving);
	for (unsigned int i = 0; i < walk.deep_count; i++)
		match_each_beneath(policy->matcher, walk.deep[i], carve_beneath, &carving);
	return !carving.found && !binds_below(policy, directory);
}
