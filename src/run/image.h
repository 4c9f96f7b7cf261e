/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finished policies that are kept from one start to the next: an image, and what was looked at for
 * it. One is used where the command line, the place and the user are the same, and everything that
 * was looked at is as it was; whatever else is the case, the policies are read again.
 *
 * They lie in ~/.cache/pcall/images, where every policy of ours denies writing
 * (policy.c). One that somebody else could have written, that is damaged, or that is
 * reached through a symbolic link, is not used.
 */
#ifndef RUN_IMAGE_H
#define RUN_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy;
struct policy_found;
struct policy_uses;
struct run;

struct kept_image {
	char *directory;	   /* where no box writes; NULL: none is kept */
	size_t base_size;	   /* of the home, or the directory of caches, at its beginning */
	char *key;		   /* all that the policy depends on, and that is not looked at */
	size_t key_size;	   /* 0: none is kept */
	char *entry;		   /* what was found, whole; NULL: nothing */
	const char *image, *names; /* in entry: names are what finishing looked at */
	size_t image_size, names_size;
};

/* Looks for one; whether it was found, and what its policy uses. What is looked at when lines are
 * read is as it was. */
bool kept_image_find(struct run *run, struct policy_uses *ret);
/* The policy of the one that was found. False: it does not count any more. */
bool kept_image_read(struct run *run, struct policy **ret);
/* Keeps one for the next time; where that fails there is none. */
void kept_image_put(const struct run *run, const struct policy_found *found);
void kept_image_deinit(struct kept_image *kept);

#endif
