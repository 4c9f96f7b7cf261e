/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sv_policy_tiers says of a policy. */
#include <check.h>
#include <string.h>
#include "check_main.h"
#include "policy_help.h"
#include "supervisor.h"
#include "sys/rows.h"

struct found {
	const char *name;
	struct sv_tier tier;
	unsigned int count;
};

static void find(const struct sv_tier *tier, void *data)
{
	struct found *found = data;

	found->count++;
	if (strcmp(tier->syscall, found->name) == 0)
		found->tier = *tier;
}

static enum sv_tier_kind kind_of(const char *line, const char *name)
{
	struct policy *policy = help_policy(line);
	struct found found = { .name = name };

	sv_policy_tiers(policy, find, &found);
	policy_free(policy);
	return found.tier.kind;
}

START_TEST(every_row_is_told_once)
{
	struct policy *policy = help_policy("");
	struct found found = { .name = "read" };
	unsigned int rows = 0;

	for (int nr = 0; nr < SYSROW_NUMBERS; nr++)
		rows += sysrow_find(nr) != NULL;
	sv_policy_tiers(policy, find, &found);
	ck_assert_uint_eq(found.count, rows);
	policy_free(policy);
}
END_TEST

START_TEST(tiers_are_those_of_the_rows)
{
	ck_assert_int_eq(kind_of("", "read"), SV_TIER_KERNEL);
	ck_assert_int_eq(kind_of("", "openat"), SV_TIER_NOTIFICATION);
	ck_assert_int_eq(kind_of("", "mount"), SV_TIER_REFUSED);
	ck_assert_int_eq(kind_of("", "ioctl"), SV_TIER_ARGUMENTS);
}
END_TEST

START_TEST(a_view_makes_getcwd_the_supervisors)
{
	ck_assert_int_eq(kind_of("", "getcwd"), SV_TIER_KERNEL);
	ck_assert_int_eq(kind_of("bind /data /usr", "getcwd"), SV_TIER_NOTIFICATION);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_tiers");
	TCase *tiers = test_case(suite, "tiers");

	tcase_add_test(tiers, every_row_is_told_once);
	tcase_add_test(tiers, tiers_are_those_of_the_rows);
	tcase_add_test(tiers, a_view_makes_getcwd_the_supervisors);
	return suite;
}
