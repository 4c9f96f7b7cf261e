/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compiled filter against two others made of the same rows: one that says plainly what they
 * mean, and one that libseccomp compiles.
 */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bpf.h"
#include "call/call.h"
#include "check_main.h"
#include "common/cleanup.h"
#include "confine/decide.h"
#include "confine/filter.h"
#include "reference.h"

enum {
	FEATURES_END = FEATURE_SEALED | FEATURE_REMAP | FEATURE_SCOPED | FEATURE_SENDER,
};

static const uint32_t UNKNOWN = SECCOMP_RET_USER_NOTIF; /* to be told */

static struct bpf_result ask(const struct sock_fprog *program, uint32_t arch, int nr,
			     const uint64_t args[6])
{
	struct seccomp_data data = { .nr = nr,
				     .arch = arch,
				     .instruction_pointer = 0x5555deadbeef };
	struct bpf_result result;

	if (args)
		memcpy(data.args, args, sizeof(data.args));
	result = bpf_run(program, &data);
	ck_assert_msg(!result.fault, "call %d: %s", nr, result.fault);
	return result;
}

static void compare_row(const struct sock_fprog *program, const struct sysrow *row,
			unsigned int features)
{
	struct samples samples;

	samples_init(&samples, row, false);
	ck_assert(samples.args && samples.count > 0);
	for (size_t i = 0; i < samples.count; i++) {
		const uint64_t *args = samples.args[i];
		uint32_t want = reference_filter(row, features, args);
		uint32_t got = ask(program, AUDIT_ARCH_X86_64, row->nr, args).verdict;

		ck_assert_msg(got == want,
			      "%s(%#lx, %#lx, %#lx, %#lx) with features %#x: %#x, not %#x",
			      row->name, args[0], args[1], args[2], args[3], features, got, want);
	}
	samples_deinit(&samples);
}

START_TEST(filter_says_what_the_rows_say)
{
	unsigned int features = (unsigned int)_i;
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, features, &program), 0);
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			compare_row(&program, row, features);
	free(program.filter);
}
END_TEST

/* The arguments as the dispatcher hands them on, by the row's letters. */
static void decode(const struct sysrow *row, const uint64_t args[6], struct registers *ret)
{
	*ret = (struct registers){ .nr = row->nr };
	for (size_t i = 0; row->args[i]; i++) {
		bool is_signed = strchr("dfi", row->args[i]);

		ret->arg[i].u = row->args[i] == 'm'   ? args[i] & 0xffff
				: row->args[i] == 'u' ? (uint32_t)args[i]
						      : args[i];
		if (is_signed)
			ret->arg[i].s = (int32_t)(uint32_t)args[i];
	}
}

static uint32_t decided(const struct sysrow *row, const uint64_t args[6], unsigned int features)
{
	struct registers regs;
	struct refusal refusal = { 0 };

	decode(row, args, &regs);
	switch (row_decide(row, regs.arg, features, &refusal)) {
	case DECIDED_ALLOW: return SECCOMP_RET_ALLOW;
	case DECIDED_NOTIFY: return SECCOMP_RET_USER_NOTIF;
	case DECIDED_PRETEND: return SECCOMP_RET_ERRNO | 0;
	case DECIDED_ERROR:
	case DECIDED_REFUSE: break;
	}
	return SECCOMP_RET_ERRNO | (uint32_t)refusal.error;
}

static void compare_decided(const struct sysrow *row, unsigned int features)
{
	struct samples samples;

	samples_init(&samples, row, false);
	for (size_t i = 0; i < samples.count; i++) {
		const uint64_t *args = samples.args[i];

		ck_assert_msg(decided(row, args, features) == reference_row(row, features, args),
			      "%s(%#lx, %#lx, %#lx, %#lx) with features %#x", row->name, args[0],
			      args[1], args[2], args[3], features);
	}
	samples_deinit(&samples);
}

