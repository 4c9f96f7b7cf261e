/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in own_message.h. */
#include "own/own_message.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include "call/call.h"
#include "call/pool.h"
#include "own/sealed_page.h"
#include "call/tracee.h"
#include "common/cleanup.h"
#include "confine/sysnumbers.h"
#include "net/message.h"
#include "own/told.h"
#include "tree/child.h"
#include "tree/tree.h"

enum {
	STREAM_PART = 32 * 1024, /* bytes that the kernel takes as one at least */
};

/* A message's head as it lies in the sealed pages. */
struct letter {
	struct msghdr header;
	struct iovec vectors[MESSAGE_VECTORS_MAX];
	union {
		char bytes[CMSG_SPACE(MESSAGE_FDS_MAX * sizeof(int)) +
			   CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
};

_Static_assert(sizeof(struct letter) <= SEALED_SIZE, "a head has room in the pages");

/* What the caller is to have before it is stopped. */
struct sending {
	const struct own_message *own;
	struct sealed_page *page; /* NULL: it takes none */
	int to;			  /* a socket of ours that is connected to the address; -1 */
	int64_t page_number;	  /* the pages' file, as the caller has it; -1: it needs none */
	int64_t to_number;	  /* .to, as the caller has it */
};

/* Who has a name is to be seen by it. */
static bool socket_is_named(int socket)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof(name);

	return getsockname(socket, (struct sockaddr *)&name, &size) < 0 ||
	       size > sizeof(sa_family_t);
}

static bool is_on(int socket, int option)
{
	int on = 1;
	socklen_t size = sizeof(on);

	return getsockopt(socket, SOL_SOCKET, option, &on, &size) < 0 || on;
}

static bool is_timed(int socket)
{
	struct timeval limit = { .tv_sec = 1 };
	socklen_t size = sizeof(limit);

	return getsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, &size) < 0 || limit.tv_sec ||
	       limit.tv_usec;
}

/* Does it go as a whole, or not at all? A stream takes parts, each while its buffer is not full,
 * however large that part is. */
static bool fits(const struct own_message *own)
{
	size_t data = own->message->size;
	int queued = 0, room = 0;
	socklen_t size = sizeof(room);

	if (own->kind.type != SOCK_STREAM || !own->waits)
		return true;
	if (ioctl(own->socket, SIOCOUTQ, &queued) < 0 ||
	    getsockopt(own->socket, SOL_SOCKET, SO_SNDBUF, &room, &size) < 0)
		return false;
	return data <= STREAM_PART ? data < (size_t)room / 4
				   : (size_t)queued + 2 * data < (size_t)room;
}

/* -1: there is none, and the message goes the other way. */
static int socket_connected_to(const struct own_message *own)
{
	const struct endpoint *to = &own->message->to;
	cleanup_fd int socket_to = -1;

	/* one that asks itself gets a name by its first message */
	if (socket_is_named(own->socket) || is_on(own->socket, SO_PASSCRED))
		return -1;
	socket_to = socket(AF_UNIX, own->kind.type | SOCK_CLOEXEC, 0);
	if (socket_to < 0 || connect(socket_to, &to->any, to->size) < 0)
		return -1; /* what is wrong with it, who sends it tells */
	return steal_fd(&socket_to);
}

/* Does it take the pages, and are they to be had? */
static bool page_find(struct call *call, struct sending *sending)
{
	const struct message *message = sending->own->message;

	if (message->fd_count == 0 && message->vector_count <= 1 && !message->says)
		return true;
	if (sealed_page_get(call->regs.child, &sending->page) == 0)
		return true;
	sending->page = NULL;
	return message->fd_count == 0 && message->vector_count <= 1;
}

/* Its number there, or -ENOBUFS: there is no room for one more, or nobody waits any more. Not -1,
 * which means something else. */
static int64_t descriptor_add(const struct call *call, int fd)
{
	struct seccomp_notif_addfd add = {
		.id = call->id,
		.newfd_flags = O_CLOEXEC,
		.srcfd = (uint32_t)fd,
	};
	int64_t r = ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return r < 0 ? -ENOBUFS : r;
}

static size_t control_put(struct letter *letter, size_t at, int type, const void *data, size_t size)
{
	struct cmsghdr header = {
		.cmsg_len = CMSG_LEN(size),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = type,
	};

	memcpy(letter->control.bytes + at, &header, sizeof(header));
	memcpy(letter->control.bytes + at + CMSG_LEN(0), data, size);
	return at + CMSG_SPACE(size);
}

static void letter_write(struct letter *letter, uint64_t at, const struct message *message)
{
	size_t size = 0;

	memset(letter, 0, sizeof(*letter));
	if (message->vector_count)
		memcpy(letter->vectors, message->vectors,
		       message->vector_count * sizeof(*message->vectors));
	letter->header.msg_iov = (void *)(at + offsetof(struct letter, vectors));
	letter->header.msg_iovlen = message->vector_count;
	if (message->fd_count)
		size = control_put(letter, size, SCM_RIGHTS, message->numbers,
				   message->fd_count * sizeof(int));
	if (message->says)
		size = control_put(letter, size, SCM_CREDENTIALS, &message->ucred,
				   sizeof(message->ucred));
	if (size)
		letter->header.msg_control = (void *)(at + offsetof(struct letter, control));
	letter->header.msg_controllen = size;
}

