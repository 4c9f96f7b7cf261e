/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall why: which line of a policy decides about an object. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "policyc/nearest.h"
#include "judge/verdict.h"
#include "program/suggest.h"
#include "program/show.h"
#include "program/text.h"
#include "pcall/words.h"

struct question {
	const char *word; /* the verb as typed */
	enum verb verb;
	unsigned int right; /* of verbs that take paths */
	char object[PATH_MAX + 64];
};

static const struct {
	enum verb verb;
	unsigned int right;
} askable[] = {
	{VERB_LIST,     RIGHT_LIST },
	   { VERB_READ,	RIGHT_READ },
	      { VERB_WRITE,   RIGHT_WRITE},
	{ VERB_EXEC,    RIGHT_EXEC },
	   { VERB_UNIX,	RIGHT_UNIX },
	      { VERB_DEV,	  RIGHT_DEV  },
	{ VERB_CONNECT, 0	  },
	   { VERB_LISTEN,  0	    },
	      { VERB_METHOD,  0	       },
};

static int find_verb(const struct pcall *pcall, const char *word, struct question *q)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; i < array_size(askable); i++) {
		const char *name = verb_name(askable[i].verb);

		nearest_try(&nearest, name);
		if (strcmp(word, name))
			continue;
		q->word = name;
		q->verb = askable[i].verb;
		q->right = askable[i].right;
		return 0;
	}
	return message_unknown(&pcall->message, "verb", word, &nearest);
}

/* Drops ".", ".." and empty components of an absolute path, in site. For what does not exist:
 * nothing is followed. */
