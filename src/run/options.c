/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of pcall-run: one row for each option, from which parsing, --help and the
 * nearest word are made. Options end at the first word that is none, or at "--"; what follows is
 * the command's and is never looked at.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include "common/cleanup.h"
#include "policyc/nearest.h"
#include "program/suggest.h"
#include "program/text.h"

struct parse {
	struct run *run;
	struct run_options *options;
	const char *flag; /* name of the option that is being parsed */
	int status;	  /* where the program ends here */
	bool end;
};

struct option {
	char letter;
	const char *name;  /* with its dashes */
	const char *value; /* what it is called; NULL: it takes none; "[=X]": only behind a '=' */
	/* 0, or -EINVAL and everything was said. */
	int (*take)(struct parse *parse, const struct option *option, const char *value);
	size_t offset; /* of what it sets, for those that only set something */
	const char *help;
};

static int complain_value(struct parse *parse, const char *value, const char *wanted)
{
	parse->status = message_say(&parse->run->message, "%s %s: %s", parse->flag, value, wanted);
	return -EINVAL;
}

static int out_of_memory(struct parse *parse)
{
	parse->status = message_say(&parse->run->message, "out of memory");
	return -EINVAL;
}

/* One more element at the end of an array; the caller fills it in. */
static void *append(void *array, size_t *count, size_t size)
{
	void **base = array;
	void *bigger = reallocarray(*base, *count + 1, size);

	if (!bigger)
		return NULL;
	*base = bigger;
	return (char *)bigger + (*count)++ * size;
}

static void *target(const struct parse *parse, const struct option *option)
{
	return (char *)parse->options + option->offset;
}

static int take_flag(struct parse *parse, const struct option *option, const char *value)
{
	*(bool *)target(parse, option) = true;
	return 0;
}

static int take_text(struct parse *parse, const struct option *option, const char *value)
{
	if (!*value)
		return complain_value(parse, "''", "an empty value means nothing");
	*(const char **)target(parse, option) = value;
	return 0;
}

static int take_when(struct parse *parse, const struct option *option, const char *value)
{
	if (when_parse(value, target(parse, option)) < 0)
		return complain_value(parse, value, "wanted auto, always or never");
	return 0;
}

static int take_policy(struct parse *parse, const struct option *option, const char *value)
{
	struct run_options *o = parse->options;
	const char **slot;

	if (!*value)
		return complain_value(parse, "''", "a policy has a name");
	slot = append(&o->policies, &o->policies_count, sizeof(*slot));
	if (!slot)
		return out_of_memory(parse);
	*slot = value;
	return 0;
}

/*
 * Rules. The value becomes words of the language: globs, variables and backslashes mean what they
 * mean in a policy; blanks and comment signs are part of the name.
 */
static void add_word(struct text *line, const char *word)
{
	size_t size = 2 * strlen(word) + 3; /* a backslash before each byte, quotes around */
	cleanup_free char *quoted = malloc(size);

	if (quoted && policy_quote(word, quoted, size) == 0)
		text_add(line, " %s", quoted);
	else
		line->failed = true;
}

static int add_rule(struct parse *parse, struct text *line)
{
	struct run_options *o = parse->options;
	struct run_rule *rule;

	if (line->failed)
		return out_of_memory(parse);
	rule = append(&o->rules, &o->rules_count, sizeof(*rule));
	if (!rule)
		return out_of_memory(parse);
	*rule = (struct run_rule){ .flag = parse->flag, .line = steal_pointer(&line->data) };
	return 0;
}

/* --read PATH: "read PATH" */
static int take_rule(struct parse *parse, const struct option *option, const char *value)
{
	struct text line cleanup_text = { 0 };

	text_add(&line, "%s", option->name + 2);
	add_word(&line, value);
	return add_rule(parse, &line);
}

/* --deny 'write PATH': the words as they are. */
static int take_words(struct parse *parse, const struct option *option, const char *value)
{
	struct text line cleanup_text = { 0 };

	text_add(&line, "%s %s", option->name + 2, value);
	return add_rule(parse, &line);
}

