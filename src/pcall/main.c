/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall: the toolbox. Finds the command of the command line in a table. */
#include "pcall/words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "policyc/nearest.h"
#include "policyc/finish/finish.h"

struct command {
	const char *group; /* NULL: it has no group */
	const char *name;
	const char *arguments;
	int (*run)(struct pcall *pcall, char **args); /* NULL: not yet */
	const char *help;
	bool here; /* looks at this process, and needs no site */
};

/* clang-format off */
static const struct command commands[] = {
	{ "policy", "list", "", pcall_policy_list, "the policies that there are, and what they are for" },
	{ "policy", "check", "FILE|NAME...", pcall_policy_check, "is the policy right? where not?" },
	{ "policy", "show", "FILE|NAME...", pcall_policy_show, "all its lines, and where they come from" },
	{ "policy", "test", "FILE|NAME...", pcall_policy_test, "run its test lines" },
	{ "policy", "diff", "A B", pcall_policy_diff, "lines that only one of two has" },
	{ NULL, "why", "VERB OBJECT [-p POLICY]...", pcall_why, "which line decides" },
	{ NULL, "doctor", "[--json]", pcall_doctor, "what this machine offers and lacks" },
	{ NULL, "inside", "[--json]", word_inside, "where this process stands in a tree", .here = true },
	{ NULL, "methods", "", word_methods, "what it can call there", .here = true },
	{ NULL, "call", "NAME [WORD]... | -m TEXT", word_call, "call a method", .here = true },
	{ NULL, "learn", "", NULL, "a policy of what a command uses" },
	{ NULL, "tree", "", NULL, "the sandboxes that run" },
	{ NULL, "top", "", NULL, "what they use" },
	{ NULL, "kill", "LABEL", NULL, "end a sandbox" },
	{ NULL, "mask", "LABEL", NULL, "take a method away from one" },
	{ NULL, "bench", "", NULL, "measure this machine" },
};
/* clang-format on */

static int help(void)
{
	printf("usage: pcall [--color WHEN] COMMAND [ARGUMENT]...\n\n");
	for (size_t i = 0; i < array_size(commands); i++) {
		const struct command *c = &commands[i];
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s %s", c->group ? c->group : "",
			 c->group ? " " : "", c->name, c->arguments);
		printf("  %-34s %s%s\n", left, c->help, c->run ? "" : " (not yet)");
	}
	printf("\nSee pcall(1), pcall-policy(5), pcall-run(1).\n");
	return 0;
}

static int help_of(const struct command *c)
{
	printf("usage: pcall %s%s%s%s%s\n\n%s%s\n", c->group ? c->group : "", c->group ? " " : "",
	       c->name, c->arguments[0] ? " " : "", c->arguments, c->help,
	       c->run ? "" : " (not yet)");
	return 0;
}

static bool is_help(const char *word)
{
	return word && (!strcmp(word, "--help") || !strcmp(word, "-h"));
}

int pcall_load(struct pcall *pcall, const char *const *names, size_t count, struct policy **ret)
{
	struct policy_error why = { 0 };
	struct policy *policy = NULL;
	size_t i;
	int r;

	r = policy_new(&pcall->site.env, &policy);
	for (i = 0; i < count && r == 0; i++)
		r = site_use(policy, names[i], &why);
	if (r == 0)
		r = policy_finish(policy, &why);
	if (r == 0) {
		*ret = policy;
		return 0;
	}
	policy_free(policy);
	/* As compilers do: what is wrong in a file begins with the file. */
	if (why.text[0])
		fprintf(stderr, "%s\n", why.text);
	else
		message_say(&pcall->message, "%s: %s", i ? names[i - 1] : "policy", strerror(-r));
	return r == -ENOMEM ? EXIT_OURS : EXIT_NO;
}

static int unknown(const struct pcall *pcall, const char *group, const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; i < array_size(commands); i++) {
		if (!group && commands[i].group)
			nearest_try(&nearest, commands[i].group);
		else if (!group == !commands[i].group)
			nearest_try(&nearest, commands[i].name);
	}
	return message_unknown(&pcall->message, group ? "policy command" : "command", word,
			       &nearest);
}

static int dispatch(struct pcall *pcall, char **args)
{
	const char *group = NULL;
	int status;

	if (args[0] && !strcmp(args[0], "policy"))
		group = *args++;
	if (is_help(args[0]))
		return help();
	if (!args[0])
		return message_say(&pcall->message, "no %scommand; see pcall --help",
				   group ? "policy " : "");
	for (size_t i = 0; i < array_size(commands); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, args[0]) || !group != !c->group)
			continue;
		if (is_help(args[1]))
			return help_of(c);
		if (!c->run)
			return message_say(&pcall->message,
					   "not yet: pcall %s is not part of this version",
					   c->name);
		if (c->here)
			return c->run(pcall, args + 1);
		status = site_init(&pcall->site, NULL, &pcall->message);
		site_pretend_tmp(&pcall->site);
		return status ? status : c->run(pcall, args + 1);
	}
	return unknown(pcall, group, args[0]);
}

/* Options before the command. Returns how many words they are; negative: *ret_status ends the
 * program. */
static int parse(struct pcall *pcall, char **args, int *ret_status)
{
	enum when color = WHEN_AUTO;
	int i;

	*ret_status = 0;
	for (i = 0; args[i] && args[i][0] == '-'; i++) {
		const char *value = !strncmp(args[i], "--color=", 8) ? args[i] + 8 : NULL;
		struct nearest nearest;

		if (!strcmp(args[i], "--color") && args[i + 1])
			value = args[++i];
		if (value && when_parse(value, &color) == 0)
			continue;
		if (value) {
			*ret_status = message_say(
				&pcall->message, "--color %s: wanted auto, always or never", value);
			return -1;
		}
		if (is_help(args[i])) {
			*ret_status = help();
			return -1;
		}
		if (!strcmp(args[i], "--version")) {
			printf("pcall %s\n", PCALL_VERSION);
			return -1;
		}
		nearest_init(&nearest, args[i]);
		nearest_try(&nearest, "--help");
		nearest_try(&nearest, "--version");
		nearest_try(&nearest, "--color");
		*ret_status = message_unknown(&pcall->message, "option", args[i], &nearest);
		return -1;
	}
	pcall->message.color = color_wanted(color, STDERR_FILENO);
	return i;
}

int main(int argc, char **argv)
{
	struct pcall pcall = { .message.program = "pcall", .site = SITE_INIT };
	int used, status = 0;

	pcall.message.color = color_wanted(WHEN_AUTO, STDERR_FILENO);
	used = argc ? parse(&pcall, argv + 1, &status) : -1;
	if (used >= 0)
		status = dispatch(&pcall, argv + 1 + used);
	site_deinit(&pcall.site);
	if (fflush(stdout) || ferror(stdout))
		return message_say(&pcall.message, "standard output: %s", strerror(errno));
	return status;
}
