/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Quotas: what counts in which, also when those around it are gone. */
#include "check_main.h"

#include "tree/quota.h"

/* tenant: has limits; kept: was spawned below it, and knows of none. */
static struct quota *tenant, *kept;

static void quotas_make(void)
{
	ck_assert_int_eq(quota_new(NULL, &tenant), 0);
	tenant->procs = 6;
	tenant->children_most = 2;
	tenant->deadline_ms = 1000;
	ck_assert_int_eq(quota_new(tenant, &kept), 0);
	kept->children_most = 100;
	quota_enter(tenant);
	quota_enter(kept);
}

/* Its child has ended, and only those below know of it. */
static void tenant_end(void)
{
	quota_leave(tenant);
	tenant = quota_drop(tenant);
}

START_TEST(children_count_for_those_who_are_gone)
{
	struct quota *more;

	quotas_make();
	tenant_end();
	ck_assert_uint_eq(kept->outer->children, 1);
	ck_assert(quota_room(kept));
	ck_assert_int_eq(quota_new(kept, &more), 0);
	quota_enter(more);
	ck_assert(!quota_room(kept));
	quota_leave(more);
	ck_assert(quota_room(kept));
	quota_drop(more);
	quota_drop(kept);
}
END_TEST

START_TEST(tasks_count_for_those_who_are_gone)
{
	quotas_make();
	tenant_end();
	ck_assert(!quota_counts_tasks(kept, false));
	ck_assert(quota_counts_tasks(kept, true));
	quota_add_tasks(kept, 6);
	ck_assert_ptr_null(quota_passed(kept, true, 0));
	quota_add_tasks(kept, 1);
	ck_assert_str_eq(quota_passed(kept, true, 0), "procs");
	ck_assert_ptr_null(quota_passed(kept, false, 0));
	quota_drop(kept);
}
END_TEST

START_TEST(time_counts_for_those_who_are_gone)
{
	quotas_make();
	kept->deadline_ms = 2000;
	ck_assert_uint_eq(quota_deadline(kept, true), 1000);
	tenant_end();
	ck_assert_uint_eq(quota_deadline(kept, true), 1000);
	ck_assert_uint_eq(quota_deadline(kept, false), 2000);
	ck_assert_ptr_null(quota_passed(kept, true, 999));
	ck_assert_str_eq(quota_passed(kept, true, 1000), "time");
	ck_assert_ptr_null(quota_passed(kept, false, 1000));
	quota_drop(kept);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("quota_counts");
	TCase *tcase = test_case(suite, "quota");

	tcase_add_test(tcase, children_count_for_those_who_are_gone);
	tcase_add_test(tcase, tasks_count_for_those_who_are_gone);
	tcase_add_test(tcase, time_counts_for_those_who_are_gone);
	return suite;
}
