/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Call tables: the chain above a child, flattened. */
#include "tree/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tree/level.h"
#include "tree/tree.h"
#include "common/cleanup.h"
#include "judge/verdict.h"

bool method_name_valid(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return size > 0 && size < PCALL_NAME_MAX && name[size] == '\0';
}

int mask_index(int nr)
{
	if (nr >= 0 && nr < SYSROW_NUMBERS)
		return nr;
	if (nr >= PCALL_BASE && nr < PCALL_BASE + PCALL_SLOT_MAX)
		return SYSROW_NUMBERS + nr - PCALL_BASE;
	return -1;
}

const struct method *table_method(const struct table *table, unsigned int slot)
{
	return slot >= PCALL_SLOT_FIRST && slot - PCALL_SLOT_FIRST < table->count
		       ? table->slots[slot - PCALL_SLOT_FIRST].method
		       : NULL;
}

bool table_passes(const struct table *table, int nr)
{
	const struct intercept *intercept =
		nr >= 0 && nr < SYSROW_NUMBERS ? table_intercept(table, nr) : NULL;
	const struct method *method = intercept ? intercept->method : NULL;

	if (nr >= PCALL_BASE)
		method = table_method(table, (unsigned int)(nr - PCALL_BASE));
	return method && !method->handler;
}

int table_slot(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->slots[i].method->name, name) == 0)
			return PCALL_SLOT_FIRST + (int)i;
	return -ENOENT;
}

static bool is_granted(const struct policy *policy, const char *name)
{
	return policy_judge_method(policy, name).decision == DECISION_ALLOW;
}

static bool slot_add(struct table *table, const struct method *method, int outer)
{
	if (table->count == PCALL_SLOT_MAX - PCALL_SLOT_FIRST ||
	    table_slot(table, method->name) >= 0)
		return false; /* the nearest definition of a name is the one that counts */
	table->slots[table->count++] = (struct slot){ .method = method, .outer = outer };
	return true;
}

/* The level's own methods, then those that it can call itself; of all those the level grants. */
static int slots_make(struct table *table, const struct level *level, uint32_t defined)
{
	const struct table *outer = level->table;
	size_t most = defined + (outer ? outer->count : 0);

	table->slots = calloc(most ? most : 1, sizeof(*table->slots));
	if (!table->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < defined; i++)
		if (level->methods[i]->number == METHOD_NAMED &&
		    is_granted(table->granted, level->methods[i]->name))
			slot_add(table, level->methods[i], -1);
	for (size_t i = 0; outer && i < outer->count; i++)
		if (is_granted(table->granted, outer->slots[i].method->name))
			slot_add(table, outer->slots[i].method, PCALL_SLOT_FIRST + (int)i);
	return 0;
}

static bool intercepted(const struct table *table, const struct level *level, int nr)
{
	const struct intercept *first = table->intercepts[nr];

	return first && first->method->level == level;
}

static void intercept_add(struct table *table, size_t *count, const struct method *method, int nr)
{
	table->chain[*count] = (struct intercept){ method, table->intercepts[nr] };
	table->intercepts[nr] = &table->chain[(*count)++];
}

static int intercepts_make(struct table *table, const struct level *level, uint32_t defined)
{
	const struct table *outer = level->table;
	size_t count = 0;

	for (uint32_t i = 0; i < defined; i++)
		count += level->methods[i]->number == METHOD_EVERY ? SYSROW_NUMBERS
								   : level->methods[i]->number >= 0;
	if (count == 0 && (!outer || !outer->intercepts))
		return 0;
	table->intercepts = calloc(SYSROW_NUMBERS, sizeof(*table->intercepts));
	table->chain = calloc(count ? count : 1, sizeof(*table->chain));
	if (!table->intercepts || !table->chain)
		return -ENOMEM;
	if (outer && outer->intercepts)
		memcpy(table->intercepts, outer->intercepts,
		       SYSROW_NUMBERS * sizeof(*table->intercepts));
	count = 0;
	for (uint32_t i = 0; i < defined; i++)
		if (level->methods[i]->number >= 0)
			intercept_add(table, &count, level->methods[i], level->methods[i]->number);
	for (uint32_t i = 0; i < defined; i++)
		for (int nr = 0; level->methods[i]->number == METHOD_EVERY && nr < SYSROW_NUMBERS;
		     nr++)
			if (level->tree->rows->notifiable(nr) && !intercepted(table, level, nr))
				intercept_add(table, &count, level->methods[i], nr);
	return 0;
}

static void table_free(struct table *table)
{
	if (table->symbols >= 0)
		close(table->symbols);
	policy_free(table->granted);
	free(table->chain);
	free(table->intercepts);
	free(table->slots);
	free(table);
}

