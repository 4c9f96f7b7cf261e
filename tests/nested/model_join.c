/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Joined policies against the reference model: random chains of up to six levels, random names, all
 * rights; no disagreement, and never a right that a level further out lacks. Every layer travels as
 * text first, as it would between processes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "judge/restrict.h"
#include "judge/verdict.h"
#include "policy/image.h"
#include "policy/image_read.h"
#include "policy_help.h"
#include "model.h"

#define CHAINS 10000
#define NAMES  24

static char root[] = "/tmp/model.XXXXXX";

static const struct policy_env env = { .cwd = "/", .home = "/", .path = "/usr/bin:/bin" };

static void make_root(void)
{
	strcpy(root, "/tmp/model.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(model_make_tree(root), 0);
}

static void drop_root(void)
{
	ck_assert_int_eq(model_remove_tree(root), 0);
}

static struct policy *layer_policy(const struct model_layer *layer)
{
	struct policy *policy, *there;
	struct policy_error error;
	char lines[MODEL_TEXT], *text;
	size_t size;

	model_write(layer, root, lines);
	policy = help_policy_in(&env, lines);
	ck_assert_int_eq(policy_image_write(policy, &text, &size), 0);
	ck_assert_msg(policy_image_read(text, size, &env, &there, &error) == 0, "%s", error.text);
	policy_free(policy);
	free(text);
	return there;
}

static const char *absolute(const char *name, char ret[256])
{
	snprintf(ret, 256, "%s%s", root, name);
	return ret;
}

static enum model_decision decision_as(enum decision decision)
{
	switch (decision) {
	case DECISION_ALLOW: return MODEL_ALLOW;
	case DECISION_ASK: return MODEL_ASK;
	case DECISION_HIDE: return MODEL_HIDDEN;
	case DECISION_DENY: break;
	}
	return MODEL_DENY;
}

/* For the message of a disagreement. */
static const char *tell(const struct model *model, size_t depth, const char *name)
{
	static char text[MODEL_TEXT * (MODEL_DEPTH + 1)];

	snprintf(text, sizeof(text), "%s\n", name);
	for (size_t i = 0; i < depth; i++) {
		char lines[MODEL_TEXT];

		model_write(&model->layer[i], "", lines);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%zu:\n%s", i, lines);
	}
	return text;
}

static bool is_in(const char *path, const char *tree)
{
	size_t size = strcmp(tree, "/") ? strlen(tree) : 0;

	return strncmp(path, tree, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

static bool is_placed(const struct policy *policy, const char *path)
{
	size_t count;
	const char *const *places = policy_exec_places(policy, &count);

	for (size_t i = 0; i < count; i++)
		if (is_in(path, places[i]))
			return true;
	return false;
}

/* By the joined policy's list of views, as the engine does it. */
static void check_view(const struct policy *policy, const struct model *model, size_t depth,
		       const char *name)
{
	size_t count;
	const struct policy_bind *binds = policy_binds(policy, &count);
	char given[256], want[256], real[512], translated[MODEL_PATH];

	model_translate(model, depth, depth, name, translated);
	absolute(name, given);
	absolute(translated, want);
	strcpy(real, given);
	for (size_t i = 0; i < count; i++) {
		if (!is_in(given, binds[i].name))
			continue;
		snprintf(real, sizeof(real), "%s%s", binds[i].target,
			 given + strlen(binds[i].name));
		break;
	}
	ck_assert_msg(strcmp(real, want) == 0, "%s is %s, not %s", tell(model, depth, name), real,
		      want);
}

/* As view_judge of the engine: by the name and, where a view changed it, by the real one. */
static struct verdict judge(const struct policy *policy, const struct model *model, size_t depth,
			    const char *name, unsigned int right)
{
	char path[256], real[256], translated[MODEL_PATH];
	struct verdict verdict = policy_judge(policy, absolute(name, path), 1U << right);

	model_translate(model, depth, depth, name, translated);
	if (verdict.decision == DECISION_ALLOW && strcmp(name, translated) != 0)
		verdict = policy_judge_carved(policy, absolute(translated, real), 1U << right);
	return verdict;
}

/* What is allowed here is allowed one level out, by the name that it has there. */
static void check_name(struct policy *const *policies, const struct model *model, size_t depth,
		       const char *name, unsigned int *ret_allowed)
{
	const struct policy *policy = policies[depth - 1];
	char outer[MODEL_PATH], translated[MODEL_PATH], real[256];

	model_translate(model, depth, 1, name, outer);
	model_translate(model, depth, depth, name, translated);
	for (unsigned int right = 0; right < MODEL_RIGHTS; right++) {
		enum model_decision want = model_judge(model, depth, name, right);
		struct verdict verdict = judge(policy, model, depth, name, right);
		enum model_decision is = decision_as(verdict.decision);

		/* A plain policy is not asked by the second name where it refused by the first. */
		ck_assert_msg(is == want || (depth == 1 && is != MODEL_ALLOW && is < want),
			      "right %u: %d by %s, wanted %d: %s", right, (int)is,
			      verdict.rule ? verdict.rule->text : "no rule", (int)want,
			      tell(model, depth, name));
		if (is != MODEL_ALLOW)
			continue;
		*ret_allowed += 1;
		if (depth > 1)
			ck_assert_int_eq(
				judge(policies[depth - 2], model, depth - 1, outer, right).decision,
				DECISION_ALLOW);
		ck_assert_msg(1U << right != RIGHT_EXEC ||
				      is_placed(policy, absolute(translated, real)),
			      "%s", tell(model, depth, name));
	}
}

static void check_listing(const struct policy *policy, const struct model *model, size_t depth,
			  const char *name)
{
	static const char *const letters[] = { "a", "b", "c" };
	char path[256], real[256], child[MODEL_PATH + 2], translated[MODEL_PATH];

	model_translate(model, depth, depth, name, translated);
	if (policy_hides_in(policy, absolute(name, path)) ||
	    policy_hides_in(policy, absolute(translated, real)))
		return;
	for (size_t i = 0; i < 3; i++) {
		snprintf(child, sizeof(child), "%s/%s", name, letters[i]);
		ck_assert_msg(model_judge(model, depth, child, 0) != MODEL_HIDDEN, "%s",
			      tell(model, depth, child));
	}
}

/* The floor of a level lies within that of the level outside of it. */
static void check_places(const struct policy *inner, const struct policy *outer)
{
	size_t count;
	const char *const *places = policy_exec_places(inner, &count);

	for (size_t i = 0; i < count; i++)
		ck_assert_msg(is_placed(outer, places[i]), "%s", places[i]);
}

static void run_chain(const struct model *model, unsigned int *seed, unsigned int *ret_allowed)
{
	struct policy *policies[MODEL_DEPTH];

	for (size_t i = 0; i < model->depth; i++) {
		struct policy *layer = layer_policy(&model->layer[i]);

		if (i == 0) {
			policies[0] = layer;
			continue;
		}
		ck_assert_int_eq(policy_join(policies[i - 1], layer, &policies[i]), 0);
		policy_free(layer);
		check_places(policies[i], policies[i - 1]);
	}
	for (int i = 0; i < NAMES; i++) {
		size_t depth = 1 + (size_t)rand_r(seed) % model->depth;
		char name[MODEL_PATH];

		model_random_name(name, seed);
		check_name(policies, model, depth, name, ret_allowed);
		check_view(policies[depth - 1], model, depth, name);
		check_listing(policies[depth - 1], model, depth, name);
	}
	for (size_t i = 0; i < model->depth; i++)
		policy_free(policies[i]);
}

START_TEST(joined_policies_agree_with_the_model)
{
	unsigned int seed = 1, allowed = 0;

	for (int i = 0; i < CHAINS; i++) {
		struct model model;

		model_random(&model, 1 + (size_t)rand_r(&seed) % MODEL_DEPTH, &seed);
		run_chain(&model, &seed, &allowed);
	}
	/* else the agreement would say nothing */
	ck_assert_uint_gt(allowed, CHAINS * NAMES / 4);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("model_join");
	TCase *tcase = test_case(suite, "model");

	tcase_set_timeout(tcase, 170);
	tcase_add_checked_fixture(tcase, make_root, drop_root);
	tcase_add_test(tcase, joined_policies_agree_with_the_model);
	return suite;
}
