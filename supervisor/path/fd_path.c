/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in fd_path.h. */
#include "path/fd_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include "call/call.h"
#include "call/pool.h"
#include "call/tracee.h"
#include "tree/child.h"
#include "common/cleanup.h"

enum {
	PAGE_BYTES = 4096,
};

/* The caller's side of the message, in a page of its own. */
struct letter {
	struct msghdr header;
	struct iovec vector;
	char byte;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
};

/* What the caller is made to do, and with a descriptor that it received by a socket what is wanted.
 */
struct use {
	int made[5];
	bool notified; /* one of them always is */
	int64_t (*act)(struct tracee *tracee, uint64_t fd, uint64_t socket, int flags);
};

/* A socket whose other end waits with the descriptor. */
static int message_post(int pinned, int *ret_socket)
{
	struct letter letter = { .byte = 0 };
	cleanup_fd int ours = -1, theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	ours = pair[0];
	theirs = pair[1];
	letter.vector = (struct iovec){ &letter.byte, 1 };
	letter.header.msg_iov = &letter.vector;
	letter.header.msg_iovlen = 1;
	letter.header.msg_control = &letter.control;
	letter.header.msg_controllen = sizeof(letter.control);
	letter.control.align.cmsg_len = CMSG_LEN(sizeof(int));
	letter.control.align.cmsg_level = SOL_SOCKET;
	letter.control.align.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&letter.control.align), &pinned, sizeof(pinned));
	if (sendmsg(ours, &letter.header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno;
	*ret_socket = steal_fd(&theirs);
	return 0;
}

/* Has the stopped caller receive the message. The descriptor's number, or a negative errno. */
static int64_t message_take(struct tracee *tracee, int socket)
{
	struct letter letter = { .byte = 0 };
	int64_t at = tracee_call(tracee, SYS_mmap, 0, PAGE_BYTES, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	int64_t r = -EFAULT;
	int fd;

	if (at < 0 && at > -PAGE_BYTES)
		return at;
	letter.vector.iov_base = (void *)((uint64_t)at + offsetof(struct letter, byte));
	letter.vector.iov_len = 1;
	letter.header.msg_iov = (void *)((uint64_t)at + offsetof(struct letter, vector));
	letter.header.msg_iovlen = 1;
	letter.header.msg_control = (void *)((uint64_t)at + offsetof(struct letter, control));
	letter.header.msg_controllen = sizeof(letter.control);
	if (tracee_write(tracee, &letter, (uint64_t)at, sizeof(letter)))
		r = tracee_call(tracee, SYS_recvmsg, (uint64_t)socket, (uint64_t)at,
				MSG_DONTWAIT | MSG_CMSG_CLOEXEC, 0);
	if (r >= 0 && !tracee_read(tracee, &letter, (uint64_t)at, sizeof(letter)))
		r = -EFAULT;
	tracee_call(tracee, SYS_munmap, (uint64_t)at, PAGE_BYTES, 0, 0);
	if (r < 0)
		return r;
	/* One that has no room for it gets the message without. */
	if (letter.control.align.cmsg_len != CMSG_LEN(sizeof(int)))
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(&letter.control.align), sizeof(fd));
	return fd;
}

/* Under the socket's number, which is closed by it. */
static int64_t fd_keep(struct tracee *tracee, uint64_t fd, uint64_t socket, int flags)
{
	int64_t r = tracee_call(tracee, SYS_dup3, fd, socket, (uint64_t)flags, 0);

	if (r < 0)
		tracee_call(tracee, SYS_close, socket, 0, 0, 0);
	return r;
}

static int64_t fd_enter(struct tracee *tracee, uint64_t fd, uint64_t socket,
			int flags __attribute__((unused)))
{
	int64_t r = tracee_call(tracee, SYS_fchdir, fd, 0, 0, 0);

	tracee_call(tracee, SYS_close, socket, 0, 0, 0);
	return r;
}

static int64_t path_use(struct tracee *tracee, int socket, const struct use *use, int flags)
{
	int64_t fd = message_take(tracee, socket), r = fd;

	if (fd >= 0) {
		r = use->act(tracee, (uint64_t)fd, (uint64_t)socket, flags);
		tracee_call(tracee, SYS_close, (uint64_t)fd, 0, 0, 0);
	} else {
		tracee_call(tracee, SYS_close, (uint64_t)socket, 0, 0, 0);
	}
	return r;
}

/* What is notified has to be received by somebody else while we wait for it. */
static bool others_receive(const struct call *call, const struct use *use)
{
	return !(use->notified ||
		 tracee_is_seen(call->regs.child, use->made, array_size(use->made))) ||
	       receiver_pass_lead(call->receiver);
}

static int path_give(const struct call *call, int pinned, const struct use *use, int flags)
{
	struct seccomp_notif_addfd add = { .id = call->id, .newfd_flags = O_CLOEXEC };
	cleanup_fd int socket = -1;
	struct tracee tracee;
	int64_t fd;
	int r;

	if (!others_receive(call, use))
		return receiver_defer(call) ? 0 : EAGAIN;
	r = message_post(pinned, &socket);
	if (r == 0)
		r = tracee_seize(call, use->made, array_size(use->made));
	if (r != 0)
		return r;
	add.srcfd = (uint32_t)socket;
	fd = ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (fd < 0)
		fd = -errno; /* the table is full, or the caller dies */
	r = tracee_stop_seized(call, &tracee);
	if (r == 0)
		tracee_return(&tracee, fd < 0 ? fd : path_use(&tracee, (int)fd, use, flags));
	return 0;
}

int fd_path_answer(const struct call *call, int pinned, bool cloexec)
{
	static const struct use keep = {
		.made = {SYS_mmap, SYS_recvmsg, SYS_munmap, SYS_dup3, SYS_close},
		.act = fd_keep,
	};

	return path_give(call, pinned, &keep, cloexec ? O_CLOEXEC : 0);
}

int fd_path_enter(const struct call *call, int pinned)
{
	static const struct use enter = {
		.made = {SYS_mmap, SYS_recvmsg, SYS_munmap, SYS_fchdir, SYS_close},
		.notified = true,
		.act = fd_enter,
	};

	return path_give(call, pinned, &enter, 0);
}