/* A call that is notified for a level's sake, and goes on, is decided as the filter would have. */
START_TEST(what_is_decided_after_a_notification_is_what_the_filter_says)
{
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			compare_decided(row, (unsigned int)_i);
}
END_TEST

START_TEST(numbers_without_a_row_are_unknown)
{
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, 0, &program), 0);
	for (int nr = 0; nr < 2048; nr++)
		if (!sysrow_find(nr))
			ck_assert_uint_eq(ask(&program, AUDIT_ARCH_X86_64, nr, NULL).verdict,
					  UNKNOWN);
	free(program.filter);
}
END_TEST

START_TEST(numbers_above_all_calls_notify)
{
	static const uint32_t numbers[] = { 0xfffff,	0x100000,   0x100001,
					    0x3fffffff, 0x40000000, 0x40000001,
					    0x40100000, 0x80000000, 0xffffffff };
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, 0, &program), 0);
	for (size_t i = 0; i < array_size(numbers); i++) {
		struct bpf_result result = ask(&program, AUDIT_ARCH_X86_64, (int)numbers[i], NULL);

		ck_assert_msg(result.verdict == SECCOMP_RET_USER_NOTIF, "%#x: %#x", numbers[i],
			      result.verdict);
		ck_assert(result.constant);
	}
	free(program.filter);
}
END_TEST

START_TEST(other_architectures_are_refused_for_every_number)
{
	static const uint32_t arches[] = { AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, 0,
					   UINT32_MAX };
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, 0, &program), 0);
	for (size_t i = 0; i < array_size(arches); i++)
		for (int nr = -2; nr < 512; nr++)
			ck_assert_uint_eq(ask(&program, arches[i], nr, NULL).verdict, UNKNOWN);
	ck_assert_uint_eq(ask(&program, AUDIT_ARCH_I386, 0x100000, NULL).verdict, UNKNOWN);
	free(program.filter);
}
END_TEST

START_TEST(x32_calls_are_refused_for_every_number)
{
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, 0, &program), 0);
	for (int nr = 0; nr < 1024; nr++)
		ck_assert_uint_eq(ask(&program, AUDIT_ARCH_X86_64, nr | 0x40000000, NULL).verdict,
				  UNKNOWN);
	free(program.filter);
}
END_TEST

/* What the kernel's bitmap finds out once, at the filter's birth: these calls then cost nothing. */
START_TEST(verdicts_that_do_not_depend_on_arguments_load_none)
{
	unsigned int features = (unsigned int)_i;
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, features, &program), 0);
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++) {
			struct bpf_result result = ask(&program, AUDIT_ARCH_X86_64, row->nr, NULL);

			if (row->tier != TIER_ARGS)
				ck_assert_msg(result.constant, "%s loads arguments", row->name);
			ck_assert_msg(result.steps < 128, "%s takes %u steps", row->name,
				      result.steps);
		}
	free(program.filter);
}
END_TEST

START_TEST(calls_that_features_alone_decide_load_no_argument)
{
	static const char *const names[] = { "pidfd_send_signal" };
	struct sock_fprog program;

	ck_assert_int_eq(filter_build(sysrow_tables, FEATURE_SCOPED, &program), 0);
	for (size_t i = 0; i < array_size(names); i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);
		struct bpf_result result;

		if (!sysrow_find(nr))
			continue;
		result = ask(&program, AUDIT_ARCH_X86_64, nr, NULL);
		ck_assert_msg(result.constant && result.verdict == SECCOMP_RET_ALLOW, "%s",
			      names[i]);
	}
	free(program.filter);
}
END_TEST

/* The same filter as libseccomp makes it, of the exact values that the conditions name. */

static uint32_t libseccomp_action(uint32_t verdict)
{
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW: return SCMP_ACT_ALLOW;
	case SECCOMP_RET_USER_NOTIF: return SCMP_ACT_NOTIFY;
	}
	return SCMP_ACT_ERRNO(verdict & SECCOMP_RET_DATA);
}

