/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz: the image of a policy, as a hostile level may send it. What is read is judged by, alone
 * and joined to another; it writes itself as it came, and joined it never has more than the other.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "judge/restrict.h"
#include "judge/verdict.h"
#include "policy/image.h"
#include "policy/image_read.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const none[] = { NULL };
static const struct policy_env env = {
	.cwd = "/work",
	.home = "/home/u",
	.path = "/usr/bin:/bin",
	.environment = none,
	.directories = none,
};

static struct policy *outer_new(void)
{
	static const char *const lines[] = { "read /a /w", "write /w", "exec /a/bin",
					     "hide /a/secret", "connect x.org:443" };
	struct policy_error error;
	struct policy *policy;

	if (policy_new(&env, &policy) < 0)
		abort();
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (policy_line(policy, "fuzz", lines[i], &error) < 0)
			abort();
	if (policy_finish(policy, &error) < 0)
		abort();
	return policy;
}

/* What it writes is read again, and then written in the same way. */
static void check_text(const struct policy *policy)
{
	char *text, *again;
	size_t text_size, again_size;
	struct policy_error error;
	struct policy *back;

	if (policy_image_write(policy, &text, &text_size) < 0 ||
	    policy_image_read(text, text_size, &env, &back, &error) < 0 ||
	    policy_image_write(back, &again, &again_size) < 0 || text_size != again_size ||
	    memcmp(text, again, text_size) != 0)
		abort();
	policy_free(back);
	free(text);
	free(again);
}

/* The real name, as the engine finds it. */
static void translate(const struct policy *policy, const char *name, char *ret, size_t size)
{
	size_t count;
	const struct policy_bind *binds = policy_binds(policy, &count);

	strcpy(ret, name);
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(binds[i].name);

		if (strncmp(name, binds[i].name, n) != 0 || (name[n] != '/' && name[n]))
			continue;
		if (strlen(binds[i].target) + strlen(name + n) >= size)
			abort();
		strcpy(ret, strcmp(binds[i].target, "/") ? binds[i].target : "");
		strcat(ret, name + n);
		if (!ret[0])
			strcpy(ret, "/");
		return;
	}
}

static void check_name(const struct policy *outer, const struct policy *joined, const char *name)
{
	unsigned int rights = policy_rights(joined, name);
	char real[8192];

	translate(joined, name, real, sizeof(real));
	if (strlen(real) < 4096 && (rights & ~policy_rights(outer, real)))
		abort();
	policy_judge_move(joined, name, "/w/x");
	policy_hides_in(joined, name);
	policy_judge_method(joined, name);
}

static void check_joined(const struct policy *policy, const uint8_t *data, size_t size)
{
	struct policy *outer = outer_new(), *joined;
	char name[300] = "/";

	if (policy_join(outer, policy, &joined) == 0) {
		static const char *const names[] = { "/", "/a", "/w/x", "/a/secret", "/a/bin/x" };
		size_t count;
		const char *const *places = policy_exec_places(joined, &count);

		for (size_t i = 0; i < count; i++)
			if (strncmp(places[i], "/a/bin", 6) != 0)
				abort();
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			check_name(outer, joined, names[i]);
		for (size_t i = 0; i < size; i += 64) {
			size_t n = size - i < 64 ? size - i : 64;

			memcpy(name + 1, data + i, n);
			name[1 + n] = '\0';
			name[1 + strcspn(name + 1, "\t\n")] = '\0';
			check_name(outer, joined, name);
		}
		policy_free(joined);
	}
	policy_free(outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_error error;
	struct policy *policy;

	if (policy_image_read((const char *)data, size, &env, &policy, &error) < 0) {
		if (!error.text[0])
			abort();
		return 0;
	}
	check_text(policy);
	check_joined(policy, data, size);
	policy_free(policy);
	return 0;
}
