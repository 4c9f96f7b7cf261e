/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which descriptors are not given to a child, whoever asks for it. */
#ifndef SUPERVISOR_INHERIT_H
#define SUPERVISOR_INHERIT_H

#include <stddef.h>

struct sv_error;

/* 0; -EPERM: one of them is more than a child may hold; another negative errno. Says which and why.
 */
int inherit_check(const int *fds, size_t count, struct sv_error *error);

#endif
