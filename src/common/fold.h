/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names as file systems may take them that do not compare bytes: without regard to case (ext4,
 * vfat, NTFS, CIFS), to the way in which a letter is composed, to what cannot be seen, to dots and
 * spaces at the end, with streams behind a colon and with short names (GIT~1). No table of letters
 * is kept: what is not ASCII may stand for anything, and in doubt two names are the same. It is for
 * what takes away, never for what gives.
 */
#ifndef COMMON_FOLD_H
#define COMMON_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May a name be one that the pattern means? @glob: its special bytes are special. */
bool fold_may_match(const char *pattern, size_t pattern_size, bool glob, const char *name,
		    size_t size);
/*
 * Has it nothing that fold_may_match treats otherwise than byte by byte? A plain name and a plain
 * pattern match, if they do, by their bytes. (But for a pattern of `?`, as many as a letter outside
 * of ASCII has bytes, and a name that this letter folds to.)
 */
bool fold_is_plain(const char *name, size_t size);

#define FOLD_ANYTHING 256 /* any bytes, or none */

/* What most comparisons are spared by. */
struct fold_key {
	uint16_t first; /* the byte in small letters that it begins with, or FOLD_ANYTHING */
	uint16_t last;
	bool single;   /* it is one word only: two such match if they have the same letters */
	uint32_t hash; /* of a single one: hash_bytes of these letters */
};

struct fold_key fold_key_of(const char *text, size_t size, bool glob);
/* false: they do not match. */
static inline bool fold_keys_meet(uint16_t a_first, uint16_t a_last, uint16_t b_first,
				  uint16_t b_last)
{
	return (a_first == b_first || a_first == FOLD_ANYTHING || b_first == FOLD_ANYTHING) &&
	       (a_last == b_last || a_last == FOLD_ANYTHING || b_last == FOLD_ANYTHING);
}
/* A byte as a key has it that is looked for by its letters alone. */
static inline uint16_t fold_byte(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

#endif
