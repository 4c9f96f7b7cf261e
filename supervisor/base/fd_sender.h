/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors over a socket, and the number under which a child has one for that; fd_take.h. */
#ifndef SUPERVISOR_FD_SENDER_H
#define SUPERVISOR_FD_SENDER_H

#include <stdbool.h>

/* The hard limit of a child's descriptors is at most this. Each fork copies the table up to it. */
#define FD_SENDER 4095

/* Does the profile that we run under refuse pidfd_getfd? Else senders are not needed. */
bool fd_sender_needed(void);
/* Sends one from under FD_SENDER, with a system call that libc adds nothing to. 0, or -1 and errno.
 */
int fd_sender_send(int fd);
/* Takes one descriptor, which has to be there. Or a negative errno. */
int fd_sender_receive(int socket);

#endif
