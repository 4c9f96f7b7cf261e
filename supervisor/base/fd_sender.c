/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fd_sender.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fdpass.h"

bool fd_sender_needed(void)
{
	/* EBADF where it would be done; EPERM or ENOSYS from a filter above us */
	return syscall(SYS_pidfd_getfd, -1, -1, 0) < 0 && errno != EBADF;
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int fd_sender_send(int fd)
{
	union control control = {
		.align = {.cmsg_len = CMSG_LEN(sizeof(fd)),
			   .cmsg_level = SOL_SOCKET,
			   .cmsg_type = SCM_RIGHTS}
	};
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	return syscall(SYS_sendmsg, FD_SENDER, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

int fd_sender_receive(int socket)
{
	struct fdpass with;
	char byte;
	int r = fdpass_receive(socket, &byte, sizeof(byte), 1, MSG_DONTWAIT, &with);

	if (r <= 0)
		return r < 0 ? r : -ECONNRESET;
	return with.count == 1 ? with.fds[0] : -EPROTO;
}
