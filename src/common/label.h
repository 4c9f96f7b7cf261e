/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Labels: what children are called. Each part is given by a level to a child of its own, and shown
 * to people and handlers as it is; so there is one judge of them, for the root's embedder and for
 * levels in the tree.
 */
#ifndef COMMON_LABEL_H
#define COMMON_LABEL_H

#include <stddef.h>

/*
 * May a child have this label below that of @outer (NULL: right under the root)? 0, -ENAMETOOLONG,
 * or -EINVAL: it is empty, `.` or `..`, or there is something in it that a terminal must not be
 * shown (see escape_text), or a '/'.
 */
int label_judge(const char *outer, const char *label);

/* What a command's name is as a label: what may be in none is replaced by '_'. To be freed; NULL:
 * out of memory. */
char *label_of_name(const char *name);

enum {
	LABEL_NUMBER_MAX = 999999999,
};

/*
 * The number that @label has among those that begin with @base: 1 for @base itself, n for
 * "base-n", 0 for all others. At most LABEL_NUMBER_MAX.
 */
unsigned int label_number(const char *base, const char *label);

#endif
