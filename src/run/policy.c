/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command may do and which environment it gets: the policies of -p, then the rules of the
 * command line. */
#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"
#include "program/suggest.h"
#include "program/show.h"
#include "program/text.h"

static int complain(const struct run *run, int error, const struct policy_error *why)
{
	if (why->text[0])
		return message_lines(&run->message, why->text);
	return message_say(&run->message, "policy: %s", strerror(-error));
}

bool policy_word_is_plain(const char *path)
{
	return path[0] == '/' && !strpbrk(path, "*?[\\$\"\n\r");
}

/* Adds a line of one verb and one plain path; a path that would mean more in a policy is left out.
 */
static int add_line(struct policy *policy, const char *verb, const char *path, const char *ending,
		    struct policy_error *why)
{
	cleanup_free char *line = NULL, *word = NULL, *quoted = NULL;

	if (!policy_word_is_plain(path))
		return 0;
	if (asprintf(&word, "%s%s", path, ending) < 0) {
		word = NULL;
		return -ENOMEM;
	}
	quoted = malloc(2 * strlen(word) + 3);
	if (!quoted || policy_quote(word, quoted, 2 * strlen(word) + 3) < 0 ||
	    asprintf(&line, "%s %s", verb, quoted) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return policy_line(policy, "environment", line, why);
}

/* A variable that we have and the command will have. */
static const char *passed_on(const struct policy *policy, const char *name)
{
	const char *value = getenv(name), *fixed = NULL;

	return value && policy_env_keep(policy, name, &fixed) && !fixed ? value : NULL;
}

/* Where our policies are installed, if not in one of the places that base knows: below ~/.local. */
static const char *unusual_place(void)
{
	static const char *const usual[] = { "/usr/share/pcall/", "/usr/local/share/pcall/" };

	for (size_t i = 0; i < array_size(usual); i++)
		if (!strncmp(PCALL_POLICY_DIR, usual[i], strlen(usual[i])))
			return NULL;
	return PCALL_POLICY_DIR;
}

/*
 * A pcall-run in the box looks for policies where we do. The usual places are the policies' to
 * give; those that the environment names come with its variables, and where one of them is
 * PCALL_POLICY_PATH, we run uninstalled. `sealed` is to name all that runs, so it names us, too.
 */
static int add_nested(struct policy *policy, struct policy_error *why)
{
	const char *config = passed_on(policy, "XDG_CONFIG_HOME");
	const char *path = passed_on(policy, "PCALL_POLICY_PATH");
	cleanup_free char *exe = NULL, *copy = strdup(path ? path : "");
	int r = copy ? 0 : -ENOMEM;

	for (char *rest = copy, *one; r == 0 && (one = strsep(&rest, ":"));)
		r = add_line(policy, "read", one, "/*.policy", why);
	if (r == 0 && config)
		r = add_line(policy, "read", config, "/pcall/*.policy", why);
	if (r == 0 && unusual_place())
		r = add_line(policy, "read", unusual_place(), "/*.policy", why);
	if (r == 0 && path && *path && !policy_has(policy, VERB_SEALED))
		exe = realpath("/proc/self/exe", NULL);
	return r == 0 && exe ? add_line(policy, "exec", exe, "", why) : r;
}

/* No box changes what the next one will be allowed: base says so of the usual places of policies,
 * and this of those that the environment names, of our own, and of images that are kept. */
static int add_kept(const struct run *run, struct policy *policy, struct policy_error *why)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *path = getenv("PCALL_POLICY_PATH");
	const char *const homes[] = { run->site.home, run->site.account };
	cleanup_free char *copy = strdup(path ? path : "");
	int r = copy ? 0 : -ENOMEM;

	for (char *rest = copy, *one; r == 0 && (one = strsep(&rest, ":"));)
		r = add_line(policy, "deny write", one, "", why);
	if (r == 0 && unusual_place())
		r = add_line(policy, "deny write", unusual_place(), "", why);
	if (r == 0 && config)
		r = add_line(policy, "deny write", config, "/pcall", why);
	if (r == 0 && run->kept.directory)
		r = add_line(policy, "deny write", run->kept.directory, "", why);
	for (size_t i = 0; i < array_size(homes) && r == 0; i++) {
		if (!homes[i])
			continue;
		r = add_line(policy, "deny write", homes[i], "/.config/pcall", why);
		r = r ? r : add_line(policy, "deny write", homes[i], "/.cache/pcall/images", why);
	}
	return r;
}

/* The policies of -p, then the rules of the command line. Runs in a process of its own, but for
 * --dry-run. */
static int fill(void *data, struct policy *policy, struct policy_error *why)
{
	static const char *const fallback[] = { "readonly" };
	const struct run *run = data;
	const struct run_options *o = &run->options;
	const char *const *names = o->policies_count ? o->policies : fallback;
	size_t count = o->policies_count ? o->policies_count : array_size(fallback);
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = site_use(policy, names[i], why);
	for (size_t i = 0; i < o->rules_count && r == 0; i++)
		r = policy_line(policy, o->rules[i].flag, o->rules[i].line, why);
	r = r ? r : add_nested(policy, why);
	return r ? r : add_kept(run, policy, why);
}

/* To be shown, with its tests; nothing is run under it. */
static int load_here(struct run *run)
{
	struct policy_error why = { 0 };
	int r = policy_new(&run->site.env, &run->policy);

	r = r ? r : fill(run, run->policy, &why);
	return r < 0 ? complain(run, r, &why) : 0;
}

