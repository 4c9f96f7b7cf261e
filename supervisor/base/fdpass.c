/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place that receives descriptors. It is part of the zygote's program, too: see libc.c. */
#include "base/fdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for all that the kernel may have to say: of what does not fit, it tells no more than that.
 */
union control {
	char bytes[CMSG_SPACE(FDPASS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr align;
};

static void fds_take(struct fdpass *pass, const char *data, size_t size)
{
	size_t count = size / sizeof(int);

	if (count > FDPASS_MAX - pass->count)
		count = FDPASS_MAX - pass->count; /* the kernel's own limit */
	memcpy(pass->fds + pass->count, data, count * sizeof(int));
	pass->count += count;
}

static void control_read(const struct msghdr *header, struct fdpass *pass)
{
	const char *bytes = header->msg_control;
	struct cmsghdr part;
	struct ucred ucred;

	for (size_t at = 0; at + CMSG_LEN(0) <= header->msg_controllen;
	     at += CMSG_ALIGN(part.cmsg_len)) {
		memcpy(&part, bytes + at, sizeof(part));
		if (part.cmsg_len < CMSG_LEN(0) || part.cmsg_len > header->msg_controllen - at)
			break;
		if (part.cmsg_level != SOL_SOCKET)
			continue;
		if (part.cmsg_type == SCM_RIGHTS)
			fds_take(pass, bytes + at + CMSG_LEN(0), part.cmsg_len - CMSG_LEN(0));
		if (part.cmsg_type == SCM_CREDENTIALS && part.cmsg_len == CMSG_LEN(sizeof(ucred))) {
			memcpy(&ucred, bytes + at + CMSG_LEN(0), sizeof(ucred));
			pass->sender = ucred.pid;
		}
	}
}

static int refuse(struct fdpass *pass, int r)
{
	while (pass->count > 0)
		close(pass->fds[--pass->count]);
	return r;
}

int fdpass_receive(int socket, void *to, size_t size, size_t most, int flags, struct fdpass *ret)
{
	union control control __attribute__((uninitialized));
	struct iovec iov = { .iov_base = to, .iov_len = size };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	ret->count = 0;
	ret->sender = 0;
	do
		n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	control_read(&header, ret);
	if (n == 0)
		return refuse(ret, 0);
	if ((size_t)n != size || ret->count > most || header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return refuse(ret, -EPROTO);
	return 1;
}

int fdpass_send(int socket, const void *from, size_t size, const int *fds, size_t count, int flags)
{
	union control control __attribute__((uninitialized));
	struct iovec iov = { .iov_base = (void *)from, .iov_len = size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (count > FDPASS_MAX)
		return -E2BIG;
	if (count > 0) {
		control.align = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(count * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(control.bytes + CMSG_LEN(0), fds, count * sizeof(int));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	do
		n = sendmsg(socket, &header, MSG_NOSIGNAL | flags);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
