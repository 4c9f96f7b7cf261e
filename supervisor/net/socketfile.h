/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of a socket: bind(2) to a path, on behalf.
 *
 * The kernel remembers the path as it was given and shows it to everybody: getsockname, the peer's
 * getpeername, recvfrom. So it should be given the child's own spelling; but that spelling is
 * followed anew by the kernel, and may by then lead elsewhere. Hence bind is called on a thread of
 * its own that stands where the child stands, and on which Landlock forbids to make a socket
 * anywhere but below the directory that was judged and pinned. Where Landlock is missing or a view
 * gives the name another meaning, the last component alone is bound, from within the pinned
 * directory: as safe, but it is the name that is shown then.
 */
#ifndef SUPERVISOR_SOCKETFILE_H
#define SUPERVISOR_SOCKETFILE_H

struct call;
struct place;

/**
 * socketfile_bind - bind a socket to a path, under the caller's umask
 * @path: as the child gave it
 * @place: what it means, with its parent pinned
 *
 * 0; a positive errno for the child; a negative errno of ours.
 */
int socketfile_bind(struct call *call, int socket, const char *path, const struct place *place);

#endif