/* Equality in all the arguments that the row looks at. */
static unsigned int libseccomp_compare(const struct sysrow *row, const uint64_t args[6],
				       struct scmp_arg_cmp compare[6])
{
	unsigned int count = 0, seen = 0;

	for (size_t i = 0; i < row->when_count; i++) {
		unsigned int arg = row->when[i].arg;

		if (row->when[i].test == WHEN_ALWAYS || (seen & 1u << arg))
			continue;
		seen |= 1u << arg;
		compare[count++] = SCMP_CMP(arg, SCMP_CMP_EQ, args[arg]);
	}
	return count;
}

/* Do the arguments matter, for a child with these features? */
static bool row_depends(const struct sysrow *row, unsigned int features,
			const struct samples *samples)
{
	for (size_t i = 1; i < samples->count; i++)
		if (reference_filter(row, features, samples->args[i]) !=
		    reference_filter(row, features, samples->args[0]))
			return true;
	return false;
}

static void libseccomp_row(scmp_filter_ctx ctx, const struct sysrow *row, unsigned int features)
{
	struct samples samples;
	bool depends;

	samples_init(&samples, row, true);
	depends = row_depends(row, features, &samples);
	for (size_t i = 0; i < (depends ? samples.count : 1); i++) {
		uint32_t verdict = reference_filter(row, features, samples.args[i]);
		struct scmp_arg_cmp compare[6];
		unsigned int count =
			depends ? libseccomp_compare(row, samples.args[i], compare) : 0;
		int r;

		if (verdict == UNKNOWN)
			continue; /* its default */
		r = seccomp_rule_add_array(ctx, libseccomp_action(verdict), row->nr, count,
					   compare);
		ck_assert_msg(r == 0, "%s: %s", row->name, strerror(-r));
	}
	samples_deinit(&samples);
}

static void libseccomp_export(scmp_filter_ctx ctx, struct sock_fprog *ret)
{
	cleanup_fd int fd = memfd_create("bpf", MFD_CLOEXEC);
	off_t size;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(seccomp_export_bpf(ctx, fd), 0);
	size = lseek(fd, 0, SEEK_END);
	ck_assert_int_gt(size, 0);
	ret->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	ret->filter = malloc((size_t)size);
	ck_assert_int_eq(pread(fd, ret->filter, (size_t)size, 0), size);
}

static void libseccomp_build(unsigned int features, struct sock_fprog *ret)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_NOTIFY);

	ck_assert_ptr_nonnull(ctx);
	ck_assert_int_eq(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_NOTIFY), 0);
	ck_assert_int_eq(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), 0);
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			libseccomp_row(ctx, row, features);
	libseccomp_export(ctx, ret);
	seccomp_release(ctx);
}

static void libseccomp_compare_row(const struct sock_fprog *ours, const struct sock_fprog *theirs,
				   const struct sysrow *row)
{
	struct samples samples;

	samples_init(&samples, row, true);
	ck_assert(samples.args && samples.count > 0);
	for (size_t i = 0; i < samples.count; i++) {
		const uint64_t *args = samples.args[i];
		uint32_t want = ask(theirs, AUDIT_ARCH_X86_64, row->nr, args).verdict;
		uint32_t got = ask(ours, AUDIT_ARCH_X86_64, row->nr, args).verdict;

		ck_assert_msg(got == want, "%s(%#lx, %#lx, %#lx): ours %#x, libseccomp's %#x",
			      row->name, args[0], args[1], args[2], got, want);
	}
	samples_deinit(&samples);
}

START_TEST(filter_says_what_libseccomp_makes_of_the_rows)
{
	unsigned int features = (unsigned int)_i;
	struct sock_fprog ours, theirs;

	ck_assert_int_eq(filter_build(sysrow_tables, features, &ours), 0);
	libseccomp_build(features, &theirs);
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			libseccomp_compare_row(&ours, &theirs, row);
	for (int nr = 0; nr < 1024; nr++) {
		uint32_t foreign = ask(&theirs, AUDIT_ARCH_I386, nr, NULL).verdict;
		uint32_t x32 = ask(&theirs, AUDIT_ARCH_X86_64, nr | 0x40000000, NULL).verdict;

		ck_assert_uint_eq(ask(&ours, AUDIT_ARCH_I386, nr, NULL).verdict, foreign);
		ck_assert_uint_eq(ask(&ours, AUDIT_ARCH_X86_64, nr | 0x40000000, NULL).verdict,
				  x32);
	}
	free(ours.filter);
	free(theirs.filter);
}
END_TEST

