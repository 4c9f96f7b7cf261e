/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool condition_holds(const struct when *when, unsigned int features, const uint64_t args[6])
{
	uint64_t whole = args[when->arg];
	uint32_t low = (uint32_t)whole;

	if ((features & when->need) != when->need || (features & when->unless) != 0)
		return false;
	switch (when->test) {
	case WHEN_ALWAYS: return true;
	case WHEN_EQUAL64: return whole == when->value;
	case WHEN_ANY_BIT: return (low & when->value) != 0;
	case WHEN_EQUAL: return (when->mask ? low & when->mask : low) == when->value;
	}
	abort();
}

/* What the caller gets, and whether it gets it from the supervisor, which tells people. */
struct outcome {
	uint32_t verdict;
	bool told;
};

static struct outcome failure(unsigned int error, bool told)
{
	return (struct outcome){ SECCOMP_RET_ERRNO | (error ? error : ENOSYS), told };
}

static struct outcome action(const struct when *when)
{
	switch (when->action) {
	case WHEN_ALLOW: return (struct outcome){ SECCOMP_RET_ALLOW, false };
	case WHEN_NOTIFY: return (struct outcome){ SECCOMP_RET_USER_NOTIF, false };
	case WHEN_PRETEND: return (struct outcome){ SECCOMP_RET_ERRNO | 0, false };
	case WHEN_ERROR: return failure(when->error, false);
	case WHEN_REFUSE: return failure(when->error, true);
	}
	abort();
}

static struct outcome outcome(const struct sysrow *row, unsigned int features,
			      const uint64_t args[6])
{
	bool holds = true;

	switch (row->tier) {
	case TIER_REFUSE: return failure(row->error, !row->often);
	case TIER_ALLOW: return (struct outcome){ SECCOMP_RET_ALLOW, false };
	case TIER_NOTIFY: return (struct outcome){ SECCOMP_RET_USER_NOTIF, false };
	case TIER_ARGS: break;
	}
	for (size_t i = 0; i < row->when_count; i++) {
		holds = holds && condition_holds(&row->when[i], features, args);
		if (row->when[i].action == WHEN_AND)
			continue;
		if (holds)
			return action(&row->when[i]);
		holds = true;
	}
	return failure(row->error, true);
}

uint32_t reference_row(const struct sysrow *row, unsigned int features, const uint64_t args[6])
{
	return outcome(row, features, args).verdict;
}

uint32_t reference_filter(const struct sysrow *row, unsigned int features, const uint64_t args[6])
{
	struct outcome what = outcome(row, features, args);

	return what.told ? SECCOMP_RET_USER_NOTIF : what.verdict;
}

enum {
	VALUES_MAX = 1024,
	SAMPLES_MAX = 1 << 12, /* of a row; where there are more, they are spread over all */
	EXACT_MAX = 1 << 7,    /* and of these: libseccomp makes a rule of each */
};

struct values {
	uint64_t value[VALUES_MAX];
	size_t count;
};

static void values_add(struct values *values, uint64_t value)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->value[i] == value)
			return;
	if (values->count == VALUES_MAX)
		abort();
	values->value[values->count++] = value;
}

/* A value, and what must not be taken for it, or must. */
static void values_around(struct values *values, uint64_t value, bool exact)
{
	values_add(values, value);
	if (exact)
		return;
	values_add(values, value | UINT64_C(1) << 32);
	values_add(values, value | UINT64_C(0xffffffff) << 32);
	values_add(values, value ^ 1);
	values_add(values, value ^ 0x80000000);
	values_add(values, value + 1);
}

static void values_of(struct values *values, const struct sysrow *row, unsigned int arg, bool exact)
{
	values->count = 0;
	for (size_t i = 0; i < row->when_count; i++) {
		const struct when *when = &row->when[i];

		if (when->test == WHEN_ALWAYS || when->arg != arg)
			continue;
		values_add(values, 0);
		if (!exact) {
			values_add(values, UINT64_MAX);
			values_add(values, UINT32_MAX);
			values_add(values, UINT64_C(1) << 32);
		}
		if (when->test == WHEN_ANY_BIT) {
			for (unsigned int bit = 0; bit < 32; bit++)
				if (when->value & 1u << bit)
					values_add(values, 1u << bit);
			if (!exact)
				values_add(values, (uint32_t)~when->value);
			continue;
		}
		values_around(values, when->value, exact);
		if (when->mask)
			values_add(values, when->value | (~when->mask & 0x00080800));
	}
	if (values->count == 0)
		values_add(values, 0);
}

void samples_init(struct samples *samples, const struct sysrow *row, bool exact)
{
	struct values *values = calloc(6, sizeof(*values));
	size_t count = 1, most = exact ? EXACT_MAX : SAMPLES_MAX;

	for (unsigned int arg = 0; arg < 6; arg++) {
		values_of(&values[arg], row, arg, exact);
		count *= values[arg].count;
	}
	samples->count = count < most ? count : most;
	samples->args = calloc(samples->count, sizeof(samples->args[0]));
	for (size_t i = 0; i < samples->count; i++) {
		/* A prime, so that each value of each argument comes with all kinds of others. */
		size_t rest = count < most ? i : i * 1000003 % count;

		for (unsigned int arg = 0; arg < 6; arg++) {
			samples->args[i][arg] = values[arg].value[rest % values[arg].count];
			rest /= values[arg].count;
		}
	}
	free(values);
}

void samples_deinit(struct samples *samples)
{
	free(samples->args);
}
