/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public structs that begin with their size, whatever header the caller was built with, by the
 * rules of openat2(2): what an older one has not is 0, and what a newer one has more has to be.
 */
#ifndef SUPERVISOR_STRUCT_SIZE_H
#define SUPERVISOR_STRUCT_SIZE_H

#include <stddef.h>

/* The size of a struct whose last field in the first release was this one. */
#define STRUCT_FIRST_SIZE(type, last) (offsetof(type, last) + sizeof(((type *)NULL)->last))

/*
 * Copies one. @size: of ours; @first: the least that a caller's may have. 0; -EINVAL: it is
 * shorter; -E2BIG: it says what we do not know.
 */
int struct_read(void *to, size_t size, size_t first, const void *from);

#endif
