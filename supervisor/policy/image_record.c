/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records of an image: lines, cut into fields, and where they may stand. */
#include "policy/image_record.h"

#include <string.h>

#include "policy/image.h"
#include "policy/verbs.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte behind a backslash, or -1: none that has to be written so. */
static int escaped_byte(const char *at, const char *end)
{
	int high, low, c;

	if (end - at < 3)
		return -1;
	high = hex_digit(at[1]);
	low = hex_digit(at[2]);
	c = high * 16 + low;
	return high >= 0 && low >= 0 && c != 0 && image_escapes((unsigned char)c) ? c : -1;
}

/* One field, [at, end) of the copy: unescaped where it stands, and a NUL behind it. */
static bool read_field(struct record *record, char *at, const char *end)
{
	char *field = at;
	size_t n = 0;

	if (record->count == FIELDS_MAX || end - at > 3 * IMAGE_FIELD)
		return false;
	for (; at < end; at++) {
		int c = (unsigned char)*at;

		if (c == '\\') {
			c = escaped_byte(at, end);
			at += 2;
		} else if (image_escapes((unsigned char)c)) {
			c = -1;
		}
		if (c < 0)
			return false;
		field[n++] = (char)c;
	}
	if (n > IMAGE_FIELD)
		return false;
	field[n] = '\0';
	record->size[record->count] = n;
	record->field[record->count++] = field;
	return true;
}

bool record_read(struct records *records, struct record *ret)
{
	char *at = records->at, *end = memchr(at, '\n', (size_t)(records->end - at));

	records->number++;
	ret->count = 0;
	if (!end || end - at < 2 || at[1] != '\t')
		return false;
	ret->tag = at[0];
	for (at++; at < end;) {
		char *tab = memchr(at + 1, '\t', (size_t)(end - at - 1));
		char *stop = tab ? tab : end;

		if (!read_field(ret, at + 1, stop))
			return false;
		at = stop;
	}
	records->at = end + 1;
	return true;
}

bool record_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text; text++)
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n) || n > max)
			return false;
	*ret = n;
	return true;
}

size_t records_ahead(const struct records *records, size_t most)
{
	size_t n = 0;

	for (const char *at = records->at; n < most && at < records->end && !strchr("flr", *at);
	     n++) {
		const char *end = memchr(at, '\n', (size_t)(records->end - at));

		at = end ? end + 1 : records->end;
	}
	return n;
}

/* The records that a verb's rules may have. Behind deny and ask: those of the inner verb but g and
 * k; an `except` leaves alone behind deny, and is not there behind ask. */
static const char *const records_of[VERB_MAX] = {
	[VERB_LIST] = "gtk",   [VERB_READ] = "gtk",  [VERB_WRITE] = "gtk",  [VERB_EXEC] = "gtk",
	[VERB_HIDE] = "te",    [VERB_BIND] = "gtkb", [VERB_CONNECT] = "aA", [VERB_LISTEN] = "aA",
	[VERB_UNIX] = "gtkuU", [VERB_DEV] = "gtk",   [VERB_ENV] = "ns",	    [VERB_LIMIT] = "m",
	[VERB_METHOD] = "nN",  [VERB_SEALED] = "",
};

bool record_fits(enum verb verb, enum verb inner, char tag)
{
	enum verb of = inner ? inner : verb;

	if (inner && strchr(verb == VERB_ASK ? "gkAUN" : "gk", tag))
		return false;
	if (tag == 'e' && verb == VERB_DENY)
		tag = 't';
	return records_of[of] && strchr(records_of[of], tag) != NULL;
}

enum verb record_verb(const char *name, bool inner)
{
	for (enum verb verb = VERB_NONE + 1; verb < VERB_MAX; verb++) {
		bool fits = inner ? (verb_row(verb)->flags & ROW_DENIABLE) != 0
				  : records_of[verb] || verb == VERB_DENY || verb == VERB_ASK;

		if (fits && strcmp(verb_name(verb), name) == 0)
			return verb;
	}
	return VERB_NONE;
}
