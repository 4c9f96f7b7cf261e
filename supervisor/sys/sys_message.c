/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sendto, sendmsg, sendmmsg: messages that may name where they go.
 *
 * A message is copied, its address judged, and the copy sent from the pinned socket. What would
 * wait goes to a worker. The copies of what was sent are never larger than a quota: a stream then
 * gets a short count, as after a signal. What is to show who wrote it is sent by its caller
 * (own/own_message.h).
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/fd_take.h"
#include "call/call.h"
#include "tree/child.h"
#include "tree/tree.h"
#include "net/endpoint.h"
#include "call/memory.h"
#include "net/message.h"
#include "net/netlink.h"
#include "own/own_message.h"
#include "own/told.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "block/block.h"
#include "common/cleanup.h"

enum {
	BATCH_BYTES_MAX = 1024 * 1024, /* of one sendmmsg; the rest is asked for again */
};

/* A call's socket and what it was told about it. */
struct sending {
	int socket;
	struct socket_kind kind;
	int flags;
	bool waits;
	bool begun;	     /* one of a batch is gone: the rest is not its caller's to send */
	enum own_result own; /* what became of it, if its caller was to send it */
	int ready;	     /* which of ours is to have room, where it waits; -1: .socket */
};

static int sending_init(struct call *call, int flags, struct sending *ret)
{
	struct sending sending = { .socket = -1, .flags = flags, .own = OWN_NOT, .ready = -1 };
	int r;

	/* A connect in disguise: told that the system does without, programs call connect. */
	if (flags & MSG_FASTOPEN)
		return EOPNOTSUPP;
	r = fd_take(call, arg_int(call, 0), &sending.socket);
	if (r == 0)
		r = socket_kind(sending.socket, &sending.kind);
	if (r == 0 && sending.kind.domain == AF_NETLINK)
		r = netlink_bind(call, sending.socket);
	if (r != 0) {
		if (sending.socket >= 0)
			close(sending.socket);
		return r;
	}
	sending.waits = sending.kind.blocking && !(flags & MSG_DONTWAIT);
	*ret = sending;
	return 0;
}

static bool socket_connected(int socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	return getpeername(socket, (struct sockaddr *)&peer, &size) == 0;
}

/* An address that the kernel ignores goes no further; all others are judged. */
static int name_judge(struct call *call, const struct sending *sending, struct message *message)
{
	if (message->to.size == 0)
		return 0;
	if (sending->kind.domain == AF_UNIX && sending->kind.type == SOCK_STREAM)
		return socket_connected(sending->socket) ? EISCONN : EOPNOTSUPP;
	if (sending->kind.type == SOCK_STREAM || sending->kind.type == SOCK_SEQPACKET) {
		message->to.size = 0;
		return 0;
	}
	return endpoint_judge(call, &sending->kind, ENDPOINT_SEND, &message->to);
}

/* Sends as much as goes without waiting. 0: all of it; else an errno. */
static int message_try(const struct sending *sending, struct message *message)
{
	struct msghdr header;
	struct iovec vector;
	ssize_t n;

	do {
		message_rest(message, &header, &vector);
		n = sendmsg(sending->socket, &header,
			    message_flags(sending->flags) | MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0)
			return errno;
	} while (!message_sent(message, (size_t)n) && n > 0);
	return 0;
}

/* Streams that nobody reads any more raise a signal, which must come from the caller's own call. */
static void raise_sigpipe(struct call *call, const struct sending *sending)
{
	int pidfd;

	if (sending->kind.type == SOCK_STREAM && !(sending->flags & MSG_NOSIGNAL) &&
	    task_pidfd(call, &pidfd) == 0)
		syscall(SYS_pidfd_send_signal, pidfd, SIGPIPE, NULL, 0);
}

static int batch_length(struct call *call, const struct message *message)
{
	uint32_t length = (uint32_t)message->sent;

	return message->length_at ? mem_write(call, message->length_at, &length, sizeof(length))
				  : 0;
}

