/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz: lines of policies, to the end of finishing, and then questions made of the same bytes. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "judge/verdict.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_all(const struct policy *policy, const char *text, size_t size)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	char name[4200] = "/";
	struct verdict verdict;

	for (const char *at = text; at < text + size; at += strcspn(at, " \n") + 1) {
		size_t length = strcspn(at, " \n");

		if (length > 4000)
			continue;
		memcpy(name + 1, at, length);
		name[length + 1] = '\0';
		verdict = policy_judge(policy, name, RIGHT_READ);
		/* What may be written may be looked up. */
		if (policy_judge(policy, name, RIGHT_WRITE).decision == DECISION_ALLOW &&
		    policy_judge(policy, name, RIGHT_STAT).decision != DECISION_ALLOW)
			abort();
		if (verdict.rule && !verdict.rule->text)
			abort();
		policy_judge_move(policy, name, "/a/b");
		policy_judge_abstract(policy, at, length);
		policy_rights(policy, name);
		policy_hides_in(policy, name);
	}
	memcpy(&address.sin6_addr, text, size < 16 ? size : 16);
	policy_judge_address(policy, VERB_CONNECT, (const struct sockaddr *)&address,
			     sizeof(address), NULL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *none[] = { NULL }, *environment[] = { "A=/a", "B=", NULL };
	struct policy_env env = { .cwd = "/work",
				  .home = "/home/u",
				  .tmp = "/tmp/x",
				  .path = "/usr/bin:/bin",
				  .environment = environment,
				  .directories = none };
	struct policy_error error;
	struct policy *policy;
	char *text = calloc(1, size + 1), *line;

	memcpy(text, data, size);
	if (policy_new(&env, &policy) < 0)
		abort();
	/* A NUL ends a line as a newline does: the reader's own check is in unit. */
	for (size_t at = 0; at < size; at += strlen(line) + 1) {
		line = text + at;
		line[strcspn(line, "\n")] = '\0';
		if (policy_line(policy, "fuzz", line, &error) != 0 && !error.text[0])
			abort();
	}
	if (policy_finish(policy, &error) == 0) {
		memcpy(text, data, size);
		judge_all(policy, text, strlen(text));
	}
	policy_free(policy);
	free(text);
	return 0;
}
