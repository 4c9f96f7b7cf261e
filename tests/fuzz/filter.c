/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz: the filter against the rows. Of the bytes: the features, the number, an argument each;
 * small values are looked for, as they are what rows name.
 */
#include <errno.h>
#include <linux/audit.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../sim/bpf.h"
#include "../sim/reference.h"
#include "confine/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FEATURES = 8,
	ROUNDS = 64, /* calls of one input */
};

static struct sock_fprog programs[FEATURES];
static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t argument(const struct sysrow *row)
{
	switch (next() % 4) {
	case 0: return next() % 64;
	case 1: return next();
	case 2: return 1ull << next() % 64;
	}
	if (!row || row->when_count == 0)
		return 0;
	/* What a condition asks for, or beside it, with something in the high half. */
	return row->when[next() % row->when_count].value + next() % 3 - 1 +
	       (next() % 3 ? 0 : next() << 32);
}

static void try_one(unsigned int features)
{
	struct seccomp_data call = { .nr = (int)(next() % 480), .arch = AUDIT_ARCH_X86_64 };
	const struct sysrow *row = sysrow_find(call.nr);
	struct bpf_result result;
	uint64_t args[6];
	uint32_t want;

	for (int i = 0; i < 6; i++)
		call.args[i] = args[i] = argument(row);
	want = row ? reference_filter(row, features, args) : SECCOMP_RET_USER_NOTIF;
	result = bpf_run(&programs[features], &call);
	if (result.fault || result.verdict != want)
		abort();
	/* By other entries nothing passes. */
	call.arch = (uint32_t)next();
	if (call.arch != AUDIT_ARCH_X86_64 &&
	    bpf_run(&programs[features], &call).verdict != SECCOMP_RET_USER_NOTIF)
		abort();
	call.arch = AUDIT_ARCH_X86_64;
	call.nr |= 0x40000000;
	if (bpf_run(&programs[features], &call).verdict != SECCOMP_RET_USER_NOTIF)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int features = size ? data[0] % FEATURES : 0;

	state = 0x9e3779b97f4a7c15;
	for (size_t i = 0; i < size; i++)
		state = (state ^ data[i]) * 1099511628211u | 1;
	if (!programs[features].filter &&
	    filter_build(sysrow_tables, features, &programs[features]) < 0)
		abort();
	for (int i = 0; i < ROUNDS; i++)
		try_one(features);
	return 0;
}