static void path_clean(char *path)
{
	char *out = path, *rest = path, *part;

	while ((part = strsep(&rest, "/"))) {
		size_t size = strlen(part);

		if (size == 0 || !strcmp(part, "."))
			continue;
		if (!strcmp(part, "..")) {
			while (out > path && *--out != '/')
				;
			continue;
		}
		*out++ = '/';
		memmove(out, part, size);
		out += size;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* A program's bare name is looked up in PATH, as exec lines do it; a device's is in /dev. NULL:
 * there is none of this name, which then is one here. */
static char *bare_name(const struct pcall *pcall, const char *given, enum verb verb)
{
	cleanup_free char *copy = NULL;
	char *rest, *directory, *path;

	if (strchr(given, '/') || !given[0] || given[0] == '~')
		return NULL;
	if (verb == VERB_DEV)
		return asprintf(&path, "/dev/%s", given) < 0 ? NULL : path;
	if (verb != VERB_EXEC || !pcall->site.env.path)
		return NULL;
	rest = copy = strdup(pcall->site.env.path);
	while (rest && (directory = strsep(&rest, ":"))) {
		if (asprintf(&path, "%s/%s", directory, given) < 0)
			return NULL;
		if (directory[0] == '/' && access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* The canonical name: links are followed as far as the path exists. */
static int canonical(const struct pcall *pcall, const char *given, struct question *q)
{
	cleanup_free char *path = NULL, *real = NULL;
	const char *home = pcall->site.env.home;
	char *cut;
	int r;

	if (!strncmp(given, "~/", 2) && home)
		r = asprintf(&path, "%s/%s", home, given + 2);
	else if (given[0] == '/')
		r = asprintf(&path, "%s", given);
	else
		r = asprintf(&path, "%s/%s", pcall->site.cwd, given);
	if (r < 0) {
		path = NULL;
		return message_say(&pcall->message, "out of memory");
	}
	if (!strncmp(path, "/proc/self", 10)) {
		path_clean(path);
		snprintf(q->object, sizeof(q->object), "%s", path);
		return 0;
	}
	real = realpath(path, NULL);
	path_clean(path);
	if (real) {
		snprintf(q->object, sizeof(q->object), "%s", real);
		return 0;
	}
	for (cut = path + strlen(path); !real && cut > path;) {
		while (*--cut != '/')
			;
		*cut = '\0';
		real = realpath(cut == path ? "/" : path, NULL);
		*cut = '/';
	}
	snprintf(q->object, sizeof(q->object), "%s%s", real && strcmp(real, "/") ? real : "", cut);
	return 0;
}

static bool is_the_host(void *data, const char *host, const struct sockaddr *address, bool widely)
{
	return !strcasecmp(data, host);
}

/* HOST:PORT. A name stands for an address that no rule is likely to name: rules of names are
 * compared as names. */
static int judge_address(const struct pcall *pcall, const struct policy *policy,
			 const struct question *q, struct verdict *ret)
{
	cleanup_free char *copy = strdup(q->object);
	char *colon = copy ? strrchr(copy, ':') : NULL, *host = copy, *end;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	unsigned long port;

	port = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (!colon || colon == copy || !colon[1] || *end || port > 65535)
		return message_say(&pcall->message, "%s %s: wanted HOST:PORT or [ADDRESS]:PORT",
				   q->word, q->object);
	*colon = '\0';
	if (*host == '[' && colon[-1] == ']') {
		host++;
		colon[-1] = '\0';
		v6.sin6_port = htons(port);
		if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1)
			return message_say(&pcall->message, "%s %s: this is no address", q->word,
					   q->object);
		*ret = policy_judge_address(policy, q->verb, (struct sockaddr *)&v6, sizeof(v6),
					    NULL, NULL);
		return 0;
	}
	v4.sin_port = htons(port);
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		*ret = policy_judge_address(policy, q->verb, (struct sockaddr *)&v4, sizeof(v4),
					    NULL, NULL);
		return 0;
	}
	v4.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, for documentation only: RFC 5737 */
	*ret = policy_judge_address(policy, q->verb, (struct sockaddr *)&v4, sizeof(v4),
				    is_the_host, host);
	return 0;
}

static int judge(const struct pcall *pcall, const struct policy *policy, const char *given,
		 struct question *q, struct verdict *ret)
{
	cleanup_free char *bare = NULL;
	int status;

	if (!q->right || (q->verb == VERB_UNIX && given[0] == '@')) {
		/* As in a policy, a port alone is any address of this machine. */
		snprintf(q->object, sizeof(q->object), "%s%s",
			 q->verb == VERB_LISTEN && !given[strspn(given, "0123456789")] ? "0.0.0.0:"
										       : "",
			 given);
		if (q->verb == VERB_METHOD) {
			*ret = policy_judge_method(policy, given);
			return 0;
		}
		if (!q->right)
			return judge_address(pcall, policy, q, ret);
		*ret = policy_judge_abstract(policy, given + 1, strlen(given + 1));
		return 0;
	}
	bare = bare_name(pcall, given, q->verb);
	status = canonical(pcall, bare ? bare : given, q);
	if (status == 0)
		*ret = policy_judge(policy, q->object, q->right);
	return status;
}

static int tell(const struct policy *policy, const struct question *q,
		const struct verdict *verdict)
{
	static const char *const words[] = { [DECISION_ALLOW] = "allowed",
					     [DECISION_DENY] = "denied",
					     [DECISION_HIDE] = "hidden",
					     [DECISION_ASK] = "denied" };
	struct text text cleanup_text = { 0 };
	char flag[PATH_MAX + 64], line[PATH_MAX + 64];

	text_add(&text, "%-8s %s ", words[verdict->decision], q->word);
	text_quoted(&text, q->object);
	text_add(&text, "\n  why    ");
	if (verdict->rule) {
		text_quoted(&text, verdict->rule->text);
		text_add(&text, "  ");
		show_origin(&text, verdict->rule->policy, verdict->rule->source,
			    verdict->rule->line);
	} else {
		text_add(&text, "no rule allows it");
	}
	text_add(&text, "\n");
	if (verdict->decision == DECISION_ASK)
		text_add(&text, "         there is nobody to ask yet\n");
	if (!verdict_is_said(*verdict) && verdict->decision == DECISION_DENY &&
	    policy_suggest(policy, q->verb, q->object, flag, sizeof(flag), line, sizeof(line)) >= 0)
		show_allow(&text, flag, line);
	fputs(text.data ? text.data : "", stdout);
	return verdict->decision == DECISION_ALLOW ? 0 : EXIT_NO;
}

int pcall_why(struct pcall *pcall, char **args)
{
	const char *names[32] = { "readonly" }, *words[2];
	size_t names_count = 0, count = 0;
	struct policy *policy = NULL;
	struct question q = { 0 };
	struct verdict verdict = { 0 };
	int status;

	for (; *args; args++) {
		if (!strcmp(*args, "-p") || !strcmp(*args, "--policy")) {
			if (!*++args)
				return message_say(&pcall->message, "-p needs a value: -p POLICY");
			if (names_count == array_size(names))
				return message_say(&pcall->message, "why: more than %zu policies",
						   array_size(names));
			names[names_count++] = *args;
		} else if (count == array_size(words)) {
			return message_say(&pcall->message, "why: one word too many: %s", *args);
		} else {
			words[count++] = *args;
		}
	}
	if (count < array_size(words))
		return message_say(&pcall->message, "usage: pcall why VERB OBJECT [-p POLICY]...");
	status = find_verb(pcall, words[0], &q);
	if (status == 0 && pcall_load(pcall, names, names_count ? names_count : 1, &policy))
		status = EXIT_OURS; /* 1 would mean no */
	if (status == 0)
		status = judge(pcall, policy, words[1], &q, &verdict);
	if (status == 0)
		status = tell(policy, &q, &verdict);
	policy_free(policy);
	return status;
}