static int begin_reading(struct run *run)
{
	int r;

	run->reading = (struct policy_reading){
		.env = run->site.env,
		.fill = fill,
		.data = run,
		.witnessed = run->kept.key_size,
		.lowers = true,
		.keep_caps = run->options.keep_caps,
	};
	/* `pcall policy test` runs tests. */
	run->reading.env.ignores_tests = true;
	r = policy_process_start(&run->reading, &run->reader);
	return r < 0 ? message_say(&run->message,
				   "cannot read policies in a process of their own: %s",
				   strerror(-r))
		     : 0;
}

int run_policy_load(struct run *run)
{
	if (run->options.dry_run)
		return load_here(run);
	return kept_image_find(run, &run->uses) ? 0 : begin_reading(run);
}

int run_policy_uses(struct run *run)
{
	struct policy_error why = { 0 };
	int r;

	if (!run->reader)
		return 0;
	r = policy_process_read(run->reader, &run->uses, &why);
	return r < 0 ? complain(run, r, &why) : 0;
}

int run_policy_follow(struct run *run, bool *ret_followed)
{
	if (run->reader)
		policy_process_go_on(run->reader);
	*ret_followed = run->reader || run->policy || kept_image_read(run, &run->policy);
	return *ret_followed ? 0 : begin_reading(run);
}

int run_policy_finish(struct run *run)
{
	struct policy_error why = { 0 };
	int r = 0;

	if (run->options.dry_run)
		r = policy_finish(run->policy, &why);
	else if (run->reader)
		r = policy_process_finish(run->reader, &run->policy, &why);
	if (r == 0 && run->reader)
		run->found = policy_process_found(run->reader);
	run->reader = policy_process_free(run->reader);
	return r < 0 ? complain(run, r, &why) : 0;
}

struct environment {
	char **strings;
	size_t count;
	bool failed;
};

static size_t name_size(const char *string)
{
	return strcspn(string, "=");
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_size(a);

	return n == name_size(b) && !memcmp(a, b, n);
}

/* Takes the string, which is NULL where there was no memory for it; replaces the variable if it is
 * there. */
static void environment_put(struct environment *e, char *string, bool replace)
{
	char **bigger;

	for (size_t i = 0; string && replace && i < e->count; i++) {
		if (!same_name(e->strings[i], string))
			continue;
		free(e->strings[i]);
		e->strings[i] = string;
		return;
	}
	bigger = string ? reallocarray(e->strings, e->count + 2, sizeof(*bigger)) : NULL;
	if (!bigger) {
		free(string);
		e->failed = true;
		return;
	}
	e->strings = bigger;
	e->strings[e->count++] = string;
	e->strings[e->count] = NULL;
}

static void put_set(void *data, const char *name, const char *value)
{
	char *string;

	if (asprintf(&string, "%s=%s", name, value) < 0)
		string = NULL;
	environment_put(data, string, true);
}

static void put_kept(struct environment *e, const struct policy *policy, const char *string)
{
	const char *value = NULL;
	cleanup_free char *name = strndup(string, name_size(string));

	if (!name) {
		e->failed = true;
		return;
	}
	if (string[name_size(string)] == '=' && policy_env_keep(policy, name, &value) && !value)
		environment_put(e, strdup(string), false);
}

/* --env NAME=VALUE sets, whatever the policy says; --env NAME passes what there is. */
static void put_asked(struct environment *e, const char *variable)
{
	const char *value;

	if (strchr(variable, '=')) {
		environment_put(e, strdup(variable), true);
		return;
	}
	value = getenv(variable);
	if (value)
		put_set(e, variable, value);
}

int run_environment_make(struct run *run)
{
	struct environment e = { 0 };

	e.strings = calloc(1, sizeof(*e.strings));
	e.failed = !e.strings;
	for (char **p = environ; p && *p && !e.failed; p++)
		put_kept(&e, run->policy, *p);
	if (!e.failed)
		policy_each_env_set(run->policy, put_set, &e);
	for (size_t i = 0; i < run->options.variables_count && !e.failed; i++)
		put_asked(&e, run->options.variables[i]);
	run->environment = e.strings;
	return e.failed ? message_say(&run->message, "out of memory") : 0;
}

/* A word as a shell would have to be given it. */
static void add_shell_word(struct text *text, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^";

	if (*word && word[strspn(word, plain)] == '\0') {
		text_add(text, " %s", word);
		return;
	}
	text_add(text, " '");
	for (; strchr(word, '\''); word = strchr(word, '\'') + 1) {
		cleanup_free char *before = strndup(word, strcspn(word, "'"));

		text_quoted(text, before ? before : "");
		text_add(text, "'\\''");
	}
	text_quoted(text, word);
	text_add(text, "'");
}

int run_dry(const struct run *run)
{
	struct text text cleanup_text = { 0 };
	int r;

	show_policy(&text, run->policy);
	text_add(&text, "\n# runs in ");
	text_quoted(&text, run->site.cwd);
	text_add(&text, ":");
	for (char **p = run->options.command; *p; p++)
		add_shell_word(&text, *p);
	text_add(&text, "\n");
	for (char **p = run->environment; *p; p++) {
		text_add(&text, "# with ");
		text_quoted(&text, *p);
		text_add(&text, "\n");
	}
	r = text_write(&text, STDOUT_FILENO);
	return r < 0 ? message_say(&run->message, "standard output: %s", strerror(-r)) : 0;
}