/* True: its caller sends it himself, and it is out of our hands, or is to wait for that. */
static bool sending_is_own(struct call *call, struct sending *sending,
			   const struct message *message)
{
	const struct own_message own = {
		.number = arg_int(call, 0),
		.socket = sending->socket,
		.kind = sending->kind,
		.flags = sending->flags,
		.waits = sending->waits,
		.message = message,
	};

	if (!sending->begun)
		sending->own = own_message_send(call, &own, &sending->ready);
	return sending->own != OWN_NOT;
}

/* Sends a message and takes it. 0: sent, at least in part, or it is its caller's own (.own says
 * so); EAGAIN: nothing was, and *message is still there. */
static int sending_send(struct call *call, struct sending *sending, struct message **message)
{
	int r = name_judge(call, sending, *message);

	if (r == 0 && sending_is_own(call, sending, *message))
		return 0;
	if (r == 0)
		r = message_try(sending, *message);
	if (r == EWOULDBLOCK)
		r = EAGAIN;
	if (r == EAGAIN && sending->waits)
		return EAGAIN;
	if (r != 0 && (*message)->sent == 0) {
		if (r == EPIPE)
			raise_sigpipe(call, sending);
		*message = message_free(*message);
		return r > 0 ? child_errno(r) : r;
	}
	return 0;
}

/* Who sends it himself has his answer, or begins anew when there may be room. */
static struct sv_answer own_answer(struct call *call, struct sending *sending)
{
	cleanup_fd int socket = steal_fd(&sending->socket);

	if (sending->own != OWN_WAITS)
		return sv_answer_later();
	/* Of a socket without an other end the kernel says that it has room, always. */
	return work_ready(call,
			  sending->ready >= 0 ? steal_fd(&sending->ready) : steal_fd(&socket));
}

static struct sv_answer send_one(struct call *call, struct sending *sending,
				 struct message *message)
{
	int r = sending_send(call, sending, &message);
	struct sv_answer answer;

	if (r == 0 && sending->own != OWN_NOT) {
		answer = own_answer(call, sending);
		message_free(message);
	} else if (r == EAGAIN && message)
		answer = work_send(call, steal_fd(&sending->socket), message, sending->flags);
	else if (r != 0)
		answer = answer_fail(call, r);
	else {
		answer = sv_answer_value((int64_t)message->sent);
		message_free(message);
	}
	if (sending->socket >= 0)
		close(sending->socket);
	return answer;
}

/* To sendmsg no address is none, wherever it would lie; to these sockets' sendto it is a short one.
 */
static bool address_is_short(struct call *call, const struct socket_kind *kind)
{
	return arg_u64(call, 4) != 0 && arg_int(call, 5) == 0 && kind->type == SOCK_DGRAM &&
	       (kind->domain == AF_INET || kind->domain == AF_INET6);
}

/* sendto(fd, data, size, flags, address, address_size) */
static struct sv_answer sys_sendto(struct call *call)
{
	struct message *message = NULL;
	struct sending sending = { .socket = -1 };
	int r = sending_init(call, arg_int(call, 3), &sending);

	if (r != 0)
		return answer_fail(call, r);
	r = message_copy_buffer(call, &sending.kind, arg_u64(call, 1), arg_u64(call, 2),
				sending.waits, &message);
	if (r == 0 && arg_u64(call, 4) != 0)
		r = endpoint_read(call, arg_u64(call, 4), arg_int(call, 5), &message->to);
	if (r == 0 && address_is_short(call, &sending.kind))
		r = EINVAL;
	if (r == 0)
		return send_one(call, &sending, message);
	message_free(message);
	close(sending.socket);
	return answer_fail(call, r);
}

/* sendmsg(fd, header, flags) */
static struct sv_answer sys_sendmsg(struct call *call)
{
	struct message_header header;
	struct message *message = NULL;
	struct sending sending = { .socket = -1 };
	int r = sending_init(call, arg_int(call, 2), &sending);

	if (r != 0)
		return answer_fail(call, r);
	r = mem_read(call, arg_u64(call, 1), &header, sizeof(header));
	if (r == 0)
		r = message_copy(call, &sending.kind, &header, sending.waits, &message);
	if (r == 0)
		return send_one(call, &sending, message);
	close(sending.socket);
	return answer_fail(call, r);
}

