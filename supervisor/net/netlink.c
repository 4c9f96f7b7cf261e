/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Netlink sockets of children: the idea stands in netlink.h. */
#include "net/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/random.h>
#include <sys/socket.h>
#include "call/call.h"
#include "call/caller.h"

enum {
	TRIES_MAX = 16,
};

int netlink_bind_groups(struct call *call, int socket, uint32_t groups)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK, .nl_groups = groups };
	pid_t tgid;
	int r = task_tgid(call, &tgid);

	if (r != 0)
		return r;
	at.nl_pid = (uint32_t)tgid;
	for (int i = 0; i < TRIES_MAX; i++) {
		if (bind(socket, (const struct sockaddr *)&at, sizeof(at)) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return child_errno(errno);
		/* Like the kernel: the first socket has the process's number, others a negative
		 * one. */
		if (getrandom(&at.nl_pid, sizeof(at.nl_pid), 0) < 0)
			return -errno;
		at.nl_pid |= UINT32_C(1) << 31;
	}
	return EADDRINUSE;
}

int netlink_bind(struct call *call, int socket)
{
	struct sockaddr_nl at = { .nl_pid = 0 };
	socklen_t size = sizeof(at);

	if (getsockname(socket, (struct sockaddr *)&at, &size) < 0)
		return child_errno(errno);
	return at.nl_pid ? 0 : netlink_bind_groups(call, socket, 0);
}
