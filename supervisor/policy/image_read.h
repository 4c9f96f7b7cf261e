/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image of a policy, which may be hostile, to a finished policy. */
#ifndef POLICY_IMAGE_READ_H
#define POLICY_IMAGE_READ_H

#include <stddef.h>

#include "policy/policy.h"

/**
 * policy_image_read - a finished policy that judges as the one that was written
 * @text: hostile; no file system is looked at, and what policy_image_write would not write is
 * refused
 * @env: for what policy_suggest shortens
 *
 * Returns 0; -EINVAL, -EFBIG or -E2BIG and a word about it in @error; -ENOMEM.
 */
int policy_image_read(const char *text, size_t size, const struct policy_env *env,
		      struct policy **ret, struct policy_error *error);
/* The same of a policy that nobody else pays for: bounded by what finishing it is bounded by. */
int policy_image_read_own(const char *text, size_t size, const struct policy_env *env,
			  struct policy **ret, struct policy_error *error);

#endif
