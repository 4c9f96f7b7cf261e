/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall policy: is it right, what is in it, does it decide as it says, how do two differ. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "pcall/selftest.h"
#include "program/show.h"
#include "program/text.h"
#include "pcall/words.h"
#include "policyc/api.h"
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

/* What it says of itself; "" where that cannot be read. */
static const char *about_of(const struct pcall *pcall, const char *path, struct policy **ret)
{
	struct policy_error why = { 0 };
	const char *about;

	if (policy_new(&pcall->site.env, ret) < 0 || policy_use(*ret, path, &why) < 0)
		return "";
	about = policy_about(*ret);
	return about ? about : "";
}

static bool is_policy(const char *name, size_t *ret_size)
{
	static const char end[] = ".policy";
	size_t size = strlen(name);

	*ret_size = size - (sizeof(end) - 1);
	return size > sizeof(end) - 1 && !strcmp(name + *ret_size, end);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Is it found in this directory, and in none before? */
static bool is_first(const struct pcall *pcall, size_t directory, const char *file)
{
	cleanup_free char *path = NULL;

	for (size_t i = 0; i < directory; i++) {
		free(steal_pointer(&path));
		if (asprintf(&path, "%s/%s", pcall->site.directories[i], file) < 0)
			path = NULL;
		if (path && access(path, F_OK) == 0)
			return false;
	}
	return true;
}

/* How many there are. */
static unsigned int list_directory(const struct pcall *pcall, size_t directory)
{
	const char *where = pcall->site.directories[directory];
	struct dirent **found;
	unsigned int listed = 0;
	int count = scandir(where, &found, NULL, by_name);
	size_t size;

	for (int i = 0; i < count; free(found[i++])) {
		struct policy *policy cleanup_policy = NULL;
		struct text text cleanup_text = { 0 };
		cleanup_free char *path = NULL;

		if (!is_policy(found[i]->d_name, &size) ||
		    !is_first(pcall, directory, found[i]->d_name) ||
		    asprintf(&path, "%s/%s", where, found[i]->d_name) < 0)
			continue;
		found[i]->d_name[size] = '\0';
		text_quoted(&text, found[i]->d_name);
		text_column(&text, 12);
		text_quoted(&text, about_of(pcall, path, &policy));
		printf("%s\n", text.data ? text.data : "");
		listed++;
	}
	if (count >= 0)
		free(found);
	return listed;
}

int pcall_policy_list(struct pcall *pcall, char **args)
{
	unsigned int count = 0;

	if (args[0])
		return message_say(&pcall->message, "policy list: one word too many: %s", args[0]);

	for (size_t i = 0; pcall->site.directories[i]; i++)
		count += list_directory(pcall, i);
	return count ? 0
		     : message_say(&pcall->message,
				   "there are no policies; PCALL_POLICY_PATH says where to look");
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
