/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The symbol table: names of methods and their numbers, as common/pcall-wire.h lays it out.
 *
 * Its bytes are taken for hostile: what is read from them is checked before it is used, at every
 * look-up, since nothing but the seals on the descriptor says that they stay the same.
 */
#ifndef SHIM_SYMBOLS_H
#define SHIM_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols {
	const unsigned char *bytes; /* NULL: there are none */
	uint32_t size;
	uint32_t count;
	uint32_t entries; /* offset */
};

/* What a table of @size bytes may be at most: every slot taken by a name of full length. */
extern const uint32_t symbols_size_max;

/* @bytes: aligned for uint32_t, and theirs for as long as *ret is used. 0; -EPROTO: this is no
 * table. */
int symbols_init(struct symbols *ret, const void *bytes, size_t size);
/* The number of a method; -ENOENT; -EINVAL: @name is NULL or too long. */
int symbols_find(const struct symbols *symbols, const char *name);
/* The name of entry @i; NULL: there is none, or it is no string. */
const char *symbols_name(const struct symbols *symbols, uint32_t i);

#endif
