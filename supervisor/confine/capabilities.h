/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's capabilities, dropped. A stage of confinement says what the process should and
 * mustn't be able to do after. */
#ifndef CONFINE_CAPABILITIES_H
#define CONFINE_CAPABILITIES_H

#include <stdint.h>

/* Should hold the capabilities in @keep (a mask of 1 << CAP_*) and no others; mustn't ever get one
 * back: bounding, ambient and inheritable sets too, and no_new_privs. 0 or a negative errno. */
int confine_capabilities(uint64_t keep);

#endif
