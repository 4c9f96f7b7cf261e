/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * To be preloaded: the allocation of the number $NOMEM_AT fails, and with $NOMEM_ON all that follow
 * it. With $NOMEM_COUNT, a file, the number of allocations is written there at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

#define PUBLIC __attribute__((visibility("default")))

static atomic_long allocations;
static long fail_at;
static int fail_on;

__attribute__((constructor)) static void nomem_begin(void)
{
	const char *at = getenv("NOMEM_AT");

	fail_on = getenv("NOMEM_ON") != NULL;
	atomic_store(&allocations, 0);
	fail_at = at ? strtol(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void nomem_end(void)
{
	const char *file = getenv("NOMEM_COUNT");
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;

	if (fd >= 0)
		dprintf(fd, "%ld\n", atomic_load(&allocations));
	if (fd >= 0)
		close(fd);
}

static int failing(void)
{
	long n = atomic_fetch_add(&allocations, 1) + 1;

	if (fail_at == 0 || (n != fail_at && !(fail_on && n > fail_at)))
		return 0;
	errno = ENOMEM;
	return 1;
}

PUBLIC void *malloc(size_t size)
{
	return failing() ? NULL : __libc_malloc(size);
}

PUBLIC void *calloc(size_t nmemb, size_t size)
{
	return failing() ? NULL : __libc_calloc(nmemb, size);
}

PUBLIC void *realloc(void *ptr, size_t size)
{
	return failing() ? NULL : __libc_realloc(ptr, size);
}
