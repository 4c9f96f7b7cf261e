/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of a socket: bind(2) to a path, on behalf.
 *
 * What was judged is a name in a directory that is pinned, and there the file is made: by its last
 * component, on a thread of its own that stands in that directory. But the kernel remembers the
 * path that bind got, and shows it to everybody: getsockname, the peer's getpeername, recvfrom. It
 * should be the child's own spelling; yet that is followed anew by the kernel, and may by then lead
 * elsewhere. So the spelling is used only where that gives nothing: where all that lies below the
 * pinned directory may be written and bound, and Landlock forbids the thread, which then stands
 * where the child stands, to make a socket anywhere else. Else the last component is the name that
 * is shown.
 */
#ifndef SUPERVISOR_SOCKETFILE_H
#define SUPERVISOR_SOCKETFILE_H

#include <stdbool.h>

struct call;
struct place;

/**
 * socketfile_bind - bind a socket to a path, under the caller's umask
 * @path: as the child gave it
 * @place: what it means, with its parent pinned
 * @anywhere: may the caller bind whatever lies below that parent?
 *
 * 0; a positive errno for the child; a negative errno of ours.
 */
int socketfile_bind(struct call *call, int socket, const char *path, const struct place *place,
		    bool anywhere);

#endif
