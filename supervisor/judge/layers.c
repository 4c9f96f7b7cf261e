/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of a joined policy: every layer is asked, by the names that it knows. */
#include "judge/layers.h"

#include <limits.h>
#include <string.h>

#include "common/address.h"
#include "judge/judge.h"
#include "judge/judge_address.h"
#include "judge/judge_move.h"
#include "judge/verdict.h"
#include "policy/binds.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

#define ROOM (2 * PATH_MAX)

static const struct verdict refused = { .decision = DECISION_DENY };

/* A name on its way outwards. */
struct passage {
	const char *at;
	unsigned int turn;
	char name[2][ROOM];
};

enum step {
	STEP_SAME,    /* no view changed the name */
	STEP_CHANGED, /* ->at is the name one level up */
	STEP_HIDDEN,  /* it is, or was, a process's own: see restrict.c */
	STEP_FAILED,  /* it has no name there */
};

static void passage_init(struct passage *passage, const char *name)
{
	passage->at = name;
	passage->turn = 0;
}

static enum step passage_step(struct passage *passage, const struct policy *layer)
{
	char *next = passage->name[passage->turn];

	if (layer->bind_count == 0)
		return STEP_SAME;
	if (!resolve_view(layer, passage->at, next, ROOM))
		return STEP_FAILED;
	if (strcmp(next, passage->at) == 0)
		return STEP_SAME;
	if (name_is_of_process(next) || name_is_of_process(passage->at))
		return STEP_HIDDEN;
	passage->at = next;
	passage->turn ^= 1;
	return STEP_CHANGED;
}

static bool is_said(const struct policy *policy, unsigned int line)
{
	return rule_takes_away(policy_rule_at(policy, (uint16_t)line));
}

/* Of equal decisions the first stays, and the innermost layer is asked first; but not if another
 * one's line says more: one that refuses more than an `except`, and that more than none. */
static bool says_more(const struct policy *policy, enum decision decision, uint16_t was,
		      unsigned int is)
{
	if (was == NO_LINE)
		return true;
	return decision == DECISION_DENY && !is_said(policy, was) && is_said(policy, is);
}

static void outcome_worsen(const struct policy *policy, struct outcome *all,
			   const struct outcome *one, unsigned int first, bool carved)
{
	all->decisions |= one->decisions & OUTCOME_FOLDS;
	for (int bit = 0; bit < RIGHT_COUNT; bit++) {
		enum decision was = decision_of(all, bit), is = decision_of(one, bit);
		bool ruled = one->line[bit] != NO_LINE;

		if (carved && is != DECISION_HIDE && !(is == DECISION_DENY && ruled))
			continue;
		if (!decision_worse(is, was) &&
		    !(is == was && ruled &&
		      says_more(policy, is, all->line[bit], first + one->line[bit])))
			continue;
		all->decisions &= (uint16_t) ~(3U << 2 * bit);
		all->decisions |= (uint16_t)((unsigned int)is << 2 * bit);
		all->line[bit] = ruled ? (uint16_t)(first + one->line[bit]) : NO_LINE;
	}
}

static struct outcome outcome_hidden(void)
{
	struct outcome outcome = { .decisions = 0 };

	for (int bit = 0; bit < RIGHT_COUNT; bit++) {
		outcome.decisions |= (uint16_t)(DECISION_HIDE << 2 * bit);
		outcome.line[bit] = NO_LINE;
	}
	return outcome;
}

/* Past the layers' own memos: what is not in ours is hardly in theirs, and would drive out what is.
 */
struct outcome join_outcome(const struct policy *policy, const char *name, bool folded)
{
	judge_name *judge_layer = folded ? judge_folded : judge_outcome;
	struct passage passage __attribute__((uninitialized));
	struct outcome all = { .decisions = 0 };

	passage_init(&passage, name);
	memset(all.line, 0xff, sizeof(all.line));
	for (size_t i = policy->layer_count; i-- > 0;) {
		const struct layer *layer = &policy->layers[i];
		struct outcome one = judge_layer(layer->policy, passage.at);

		if (one.decisions & OUTCOME_UNKNOWN)
			return outcome_unknown;
		outcome_worsen(policy, &all, &one, layer->first, false);
		switch (passage_step(&passage, layer->policy)) {
		case STEP_SAME: break;
		case STEP_HIDDEN: return outcome_hidden();
		case STEP_FAILED: return outcome_unknown;
		case STEP_CHANGED:
			one = judge_layer(layer->policy, passage.at);
			if (one.decisions & OUTCOME_UNKNOWN)
				return outcome_unknown;
			outcome_worsen(policy, &all, &one, layer->first, true);
			break;
		}
	}
	return all;
}

struct verdict join_judge_move(const struct policy *policy, const char *from, const char *to,
			       bool folded)
{
	struct passage x __attribute__((uninitialized)), y __attribute__((uninitialized));

	passage_init(&x, from);
	passage_init(&y, to);
	for (size_t i = policy->layer_count; i-- > 0;) {
		const struct policy *layer = policy->layers[i].policy;
		struct verdict verdict = judge_move(layer, x.at, y.at, folded);
		enum step x_step, y_step;

		if (verdict.decision != DECISION_ALLOW)
			return verdict;
		x_step = passage_step(&x, layer);
		y_step = passage_step(&y, layer);
		if (x_step >= STEP_HIDDEN || y_step >= STEP_HIDDEN)
			return refused;
		if (x_step == STEP_SAME && y_step == STEP_SAME)
			continue;
		verdict = judge_move(layer, x.at, y.at, folded);
		if (verdict.decision != DECISION_ALLOW)
			return verdict;
	}
	return (struct verdict){ .decision = DECISION_ALLOW };
}

