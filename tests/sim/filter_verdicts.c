/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the filter answers to calls is what is written down in verdict_cases.h. */
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include "bpf.h"
#include "check_main.h"
#include "common/cleanup.h"
#include "confine/filter.h"
#include "reference.h"
#include "sys/rows.h"
#include "verdict_cases.h"

static void expect(const struct sock_fprog *program, unsigned int features,
		   const struct verdict_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct seccomp_data data = { .nr = cases[i].nr, .arch = AUDIT_ARCH_X86_64 };
		const struct sysrow *row = sysrow_find(data.nr);
		uint32_t gets = reference_row(row, features, cases[i].args);
		struct bpf_result result;

		memcpy(data.args, cases[i].args, sizeof(data.args));
		result = bpf_run(program, &data);
		ck_assert_msg(
			!result.fault && gets == cases[i].want &&
				result.verdict == reference_filter(row, features, cases[i].args),
			"%s(%#lx, %#lx, %#lx, %#lx, %#lx): %#x, and %#x, not %#x", cases[i].name,
			cases[i].args[0], cases[i].args[1], cases[i].args[2], cases[i].args[3],
			cases[i].args[4], result.verdict, gets, cases[i].want);
		/* By another entry it is refused, and told. */
		data.arch = AUDIT_ARCH_I386;
		ck_assert_uint_eq(bpf_run(program, &data).verdict, SECCOMP_RET_USER_NOTIF);
		data.arch = AUDIT_ARCH_X86_64;
		data.nr |= X32_BIT;
		ck_assert_uint_eq(bpf_run(program, &data).verdict, SECCOMP_RET_USER_NOTIF);
	}
}

START_TEST(filter_answers_as_written_down)
{
	unsigned int features = (unsigned int)_i;
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, features, &program), 0);
	for (size_t i = 0; i < array_size(verdict_groups); i++)
		if (verdict_group_holds(&verdict_groups[i], features))
			expect(&program, features, verdict_groups[i].cases,
			       verdict_groups[i].count);
	free(program.filter);
}
END_TEST

static bool written_down(const struct sysrow *row)
{
	for (size_t i = 0; i < array_size(verdict_groups); i++)
		for (size_t j = 0; j < verdict_groups[i].count; j++)
			if (verdict_groups[i].cases[j].nr == row->nr)
				return true;
	return false;
}

START_TEST(every_call_that_does_not_simply_go_is_written_down)
{
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++) {
			if (row->tier != TIER_ARGS && row->tier != TIER_NOTIFY)
				continue;
			ck_assert_msg(written_down(row), "%s", row->name);
		}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("filter_verdicts");
	TCase *cases = test_case(suite, "cases");

	tcase_add_loop_test(cases, filter_answers_as_written_down, 0,
			    (FEATURE_SEALED | FEATURE_REMAP | FEATURE_SCOPED | FEATURE_SENDER) + 1);
	tcase_add_test(cases, every_call_that_does_not_simply_go_is_written_down);
	return suite;
}