/* --bind NAME=PATH[:ro|:rw] */
static int take_bind(struct parse *parse, const struct option *option, const char *value)
{
	struct text line cleanup_text = { 0 };
	cleanup_free char *copy = strdup(value);
	const char *mode = "";
	char *equals;
	size_t size;

	if (!copy)
		return out_of_memory(parse);
	equals = strchr(copy, '=');
	if (!equals || equals == copy || !equals[1])
		return complain_value(parse, value,
				      "wanted NAME=PATH, NAME=PATH:ro or NAME=PATH:rw");
	*equals = '\0';
	size = strlen(equals + 1);
	if (size > 3 &&
	    (!strcmp(equals + 1 + size - 3, ":ro") || !strcmp(equals + 1 + size - 3, ":rw"))) {
		mode = value + strlen(value) - 2;
		equals[1 + size - 3] = '\0';
	}
	text_add(&line, "bind");
	add_word(&line, copy);
	add_word(&line, equals + 1);
	if (*mode)
		text_add(&line, " %s", mode);
	return add_rule(parse, &line);
}

static int take_env(struct parse *parse, const struct option *option, const char *value)
{
	struct run_options *o = parse->options;
	const char **slot;

	if (!*value || *value == '=')
		return complain_value(parse, value, "wanted NAME or NAME=VALUE");
	slot = append(&o->variables, &o->variables_count, sizeof(*slot));
	if (!slot)
		return out_of_memory(parse);
	*slot = value;
	return 0;
}

static int parse_number(const char *value, unsigned long most, unsigned long *ret)
{
	unsigned long n;
	char *end;

	if (*value < '0' || *value > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno || *end || n > most)
		return -EINVAL;
	*ret = n;
	return 0;
}

/* A descriptor that somebody has opened for us. Nothing of ours is open yet: it cannot be one of
 * our own. */
static int parse_fd(struct parse *parse, const char *value, int *ret)
{
	unsigned long n;

	if (parse_number(value, INT_MAX, &n) < 0)
		return complain_value(parse, value, "wanted the number of a descriptor");
	if (fcntl(n, F_GETFD) < 0)
		return complain_value(parse, value, "this descriptor is not open");
	*ret = n;
	return 0;
}

/* Adds one that is open, and no standard one: these are always kept. */
static int keep_fd(struct run_options *o, int fd)
{
	int *slot;

	for (size_t i = 0; i < o->keep_fds_count; i++)
		if (o->keep_fds[i] == fd)
			return 0;
	slot = append(&o->keep_fds, &o->keep_fds_count, sizeof(*slot));
	if (slot)
		*slot = fd;
	return slot ? 0 : -ENOMEM;
}

static int take_keep_fd(struct parse *parse, const struct option *option, const char *value)
{
	struct run_options *o = parse->options;
	int fd, r;

	r = parse_fd(parse, value, &fd);
	if (r < 0 || fd <= 2) /* 0, 1 and 2 are always kept */
		return r;
	return keep_fd(o, fd) < 0 ? out_of_memory(parse) : 0;
}

/* The descriptor that a word of the command line names, as `<(command)` of a shell does, at its
 * beginning or behind "=", "," or ":"; negative: none. *ret_end: behind it. */
static int named_fd(const char *word, const char **ret_end)
{
	static const char *const names[] = { "/dev/fd/", "/proc/self/fd/" };

	for (const char *p = word; *p; p++)
		for (size_t i = 0; i < array_size(names); i++) {
			size_t size = strlen(names[i]), digits;
			unsigned long n;
			char number[16];

			if (strncmp(p, names[i], size) != 0 || (p > word && !strchr("=,:", p[-1])))
				continue;
			digits = strspn(p + size, "0123456789");
			snprintf(number, sizeof(number), "%.*s", (int)digits, p + size);
			*ret_end = p + size + digits;
			if (digits < sizeof(number) && parse_number(number, INT_MAX, &n) == 0)
				return (int)n;
		}
	return -1;
}

/* What the command's own words name was given to us for it. Nothing of ours is open yet. */
static int keep_named_fds(struct run_options *o)
{
	int r = 0;

	for (char **word = o->command; *word && r == 0; word++) {
		const char *rest = *word;
		int fd;

		while (r == 0 && (fd = named_fd(rest, &rest)) >= 0)
			if (fd > 2 && fcntl(fd, F_GETFD) == 0)
				r = keep_fd(o, fd);
	}
	return r;
}

static int take_status_fd(struct parse *parse, const struct option *option, const char *value)
{
	return parse_fd(parse, value, &parse->options->json_status_fd);
}

