/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies and rules as people read them. */
#include "program/show.h"

#include "policy/policy.h"
#include "program/text.h"

static void show_rule(struct text *text, const struct rule *rule)
{
	text_quoted(text, rule->text);
	text_column(text, 56);
	text_add(text, "# ");
	text_quoted(text, rule->source);
	if (rule->line)
		text_add(text, ":%u", rule->line);
	text_add(text, "\n");
}

void show_policy(struct text *text, const struct policy *policy)
{
	const char *about = policy_about(policy);
	const struct rule *const *rules;
	size_t count;

	text_add(text, "policy 1\n");
	if (about) {
		text_add(text, "# ");
		text_quoted(text, about);
		text_add(text, "\n");
	}
	rules = policy_rules(policy, &count);
	for (size_t i = 0; i < count; i++)
		show_rule(text, rules[i]);
}

void show_origin(struct text *text, const char *policy, const char *source, unsigned int line)
{
	if (line == 0) {
		text_add(text, "(command line%s", source ? ", " : "");
		text_quoted(text, source ? source : "");
		text_add(text, ")");
		return;
	}
	text_add(text, "(policy ");
	text_quoted(text, policy ? policy : "?");
	text_add(text, ", ");
	text_quoted(text, source ? source : "?");
	text_add(text, ":%u)", line);
}

void show_allow(struct text *text, const char *flag, const char *line)
{
	text_add(text, "  allow  ");
	text_quoted(text, flag);
	text_column(text, SHOW_COLUMN);
	text_add(text, "or the line: ");
	text_quoted(text, line);
	text_add(text, "\n");
}
