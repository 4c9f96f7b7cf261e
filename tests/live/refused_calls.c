/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes, in a box, one call of each kind that its filter refuses, and prints what that kind is
 * called: of every row, and for every reason. Says so, and exits with 1, if one does not fail as
 * its row says.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sim/reference.h"
#include "common/cleanup.h"
#include "confine/decide.h"
#include "sys/rows.h"

enum {
	KINDS_MAX = 32, /* of one row */
};

static int wrong;

static void call_fails(const char *name, long nr, const uint64_t args[6], int error)
{
	errno = 0;
	if (syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]) == -1 &&
	    errno == error)
		return;
	printf("%s(%#lx, %#lx, %#lx) gives %d, not %d\n", name, args[0], args[1], args[2], errno,
	       error);
	wrong = 1;
}

static void decode(const uint64_t args[6], union arg ret[6])
{
	for (size_t i = 0; i < 6; i++)
		ret[i].u = args[i];
}

/* Whatever the features of this child are: what depends on them is another test's. */
static bool is_refused(const struct sysrow *row, const uint64_t args[6], struct refusal *ret)
{
	const unsigned int features[] = { 0, FEATURE_SCOPED, FEATURE_SCOPED | FEATURE_REMAP,
					  FEATURE_SCOPED | FEATURE_SENDER };
	union arg decoded[6];

	decode(args, decoded);
	for (size_t i = 0; i < array_size(features); i++)
		if (row_decide(row, decoded, features[i], ret) != DECIDED_REFUSE)
			return false;
	return true;
}

static void row_try(const struct sysrow *row)
{
	const char *seen[KINDS_MAX];
	struct samples samples;
	size_t count = 0;

	samples_init(&samples, row, true);
	for (size_t i = 0; i < samples.count; i++) {
		struct refusal refusal;
		const char *what;
		size_t j = 0;

		if (!is_refused(row, samples.args[i], &refusal))
			continue;
		what = refusal.what ? refusal.what : row->name;
		while (j < count && strcmp(seen[j], what) != 0)
			j++;
		if (j < count || count == KINDS_MAX)
			continue;
		seen[count++] = what;
		call_fails(row->name, row->nr, samples.args[i], refusal.error);
		puts(what);
	}
	samples_deinit(&samples);
}

int main(void)
{
	static const uint64_t zeros[6];

	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			if (!row->often)
				row_try(row);
	call_fails("999", 999, zeros, ENOSYS);
	puts("a system call that is not known: 999");
	call_fails("x32", X32_BIT | SYS_getpid, zeros, ENOSYS);
	printf("a system call of x32 programs: %d\n", X32_BIT | SYS_getpid);
	return wrong;
}
