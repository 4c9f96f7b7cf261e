/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that may be the same. */
#include "common/fold.h"

#include <string.h>

#include "common/hash.h"

enum {
	TOKENS_MAX = 1024, /* longer than a name of any file system */
	ANYTHING = FOLD_ANYTHING,
};

/* A name or pattern, byte by byte. */
struct folded {
	unsigned short token[TOKENS_MAX];
	size_t count;
	bool wild;
	bool full;
};

static void put(struct folded *f, unsigned int token)
{
	if (token == ANYTHING) {
		f->wild = true;
		if (f->count > 0 && f->token[f->count - 1] == ANYTHING)
			return;
	}
	if (f->count == TOKENS_MAX)
		f->full = true;
	else
		f->token[f->count++] = (unsigned short)token;
}

static void put_byte(struct folded *f, char c)
{
	put(f, (unsigned char)c >= 0x80 ? ANYTHING : fold_byte(c));
}

/* How much of a name counts: nothing behind a colon, no dots and spaces at the end. */
static size_t size_that_counts(const char *name, size_t size)
{
	const char *colon = size > 1 ? memchr(name + 1, ':', size - 1) : NULL;
	size_t n = colon ? (size_t)(colon - name) : size;

	while (n > 0 && (name[n - 1] == '.' || name[n - 1] == ' '))
		n--;
	return n ? n : size;
}

/* Is it made like a short name: at most eight bytes, the last of them ~ and digits, and three? */
static bool is_short(const char *name, size_t size)
{
	const char *dot = memchr(name, '.', size);
	size_t base = dot ? (size_t)(dot - name) : size, digits = 0;

	if (base > 8 || size - base > 4 || (dot && memchr(dot + 1, '.', size - base - 1)))
		return false;
	while (digits < base && name[base - 1 - digits] >= '0' && name[base - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits < base && name[base - 1 - digits] == '~';
}

static void fold_name(const char *name, size_t size, struct folded *ret)
{
	size = size_that_counts(name, size);
	ret->count = 0;
	ret->wild = ret->full = false;
	if (is_short(name, size))
		put(ret, ANYTHING);
	else
		for (size_t i = 0; i < size; i++)
			put_byte(ret, name[i]);
}

/* A set, or `?`, is a byte, of what may be a letter of several: so it may stand for anything. */
static void fold_glob(const char *pattern, size_t size, struct folded *ret)
{
	bool set = false;

	ret->count = 0;
	ret->wild = ret->full = false;
	for (size_t i = 0; i < size; i++) {
		if (pattern[i] == '\\' && i + 1 < size) {
			i++;
			if (!set)
				put_byte(ret, pattern[i]);
		} else if (set) {
			set = pattern[i] != ']';
		} else if (pattern[i] == '[') {
			put(ret, ANYTHING);
			/* a bracket that comes first is one of the set */
			i += i + 1 < size && (pattern[i + 1] == '!' || pattern[i + 1] == '^');
			i += i + 1 < size && pattern[i + 1] == ']';
			set = true;
		} else if (pattern[i] == '*' || pattern[i] == '?') {
			put(ret, ANYTHING);
		} else {
			put_byte(ret, pattern[i]);
		}
	}
}

/* Is the name, which stands for itself, one that the pattern can be? As glob_match. */
static bool matches(const struct folded *pattern, const struct folded *name)
{
	size_t p = 0, n = 0, star = 0, star_name = 0;

	while (n < name->count) {
		if (p < pattern->count && pattern->token[p] == ANYTHING) {
			star = ++p;
			star_name = n;
		} else if (p < pattern->count && pattern->token[p] == name->token[n]) {
			p++;
			n++;
		} else if (star > 0) {
			p = star;
			n = ++star_name;
		} else {
			return false;
		}
	}
	return p == pattern->count || (p + 1 == pattern->count && pattern->token[p] == ANYTHING);
}

/* Is there anything that both can be? */
static bool meet(const struct folded *a, const struct folded *b)
{
	bool now[TOKENS_MAX + 1], before, diagonal;

	/* now[j]: can what is left of a from i on be what is left of b from j on? */
	now[b->count] = true;
	for (size_t j = b->count; j-- > 0;)
		now[j] = now[j + 1] && b->token[j] == ANYTHING;
	for (size_t i = a->count; i-- > 0;) {
		diagonal = now[b->count];
		now[b->count] = diagonal && a->token[i] == ANYTHING;
		for (size_t j = b->count; j-- > 0;) {
			before = now[j];
			if (a->token[i] == ANYTHING || b->token[j] == ANYTHING)
				now[j] = before || now[j + 1];
			else
				now[j] = a->token[i] == b->token[j] && diagonal;
			diagonal = before;
		}
	}
	return now[0];
}

bool fold_may_match(const char *pattern, size_t pattern_size, bool glob, const char *name,
		    size_t size)
{
	struct folded a __attribute__((uninitialized)), b __attribute__((uninitialized));

	fold_name(name, size, &b);
	if (glob)
		fold_glob(pattern, pattern_size, &a);
	else
		fold_name(pattern, pattern_size, &a);
	if (a.full || b.full)
		return true;
	return b.wild ? meet(&a, &b) : matches(&a, &b);
}

bool fold_is_plain(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] >= 0x80 || name[i] == '~' || name[i] == ':' ||
		    (name[i] >= 'A' && name[i] <= 'Z'))
			return false;
	return size == 0 || (name[size - 1] != '.' && name[size - 1] != ' ');
}

struct fold_key fold_key_of(const char *text, size_t size, bool glob)
{
	struct fold_key key = { .first = ANYTHING, .last = ANYTHING };
	struct folded f __attribute__((uninitialized));

	if (glob)
		fold_glob(text, size, &f);
	else
		fold_name(text, size, &f);
	if (f.full || f.count == 0)
		return key;
	key.first = f.token[0];
	key.last = f.token[f.count - 1];
	key.single = !f.wild;
	key.hash = HASH_START;
	for (size_t i = 0; key.single && i < f.count; i++)
		key.hash = hash_byte(key.hash, (unsigned char)f.token[i]);
	return key;
}
