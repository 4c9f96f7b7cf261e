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

/* May a name be one that the pattern means? @glob: its special bytes are special. */
bool fold_may_match(const char *pattern, size_t pattern_size, bool glob, const char *name,
		    size_t size);
/*
 * Has it nothing that fold_may_match treats otherwise than byte by byte? A plain name and a plain
 * pattern match, if they do, by their bytes. (But for a pattern of `?`, as many as a letter outside
 * of ASCII has bytes, and a name that this letter folds to.)
 */
bool fold_is_plain(const char *name, size_t size);
/* Has it nothing but capitals that is not plain? Two such names are the same or not by this. */
bool fold_is_simple(const char *name, size_t size);
bool fold_same_but_case(const char *a, const char *b, size_t size);
/* Writes what counts of a pattern, all of it in small letters; at most @size bytes. false: it may
 * match other lengths, too. */
bool fold_write(const char *pattern, size_t size, char *ret, size_t *ret_size);

#endif