/* A jump over 255 instructions takes another form: lists of all sizes around that. */
START_TEST(lists_of_any_size_are_jumped_over)
{
	for (unsigned int size = 120; size < 136; size++) {
		struct when when[136];
		struct sysrow rows[] = {
			{.nr = 0,
			  .name = "first",
			  .args = "u",
			  .tier = TIER_ARGS,
			  .when = when,
			  .when_count = size},
			ALLOWED(write, "", NULL),
			ROWS_END,
		};
		const struct sysrow *const tables[] = { rows, NULL };
		struct sock_fprog program;

		for (unsigned int i = 0; i < size; i++)
			when[i] = (struct when)IF_EQUAL(0, 2 * i, AS_LINUX(1 + i));
		if (_i) /* one instruction more */
			when[0] = (struct when)IF_MASKED(0, 0xff000000, 0x01000000, PASS);
		ck_assert_int_eq(filter_build(tables, 0, &program), 0);
		compare_row(&program, &rows[0], 0);
		compare_row(&program, &rows[1], 0);
		ck_assert_uint_eq(ask(&program, AUDIT_ARCH_X86_64, 2, NULL).verdict, UNKNOWN);
		free(program.filter);
	}
}
END_TEST

/* A filter that answers wrong anywhere would go unseen if the simulator could not tell. */
START_TEST(simulator_finds_a_jump_out_of_the_program)
{
	struct sock_filter code[] = { BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog program = { .len = array_size(code), .filter = code };
	struct seccomp_data data = { 0 };

	ck_assert_ptr_nonnull(bpf_run(&program, &data).fault);
}
END_TEST

START_TEST(simulator_tells_that_an_argument_was_loaded)
{
	struct sock_filter code[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
				      BPF_STMT(BPF_RET | BPF_K, 7) };
	struct sock_fprog program = { .len = array_size(code), .filter = code };
	struct seccomp_data data = { 0 };

	ck_assert(!bpf_run(&program, &data).constant);
	ck_assert_uint_eq(bpf_run(&program, &data).verdict, 7);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("filter_reference");
	TCase *rows = test_case(suite, "rows"), *entry = test_case(suite, "entry");
	TCase *simulator = test_case(suite, "simulator");

	tcase_set_timeout(rows, 20);
	tcase_add_loop_test(rows, filter_says_what_the_rows_say, 0, FEATURES_END + 1);
	tcase_add_loop_test(rows, what_is_decided_after_a_notification_is_what_the_filter_says, 0,
			    FEATURES_END + 1);
	tcase_add_loop_test(rows, verdicts_that_do_not_depend_on_arguments_load_none, 0,
			    FEATURES_END + 1);
	tcase_add_loop_test(rows, filter_says_what_libseccomp_makes_of_the_rows, 0,
			    FEATURES_END + 1);
	tcase_add_test(rows, calls_that_features_alone_decide_load_no_argument);
	tcase_add_loop_test(rows, lists_of_any_size_are_jumped_over, 0, 2);
	tcase_add_test(entry, numbers_without_a_row_are_unknown);
	tcase_add_test(entry, numbers_above_all_calls_notify);
	tcase_add_test(entry, other_architectures_are_refused_for_every_number);
	tcase_add_test(entry, x32_calls_are_refused_for_every_number);
	tcase_add_test(simulator, simulator_finds_a_jump_out_of_the_program);
	tcase_add_test(simulator, simulator_tells_that_an_argument_was_loaded);
	return suite;
}