static int take_events(struct parse *parse, const struct option *option, const char *value)
{
	int fd;

	if (!*value)
		return complain_value(parse, "''", "wanted a file, or fd:N");
	parse->options->events = value;
	if (strncmp(value, "fd:", 3))
		return 0;
	parse->flag = "--events fd:";
	return parse_fd(parse, value + 3, &fd);
}

/* A number and a unit; without one it counts seconds. */
static int take_timeout(struct parse *parse, const struct option *option, const char *value)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {
		{"ms", 1	  },
		{ "s", 1000    },
		  { "",	1000    },
		{ "m", 60000   },
		{ "h", 3600000 },
		  { "d", 86400000}
	};
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || errno)
		return complain_value(parse, value,
				      "wanted a duration, such as 500ms, 10s, 5m or 2h");
	for (size_t i = 0; i < array_size(units); i++) {
		if (strcmp(end, units[i].unit) || n > INT64_MAX / 1000000 / units[i].ms)
			continue;
		if (n == 0)
			return complain_value(parse, value, "no command runs for no time");
		parse->options->timeout_ms = n * units[i].ms;
		return 0;
	}
	return complain_value(parse, value, "wanted a duration, such as 500ms, 10s, 5m or 2h");
}

static int take_fail_on_deny(struct parse *parse, const struct option *option, const char *value)
{
	unsigned long n = EXIT_DENIED;

	if (value && (parse_number(value, 255, &n) < 0 || n == 0))
		return complain_value(parse, value, "wanted an exit status from 1 to 255");
	parse->options->fail_on_deny = n;
	return 0;
}

/* Calls @each with every word of a list with commas. */
static int each_word(struct parse *parse, const char *list,
		     int (*each)(struct parse *parse, const char *word))
{
	cleanup_free char *copy = strdup(list);
	char *rest = copy, *word;
	int r = 0;

	if (!copy)
		return out_of_memory(parse);
	while (r == 0 && (word = strsep(&rest, ",")))
		r = each(parse, word);
	return r;
}

static int add_degraded(struct parse *parse, const char *word)
{
	static const struct {
		const char *word;
		unsigned int bit;
	} words[] = {
		{"landlock", SV_DEGRADE_LANDLOCK},
		{ "scopes",  SV_DEGRADE_SCOPES  },
	};

	for (size_t i = 0; i < array_size(words); i++) {
		if (strcmp(word, words[i].word))
			continue;
		parse->options->degraded |= words[i].bit;
		return 0;
	}
	return complain_value(parse, word, "wanted landlock or scopes");
}

static int take_degraded(struct parse *parse, const struct option *option, const char *value)
{
	return each_word(parse, value ? value : "landlock,scopes", add_degraded);
}

static int add_cap(struct parse *parse, const char *word)
{
	cleanup_free char *full = NULL;
	cap_value_t cap;

	if (asprintf(&full, "%s%s", strncasecmp(word, "cap_", 4) ? "cap_" : "", word) < 0) {
		full = NULL;
		return out_of_memory(parse);
	}
	if (cap_from_name(full, &cap) < 0 || cap < 0 || cap > 63)
		return complain_value(parse, word,
				      "there is no such capability; see capabilities(7)");
	parse->options->keep_caps |= UINT64_C(1) << cap;
	return 0;
}

static int take_keep_caps(struct parse *parse, const struct option *option, const char *value)
{
	return each_word(parse, value, add_cap);
}

static int take_later(struct parse *parse, const struct option *option, const char *value)
{
	parse->status = message_say(&parse->run->message, "not yet: %s is not part of this version",
				    option->name);
	return -EINVAL;
}

static int take_help(struct parse *parse, const struct option *option, const char *value);
static int take_version(struct parse *parse, const struct option *option, const char *value);

#define AT(member) offsetof(struct run_options, member)

