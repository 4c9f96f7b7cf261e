/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What passes between the engine, the zygote and a new child; private to this folder.
 *
 * A child is asked of the zygote by one SEQPACKET message: a struct wire_message, and the child's
 * end of a socket. Over this the zygote reports its number and pidfd, and the child takes its
 * order. The order is one such message, too, with descriptors in this order: a socket for its
 * reports, the sealed memfd that holds the order, the directory to start in, the floor if
 * WIRE_FLOOR is set, then those to keep. The socket for the reports passed through nobody else: it
 * hangs up by the child's exec, or by its end, and by nothing else. A child that has a keeper
 * (zygote/session_leader.h) is asked for by another word. The keeper takes a message of its own
 * from the socket first: the same word, with those of 0 to 2 that there are.
 *
 * The memfd:
 *	struct wire_order
 *	argv, envp, candidates	uint64_t each: offset of a string; 0 ends a list
 *	fds			int32_t each: the number under which a descriptor is kept
 *	filter			struct sock_filter each
 *	strings			each with its NUL; the last byte of the memfd is a NUL
 * The lists of offsets become lists of pointers in place, in the child's private mapping.
 */
#ifndef SUPERVISOR_ZYGOTE_WIRE_H
#define SUPERVISOR_ZYGOTE_WIRE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include "base/fdpass.h"
#include "zygote/zygote.h"

/* The descriptors of an order before those to keep. */
enum wire_fd {
	WIRE_FD_REPORT,
	WIRE_FD_ORDER,
	WIRE_FD_CWD,
	WIRE_FD_FIXED,
};

#define WIRE_MAGIC 0x5a596f31 /* an order */
#define WIRE_CHILD 0x5a596f32 /* clone a child */
#define WIRE_KEPT  0x5a596f33 /* clone a keeper, and that a child */

struct wire_message {
	uint32_t magic;
	uint32_t size; /* of the order */
};

enum wire_flag {
	WIRE_SESSION = 1 << 0,
	WIRE_SEALED = 1 << 1,
	WIRE_FLOOR = 1 << 2,
	WIRE_TERMINAL = 1 << 3,
	WIRE_SENDER = 1 << 4, /* the listener is sent, by FD_SENDER */
};

/* A list: where it begins in the order, and how many entries, without the end mark. */
struct wire_list {
	uint32_t offset;
	uint32_t count;
};

struct wire_order {
	struct wire_list argv, envp, candidates, fds, filter;
	uint32_t flags;
	uint32_t tag;
	int32_t group;		     /* process group to join */
	int32_t umask;		     /* -1: as it is */
	uint32_t limit_set;	     /* 1 << RLIMIT_* */
	uint64_t sigmask, sigignore; /* as the kernel has them */
	struct traits traits;
	struct rlimit limits[RLIM_NLIMITS];
};

/* An order as the child sees it: pointers into its mapping. */
struct wire_view {
	const struct wire_order *head;
	char *const *argv, *const *envp, *const *candidates;
	const int32_t *fds;
	const struct sock_filter *filter;
};

/* Makes the memfd of an order. -E2BIG: longer than execve would take, or too many descriptors. */
int wire_pack(const struct zygote_order *order, int *ret_fd, uint32_t *ret_size);

/* Maps and checks it, in the child. Allocates nothing. -EPROTO: it is not what wire_pack makes. */
int wire_unpack(int fd, uint32_t size, struct wire_view *ret);

/* What the engine sent. */
struct wire_incoming {
	struct wire_message message;
	struct fdpass with;
};

/* 1, with at most so many descriptors; 0: the engine hung up; negative: none now, or a malformed
 * one. */
int wire_receive(int socket, struct wire_incoming *ret, size_t most, int flags);

/* What becomes of a birth so far. With the pidfd, if there is one. */
void birth_report(int report, enum sv_stage stage, pid_t pid, int error, int pidfd);

#endif
