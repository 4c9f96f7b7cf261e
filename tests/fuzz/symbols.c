/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz: the symbol table as the shim reads it. Every name that it has is looked up. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../shim/symbols.h"
#include "common/cleanup.h"
#include "common/pcall-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct symbols *symbols, const char *name)
{
	int r = symbols_find(symbols, name);

	if (r != -ENOENT && r != -EINVAL && (r < PCALL_BASE || r >= 1 << 30))
		abort();
}

static void try_table(const void *bytes, size_t size)
{
	struct symbols symbols;
	const char *name;

	if (symbols_init(&symbols, bytes, size) < 0)
		return;
	for (uint32_t i = 0; i <= symbols.count; i++) {
		name = symbols_name(&symbols, i);
		if (name && strlen(name) >= PCALL_NAME_MAX)
			abort();
		if (name)
			look_up(&symbols, name);
	}
	look_up(&symbols, "");
	look_up(&symbols, "demo.add");
}

/* The input as it is, and behind a header that would be right; in memory of exactly their size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wire_symbols header = { WIRE_SYMBOLS_MAGIC, (uint32_t)(sizeof(header) + size),
					     (uint32_t)(size / 16), sizeof(header) };
	cleanup_free uint8_t *bytes = malloc(sizeof(header) + size);

	if (!bytes)
		return 0;
	memcpy(bytes + sizeof(header), data, size);
	memcpy(bytes, &header, sizeof(header));
	try_table(bytes, sizeof(header) + size);
	memmove(bytes, data, size);
	try_table(bytes, size);
	return 0;
}
