/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image of a policy, which may be hostile, to a finished policy. */
#ifndef POLICY_IMAGE_READ_H
#define POLICY_IMAGE_READ_H

#include <stddef.h>

#include "policy/policy.h"

/* What an image may have. */
struct image_bounds {
	size_t size;  /* bytes */
	size_t roots; /* of execution */
	size_t globs; /* bytes of all words with a *: each is tried at each part of a name */
	size_t items; /* a name that is followed is two, and its links are more */
};

/* Of whom others pay for; and ours, which finishing has bounded before. */
extern const struct image_bounds image_of_level, image_own;

/**
 * policy_image_read_within - a finished policy that judges as the one that was written
 * @text: hostile; no file system is looked at, and what policy_image_write would not write is
 * refused
 * @env: for what policy_suggest shortens
 *
 * Returns 0; -EINVAL, -EFBIG or -E2BIG and a word about it in @error; -ENOMEM.
 */
int policy_image_read_within(const struct image_bounds *bounds, const char *text, size_t size,
			     const struct policy_env *env, struct policy **ret,
			     struct policy_error *error);

static inline int policy_image_read(const char *text, size_t size, const struct policy_env *env,
				    struct policy **ret, struct policy_error *error)
{
	return policy_image_read_within(&image_of_level, text, size, env, ret, error);
}

#endif
