/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines: words to objects. */
#ifndef POLICYC_PARSE_H
#define POLICYC_PARSE_H

#include "policy/parts.h"
#include "policy/verbs.h"
#include "policyc/complain.h"
#include "policyc/words.h"

struct parser {
	struct policy *policy;
	struct policy_file *file; /* NULL: no file */
	struct policy_error *error;
	struct place place;
	struct words words;
	const struct verb_row *row;
	struct line *line; /* being made */
	bool versioned;	   /* `policy 1` was there */
	bool about_seen;   /* in this file */
};

/* Understands parser->place.text and adds it to the policy. */
int parse_line(struct parser *parser, size_t size);
/* Complains about a word; offset is the byte in it. Returns -EINVAL. */
int parse_fail(struct parser *parser, const struct word *word, size_t offset, const char *hint,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The word with its variables. */
int parse_expand(struct parser *parser, const struct word *word, int how, char **ret);
/* A new item at the end of the line; NULL: no memory, or more objects than a policy may have. */
struct item *parse_item(struct parser *parser, const struct word *word, enum item_kind kind,
			bool except);

#endif
