/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall doctor: what this machine offers and lacks. Each line is a fact; below it its effect and
 * what helps. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "program/text.h"
#include "pcall/words.h"
#include "supervisor.h"

enum {
	EXIT_DEGRADED = 1,
	EXIT_CANNOT = 2,
};

static const struct {
	const char *word;
	enum color color;
	int exit;
} statuses[] = {
	[SV_FACT_GOOD] = {"good",	   COLOR_GOOD, 0		 },
	[SV_FACT_NOTE] = { "note",	   COLOR_BOLD, 0		 },
	[SV_FACT_DEGRADED] = { "degraded", COLOR_BOLD, EXIT_DEGRADED},
	[SV_FACT_MISSING] = { "missing",	 COLOR_BAD,  EXIT_CANNOT	},
};

static const char *const verdicts[] = {
	[0] = "pcall-run can run here",
	[EXIT_DEGRADED] = "pcall-run can run here with less; see what is degraded",
	[EXIT_CANNOT] = "pcall-run cannot run here; see what is missing",
};

static void add_fact(const struct message *message, struct text *text, const struct sv_fact *fact)
{
	message_color(message, text, statuses[fact->status].color);
	text_add(text, "%-9s", statuses[fact->status].word);
	message_color(message, text, COLOR_NONE);
	text_add(text, " %-13s ", fact->name);
	text_quoted(text, fact->fact);
	text_add(text, "\n");
	if (fact->effect[0])
		text_add(text, "%24s%s\n", "effect  ", fact->effect);
	if (fact->remedy[0])
		text_add(text, "%24s%s\n", "remedy  ", fact->remedy);
}

static void add_json(struct text *text, const struct sv_fact *facts, int count, int status)
{
	text_add(text, "{\"version\":\"%s\",\"exit\":%d,\"facts\":[", PCALL_VERSION, status);
	for (int i = 0; i < count; i++) {
		text_add(text, "%s{", i ? "," : "");
		text_json(text, "name", facts[i].name);
		text_json(text, "status", statuses[facts[i].status].word);
		text_json(text, "fact", facts[i].fact);
		text_json(text, "effect", facts[i].effect);
		text_json(text, "remedy", facts[i].remedy);
		text_add(text, "}");
	}
	text_add(text, "]}\n");
}

int pcall_doctor(struct pcall *pcall, char **args)
{
	struct sv_fact facts[SV_FACTS_MAX] = { 0 };
	bool json = args[0] && !strcmp(args[0], "--json");
	struct text text cleanup_text = { 0 };
	int count, status = 0;

	if (args[json])
		return message_say(&pcall->message,
				   "doctor: unknown word %s; wanted nothing or --json", args[json]);
	count = sv_probe(facts, SV_FACTS_MAX);
	for (int i = 0; i < count; i++)
		if (statuses[facts[i].status].exit > status)
			status = statuses[facts[i].status].exit;
	if (json) {
		add_json(&text, facts, count, status);
	} else {
		for (int i = 0; i < count; i++)
			add_fact(&pcall->message, &text, &facts[i]);
		text_add(&text, "%s\n", verdicts[status]);
	}
	fputs(text.data ? text.data : "", stdout);
	return status;
}
