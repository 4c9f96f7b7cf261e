/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects of rules: paths, commands, sockets, devices, addresses, methods; and what making them
 * from words takes. */
#ifndef POLICYC_PARSE_OBJECTS_H
#define POLICYC_PARSE_OBJECTS_H

#include <stdbool.h>

#include "policy/parts.h"
#include "policy/verbs.h"
#include "policyc/complain.h"
#include "policyc/words.h"

struct parser {
	struct policy *policy;
	struct policy_file *file; /* NULL: no file */
	struct policy_error *error;
	/* What a line "use NAME" does: files hold lines, and lines lead to files. */
	int (*use)(struct parser *from, const char *name);
	struct place place;
	struct words words;
	const struct verb_row *row;
	struct line *line; /* being made */
	bool versioned;	   /* `policy 1` was there */
	bool about_seen;   /* in this file */
};

/* Complains about a word; offset is the byte in it. Returns -EINVAL. */
int parse_fail(struct parser *parser, const struct word *word, size_t offset, const char *hint,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The word with its variables. */
int parse_expand(struct parser *parser, const struct word *word, int how, char **ret);
/* A new item at the end of the line; NULL: no memory, or more objects than a policy may have. */
struct item *parse_item(struct parser *parser, const struct word *word, enum item_kind kind,
			bool except);

int object_path(struct parser *parser, const struct word *word, bool except);
int object_exec(struct parser *parser, const struct word *word, bool except);
int object_unix(struct parser *parser, const struct word *word, bool except);
int object_dev(struct parser *parser, const struct word *word, bool except);
int object_address(struct parser *parser, const struct word *word, bool except);
int object_method(struct parser *parser, const struct word *word, bool except);
/* Does this device belong to a bundle? Its name, or NULL. */
const char *dev_bundle_of(const char *path);

#endif