static const struct option options[] = {
	{'p',  "--policy",	   "POLICY",	     take_policy,	  0,
	  "use this policy, by name or path; repeatable; default: readonly"									    },
	{ 'r', "--read",		 "PATH",		 take_rule,	    0,		       "read files, list directories"		      },
	{ 'w', "--write",		  "PATH",		  take_rule,	     0,			"read, create, change and delete"		  },
	{ 'x', "--exec",		 "PATH",		 take_rule,	    0,
	  "run this program; a bare name is looked up in PATH"										  },
	{ 0,   "--list",	       "PATH",	       take_rule,	  0,		     "names and metadata only"			       },
	{ 0,   "--deny",	       "'VERB PATH'",    take_words,	  0,		     "refuse, whatever else allows it"		       },
	{ 0,   "--hide",	       "PATH",	       take_rule,	  0,		     "as if it did not exist"			      },
	{ 0,   "--bind",	       "NAME=PATH[:ro]", take_bind,	    0,		       "what the command calls NAME is PATH"	     },
	{ 0,   "--connect",	  "HOST:PORT",      take_rule,	  0,		     "connect to this address"			       },
	{ 0,   "--listen",		 "[ADDR:]PORT",	take_rule,	   0,		      "accept connections there"			 },
	{ 0,   "--unix",	       "PATH",	       take_rule,	  0,		     "use this UNIX socket; @NAME for an abstract one"},
	{ 0,   "--dev",	      "NAME",	      take_rule,	 0,		    "use a device, or a bundle of devices"	   },
	{ 0,   "--method",		 "NAME",		 take_rule,	    0,		       "call this method of a supervisor above"		},
	{ 0,   "--env",	      "NAME[=VALUE]",   take_env,		0,		   "pass a variable, or set it"			},
	{ 0,   "--limit",		"KEY=N",		 take_words,	     0,
	  "mem, procs, files, cpu, time, fsize, children, pending"									      },
	{ 0,   "--ask",	      "RULE",	      take_later,	  0,		     "ask somebody at the moment of use (not yet)"	   },
	{ 'C', "--chdir",		  "DIR",		 take_text,	    AT(chdir),	       "run the command in this directory"		   },
	{ 0,   "--label",		"NAME",		take_text,	   AT(label),
	  "call the sandbox so; default: the command's name"										    },
	{ 0,   "--timeout",	  "DURATION",	      take_timeout,	    0,
	  "end the command after 500ms, 10s, 5m or 2h"											  },
	{ 0,   "--new-session",     NULL,		    take_flag,	       AT(new_session),
	  "without our terminal, as setsid does"												},
	{ 0,   "--die-with-parent", NULL,		take_flag,	   AT(die_with_parent),
	  "end when the process that started us does"											   },
	{ 0,   "--keep-fd",	  "N",	       take_keep_fd,	     0,
	  "pass this descriptor besides 0, 1 and 2; repeatable"										 },
	{ 0,   "--json-status-fd",	 "N",	      take_status_fd,    0,
	  "write child-pid and exit-code there as JSON lines"										   },
	{ 0,   "--learn",		"[=FILE]",	   take_later,	       0,			  "write a policy of what is used (not yet)"	     },
	{ 0,   "--dry-run",	  NULL,		take_flag,	   AT(dry_run),
	  "print the policy and the command, run nothing"										       },
	{ 0,   "--events",		 "FILE|fd:N",      take_events,	   0,		      "write what happens there as JSON lines"	       },
	{ 0,   "--summary",	  "WHEN",		  take_when,	     AT(summary),
	  "a table of refusals at the end: auto, always, never"										 },
	{ 'q', "--quiet",		  NULL,		take_flag,	   AT(quiet),	      "say nothing of refusals"			},
	{ 'v', "--verbose",	    NULL,		  take_flag,	     AT(verbose),
	  "tell refusals also where stderr is no terminal"										      },
	{ 0,   "--fail-on-deny",    "[=N]",	       take_fail_on_deny, 0,
	  "exit with N (123) if something was refused"											  },
	{ 0,   "--color",		"WHEN",		take_when,	   AT(color),	      "auto, always or never"			      },
	{ 0,   "--keep-caps",	    "CAP,...",	       take_keep_caps,    0,
	  "keep these capabilities; all others are dropped"										     },
	{ 0,   "--allow-degraded",	 "[=WHAT,...]",	take_degraded,     0,
	  "run without landlock or scopes"												      },
	{ 'h', "--help",		 NULL,	       take_help,	  0,		     "print this"					  },
	{ 0,   "--version",	  NULL,		take_version,      0,			 "print the version"				     },
};

static bool value_is_optional(const struct option *option)
{
	return option->value && !strncmp(option->value, "[=", 2);
}

