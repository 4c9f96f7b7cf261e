/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Variables: ${cwd}, ${home}, ${tmp}, and ${NAME} for what stands in the environment.
 *
 * A value is put in as bytes: a * in it is a *. A variable that is not set is an error.
 */
#ifndef POLICYC_EXPAND_H
#define POLICYC_EXPAND_H

#include "common/arena.h"
#include "policy/policy.h"

enum expand {
	EXPAND_PATH, /* backslashes stay, values are escaped; the result begins with / */
	EXPAND_GLOB, /* backslashes stay, values are escaped */
	EXPAND_TEXT, /* backslashes go */
};

struct expand_failure {
	size_t offset; /* in the word */
	char why[256]; /* "": no memory */
	char hint[64]; /* the nearest variable */
};

/*
 * Returns 0, -EINVAL or -ENOMEM. For EXPAND_PATH: ~/ at the start is the home; what begins with
 * none of / ~ ${ is below the cwd, but for **, which is below /.
 */
int expand(struct arena *arena, const struct policy_env *env, const char *text, enum expand how,
	   char **ret, struct expand_failure *failure);

#endif
