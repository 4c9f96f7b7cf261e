/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz: the order as the newborn child reads it. What is taken is walked to its end. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "zygote/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(char *const *list)
{
	size_t n = 0;

	for (; *list; list++)
		n += strlen(*list);
	return n;
}

static void try_order(const uint8_t *data, size_t size)
{
	int fd = memfd_create("order", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	volatile size_t sum = 0;
	struct wire_view view;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	if (wire_unpack(fd, (uint32_t)size, &view) == 0) {
		sum += walk(view.argv) + walk(view.envp) + walk(view.candidates);
		for (uint32_t i = 0; i < view.head->fds.count; i++)
			sum += (size_t)view.fds[i];
		for (uint32_t i = 0; i < view.head->filter.count; i++)
			sum += view.filter[i].code;
		munmap((void *)(uintptr_t)view.head, size);
	}
	close(fd);
}

/* A good order's bytes. */
static size_t order_bytes(uint8_t *bytes, size_t max)
{
	static struct sock_filter code[] = {
		{0x06, 0, 0, 0x7fff0000}
	};
	static const int fds[] = { 0, 1, 2, 77 };
	struct zygote_order order = {
		.spec.argv = (const char *const[]){"program", "", "two words", NULL },
		.spec.envp = (const char *const[]){ "A=1",	   NULL	},
		.spec.candidates = (const char *const[]){ "/usr/bin/program", NULL},
		.spec.fds = fds,
		.spec.fds_count = 4,
		.floor = -1,
		.inbox = -1,
		.filter = { .len = 1,     .filter = code	     },
	};
	uint32_t size;
	int fd;

	if (wire_pack(&order, &fd, &size) < 0 || size > max ||
	    pread(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	close(fd);
	return size;
}

/* Three bytes of the input change one of the order's: where, and to what; the first shortens it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t good[8192];
	static size_t good_size;
	uint8_t bytes[sizeof(good)];

	if (good_size == 0)
		good_size = order_bytes(good, sizeof(good));
	memcpy(bytes, good, good_size);
	for (size_t i = 1; i + 2 < size; i += 3)
		bytes[(data[i] | data[i + 1] << 8) % good_size] = data[i + 2];
	try_order(bytes, size && data[0] % 4 == 0 ? good_size - data[0] : good_size);
	try_order(data, size);
	return 0;
}
