/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages between processes of ours, with descriptors. All that receive some do it here: what was
 * not asked for is closed, and a message that is not as expected leaves nothing behind. (Who
 * expects none uses recv, by which the kernel gives none.)
 */
#ifndef BASE_FDPASS_H
#define BASE_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/* SCM_MAX_FD: what one message may carry. */
#define FDPASS_MAX 253

/* What came along with a message. */
struct fdpass {
	int fds[FDPASS_MAX]; /* close-on-exec; the receiver's to close */
	size_t count;
	pid_t sender; /* as the kernel knows it; 0: the socket has no SO_PASSCRED */
};

/**
 * fdpass_receive - take one message of a SOCK_SEQPACKET socket
 * @size: what it has to be long, exactly
 * @most: how many descriptors may come with it
 * @flags: for recvmsg
 *
 * Returns 1; 0 when the other side has hung up; -EPROTO for a message of another size, with more
 * descriptors, or with a part cut off; another negative errno. *ret holds descriptors after 1 only.
 */
int fdpass_receive(int socket, void *to, size_t size, size_t most, int flags, struct fdpass *ret);

/* Sends one. 0 or a negative errno. */
int fdpass_send(int socket, const void *from, size_t size, const int *fds, size_t count, int flags);

#endif
