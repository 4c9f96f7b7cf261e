/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is this process in a tree, and how does it call what stands above? */
#ifndef SUPERVISOR_INSIDE_H
#define SUPERVISOR_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

struct wire_inside;

/* One call; two where a list of calls above refuses carriers. */
bool inside_is(void);
/* The same, and where. */
bool inside_where(struct wire_inside *ret);

/* A parent-call, as syscall(2): -1 and errno. The sixth word has to fit in a head: see
 * common/carrier.h. */
long parent_call(unsigned int slot, const uint64_t w[6]);

#endif
