/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies in files: found by name, read once each, in no circles. */
#ifndef POLICYC_LOAD_H
#define POLICYC_LOAD_H

#include "policy/policy.h"

struct parser;

/* What policy_use does; @from: the line that uses it, or NULL. */
int policy_load(struct policy *policy, struct parser *from, const char *name,
		struct policy_error *error);
/* The same of a line "use NAME", for parser->use. */
int load_used(struct parser *from, const char *name);

#endif
