/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a finished policy travels: as lines, each a letter and fields that tabs part.
 *
 *   pcall-flat 1
 *   f SOURCE POLICY                    where the lines that follow come from
 *   l LINE VERB INNER FLAG TEXT        a rule; INNER is - or the verb of deny and ask; FLAG is -
 *                                      or g (names follow an `except`), w (a view to write in)
 *   g PATTERN                          what it allows
 *   t PATTERN                          what it takes away, excepts, asks about
 *   e PATTERN                          what a line that takes away leaves alone
 *   k PATH                             a link on the way to what it allows
 *   a ADDRESS   u GLOB   n GLOB        an address, an abstract socket, a method or variable;
 *                                      A, U, N behind `except`
 *   s NAME VALUE                       a variable that is set
 *   m LIMIT NUMBER                     by the limit's number
 *   b NAME TARGET                      a view
 *   r PATH                             behind the last rule: a root of execution
 *   end
 *
 * In a field, a control byte and the backslash are written as \ and two hexadecimal digits. A field
 * can be written in one way only.
 */
#ifndef POLICY_IMAGE_H
#define POLICY_IMAGE_H

#include <stdbool.h>

#include "common/pattern.h"
#include "policy/policy.h"

#define IMAGE_HEAD   "pcall-flat 1\n"
#define IMAGE_END    "end\n"
#define IMAGE_FIELD  32768 /* bytes of a field, as they are meant */
#define IMAGE_SOURCE 4096
#define IMAGE_POLICY 255
#define IMAGE_TEXT   LINE_SIZE_MAX

/* Is this byte written as \ and two digits? */
static inline bool image_escapes(unsigned char c)
{
	return c < ' ' || c == 0x7f || c == '\\';
}

/**
 * policy_image_write - a finished, plain policy as text, on its way to another process
 *
 * Nothing in the text has to be looked up again: names are absolute, with their links followed.
 * Each line keeps where it comes from. Tests are left out. The caller frees *ret_text, which ends
 * in a NUL that *ret_size does not count. Returns 0, -EINVAL if it is joined or not finished,
 * -EFBIG for more than IMAGE_OWN_MAX bytes, or -ENOMEM.
 */
#define IMAGE_MAX     ((size_t)1 << 20) /* of a level's */
#define IMAGE_OWN_MAX ((size_t)8 << 20)
int policy_image_write(const struct policy *policy, char **ret_text, size_t *ret_size);
/*
 * Do two finished policies say the same, word for word? Plain ones: by what policy_image_write
 * writes; a joined one is equal to itself. For those who keep one of many: the answer no takes no
 * time.
 */
bool policy_equal(const struct policy *a, const struct policy *b);

/* Is the text the one that is written for this pattern? */
bool image_is_pattern(const char *text, const struct pattern *pattern);
/* "/", or names between single slashes, none of them . or .. */
bool image_is_canonical(const char *path);

#endif