static int take_help(struct parse *parse, const struct option *option, const char *value)
{
	printf("usage: %s [-p POLICY]... [RULE]... [OPTION]... [--] COMMAND [ARGUMENT]...\n\n"
	       "Runs a command that may do only what a policy allows.\n\n",
	       parse->run->message.program);
	for (size_t i = 0; i < array_size(options); i++) {
		const struct option *o = &options[i];
		char left[64];

		snprintf(left, sizeof(left), "%c%c%c %s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
			 o->value && !value_is_optional(o) ? " " : "", o->value ? o->value : "");
		printf("  %-34s %s%s\n", left,
		       strlen(left) > 34 ? "\n                                     " : "", o->help);
	}
	printf("\nSee pcall-run(1), pcall-policy(5).\n");
	parse->end = true;
	return 0;
}

static int take_version(struct parse *parse, const struct option *option, const char *value)
{
	printf("%s %s\n", parse->run->message.program, PCALL_VERSION);
	parse->end = true;
	return 0;
}

static int unknown(struct parse *parse, const char *flag)
{
	struct nearest nearest;

	nearest_init(&nearest, flag);
	for (size_t i = 0; i < array_size(options); i++)
		nearest_try(&nearest, options[i].name);
	parse->status = message_unknown(&parse->run->message, "option", flag, &nearest);
	return -EINVAL;
}

/* Hands the option its value. Returns how many words were used: 1 for the option's own, and one for
 * a value behind it. */
static int take(struct parse *parse, const struct option *option, const char *attached,
		const char *next)
{
	const char *value = attached;
	int r;

	parse->flag = option->name;
	if (!value && option->value && !value_is_optional(option))
		value = next;
	if (!value && option->value && !value_is_optional(option)) {
		parse->status = message_say(&parse->run->message, "%s needs a value: %s %s",
					    option->name, option->name, option->value);
		return -EINVAL;
	}
	r = option->take(parse, option, value);
	return r < 0 ? r : value && !attached ? 2 : 1;
}

/* "--name", "--name=value", "--name value" */
static int parse_long(struct parse *parse, char *word, const char *next)
{
	char *equals = strchr(word, '=');

	if (equals)
		*equals = '\0'; /* argv is ours */
	for (size_t i = 0; i < array_size(options); i++) {
		if (strcmp(options[i].name, word))
			continue;
		if (options[i].value || !equals)
			return take(parse, &options[i], equals ? equals + 1 : NULL, next);
		parse->status = message_say(&parse->run->message, "%s takes no value", word);
		return -EINVAL;
	}
	return unknown(parse, word);
}

static const struct option *find_letter(char letter)
{
	for (size_t i = 0; i < array_size(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* "-q", "-qv", "-r PATH", "-rPATH" */
static int parse_short(struct parse *parse, const char *word, const char *next)
{
	int used = 1;

	for (const char *p = word + 1; *p && used == 1 && !parse->end; p++) {
		const struct option *option = find_letter(*p);
		char flag[] = { '-', *p, '\0' };

		if (!option)
			return unknown(parse, flag);
		if (option->value)
			return take(parse, option, p[1] ? p + 1 : NULL, next);
		used = take(parse, option, NULL, next);
	}
	return used;
}

int run_options_parse(struct run *run, int argc, char **argv, int *ret_status)
{
	struct parse parse = { .run = run, .options = &run->options };
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		int used;

		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		used = argv[i][1] == '-' ? parse_long(&parse, argv[i], argv[i + 1])
					 : parse_short(&parse, argv[i], argv[i + 1]);
		if (used < 0 || parse.end) {
			*ret_status = parse.status;
			return 1;
		}
		i += used;
	}
	if (i >= argc) {
		*ret_status =
			message_say(&run->message,
				    "no command; usage: %s [OPTION]... [--] COMMAND [ARGUMENT]...",
				    run->message.program);
		return 1;
	}
	run->options.command = argv + i;
	if (keep_named_fds(&run->options) == 0)
		return 0;
	out_of_memory(&parse);
	*ret_status = parse.status;
	return 1;
}

void run_options_deinit(struct run_options *o)
{
	for (size_t i = 0; i < o->rules_count; i++)
		free(o->rules[i].line);
	free(o->rules);
	free(o->policies);
	free(o->variables);
	free(o->keep_fds);
}
