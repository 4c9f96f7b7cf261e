/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's capabilities, dropped. A stage of confinement says what the process should and
 * mustn't be able to do after. */
#ifndef CONFINE_CAPABILITIES_H
#define CONFINE_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

/* Should hold the capabilities in @keep (a mask of 1 << CAP_*) and no others; mustn't ever get one
 * back: bounding, ambient and inheritable sets too, and no_new_privs. 0 or a negative errno. */
int confine_capabilities(uint64_t keep);

/* The same for what this thread may do from here on, and no more: bounding and ambient sets stay.
 * For a process that executes nothing. */
int capabilities_lower(uint64_t keep);

/* What @what says of @data when this thread uses no capabilities but those in @keep; false, too,
 * where that cannot be had. It has them again afterwards. */
bool capabilities_without(uint64_t keep, bool (*what)(void *data), void *data);

#endif
