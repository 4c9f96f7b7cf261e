/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rows mean, said a second time and as plainly as can be: what the compiled filter is compared
 * with. */
#ifndef TESTS_SIM_REFERENCE_H
#define TESTS_SIM_REFERENCE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sys/rows.h"

/* What the caller gets, as a filter's verdict: a notification is to be judged. */
uint32_t reference_row(const struct sysrow *row, unsigned int features, const uint64_t args[6]);
/* What the filter itself says: what is refused is notified, too, to be told. */
uint32_t reference_filter(const struct sysrow *row, unsigned int features, const uint64_t args[6]);

/* Calls that touch each side of each of a row's conditions, high halves included. All arguments are
 * 0 for a row without. */
struct samples {
	uint64_t (*args)[6];
	size_t count;
};
/* @exact: the values of the conditions only, without what lies beside them. Freed by
 * samples_deinit. */
void samples_init(struct samples *samples, const struct sysrow *row, bool exact);
void samples_deinit(struct samples *samples);

#endif
