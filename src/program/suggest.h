/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words that would allow what was refused. */
#ifndef PROGRAM_SUGGEST_H
#define PROGRAM_SUGGEST_H

#include <stddef.h>

#include "policy/policy.h"

/* The words that would allow this: "--write ~/.npmrc" and "write ~/.npmrc"; home is shortened to ~.
 */
int policy_suggest(const struct policy *policy, enum verb verb, const char *object, char *ret_flag,
		   size_t flag_size, char *ret_line, size_t line_size);
/*
 * A word of a flag, as one word of a line: quoted where it holds spaces. Globs, variables and
 * backslashes in it keep their meaning. Returns 0 or -ENOSPC.
 */
int policy_quote(const char *word, char *ret, size_t size);

#endif
