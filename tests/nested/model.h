/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference model of a tree's rights: who may do what, computed from the policies of a chain of
 * levels alone, slowly and obviously. It shares no code with what it is held against.
 *
 * A chain is a list of layers, the outermost first. Paths are strings relative to a directory of
 * the user's choice (its *root*): "" is the root itself, "/a/b" below it. Patterns are the same,
 * with
 * `*`, `?`, `[...]` in a component and `**` across. There are no links, and nothing below /proc.
 */
#ifndef TESTS_NESTED_MODEL_H
#define TESTS_NESTED_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#define MODEL_DEPTH 6
#define MODEL_RULES 6
#define MODEL_BINDS 2
#define MODEL_PATH  64
#define MODEL_TEXT  4096

/* As in the language: the verbs that grant, then those that take away. */
enum model_verb {
	MODEL_LIST,
	MODEL_READ,
	MODEL_WRITE,
	MODEL_EXEC,
	MODEL_UNIX,
	MODEL_DEV,
	MODEL_HIDE,
	MODEL_DENY_LIST,
	MODEL_DENY_READ,
	MODEL_DENY_WRITE,
	MODEL_DENY_EXEC,
	MODEL_DENY_UNIX,
	MODEL_ASK_READ,
	MODEL_VERBS
};

/* From the best to the worst. */
enum model_decision { MODEL_ALLOW, MODEL_ASK, MODEL_DENY, MODEL_HIDDEN };

struct model_rule {
	enum model_verb verb;
	char pattern[MODEL_PATH];
	char except[MODEL_PATH]; /* "": none */
};

struct model_bind {
	char name[MODEL_PATH];
	char target[MODEL_PATH];
	bool writable;
};

struct model_layer {
	struct model_rule rule[MODEL_RULES];
	size_t rule_count;
	struct model_bind bind[MODEL_BINDS];
	size_t bind_count;
};

struct model {
	struct model_layer layer[MODEL_DEPTH];
	size_t depth;
};

/* Rights by their number in enum right of policy/policy.h: 0 stat ... 6 dev. */
#define MODEL_RIGHTS 7

/* What the first @depth layers of the chain decide about a name of the innermost of them. */
enum model_decision model_judge(const struct model *model, size_t depth, const char *name,
				unsigned int right);

/* Does a line of one of these layers take this right from the name, whatever others give? */
bool model_takes(const struct model *model, size_t depth, const char *name, unsigned int right);
/* The same, and not only by an `except`. */
bool model_denies(const struct model *model, size_t depth, const char *name, unsigned int right);

/* The name @levels levels further out, by the views of the innermost layers of the first @depth. */
void model_translate(const struct model *model, size_t depth, size_t levels, const char *name,
		     char ret[MODEL_PATH]);

/* A random chain, as deep as @depth; the same seed, the same chain. Every other one repeats layers,
 * as people do. */
void model_random(struct model *model, size_t depth, unsigned int *seed);
void model_random_name(char ret[MODEL_PATH], unsigned int *seed);

/* The layer as lines of policy, each ended by \n; paths begin at @root. */
void model_write(const struct model_layer *layer, const char *root, char ret[MODEL_TEXT]);

/* Makes every directory below @root that a view may have as its target. 0 or a negative errno. */
int model_make_tree(const char *root);
/* Removes what model_make_tree made, and @root. */
int model_remove_tree(const char *root);

#endif