/* As all that follows: what the call says, or -ESRCH. */
static int64_t send_by_page(struct tracee *tracee, const struct sending *sending, uint64_t number,
			    uint64_t flags)
{
	struct sealed_page *page = sending->page;
	int64_t r;

	sealed_lock_take(&page->lock);
	r = -sealed_page_enter(page, tracee, sending->page_number);
	if (r == 0) {
		letter_write((struct letter *)(void *)page->ours, page->at, sending->own->message);
		r = tracee_call(tracee, SYS_sendmsg, number, page->at, flags, 0);
	}
	sealed_lock_give(&page->lock);
	return r;
}

static int64_t send_by_registers(struct tracee *tracee, const struct message *message,
				 uint64_t number, uint64_t flags)
{
	const struct iovec *vector = message->vector_count ? message->vectors : NULL;
	const uint64_t word[6] = {
		number,
		vector ? (uint64_t)(uintptr_t)vector->iov_base : 0,
		vector ? vector->iov_len : 0,
		flags,
	};

	return tracee_call6(tracee, SYS_sendto, word);
}

static void descriptor_take_back(struct tracee *tracee, int64_t number)
{
	if (number >= 0)
		tracee_call(tracee, SYS_close, (uint64_t)number, 0, 0, 0);
}

static int64_t send_stopped(struct tracee *tracee, const struct sending *sending)
{
	const struct own_message *own = sending->own;
	uint64_t flags = (uint32_t)own->flags | MSG_DONTWAIT;
	uint64_t number = (uint64_t)own->number;
	int64_t r;

	if (sending->page_number < -1 || sending->to_number < -1) {
		descriptor_take_back(tracee, sending->page_number);
		descriptor_take_back(tracee, sending->to_number);
		return -ENOBUFS;
	}
	if (sending->to_number >= 0)
		number = (uint64_t)sending->to_number;
	r = sending->page ? send_by_page(tracee, sending, number, flags)
			  : send_by_registers(tracee, own->message, number, flags);
	descriptor_take_back(tracee, sending->to_number);
	return r;
}

/* What it comes to is the caller's; sendmmsg's is one message, and its length in memory. */
static void send_return(struct tracee *tracee, const struct message *message, int64_t r)
{
	uint32_t length = (uint32_t)r;

	if (r >= 0 && message->length_at)
		r = tracee_write(tracee, &length, message->length_at, sizeof(length)) ? 1 : -EFAULT;
	tracee_return(tracee, r);
}

/* Threads of one child that wait for room at the same time do not push each other out. */
static _Atomic pid_t *refused_slot(const struct call *call)
{
	return &call->regs.child->refused[(unsigned int)call->regs.tid % REFUSED_SLOTS];
}

static void send_seized(struct call *call, struct sending *sending)
{
	const struct own_message *own = sending->own;
	struct tracee tracee;
	int64_t r;

	sending->page_number = sending->to_number = -1;
	if (sending->page && !sealed_page_is_there(sending->page, call->regs.tid))
		sending->page_number = descriptor_add(call, sending->page->memfd);
	if (sending->to >= 0)
		sending->to_number = descriptor_add(call, sending->to);
	if (tracee_stop_seized(call, &tracee) != 0)
		return;
	r = send_stopped(&tracee, sending);
	if (r == -EAGAIN && own->waits) {
		atomic_store(refused_slot(call), call->regs.tid);
		tracee_again(&tracee);
	} else if (r == -EOPNOTSUPP && sending->page && atomic_load(&sending->page->lacking)) {
		tracee_again(&tracee); /* and the other way */
	} else {
		send_return(&tracee, own->message, r);
	}
}

/* Has it just been refused? Then it waits first. */
static bool was_refused(const struct call *call)
{
	pid_t tid = call->regs.tid;

	return atomic_compare_exchange_strong(refused_slot(call), &tid, 0);
}

enum own_result own_message_send(struct call *call, const struct own_message *own, int *ret_to)
{
	static const int made[] = { SYS_sendmsg, SYS_sendto, SYS_mmap, __NR_mseal, SYS_close };
	struct sending sending = { .own = own, .to = -1 };
	struct told *told = call->regs.child->tree->told;
	const struct message *message = own->message;
	enum own_result result = OWN_NOT;
	cleanup_fd int to = -1;

	if (own->kind.domain != AF_UNIX || !(message->says || told_is_asked(told)))
		return OWN_NOT;
	if (message->to.size)
		sending.to = to = socket_connected_to(own);
	if (message->to.size && to < 0)
		return OWN_NOT;
	if (!message->says && !told_asked(told, to >= 0 ? to : own->socket))
		return OWN_NOT;
	/* What a level has been given is not given to it twice. */
	if (own->waits && (call->held || is_timed(own->socket) || !fits(own)))
		return OWN_NOT;
	if (own->waits && was_refused(call)) {
		*ret_to = steal_fd(&to);
		return OWN_WAITS;
	}
	if (!page_find(call, &sending))
		return OWN_NOT;
	/* sendmsg is always notified, and somebody else has to receive it. */
	if (!receiver_pass_lead(call->receiver))
		return receiver_defer(call) ? OWN_ANSWERED : OWN_NOT;
	if (tracee_seize(call, made, array_size(made)) == 0) {
		send_seized(call, &sending);
		result = OWN_ANSWERED;
	}
	return result;
}
