/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reference model: the page that decides comes first, the making of random chains after it. */
#include "model.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAT = 1, LIST = 2, READ = 4, WRITE = 8, EXEC = 16, UNIX = 32, DEV = 64, ALL = 127 };

/* What a verb gives or takes. */
static const struct {
	const char *text;
	unsigned int rights;
} verbs[MODEL_VERBS] = {
	[MODEL_LIST] = {"list",	 STAT | LIST		     },
	[MODEL_READ] = { "read",	 STAT | LIST | READ	    },
	[MODEL_WRITE] = { "write",	   STAT | LIST | READ | WRITE},
	[MODEL_EXEC] = { "exec",	 STAT | LIST | READ | EXEC },
	[MODEL_UNIX] = { "unix",	 STAT | UNIX		     },
	[MODEL_DEV] = { "dev",	       STAT | DEV		  },
	[MODEL_HIDE] = { "hide",	 ALL			     },
	[MODEL_DENY_LIST] = { "deny list",  LIST | READ | WRITE | EXEC},
	[MODEL_DENY_READ] = { "deny read",  READ | WRITE | EXEC       },
	[MODEL_DENY_WRITE] = { "deny write", WRITE			   },
	[MODEL_DENY_EXEC] = { "deny exec",  EXEC			},
	[MODEL_DENY_UNIX] = { "deny unix",  UNIX			},
	[MODEL_ASK_READ] = { "ask read",	 STAT | LIST | READ	    },
};

/* Cuts the first component off a path; false at its end. */
static bool cut(const char **path, char part[MODEL_PATH])
{
	size_t n = strcspn(*path + (**path != '\0'), "/");

	if (**path == '\0')
		return false;
	memcpy(part, *path + 1, n);
	part[n] = '\0';
	*path += n + 1;
	return true;
}

/* Does the pattern match the name or one above it? */
static bool covers(const char *pattern, const char *name)
{
	char want[MODEL_PATH], have[MODEL_PATH];

	if (!cut(&pattern, want))
		return true;
	if (strcmp(want, "**") == 0) {
		while (!covers(pattern, name))
			if (!cut(&name, have))
				return false;
		return true;
	}
	return cut(&name, have) && fnmatch(want, have, 0) == 0 && covers(pattern, name);
}

/* Is the name above what the pattern matches, and its letters lead there? */
static bool leads_to(const char *pattern, const char *name)
{
	char want[MODEL_PATH], have[MODEL_PATH];

	while (cut(&name, have))
		if (!cut(&pattern, want) || strpbrk(want, "*?[") || strcmp(want, have) != 0)
			return false;
	return *pattern != '\0';
}

/* What a line says of a refusal. */
enum says { SAYS_NOTHING, SAYS_EXCEPT, SAYS_NO };

/* What one layer says of one name. */
static enum model_decision judge_layer(const struct model_layer *layer, const char *name,
				       unsigned int right, enum says *ret_says)
{
	bool allow = false, ask = false, carved = false, deny = false;

	*ret_says = SAYS_NO;
	for (size_t i = 0; i < layer->rule_count; i++) {
		const struct model_rule *rule = &layer->rule[i];
		bool hit = covers(rule->pattern, name) && verbs[rule->verb].rights & right;

		if (hit && rule->verb == MODEL_HIDE)
			return MODEL_HIDDEN;
		if (rule->verb < MODEL_HIDE && right == STAT && leads_to(rule->pattern, name))
			allow = true;
		if (!hit)
			continue;
		if (rule->verb == MODEL_ASK_READ)
			ask = true;
		else if (rule->verb > MODEL_HIDE)
			deny = true;
		else if (rule->except[0] && covers(rule->except, name))
			carved = true;
		else
			allow = true;
	}
	for (size_t i = 0; i < layer->bind_count; i++) {
		const struct model_bind *bind = &layer->bind[i];
		bool hit = covers(bind->name, name);

		allow |= right == STAT && leads_to(bind->name, name);
		allow |= hit && right & (STAT | LIST | READ | (bind->writable ? WRITE : 0));
		deny |= hit && !bind->writable && right == WRITE;
	}
	if (deny)
		return MODEL_DENY;
	if (allow)
		return MODEL_ALLOW;
	*ret_says = ask ? SAYS_NO : carved ? SAYS_EXCEPT : SAYS_NOTHING;
	return ask ? MODEL_ASK : MODEL_DENY;
}

static bool translate_layer(const struct model_layer *layer, char name[MODEL_PATH])
{
	const struct model_bind *best = NULL;
	char was[MODEL_PATH];

	for (size_t i = 0; i < layer->bind_count; i++)
		if (covers(layer->bind[i].name, name) &&
		    (!best || strlen(layer->bind[i].name) > strlen(best->name)))
			best = &layer->bind[i];
	if (!best)
		return false;
	strcpy(was, name);
	snprintf(name, MODEL_PATH, "%s%s", best->target, was + strlen(best->name));
	return strcmp(was, name) != 0;
}

enum model_decision model_judge(const struct model *model, size_t depth, const char *name,
				unsigned int right)
{
	enum model_decision worst = MODEL_ALLOW, one;
	char at[MODEL_PATH];
	enum says says;

	strcpy(at, name);
	while (depth-- > 0) {
		const struct model_layer *layer = &model->layer[depth];

		one = judge_layer(layer, at, 1U << right, &says);
		worst = one > worst ? one : worst;
		if (!translate_layer(layer, at))
			continue;
		/* What a layer takes away, it takes by the second name as well. */
		one = judge_layer(layer, at, 1U << right, &says);
		if (says && one >= MODEL_DENY)
			worst = one > worst ? one : worst;
	}
	return worst;
}