/* Is this the last one who lets go of it? Then nobody finds it any more. */
static bool table_leave(struct table *table) REQUIRES(tables_locked);
static bool table_leave(struct table *table)
{
	struct table **at = &table->level->tree->tables;

	if (--table->users > 0)
		return false;
	while (*at && *at != table)
		at = &(*at)->next;
	if (*at)
		*at = table->next;
	return true;
}

/* It may take its level along, which drops a table itself: under no lock. */
static void table_end(struct table *table)
{
	level_drop(table->level);
	table_free(table);
}

/* What failed half-made is the caller's to end. */
static int table_make(struct level *level, const struct policy *granted, uint32_t generation,
		      struct table **ret)
{
	uint32_t defined = atomic_load_explicit(&level->methods_count, memory_order_acquire);
	struct table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	*table = (struct table){
		.users = 1,
		.level = level_ref(level),
		.granted = policy_ref(granted),
		.generation = generation,
		.symbols = -1,
	};
	r = slots_make(table, level, defined);
	if (r == 0)
		r = intercepts_make(table, level, defined);
	*ret = table;
	return r;
}

int table_find(struct level *level, const struct policy *granted, struct table **ret)
{
	struct tree *tree = level->tree;
	uint32_t generation = atomic_load(&level->generation);
	struct table *table, *made = NULL;
	int r = 0;

	tables_lock_take(&tree->tables_lock);
	table = tree->tables;
	while (table && (table->level != level || table->granted != granted ||
			 table->generation != generation))
		table = table->next;
	if (table)
		table->users++;
	else
		r = table_make(level, granted, generation, &made);
	if (r == 0 && made) {
		made->next = tree->tables;
		tree->tables = table = made;
	}
	tables_lock_give(&tree->tables_lock);
	if (r == 0)
		*ret = table;
	else if (made)
		table_end(made);
	return r;
}

struct table *table_ref(struct table *table)
{
	if (table)
		atomic_fetch_add(&table->users, 1);
	return table;
}

struct table *table_drop(struct table *table)
{
	struct tree *tree;
	bool last;

	if (!table)
		return NULL;
	tree = table->level->tree;
	tables_lock_take(&tree->tables_lock);
	last = table_leave(table);
	tables_lock_give(&tree->tables_lock);
	if (last)
		table_end(table);
	return NULL;
}

struct named {
	const char *name;
	uint32_t number;
};

static int named_compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* The bytes of the symbol table, as pcall-wire.h has them. */
static int symbols_write(const struct table *table, char **ret, size_t *ret_size)
{
	size_t size = sizeof(struct wire_symbols) + table->count * sizeof(struct wire_symbol),
	       at = size;
	cleanup_free struct named *named = calloc(table->count ? table->count : 1, sizeof(*named));
	struct wire_symbols *head;
	struct wire_symbol *entry;
	char *bytes;

	if (!named)
		return -ENOMEM;
	for (size_t i = 0; i < table->count; i++) {
		named[i].name = table->slots[i].method->name;
		named[i].number = PCALL_BASE + PCALL_SLOT_FIRST + (uint32_t)i;
		size += strlen(named[i].name) + 1;
	}
	qsort(named, table->count, sizeof(*named), named_compare);
	bytes = calloc(1, size);
	if (!bytes)
		return -ENOMEM;
	head = (struct wire_symbols *)bytes;
	*head = (struct wire_symbols){
		.magic = WIRE_SYMBOLS_MAGIC,
		.size = (uint32_t)size,
		.count = (uint32_t)table->count,
		.entries = sizeof(*head),
	};
	entry = (struct wire_symbol *)(bytes + head->entries);
	for (size_t i = 0; i < table->count; i++) {
		entry[i] = (struct wire_symbol){ .name = (uint32_t)at, .number = named[i].number };
		memcpy(bytes + at, named[i].name, strlen(named[i].name) + 1);
		at += strlen(named[i].name) + 1;
	}
	*ret = bytes;
	*ret_size = size;
	return 0;
}

/* A descriptor that can only be read, of bytes that cannot change. */
static int symbols_seal(const char *bytes, size_t size)
{
	cleanup_fd int fd = memfd_create("pcall-symbols", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char path[32];
	int r;

	if (fd < 0)
		return -errno;
	if (write(fd, bytes, size) != (ssize_t)size ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -EIO;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = open(path, O_RDONLY | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

int table_symbols(struct table *table)
{
	struct tree *tree = table->level->tree;
	cleanup_free char *bytes = NULL;
	size_t size;
	int r = 0;

	tables_lock_take(&tree->tables_lock);
	if (table->symbols < 0) {
		r = symbols_write(table, &bytes, &size);
		if (r == 0)
			r = symbols_seal(bytes, size);
		if (r >= 0)
			table->symbols = r;
	}
	if (r >= 0)
		r = table->symbols;
	tables_lock_give(&tree->tables_lock);
	return r;
}
