/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of sockets, as children give them.
 *
 * An address is copied once and made plain before it is judged: its family is settled by the socket
 * and by itself, an unspecified destination becomes the loopback address that it stands for, the
 * path of a socket becomes the pinned object. What was judged is what the kernel gets, and no other
 * bytes.
 */
#ifndef SUPERVISOR_ENDPOINT_H
#define SUPERVISOR_ENDPOINT_H

#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "policy/policy.h"

struct call;

/* What a socket is, asked of the pinned one. */
struct socket_kind {
	int domain;
	int type;
	int protocol;
	bool blocking;
};

/* 0, or a positive errno for the child: ENOTSOCK, EBADF. */
int socket_kind(int socket, struct socket_kind *ret);

enum endpoint_use {
	ENDPOINT_CONNECT,
	ENDPOINT_SEND,
	ENDPOINT_BIND,
	ENDPOINT_JOIN, /* a group of which the socket is to hear */
};

struct endpoint {
	socklen_t size; /* 0: none */
	int pinned;	/* the socket file that the address leads to, or -1 */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
		struct sockaddr_nl netlink;
		struct sockaddr_storage room;
	};
};

#define ENDPOINT_INIT        \
	{                    \
		.pinned = -1 \
	}

void endpoint_deinit(struct endpoint *endpoint);
#define cleanup_endpoint __attribute__((cleanup(endpoint_deinit)))

/* Copies an address of the caller's. EINVAL for a size that the kernel refuses, EFAULT. */
int endpoint_read(struct call *call, uint64_t pointer, int size, struct endpoint *ret);

/**
 * endpoint_plain - settle what the address means to this socket, without looking at anything
 *
 * For AF_UNIX the path, if it is one, is terminated; nothing is pinned. 0 or the errno that the
 * kernel gives.
 */
int endpoint_plain(const struct socket_kind *kind, enum endpoint_use use,
		   struct endpoint *endpoint);

/**
 * endpoint_judge - endpoint_plain, then the policy's verdict, then the socket file pinned
 *
 * A path to bind is judged by sys_bind, which creates it; here it is refused with EINVAL.
 * 0; a positive errno for the child, the refusal told; a negative errno of ours.
 */
int endpoint_judge(struct call *call, const struct socket_kind *kind, enum endpoint_use use,
		   struct endpoint *endpoint);

/* Where a socket of ours is bound. 0 or an errno. */
int endpoint_of(int socket, struct endpoint *ret);
/* The port of AF_INET or AF_INET6, as it is on the wire; 0: none. */
uint16_t endpoint_port(const struct endpoint *at);

/**
 * endpoint_judge_join - may this socket hear what is sent to a group?
 * @group: AF_INET or AF_INET6; the port is filled in
 *
 * Judged as listening at the group's address and the socket's port, which is 0 where it has none
 * yet. Another thread may give it one meanwhile: that bind is judged, too, and listening at any
 * address is listening at that of every group. As endpoint_judge.
 */
int endpoint_judge_join(struct call *call, int socket, const struct socket_kind *kind,
			struct endpoint *group);

/* Is it a path, an abstract name? Only after endpoint_plain. */
bool endpoint_is_path(const struct endpoint *endpoint);

/* "1.2.3.4:443", "[::1]:80", a path, "@name". */
#define ENDPOINT_TEXT_MAX 512
const char *endpoint_text(const struct endpoint *endpoint, char buffer[ENDPOINT_TEXT_MAX]);

#endif
