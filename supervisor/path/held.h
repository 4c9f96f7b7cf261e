/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that are reached through a descriptor: what they are called, and what may be done with
 * those that have no name.
 *
 * What has a name is judged by that. A pipe, a socket or a memory file never had one, and is good
 * for what its descriptor is open for. So is a file or directory that lost its name, for its
 * contents: who handed it over for reading, and removed it, meant that. For the rest (its mode,
 * owner, times, attributes, to run it), and where it is held as O_PATH, which is a name and no
 * more, it is judged by the name that it had last.
 */
#ifndef SUPERVISOR_HELD_H
#define SUPERVISOR_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include "path/place.h"

struct call;

/* Is this text of a /proc/PID/fd/N link a name, and not that of a pipe, a socket or a deleted file?
 * @fd: the object. */
bool name_exists(const char *real, int fd);

/*
 * What the text of such a link means to a child. @real: the text, and then the name at our level.
 * *ret_lost: ret_name is the one that the object had.
 */
enum place_kind held_name(const struct call *call, int fd, char *real, char *ret_name, size_t size,
			  bool *ret_lost);

/* The O_ACCMODE in the flags of a descriptor; -1 if it gives no access. */
int held_mode(int flags);

/* What may be done with the contents of a place without a name. */
unsigned int held_rights(const struct call *call, const struct place *place);

/* What the name that it had allows: nothing if it had none. */
unsigned int lost_rights(const struct call *call, const struct place *place);

/* The access mode of a descriptor that is a link /proc/.../fd/N, from its fdinfo. Negative:
 * unknown. */
int held_link_mode(const char *fd_path);

#endif
