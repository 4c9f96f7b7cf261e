/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in told.h. */
#include "own/told.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/lock.h"
#include "common/cleanup.h"

enum {
	TOLD_MAX = 512, /* sockets; what comes after makes it all of them */
};

LOCK_KIND(told)

struct told {
	atomic_bool any; /* somebody has asked */
	atomic_bool all; /* who does not matter any more */
	struct told_lock lock;
	int diag GUARDED_BY(told_locked); /* -1: not open */
	size_t count GUARDED_BY(told_locked);
	uint32_t inodes[TOLD_MAX] GUARDED_BY(told_locked);
};

/* Known to nobody yet. */
LOCK_UNPROVEN struct told *told_new(void)
{
	struct told *told = calloc(1, sizeof(*told));

	if (!told)
		return NULL;
	told->diag = -1;
	told_lock_init(&told->lock);
	return told;
}

/* Known to nobody any more. */
LOCK_UNPROVEN void told_free(struct told *told)
{
	if (!told)
		return;
	if (told->diag >= 0)
		close(told->diag);
	told_lock_deinit(&told->lock);
	free(told);
}

static int socket_inode(int socket, uint32_t *ret)
{
	struct stat st;

	if (fstat(socket, &st) < 0)
		return -errno;
	*ret = (uint32_t)st.st_ino;
	return 0;
}

static bool socket_listens(int socket)
{
	int is = 1;
	socklen_t size = sizeof(is);

	getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &is, &size);
	return is;
}

REQUIRES(told_locked)
static bool inode_is_in(const struct told *told, uint32_t inode)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->inodes[i] == inode)
			return true;
	return false;
}

void told_note(struct told *told, int socket, bool accepts)
{
	uint32_t inode = 0;

	/* What a listener accepts has asked as well, and accept is the kernel's. */
	if (accepts || socket_listens(socket) || socket_inode(socket, &inode) < 0) {
		atomic_store(&told->all, true);
	} else {
		told_lock_take(&told->lock);
		if (told->count == TOLD_MAX)
			atomic_store(&told->all, true);
		else if (!inode_is_in(told, inode))
			told->inodes[told->count++] = inode;
		told_lock_give(&told->lock);
	}
	atomic_store(&told->any, true);
}

static int diag_send(int diag, uint32_t inode)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} ask = {
		.header = {
			.nlmsg_len = sizeof(ask),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.request = {
			.sdiag_family = AF_UNIX,
			.udiag_ino = inode,
			.udiag_show = UDIAG_SHOW_PEER,
			.udiag_cookie = { UINT32_MAX, UINT32_MAX },
		},
	};
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(diag, &ask, sizeof(ask), 0, (const struct sockaddr *)&kernel,
		      sizeof(kernel)) < 0
		       ? -errno
		       : 0;
}

/* The attribute of the answer. -ENOENT: there is no other end. */
static int peer_find(const struct nlmsghdr *header, size_t size, uint32_t *ret)
{
	const size_t head = NLMSG_LENGTH(sizeof(struct unix_diag_msg));
	const struct rtattr *attribute;
	size_t left;

	if (size < sizeof(*header) || header->nlmsg_len > size)
		return -EIO;
	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < head)
		return -EIO;
	attribute = (const struct rtattr *)((const char *)header + NLMSG_ALIGN(head));
	left = header->nlmsg_len > NLMSG_ALIGN(head) ? header->nlmsg_len - NLMSG_ALIGN(head) : 0;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == UNIX_DIAG_PEER &&
		    RTA_PAYLOAD(attribute) >= sizeof(*ret)) {
			memcpy(ret, RTA_DATA(attribute), sizeof(*ret));
			return 0;
		}
	return -ENOENT;
}

/* 0 or a negative errno. */
REQUIRES(told_locked)
static int peer_ask(struct told *told, uint32_t inode, uint32_t *ret)
{
	union {
		struct nlmsghdr header;
		char bytes[512];
	} answer;
	ssize_t n;
	int r;

	if (told->diag < 0)
		told->diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (told->diag < 0)
		return -errno;
	r = diag_send(told->diag, inode);
	if (r < 0)
		return r;
	/* It is there when the question has been sent. */
	n = recv(told->diag, &answer, sizeof(answer), MSG_DONTWAIT);
	return n < 0 ? -errno : peer_find(&answer.header, (size_t)n, ret);
}

bool told_is_asked(const struct told *told)
{
	return atomic_load(&told->any);
}

bool told_asked(struct told *told, int socket)
{
	uint32_t inode = 0, peer = 0;
	bool asked;
	int r;

	if (!told_is_asked(told))
		return false;
	if (atomic_load(&told->all) || socket_inode(socket, &inode) < 0)
		return true;
	told_lock_take(&told->lock);
	r = peer_ask(told, inode, &peer);
	asked = r == 0 ? inode_is_in(told, peer) : r != -ENOENT;
	told_lock_give(&told->lock);
	return asked;
}
