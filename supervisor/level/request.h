/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request to spawn, as a level in the tree writes it (struct wire_spawn) and the root reads it.
 * What is read is hostile: every offset and count is checked once, against the one copy there is.
 */
#ifndef SUPERVISOR_REQUEST_H
#define SUPERVISOR_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include "common/pcall-wire.h"

struct spawn_request;

/* What a request says, as pointers into it. Lists of strings end with NULL. */
struct request_view {
	const struct wire_spawn *head;
	const char *label, *cwd;
	const char *policy;
	size_t policy_size;
	const char **argv, **envp, **candidates, **masks_named; /* these lists are allocated */
	const int32_t *fds, *numbers, *masks, *revocable;
};

/* @bytes: 8-byte aligned. 0, -EPROTO or -ENOMEM; request_clear afterwards, also on failure. */
int request_read(const void *bytes, size_t size, struct request_view *ret);
void request_clear(struct request_view *view);

/* The other way: policy is an image. The caller frees. -E2BIG, -ENOMEM. */
int request_write(const struct spawn_request *request, const char *policy, size_t policy_size,
		  void **ret, size_t *ret_size);

#endif
