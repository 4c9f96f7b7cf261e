/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A number for a word, byte by byte, for tables that compare the words too (FNV-1a). */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 2166136261U

static inline uint32_t hash_byte(uint32_t hash, unsigned char byte)
{
	return (hash ^ byte) * 16777619U;
}

static inline uint32_t hash_bytes(const char *text, size_t size)
{
	uint32_t h = HASH_START;

	for (size_t i = 0; i < size; i++)
		h = hash_byte(h, (unsigned char)text[i]);
	return h;
}

#endif
