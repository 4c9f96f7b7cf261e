/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's own confinement, in named stages. Each says what the process should and must not
 * be able to do after. */
#ifndef SUPERVISOR_CONFINE_H
#define SUPERVISOR_CONFINE_H

#include <stdint.h>

/* Should hold the capabilities in @keep (a mask of 1 << CAP_*) and no others; mustn't ever get one
 * back: bounding, ambient and inheritable sets too, and no_new_privs. 0 or a negative errno. */
int confine_capabilities(uint64_t keep);

/* Should be able to make the system calls that serving children takes; mustn't exec, ptrace, load,
 * mount, or open a listener. For all threads, those still to come included; the zygote, made
 * before, is not touched. */
int confine_filter(void);

#endif
