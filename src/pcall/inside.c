/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall inside, methods: where this very process stands in a tree, and what it can call. */
#include "pcall/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "policyc/nearest.h"
#include "program/text.h"
#include "pcall/words.h"
#include "pcall.h"

static int not_inside(const struct message *message, int status)
{
	message_say(message, "no supervisor stands above this process; run it under one that "
			     "defines methods");
	return status;
}

int inside_no_method(const struct message *message, const char *name)
{
	struct pcall_info info = { .size = sizeof(info) };
	struct nearest nearest;
	const char *other;

	if (pcall_inside(&info) == -ENOTCONN)
		return not_inside(message, EXIT_NOT_FOUND);
	nearest_init(&nearest, name);
	for (unsigned int i = 0; (other = pcall_method_name(i)); i++)
		nearest_try(&nearest, other);
	if (nearest.best[0])
		message_say(message, "no method %s here; did you mean %s?", name, nearest.best);
	else
		message_say(message,
			    "no method %s here; its supervisor defines it, and a policy "
			    "line `method %s` grants it",
			    name, name);
	return EXIT_NOT_FOUND;
}

/* 0 or an exit status. */
static int find(const struct message *message, struct pcall_info *ret)
{
	int r;

	ret->size = sizeof(*ret);
	r = pcall_inside(ret);
	if (r == -ENOTCONN)
		return not_inside(message, EXIT_NO);
	return r < 0 ? message_say(message, "cannot find out where this is: %s", strerror(-r)) : 0;
}

static int print(const struct message *message, const struct text *text)
{
	int r = text->failed ? -ENOMEM : text_write(text, STDOUT_FILENO);

	return r < 0 ? message_say(message, "standard output: %s", strerror(-r)) : 0;
}

int word_methods(struct pcall *pcall, char **args)
{
	struct text text cleanup_text = { 0 };
	struct pcall_info info;
	const char *name;
	int status;

	if (args[0])
		return message_say(&pcall->message, "methods takes no arguments");
	status = find(&pcall->message, &info);
	if (status)
		return status;
	for (unsigned int i = 0; (name = pcall_method_name(i)); i++) {
		text_quoted(&text, name);
		text_add(&text, " %d\n", pcall_method(name));
	}
	return print(&pcall->message, &text);
}

int word_inside(struct pcall *pcall, char **args)
{
	bool json = args[0] && !strcmp(args[0], "--json");
	struct text text cleanup_text = { 0 };
	struct pcall_info info;
	int status;

	if (args[json])
		return message_say(&pcall->message, "inside takes --json only");
	status = find(&pcall->message, &info);
	if (status)
		return status;
	if (json) {
		text_add(&text, "{");
		text_json(&text, "label", info.label);
		text_json_number(&text, "depth", info.depth);
		text_json_number(&text, "methods", info.methods);
		text_add(&text, "}\n");
		return print(&pcall->message, &text);
	}
	text_add(&text, "label    ");
	text_quoted(&text, info.label);
	text_add(&text, "\ndepth    %u\nmethods  %u\n", info.depth, info.methods);
	return print(&pcall->message, &text);
}
