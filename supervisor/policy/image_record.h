/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records of an image (image.h): lines, cut into fields, and where they may stand. The
 * text is hostile. */
#ifndef POLICY_IMAGE_RECORD_H
#define POLICY_IMAGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/verbs.h"

#define FIELDS_MAX 6

struct record {
	char tag;
	size_t count;
	char *field[FIELDS_MAX];
	size_t size[FIELDS_MAX];
};

/* Where reading stands, in a copy of the text that is the reader's alone: fields stay in it. */
struct records {
	char *at;
	char *end;
	unsigned int number; /* of the record that was read last, from 1 */
};

/* The next record: a tag, and fields that each follow a tab. False: it is no such line, and nothing
 * more is to be read. */
bool record_read(struct records *records, struct record *ret);
/* How many records follow, of the same rule; no more than @most are counted. */
size_t records_ahead(const struct records *records, size_t most);
/* May a rule of this verb have such a record? @inner: the verb of deny and ask, else VERB_NONE. */
bool record_fits(enum verb verb, enum verb inner, char tag);
/* A verb by its name; VERB_NONE: the rules of an image do not have it. @inner: behind deny and ask.
 */
enum verb record_verb(const char *name, bool inner);
/* Decimal, as printf writes it. */
bool record_number(const char *text, uint64_t max, uint64_t *ret);

#endif
