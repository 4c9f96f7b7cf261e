/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that is given back all at once: what a policy's lines are made of lives as long as it. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
};

/* Zeroed memory, aligned for anything, or NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy with a NUL behind it, or NULL. */
char *arena_copy(struct arena *arena, const char *bytes, size_t size);
void arena_deinit(struct arena *arena);

/*
 * Makes room for one more element of @size bytes in a heap array that holds @count. Returns 0 or
 * -ENOMEM; on failure the array is as before.
 */
int array_grow(void *array, size_t *room, size_t count, size_t size);

#endif