/*
 * One of many. 0: sent; EAGAIN with *ret_message set: it would have to wait. *bytes: how much of
 * the batch is gone. One that its caller sends himself is the only one: .own says so.
 */
static int batch_send(struct call *call, struct sending *sending, uint64_t slot, size_t *bytes,
		      struct message **ret_message)
{
	struct message_slot copy;
	struct message *message = NULL;
	int r = mem_read(call, slot, &copy, sizeof(copy));

	if (r == 0)
		r = message_copy(call, &sending->kind, &copy.header, sending->waits, &message);
	if (r != 0)
		return r;
	message->length_at = slot + offsetof(struct message_slot, length);
	r = sending_send(call, sending, &message);
	if (r == EAGAIN && message) {
		*ret_message = message;
		return r;
	}
	if (r != 0)
		return r;
	if (sending->own != OWN_NOT) {
		message_free(message);
		return 0;
	}
	r = batch_length(call, message);
	/* A stream that took a part takes no more now. */
	*bytes += message->sent < message->size ? BATCH_BYTES_MAX : message->sent;
	message_free(message);
	return r;
}

/* sendmmsg(fd, slots, count, flags): as many as go without waiting, but at least one. */
static struct sv_answer sys_sendmmsg(struct call *call)
{
	uint64_t slots = arg_u64(call, 1), count = arg_u64(call, 2), done = 0;
	struct message *message = NULL;
	struct sending sending = { .socket = -1 };
	size_t bytes = 0;
	int r = sending_init(call, arg_int(call, 3), &sending);
	struct sv_answer answer;

	if (r != 0)
		return answer_fail(call, r);
	if (count > MESSAGE_VECTORS_MAX)
		count = MESSAGE_VECTORS_MAX;
	/* One at a time where somebody is to be told who wrote it. */
	if (sending.kind.domain == AF_UNIX && told_is_asked(call->regs.child->tree->told) && count)
		count = 1;
	while (r == 0 && done < count && bytes < BATCH_BYTES_MAX) {
		r = batch_send(call, &sending, slots + done * sizeof(struct message_slot), &bytes,
			       &message);
		if (r == 0 && sending.own != OWN_NOT)
			return own_answer(call, &sending);
		if (r == 0)
			done++;
		sending.begun = true;
	}
	if (message && done == 0)
		answer = work_send(call, steal_fd(&sending.socket), steal_pointer(&message),
				   sending.flags);
	else
		answer = r && done == 0 ? answer_fail(call, r) : sv_answer_value((int64_t)done);
	message_free(message);
	if (sending.socket >= 0)
		close(sending.socket);
	return answer;
}

static const struct when sendto_when[] = {
	IF_ANY_BIT(3, MSG_FASTOPEN, LACK(EOPNOTSUPP, "connecting by a message (MSG_FASTOPEN)")),
	IF_EQUAL64(4, 0, PASS),
	OTHERWISE(NOTIFY),
};

static const struct when sendmsg_when[] = {
	IF_EQUAL(0, FD_SENDER, PASS, .need = FEATURE_SENDER),
	OTHERWISE(NOTIFY),
};

const struct sysrow message_rows[] = {
	ROW(sendto, "fozioi", WHEN(sendto_when), .handler = sys_sendto,
	    .note = "without an address it is the kernel's; MSG_FASTOPEN is EOPNOTSUPP, as where "
		    "it is switched off"),
	ROW(sendmsg, "foi", WHEN(sendmsg_when), .handler = sys_sendmsg,
	    .note = "MSG_FASTOPEN is EOPNOTSUPP; MSG_ZEROCOPY copies; credentials on the other "
		    "side are the caller's where somebody in the box asked for them, or the "
		    "message has them, else the supervisor's; routing options are EINVAL; over "
		    "8 MiB in one call end in a short count"),
	HANDLED(sendmmsg, "foui",
		"as sendmsg; stops early at 1 MiB, where a message would wait, and after one that "
		"shows who wrote it"),
	ROWS_END
};