unsigned int join_move_gains(const struct policy *policy, const char *from, const char *to)
{
	struct passage x __attribute__((uninitialized)), y __attribute__((uninitialized));
	unsigned int rights = 0;

	passage_init(&x, from);
	passage_init(&y, to);
	for (size_t i = policy->layer_count; i-- > 0;) {
		const struct policy *layer = policy->layers[i].policy;

		rights |= judge_move_gains(layer, x.at, y.at);
		if (passage_step(&x, layer) >= STEP_HIDDEN ||
		    passage_step(&y, layer) >= STEP_HIDDEN)
			return RIGHTS_ALL;
	}
	return rights;
}

bool join_gives_whole(const struct policy *policy, const char *directory, unsigned int rights)
{
	struct passage passage __attribute__((uninitialized));

	passage_init(&passage, directory);
	for (size_t i = policy->layer_count; i-- > 0;) {
		const struct policy *layer = policy->layers[i].policy;
		enum step step;

		if (!judge_gives_whole(layer, passage.at, rights))
			return false;
		step = passage_step(&passage, layer);
		if (step >= STEP_HIDDEN ||
		    (step == STEP_CHANGED && !judge_gives_whole(layer, passage.at, rights)))
			return false;
	}
	return true;
}

bool join_hides_in(const struct policy *policy, const char *directory)
{
	struct passage passage __attribute__((uninitialized));

	passage_init(&passage, directory);
	for (size_t i = policy->layer_count; i-- > 0;) {
		const struct policy *layer = policy->layers[i].policy;
		enum step step;

		if (judge_hides_in(layer, passage.at))
			return true;
		step = passage_step(&passage, layer);
		if (step >= STEP_HIDDEN ||
		    (step == STEP_CHANGED && judge_hides_in(layer, passage.at)))
			return true;
	}
	return false;
}

/* Returns whether to ask on: a refusal is as bad as it gets. */
static bool worsen(struct verdict *all, struct verdict one)
{
	if (!all->rule || decision_worse(one.decision, all->decision))
		*all = one;
	return one.decision == DECISION_ALLOW || one.decision == DECISION_ASK;
}

/* Has a layer's policy anything to say of this host, or nothing against any? */
static bool names_host(const struct policy *layer, const char *host)
{
	for (size_t i = 0; i < layer->count; i++) {
		const struct line *line = layer->lines[i];

		if (line->rule.verb != VERB_CONNECT &&
		    !(line->rule.verb == VERB_ASK && line->inner == VERB_CONNECT))
			continue;
		for (size_t j = 0; j < line->count && !line->items[j].except; j++)
			if (line->items[j].address->kind == ADDRESS_ANY ||
			    (line->items[j].address->kind == ADDRESS_HOST &&
			     strcmp(line->items[j].address->host, host) == 0))
				return true;
	}
	return false;
}

/* May this layer of a joined policy have the name of a host resolved? */
static bool may_name(const struct policy *policy, size_t layer, const char *host)
{
	while (layer-- > 0)
		if (!names_host(policy->layers[layer].policy, host))
			return false;
	return true;
}

struct naming {
	const struct policy *policy;
	size_t layer;
	policy_lookup *lookup;
	void (*each)(void *data, const char *host);
	void *data;
};

static bool lookup_named(void *data, const char *host, const struct sockaddr *address, bool widely)
{
	const struct naming *naming = data;

	if (!may_name(naming->policy, naming->layer, host))
		return widely;
	return naming->lookup(naming->data, host, address, widely);
}

static void each_named(void *data, const char *host)
{
	const struct naming *naming = data;

	if (may_name(naming->policy, naming->layer, host))
		naming->each(naming->data, host);
}

void join_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		    void *data)
{
	for (size_t i = 0; i < policy->layer_count; i++) {
		struct naming naming = { .policy = policy, .layer = i, .each = each, .data = data };

		judge_each_host(policy->layers[i].policy, each_named, &naming);
	}
}

static void note_host(void *data, const char *host)
{
	(void)host;
	*(bool *)data = true;
}

bool join_names_hosts(const struct policy *policy)
{
	bool any = false;

	for (size_t i = 0; i < policy->layer_count; i++) {
		struct naming naming = {
			.policy = policy, .layer = i, .each = note_host, .data = &any
		};

		if (judge_names_hosts(policy->layers[i].policy))
			judge_each_host(policy->layers[i].policy, each_named, &naming);
	}
	return any;
}

/* The outermost layer first: what it refuses is looked up for nobody. */
struct verdict join_judge_address(const struct policy *policy, enum verb verb,
				  const struct address *address, policy_lookup *lookup, void *data,
				  const struct sockaddr *sa)
{
	struct verdict verdict = { .decision = DECISION_ALLOW };
	bool on = true;

	for (size_t i = 0; on && i < policy->layer_count; i++) {
		struct naming naming = {
			.policy = policy, .layer = i, .lookup = lookup, .data = data
		};

		on = worsen(&verdict, judge_address(policy->layers[i].policy, verb, address, NULL,
						    lookup ? lookup_named : NULL, &naming, sa));
	}
	return verdict;
}

struct verdict join_judge_abstract(const struct policy *policy, const char *name, size_t size)
{
	struct verdict verdict = { .decision = DECISION_ALLOW };
	bool on = true;

	for (size_t i = policy->layer_count; on && i-- > 0;)
		on = worsen(&verdict, judge_abstract(policy->layers[i].policy, name, size));
	return verdict;
}

struct verdict join_judge_method(const struct policy *policy, const char *name)
{
	struct verdict verdict = { .decision = DECISION_ALLOW };
	bool on = true;

	for (size_t i = policy->layer_count; on && i-- > 0;)
		on = worsen(&verdict, judge_method(policy->layers[i].policy, name));
	return verdict;
}
