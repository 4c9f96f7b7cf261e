/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a policy is filled: files by name, and single lines. */
#include "policyc/api.h"

#include <errno.h>
#include <string.h>

#include "common/arena.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policyc/complain.h"
#include "policyc/load.h"
#include "policyc/parse.h"
#include "policyc/parse_objects.h"

int policy_use(struct policy *policy, const char *name, struct policy_error *error)
{
	int r;

	error->text[0] = '\0';
	if (policy->finished)
		return -EINVAL;
	r = policy_load(policy, NULL, name, error);
	if (r < 0)
		policy->broken = true;
	if (r < 0 && error->text[0] == '\0')
		complain(error, r, &(struct place){ .source = name }, 0, NULL, "%s", strerror(-r));
	return r;
}

int policy_line(struct policy *policy, const char *source, const char *line,
		struct policy_error *error)
{
	struct parser parser = { .policy = policy, .error = error, .use = load_used };
	int r = -ENOMEM;

	error->text[0] = '\0';
	if (policy->finished)
		return -EINVAL;
	parser.place.source = arena_copy(&policy->arena, source, strlen(source));
	parser.place.text = arena_copy(&policy->arena, line, strlen(line));
	if (parser.place.source && parser.place.text)
		r = parse_line(&parser, strlen(line));
	if (r < 0)
		policy->broken = true;
	if (r < 0 && error->text[0] == '\0')
		complain(error, r, &(struct place){ .source = source, .text = line }, 0, NULL, "%s",
			 strerror(-r));
	return r;
}
