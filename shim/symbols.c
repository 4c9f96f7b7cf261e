/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol table, read as hostile bytes. */
#include "symbols.h"

#include <errno.h>

#include "common/pcall-wire.h"

const uint32_t symbols_size_max = sizeof(struct wire_symbols) +
				  PCALL_SLOT_MAX * (sizeof(struct wire_symbol) + PCALL_NAME_MAX);

int symbols_init(struct symbols *ret, const void *bytes, size_t size)
{
	/* volatile: each word is read once, and the copy is what was checked */
	const volatile struct wire_symbols *header = bytes;
	struct symbols symbols;

	if (size < sizeof(*header) || size > symbols_size_max)
		return -EPROTO;
	symbols.bytes = bytes;
	symbols.size = header->size;
	symbols.count = header->count;
	symbols.entries = header->entries;
	if (header->magic != WIRE_SYMBOLS_MAGIC || symbols.size > size)
		return -EPROTO;
	if (symbols.count > PCALL_SLOT_MAX || symbols.entries % _Alignof(struct wire_symbol) ||
	    symbols.entries < sizeof(*header) || symbols.entries > symbols.size ||
	    symbols.size - symbols.entries < symbols.count * sizeof(struct wire_symbol))
		return -EPROTO;
	*ret = symbols;
	return 0;
}

static const volatile struct wire_symbol *entry(const struct symbols *symbols, uint32_t i)
{
	const void *entries = symbols->bytes + symbols->entries;

	return (const volatile struct wire_symbol *)entries + i;
}

/* As strcmp does; a name that runs out of the table ends there. @name has fewer than PCALL_NAME_MAX
 * bytes. */
static int compare(const struct symbols *symbols, uint32_t offset, const char *name)
{
	for (;; offset++, name++) {
		unsigned char ours = *name;
		unsigned char theirs = offset < symbols->size ? symbols->bytes[offset] : 0;

		if (ours != theirs)
			return ours < theirs ? -1 : 1;
		if (!ours)
			return offset < symbols->size ? 0 : 1;
	}
}

/* Below PCALL_BASE are system calls, with bit 30 those of x32: whatever the table says, a name
 * means none of them. Which slots are methods is the supervisor's to know. */
static int number_checked(uint32_t number)
{
	return number < PCALL_BASE || number >= 1u << 30 ? -ENOENT : (int)number;
}

static int name_check(const char *name)
{
	if (!name)
		return -EINVAL;
	for (unsigned int i = 0; i < PCALL_NAME_MAX; i++)
		if (!name[i])
			return 0;
	return -EINVAL;
}

int symbols_find(const struct symbols *symbols, const char *name)
{
	uint32_t low = 0, high = symbols->count;
	int r = name_check(name);

	if (r < 0)
		return r;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const volatile struct wire_symbol *symbol = entry(symbols, middle);
		int order = compare(symbols, symbol->name, name);

		if (order == 0)
			return number_checked(symbol->number);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -ENOENT;
}

const char *symbols_name(const struct symbols *symbols, uint32_t i)
{
	uint32_t offset;

	if (i >= symbols->count)
		return NULL;
	offset = entry(symbols, i)->name;
	for (uint32_t end = offset; end < symbols->size && end - offset < PCALL_NAME_MAX; end++)
		if (!symbols->bytes[end])
			return (const char *)symbols->bytes + offset;
	return NULL;
}
