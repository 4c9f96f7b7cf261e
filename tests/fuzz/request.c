/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz: a level's request to spawn, as the root reads it. What is taken is walked to its end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "level/request.h"
#include "spawn/spawn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const char *const *list)
{
	size_t n = 0;

	for (; list && *list; list++)
		n += strlen(*list);
	return n;
}

/* In memory of exactly its size. */
static void try_request(const void *data, size_t size)
{
	cleanup_free void *bytes = malloc(size ? size : 1);
	struct request_view view;
	volatile size_t sum = 0;

	if (!bytes)
		return;
	memcpy(bytes, data, size);
	if (request_read(bytes, size, &view) == 0) {
		sum += walk(view.argv) + walk(view.envp) + walk(view.candidates) +
		       walk(view.masks_named) + strlen(view.label) + strlen(view.cwd);
		for (size_t i = 0; i < view.policy_size; i++)
			sum += (size_t)view.policy[i];
		for (uint32_t i = 0; i < view.head->fds.count; i++)
			sum += (size_t)(view.fds[i] ^ view.numbers[i]);
		for (uint32_t i = 0; i < view.head->masks.count; i++)
			sum += (size_t)view.masks[i];
		for (uint32_t i = 0; i < view.head->revocable.count; i++)
			sum += (size_t)view.revocable[i];
	}
	request_clear(&view);
}

static void *good_make(size_t *ret_size)
{
	static const int fds[] = { 0, 1, 2, 77 }, calls[] = { 1, 2 };
	static const struct sv_mask masks[] = { { .name = "a.b" }, { .number = 3 } };
	static const char *const words[] = { "program", "", "two words", NULL };
	const struct spawn_request request = {
		.id = 1,
		.label = "label",
		.spec.argv = words,
		.spec.envp = words,
		.spec.candidates = words,
		.spec.fds = fds,
		.spec.fds_count = 4,
		.masks = masks,
		.masks_count = 2,
		.revocable = calls,
		.revocable_count = 2,
	};
	void *bytes;

	if (request_write(&request, "pcall-flat 1\nend\n", 17, &bytes, ret_size) < 0)
		abort();
	return bytes;
}

/* The input as it is; and four bytes of it change a word of a good one, the first shortens it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *good;
	static size_t good_size;
	cleanup_free char *bytes = NULL;

	if (!good)
		good = good_make(&good_size);
	try_request(data, size);
	bytes = malloc(good_size);
	if (!bytes || size == 0)
		return 0;
	memcpy(bytes, good, good_size);
	for (size_t i = 1; i + 3 < size; i += 4)
		bytes[(data[i] | data[i + 1] << 8) % good_size] = (char)data[i + 2];
	try_request(bytes, data[0] % 4 == 0 ? good_size - data[0] % good_size : good_size);
	return 0;
}