static enum says most_said(const struct model *model, size_t depth, const char *name,
			   unsigned int right)
{
	enum says says, most = SAYS_NOTHING;
	char at[MODEL_PATH];

	strcpy(at, name);
	while (depth-- > 0) {
		const struct model_layer *layer = &model->layer[depth];

		if (judge_layer(layer, at, 1U << right, &says) >= MODEL_DENY)
			most = says > most ? says : most;
		if (translate_layer(layer, at) &&
		    judge_layer(layer, at, 1U << right, &says) >= MODEL_DENY)
			most = says > most ? says : most;
	}
	return most;
}

bool model_takes(const struct model *model, size_t depth, const char *name, unsigned int right)
{
	return most_said(model, depth, name, right) != SAYS_NOTHING;
}

bool model_denies(const struct model *model, size_t depth, const char *name, unsigned int right)
{
	return most_said(model, depth, name, right) == SAYS_NO;
}

void model_translate(const struct model *model, size_t depth, size_t levels, const char *name,
		     char ret[MODEL_PATH])
{
	strcpy(ret, name);
	while (levels-- > 0)
		translate_layer(&model->layer[--depth], ret);
}

/* Few letters, so that patterns and names meet often. */
static const char *const letters[] = { "a", "b", "c" };
static const char *const words[] = { "a", "b", "c", "a", "b", "?", "*", "[!a]", "a*", "**" };

static size_t below(size_t n, unsigned int *seed)
{
	return (size_t)rand_r(seed) % n;
}

static void random_path(char ret[MODEL_PATH], const char *const *from, size_t from_count,
			size_t least, size_t most, unsigned int *seed)
{
	ret[0] = '\0';
	for (size_t n = least + below(most - least + 1, seed); n > 0; n--) {
		strcat(ret, "/");
		strcat(ret, from[below(from_count, seed)]);
	}
}

static void random_pattern(char ret[MODEL_PATH], unsigned int *seed)
{
	random_path(ret, words, below(2, seed) ? 5 : 10, 0, 3, seed);
}

void model_random_name(char ret[MODEL_PATH], unsigned int *seed)
{
	random_path(ret, letters, 3, 0, 5, seed);
}

static void random_bind(struct model_layer *layer, unsigned int *seed)
{
	struct model_bind *bind = &layer->bind[layer->bind_count];

	random_path(bind->name, letters, 3, 1, 3, seed);
	random_path(bind->target, letters, 3, 0, 3, seed);
	bind->writable = below(2, seed);
	for (size_t i = 0; i < layer->bind_count; i++)
		if (strcmp(layer->bind[i].name, bind->name) == 0)
			return;
	layer->bind_count++;
}

/* Most grant something large, so that a chain of six leaves something to disagree about. */
static void random_layer(struct model_layer *layer, unsigned int *seed)
{
	memset(layer, 0, sizeof(*layer));
	layer->rule_count = 1 + below(MODEL_RULES, seed);
	for (size_t i = 0; i < layer->rule_count; i++) {
		struct model_rule *rule = &layer->rule[i];

		rule->verb =
			(enum model_verb)below(below(2, seed) ? MODEL_HIDE : MODEL_VERBS, seed);
		random_pattern(rule->pattern, seed);
		if (i == 0 && below(4, seed)) {
			rule->verb = below(2, seed) ? MODEL_WRITE : MODEL_EXEC;
			rule->pattern[0] = '\0';
		}
		if (rule->verb < MODEL_HIDE && below(4, seed) == 0)
			random_pattern(rule->except, seed);
	}
	for (size_t n = below(2, seed) ? below(MODEL_BINDS + 1, seed) : 0; n > 0; n--)
		random_bind(layer, seed);
}

void model_random(struct model *model, size_t depth, unsigned int *seed)
{
	model->depth = depth;
	for (size_t i = 0; i < depth; i++) {
		if (i > 0 && below(4, seed) == 0)
			model->layer[i] = model->layer[below(i, seed)];
		else
			random_layer(&model->layer[i], seed);
	}
}

static void add(char ret[MODEL_TEXT], const char *root, const char *path)
{
	size_t n = strlen(ret);

	snprintf(ret + n, MODEL_TEXT - n, " %s%s", root, path);
}

void model_write(const struct model_layer *layer, const char *root, char ret[MODEL_TEXT])
{
	ret[0] = '\0';
	for (size_t i = 0; i < layer->rule_count; i++) {
		strcat(ret, verbs[layer->rule[i].verb].text);
		add(ret, root, layer->rule[i].pattern);
		if (layer->rule[i].except[0]) {
			strcat(ret, " except");
			add(ret, root, layer->rule[i].except);
		}
		strcat(ret, "\n");
	}
	for (size_t i = 0; i < layer->bind_count; i++) {
		strcat(ret, "bind");
		add(ret, root, layer->bind[i].name);
		add(ret, root, layer->bind[i].target);
		strcat(ret, layer->bind[i].writable ? " rw\n" : " ro\n");
	}
}

static int each_directory(const char *path, int depth, bool make)
{
	int r = 0;

	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	for (size_t i = 0; depth > 0 && r == 0 && i < 3; i++) {
		char below_path[256];

		snprintf(below_path, sizeof(below_path), "%s/%s", path, letters[i]);
		r = each_directory(below_path, depth - 1, make);
	}
	return r == 0 && !make && rmdir(path) < 0 ? -errno : r;
}

int model_make_tree(const char *root)
{
	return each_directory(root, 3, true);
}

int model_remove_tree(const char *root)
{
	return each_directory(root, 3, false);
}
