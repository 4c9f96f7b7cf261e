/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files may become code of a `sealed` child, and from when on there is no more of it. */
#ifndef SUPERVISOR_CODE_H
#define SUPERVISOR_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "judge/verdict.h"

struct child;

/* The time, as file systems take it for their stamps. */
int64_t code_now(void);

/* Has the file been as it is since before the child was made? */
bool code_is_old(const struct child *child, const struct stat *st);

/* What the object of an O_PATH descriptor is called at our level, to tell it by, and to judge it.
 */
void code_name(int fd, char *ret_name, size_t size);

/* May the object of this descriptor and this name be mapped as code? */
struct verdict code_judge(const struct child *child, int fd, const char *name);

#endif
