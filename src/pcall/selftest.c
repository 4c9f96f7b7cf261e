/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The `test` lines of a policy: what it is expected to decide.
 *
 * A test speaks of the policy that it stands in. Who uses that policy may well allow more, so the
 * tests of used policies are run when those are named themselves.
 */
#include "pcall/selftest.h"

#include <stdio.h>
#include <string.h>

#include "common/address.h"
#include "common/arena.h"
#include "common/escape.h"
#include "common/pattern.h"
#include "judge/judge_address.h"
#include "judge/verdict.h"
#include "policy/parts.h"
#include "policy/verbs.h"

static unsigned int wanted(enum verb verb)
{
	switch (verb) {
	case VERB_LIST: return RIGHT_LIST;
	case VERB_READ: return RIGHT_READ;
	case VERB_WRITE: return RIGHT_WRITE;
	case VERB_EXEC: return RIGHT_EXEC;
	case VERB_UNIX: return RIGHT_UNIX;
	case VERB_DEV: return RIGHT_DEV;
	default: return 0;
	}
}

static struct verdict judge_path(const struct policy *policy, const struct line *line,
				 const struct item *item)
{
	struct verdict verdict = { .decision = DECISION_DENY };
	struct arena arena = { 0 };
	char *path;

	/* A command that is not there can be run by nobody. */
	if (!item->found)
		return verdict;
	path = pattern_path(&arena, &item->real, item->real.count);
	if (path)
		verdict = policy_judge(policy, path, wanted(line->inner));
	arena_deinit(&arena);
	return verdict;
}

static struct verdict judge_test(const struct policy *policy, const struct line *line)
{
	const struct item *item = &line->items[0];
	struct address address = { 0 };

	switch (item->kind) {
	case ITEM_PATH:
	case ITEM_COMMAND: return judge_path(policy, line, item);
	case ITEM_NAME: return policy_judge_method(policy, item->text);
	case ITEM_ABSTRACT: return policy_judge_abstract(policy, item->text, strlen(item->text));
	case ITEM_ADDRESS:
		address.v6 = item->address->v6;
		address.port = item->address->port_first;
		memcpy(address.bytes, item->address->bytes, sizeof(address.bytes));
		if (line->inner == VERB_CONNECT && item->address->kind == ADDRESS_NET)
			address_normalise_peer(&address);
		return judge_address(policy, line->inner, &address,
				     item->address->kind == ADDRESS_HOST ? item->address->host
									 : NULL,
				     NULL, NULL, NULL);
	default: return (struct verdict){ .decision = DECISION_DENY };
	}
}

static void tell(FILE *out, const struct line *line, const struct verdict *verdict)
{
	char source[512], text[1024], why[1024];

	escape_text(source, sizeof(source), line->rule.source, strlen(line->rule.source));
	escape_text(text, sizeof(text), line->rule.text, strlen(line->rule.text));
	fprintf(out, "%s:%u: failed: %s\n", source, line->rule.line, text);
	if (!verdict->rule) {
		fprintf(out, "  no rule allows it\n");
		return;
	}
	escape_text(source, sizeof(source), verdict->rule->source, strlen(verdict->rule->source));
	escape_text(why, sizeof(why), verdict->rule->text, strlen(verdict->rule->text));
	fprintf(out, "  %s by %s:%u: %s\n",
		verdict->decision == DECISION_ALLOW ? "allowed" : "refused", source,
		verdict->rule->line, why);
}

unsigned int policy_test(const struct policy *policy, FILE *out, unsigned int *ret_run)
{
	unsigned int run = 0, failed = 0;

	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];
		struct verdict verdict;

		if (line->rule.verb != VERB_TEST || !line_is_run(line))
			continue;
		verdict = judge_test(policy, line);
		run++;
		if ((verdict.decision == DECISION_ALLOW) == line->expect)
			continue;
		failed++;
		if (out)
			tell(out, line, &verdict);
	}
	*ret_run = run;
	return failed;
}
