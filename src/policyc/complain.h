/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a wrong line is shown: where it stands, what is wrong, the line, a caret, the nearest word.
 */
#ifndef POLICYC_COMPLAIN_H
#define POLICYC_COMPLAIN_H

#include "policy/policy.h"

struct place {
	const char *source; /* file name, or "command line" */
	unsigned int line;  /* 0: the source has no lines */
	const char *text;   /* the whole line; NULL: nothing to show */
};

/**
 * complain - fill in @error
 * @column: from 1, in bytes; 0: the line as a whole
 * @hint: a word that may have been meant; NULL or "": none
 *
 * Returns @code, so that callers can return what this returns.
 */
int complain(struct policy_error *error, int code, const struct place *place, unsigned int column,
	     const char *hint, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The complaint about a line after it was parsed. */
struct line;
struct item;
int line_fail(struct policy_error *error, int code, const struct line *line,
	      const struct item *item, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
