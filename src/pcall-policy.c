/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall policy: is it right, what is in it, does it decide as it says, how do two differ. */
#include <stdio.h>
#include <string.h>
#include "common/cleanup.h"
#include "pcall-show.h"
#include "pcall-text.h"
#include "pcall-words.h"
#include "supervisor.h"

static void free_policy(struct policy **policy)
{
	policy_free(*policy);
}

#define cleanup_policy __attribute__((cleanup(free_policy)))

static int need_names(const struct pcall *pcall, char **args, const char *command)
{
	if (args[0] && args[0][0] != '-')
		return 0;
	if (args[0])
		return message_say(&pcall->message, "policy %s takes no option %s", command,
				   args[0]);
	return message_say(&pcall->message, "policy %s: which policy?", command);
}

int pcall_policy_check(struct pcall *pcall, char **args)
{
	int status = need_names(pcall, args, "check");

	if (status)
		return status;
	for (; *args; args++) {
		struct policy *policy cleanup_policy = NULL;
		int r = pcall_load(pcall, (const char *const *)args, 1, &policy);
		size_t rules;

		status = r > status ? r : status;
		if (r)
			continue;
		policy_rules(policy, &rules);
		printf("%s: %zu rules\n", *args, rules);
	}
	return status;
}

static void print_tier(const struct sv_tier *tier, void *data)
{
	static const char *const names[] = {
		[SV_TIER_KERNEL] = "kernel",
		[SV_TIER_REFUSED] = "refused",
		[SV_TIER_ARGUMENTS] = "arguments",
		[SV_TIER_NOTIFICATION] = "notification",
	};
	const char *error = tier->kind == SV_TIER_REFUSED ? strerrorname_np(tier->error) : NULL;

	(void)data;
	printf("%-24s %-13s%-12s%s\n", tier->syscall, names[tier->kind], error ? error : "",
	       tier->note ? tier->note : "");
}

int pcall_policy_show(struct pcall *pcall, char **args)
{
	struct policy *policy cleanup_policy = NULL;
	struct text text cleanup_text = { 0 };
	size_t count = 0;
	bool tiers = args[0] && !strcmp(args[0], "--tiers");
	int status;

	args += tiers;
	status = need_names(pcall, args, "show");
	if (status)
		return status;
	while (args[count])
		count++;
	status = pcall_load(pcall, (const char *const *)args, count, &policy);
	if (status)
		return status;
	if (tiers) {
		sv_policy_tiers(policy, print_tier, NULL);
		return 0;
	}
	show_policy(&text, policy);
	fputs(text.data, stdout);
	return 0;
}

int pcall_policy_test(struct pcall *pcall, char **args)
{
	int status = need_names(pcall, args, "test");

	if (status)
		return status;
	/* What they expect of ${cwd} is said of where they are used. */
	if (site_pretend_cwd(&pcall->site) > 0)
		fprintf(stderr, "tested as if started in %s\n", pcall->site.cwd);
	for (; *args; args++) {
		struct policy *policy cleanup_policy = NULL;
		int r = pcall_load(pcall, (const char *const *)args, 1, &policy);
		unsigned int failed, run;

		status = r > status ? r : status;
		if (r)
			continue;
		failed = policy_test(policy, stderr, &run);
		printf("%s: %u tests, %u failed\n", *args, run, failed);
		if (failed && status == 0)
			status = EXIT_NO;
	}
	return status;
}

static bool has_rule(const struct policy *policy, const char *line)
{
	const struct rule *const *rules;
	size_t count;

	rules = policy_rules(policy, &count);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rules[i]->text, line))
			return true;
	return false;
}

/* Prints the rules of one that the other has not; what it expects of itself is no rule. */
static bool print_missing(const struct policy *one, const struct policy *other, char sign)
{
	struct text text cleanup_text = { 0 };
	const struct rule *const *rules;
	size_t count;

	rules = policy_rules(one, &count);
	for (size_t i = 0; i < count; i++) {
		if (rules[i]->verb == VERB_TEST || has_rule(other, rules[i]->text))
			continue;
		text_add(&text, "%c ", sign);
		text_quoted(&text, rules[i]->text);
		text_column(&text, 56);
		show_origin(&text, rules[i]->policy, rules[i]->source, rules[i]->line);
		text_add(&text, "\n");
	}
	fputs(text.data ? text.data : "", stdout);
	return text.size > 0;
}

int pcall_policy_diff(struct pcall *pcall, char **args)
{
	struct policy *a cleanup_policy = NULL, *b cleanup_policy = NULL;
	bool differ;
	int status = need_names(pcall, args, "diff");

	if (status)
		return status;
	if (!args[1] || args[2])
		return message_say(&pcall->message, "policy diff: wanted two policies");
	status = pcall_load(pcall, (const char *const *)args, 1, &a);
	if (status == 0)
		status = pcall_load(pcall, (const char *const *)args + 1, 1, &b);
	if (status)
		return EXIT_OURS; /* 1 says that they differ, which is not known */
	differ = print_missing(a, b, '-');
	differ |= print_missing(b, a, '+');
	return differ ? EXIT_NO : 0;
}
