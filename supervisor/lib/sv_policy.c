/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies for those who embed the library: from names and lines to a struct sv_policy. */
#include "lib/sv_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "common/cleanup.h"
#include "common/home.h"
#include "judge/verdict.h"
#include "policyc/api.h"
#include "net/hostnames.h"
#include "base/inside.h"
#include "lib/policy_process.h"
#include "lib/struct_size.h"

static int policy_fill(void *data, struct policy *policy, struct policy_error *why)
{
	const struct sv_policy_source *source = data;
	int r = 0;

	for (const char *const *name = source->names; name && *name && r == 0; name++)
		r = policy_use(policy, *name, why);
	for (const char *const *line = source->lines; line && *line && r == 0; line++)
		r = policy_line(policy, "lines", *line, why);
	return r;
}

static int policy_get(const struct policy_reading *reading, struct policy **ret,
		      struct policy_error *why)
{
	struct policy_process *process = NULL;
	struct policy_uses uses;
	int r = policy_process_start(reading, &process);

	r = r ? r : policy_process_read(process, &uses, why);
	if (r == 0) {
		policy_process_go_on(process);
		r = policy_process_finish(process, ret, why);
	}
	policy_process_free(process);
	return r;
}

static int read_fail(struct sv_error *error, int r, const struct policy_error *why)
{
	return stage_fail(error, SV_STAGE_NONE, r, "%s", why->text[0] ? why->text : strerror(-r));
}

int sv_policy_read(const struct sv_policy_source *source, struct sv_policy **ret,
		   struct sv_error *error)
{
	static const char *const directories[] = { "/etc/pcall", PCALL_POLICY_DIR, NULL };
	struct policy_error why = { .text = "" };
	cleanup_free char *here = NULL, *home = NULL;
	struct policy *policy = NULL;
	struct sv_policy_source asked;
	int r = struct_read(&asked, sizeof(asked), STRUCT_FIRST_SIZE(struct sv_policy_source, tmp),
			    source);

	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r,
				  "struct sv_policy_source is of another version of the library");
	if (!asked.cwd && !(here = getcwd(NULL, 0)))
		return stage_fail(error, SV_STAGE_NONE, -errno,
				  "the current directory has no name: %s", strerror(errno));
	if (!asked.home && !(home = home_find()))
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	const struct policy_reading reading = {
		.fill = policy_fill,
		.data = &asked,
		.env = {
			.cwd = asked.cwd ? asked.cwd : here,
			.home = asked.home ? asked.home : home,
			.tmp = asked.tmp,
			.cache = asked.tmp, /* kept by nobody */
			.path = getenv("PATH") ? getenv("PATH") : "/usr/local/bin:/usr/bin:/bin",
			.environment = (const char *const *)environ,
			.directories = asked.directories ? asked.directories : directories,
		},
	};

	r = policy_get(&reading, &policy, &why);
	if (r < 0)
		return read_fail(error, r, &why);
	r = sv_policy_new(policy, ret);
	return r < 0 ? read_fail(error, r, &why) : 0;
}

int sv_policy_new(struct policy *policy, struct sv_policy **ret)
{
	struct sv_policy *wrapped = calloc(1, sizeof(*wrapped));
	int r = -ENOMEM;

	if (wrapped) {
		wrapped->policy = policy;
		/* In a tree the root resolves. */
		r = policy_names_hosts(policy) && inside_is() ? 0
							      : names_new(policy, &wrapped->names);
	}
	if (r < 0) {
		policy_free(policy);
		free(wrapped);
		return r;
	}
	*ret = wrapped;
	return 0;
}

struct sv_policy *sv_policy_free(struct sv_policy *policy)
{
	if (!policy)
		return NULL;
	names_free(policy->names);
	policy_free(policy->policy);
	free(policy);
	return NULL;
}
