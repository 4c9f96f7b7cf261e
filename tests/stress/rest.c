/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rest.h"

#include "check_main.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The address sanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define LEAK_MAX_KB (1024 * 1024)
#else
#define LEAK_MAX_KB (16 * 1024)
#endif

static long resident_kb(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 ? strtol(strchr(text, ' '), NULL, 10) * 4 : 0;
}

static struct rest rest_take(void)
{
	malloc_trim(0);
	return (struct rest){
		.descriptors = entries_count("/proc/self/fd"),
		.threads = entries_count("/proc/self/task"),
		.memory_kb = resident_kb(),
	};
}

struct rest rest_wait(int descriptors, int threads)
{
	struct rest rest = rest_take();

	for (int i = 0; i < 1500 && (rest.descriptors > descriptors || rest.threads > threads);
	     i++) {
		usleep(20000);
		rest = rest_take();
	}
	return rest;
}

void rest_assert(struct rest before, struct rest after)
{
	fprintf(stderr, "descriptors %d to %d, threads %d to %d, memory %ld to %ld KiB\n",
		before.descriptors, after.descriptors, before.threads, after.threads,
		before.memory_kb, after.memory_kb);
	ck_assert_int_le(after.descriptors, before.descriptors);
	ck_assert_int_le(after.threads, before.threads);
	ck_assert_int_le(after.memory_kb - before.memory_kb, LEAK_MAX_KB);
}
