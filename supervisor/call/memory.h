/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's memory. Every read is a copy made once; nothing is ever looked at twice. What the
 * caller could not read or write itself is EFAULT.
 * 0, or a positive errno for the child (EFAULT, ENAMETOOLONG; ESRCH: it is gone).
 */
#ifndef SUPERVISOR_MEMORY_H
#define SUPERVISOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct call;
struct child;

int mem_read(struct call *call, uint64_t address, void *to, size_t size);
int mem_write(struct call *call, uint64_t address, const void *from, size_t size);
/* The same for a call that waits without a receiver: by its notification. */
int mem_write_waiting(const struct child *child, uint64_t id, pid_t tid, uint64_t address,
		      const void *from, size_t size);
/* A NUL-terminated string of at most size - 1 bytes; longer: ENAMETOOLONG. *ret_length without the
 * NUL; may be NULL. */
int mem_string(struct call *call, uint64_t address, char *to, size_t size, size_t *ret_length);

#endif
