/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is every refusal seen? The rows are made weaker in one place at a time: a refusal goes, a
 * condition holds always, what falls through passes. Some case of verdict_cases.h must then say
 * otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "common/cleanup.h"
#include "reference.h"
#include "verdict_cases.h"

enum {
	FEATURES_END = FEATURE_SEALED | FEATURE_REMAP | FEATURE_SCOPED | FEATURE_SENDER,
};

static bool group_sees(const struct verdict_group *group, const struct sysrow *weaker,
		       unsigned int features)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->cases[i].nr == weaker->nr &&
		    reference_row(weaker, features, group->cases[i].args) != group->cases[i].want)
			return true;
	return false;
}

static bool seen(const struct sysrow *weaker)
{
	for (unsigned int features = 0; features <= FEATURES_END; features++)
		for (size_t i = 0; i < array_size(verdict_groups); i++)
			if (verdict_group_holds(&verdict_groups[i], features) &&
			    group_sees(&verdict_groups[i], weaker, features))
				return true;
	return false;
}

static int unseen;

static void try_weaker(const struct sysrow *weaker, const char *what, size_t i)
{
	if (seen(weaker))
		return;
	printf("# %s, condition %zu: %s, and nothing that is written down says otherwise\n",
	       weaker->name, i, what);
	unseen++;
}

/* Is this condition, or the chain that it is part of, one that lets pass? */
static bool passes(const struct sysrow *row, size_t i)
{
	while (row->when[i].action == WHEN_AND)
		i++;
	return row->when[i].action == WHEN_ALLOW;
}

static void weaken_condition(const struct sysrow *row, struct when *when, size_t i)
{
	const struct when before = when[i];

	if (!passes(row, i)) {
		if (before.action == WHEN_AND)
			return; /* the end of the chain is what is refused */
		when[i].action = WHEN_ALLOW;
		try_weaker(row, "it lets pass", i);
	} else if (before.test != WHEN_ALWAYS) {
		when[i].test = WHEN_ALWAYS;
		try_weaker(row, "it holds always", i);
	}
	when[i] = before;
	if (passes(row, i) && (before.need || before.unless)) {
		when[i].need = when[i].unless = 0;
		try_weaker(row, "it holds whatever the features", i);
		when[i] = before;
	}
}

static void weaken_conditions(const struct sysrow *row)
{
	struct when *when = calloc(row->when_count + 1, sizeof(*when));
	struct sysrow copy = *row;

	ck_assert_ptr_nonnull(when);
	memcpy(when, row->when, row->when_count * sizeof(*when));
	copy.when = when;
	for (size_t i = 0; i < row->when_count; i++)
		weaken_condition(&copy, when, i);
	if (row->when[row->when_count - 1].test != WHEN_ALWAYS) {
		when[copy.when_count++] = (struct when)OTHERWISE(PASS);
		try_weaker(&copy, "what falls through passes", row->when_count);
	}
	free(when);
}

static void weaken(const struct sysrow *row)
{
	struct sysrow copy = *row;

	copy.tier = TIER_ALLOW;
	if (row->tier == TIER_ARGS)
		weaken_conditions(row);
	else if (row->tier != TIER_ALLOW)
		try_weaker(&copy, "all of it passes", 0);
}

START_TEST(no_refusal_can_be_taken_away_unseen)
{
	unseen = 0;
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			weaken(row);
	fflush(stdout);
	ck_assert_int_eq(unseen, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("filter_refusals");
	TCase *tcase = test_case(suite, "weaker");

	tcase_add_test(tcase, no_refusal_can_be_taken_away_unseen);
	return suite;
}
