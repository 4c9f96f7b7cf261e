/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of children: copied, taken apart, put together. The idea stands in message.h. */
#include "net/message.h"

#include <errno.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "call/fd_take.h"
#include "call/call.h"
#include "call/memory.h"
#include "call/caller.h"
#include "common/cleanup.h"

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define TLS_SET_RECORD_TYPE 1

_Static_assert(sizeof(struct message_header) == sizeof(struct msghdr), "the kernel's msghdr");
_Static_assert(sizeof(struct message_slot) == sizeof(struct mmsghdr), "the kernel's mmsghdr");

/* Control messages of internet sockets that say how, and not where, something is sent. */
static const struct control_rule {
	int level;
	int type;
	size_t size_min;
	size_t size_max;
} control_rules[] = {
	{SOL_SOCKET,    SO_TIMESTAMPING,     4,  4			    },
	{ SOL_SOCKET,   SCM_TXTIME,	  8,  8			       },
	{ IPPROTO_IP,   IP_PKTINFO,	  12, sizeof(struct in_pktinfo) },
	{ IPPROTO_IP,   IP_TTL,	      4,	 4			   },
	{ IPPROTO_IP,   IP_TOS,	      1,	 4			   },
	{ IPPROTO_IPV6, IPV6_PKTINFO,	      20, sizeof(struct in6_pktinfo)},
	{ IPPROTO_IPV6, IPV6_HOPLIMIT,       4,  4			    },
	{ IPPROTO_IPV6, IPV6_TCLASS,	     4,	4			  },
	{ IPPROTO_IPV6, IPV6_DONTFRAG,       4,  4			    },
	{ SOL_UDP,	   UDP_SEGMENT,		2,  2			     },
	{ SOL_TLS,	   TLS_SET_RECORD_TYPE, 1,  1			     },
};

struct message *message_free(struct message *message)
{
	if (!message)
		return NULL;
	for (unsigned int i = 0; i < message->fd_count; i++)
		close(message->fds[i]);
	endpoint_deinit(&message->to);
	free(message->vectors);
	free(message);
	return NULL;
}

static void message_free_p(struct message **message)
{
	message_free(*message);
}
#define cleanup_message __attribute__((cleanup(message_free_p)))

int message_flags(int flags)
{
	return flags & (MSG_OOB | MSG_DONTROUTE | MSG_PROXY | MSG_EOR | MSG_CONFIRM | MSG_MORE);
}

/* The sum of all vectors; what does not fit an ssize_t is EINVAL. */
static int vectors_sum(const struct iovec *vectors, size_t count, size_t *ret)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (vectors[i].iov_len > (size_t)SSIZE_MAX - sum)
			return EINVAL;
		sum += vectors[i].iov_len;
	}
	*ret = sum;
	return 0;
}

static int message_alloc(const struct socket_kind *kind, size_t size, size_t control_size,
			 bool waits, struct message **ret)
{
	bool stream = kind->type == SOCK_STREAM;
	size_t most = !stream ? MESSAGE_DATAGRAM_MAX
		      : waits ? MESSAGE_STREAM_MAX
			      : MESSAGE_CHUNK_MAX;
	struct message *message;

	if (control_size > MESSAGE_CONTROL_MAX)
		return ENOBUFS;
	if (size > most && !stream)
		return EMSGSIZE;
	if (size > most)
		size = most;
	control_size = CMSG_ALIGN(control_size);
	message = malloc(sizeof(*message) + control_size + size);
	if (!message)
		return ENOMEM;
	*message = (struct message){
		.to = ENDPOINT_INIT,
		.stream = stream,
		.size = size,
		.charge = sizeof(*message) + control_size + size,
		.control = (unsigned char *)(message + 1),
	};
	message->data = message->control + control_size;
	*ret = message;
	return 0;
}

static int data_copy(struct call *call, const struct iovec *vectors, struct message *message)
{
	size_t have = 0;

	for (size_t i = 0; have < message->size; i++) {
		size_t size = vectors[i].iov_len;
		int r;

		if (size > message->size - have)
			size = message->size - have;
		if (size == 0)
			continue;
		r = mem_read(call, (uint64_t)(uintptr_t)vectors[i].iov_base, message->data + have,
			     size);
		if (r != 0)
			return r;
		have += size;
	}
	return 0;
}

/* Appends one control message, with room for its data; there is as much room as the child's took.
 */
static void *control_append(struct message *message, const struct cmsghdr *like)
{
	struct cmsghdr *header = (struct cmsghdr *)(message->control + message->control_size);

	*header = *like;
	message->control_size += CMSG_ALIGN(like->cmsg_len);
	return CMSG_DATA(header);
}

static int control_rights(struct call *call, const struct cmsghdr *header,
			  const unsigned char *data, struct message *message)
{
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	unsigned int first = message->fd_count;
	struct cmsghdr like = *header;
	int numbers[MESSAGE_FDS_MAX] __attribute__((uninitialized)), r;

	if (count > MESSAGE_FDS_MAX - message->fd_count)
		return EINVAL;
	if (count == 0)
		return 0;
	memcpy(numbers, data, count * sizeof(int));
	r = fd_give_all(call, numbers, count, message->fds + first);
	if (r != 0)
		return r;
	memcpy(message->numbers + first, numbers, count * sizeof(int));
	message->fd_count += (unsigned int)count;
	like.cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(control_append(message, &like), message->fds + first, count * sizeof(int));
	message->charge += count * 4096;
	return 0;
}

/* The child may only say what is true; who sends it fills it in. */
static int control_credentials(struct call *call, const struct cmsghdr *header,
			       const unsigned char *data, struct message *message)
{
	struct ucred ucred;
	pid_t tgid;
	int r;

	if (header->cmsg_len != CMSG_LEN(sizeof(ucred)))
		return EINVAL;
	memcpy(&ucred, data, sizeof(ucred));
	r = task_tgid(call, &tgid);
	if (r != 0)
		return r;
	if (ucred.pid != tgid || ucred.uid != geteuid() || ucred.gid != getegid())
		return EPERM;
	message->says = true;
	message->ucred = ucred;
	return 0;
}

static int control_local(struct call *call, const struct cmsghdr *header, const unsigned char *data,
			 struct message *message)
{
	if (header->cmsg_level != SOL_SOCKET)
		return 0; /* the kernel passes over them */
	switch (header->cmsg_type) {
	case SCM_RIGHTS: return control_rights(call, header, data, message);
	case SCM_CREDENTIALS: return control_credentials(call, header, data, message);
	default: return EINVAL;
	}
}

static int control_inet(const struct cmsghdr *header, const unsigned char *data,
			struct message *message)
{
	size_t size = header->cmsg_len - CMSG_LEN(0);

	if (header->cmsg_level == SOL_SOCKET &&
	    (header->cmsg_type == SCM_RIGHTS || header->cmsg_type == SCM_CREDENTIALS))
		return 0; /* mean nothing here */
	for (size_t i = 0; i < array_size(control_rules); i++) {
		const struct control_rule *rule = &control_rules[i];

		if (rule->level != header->cmsg_level || rule->type != header->cmsg_type)
			continue;
		if (size < rule->size_min || size > rule->size_max)
			return EINVAL;
		memcpy(control_append(message, header), data, size);
		return 0;
	}
	return EINVAL;
}

/* Walks the child's control data as the kernel does, and builds ours in message->control. */
static int control_build(struct call *call, const struct socket_kind *kind,
			 const unsigned char *bytes, size_t size, struct message *message)
{
	bool local = kind->domain == AF_UNIX || kind->domain == AF_NETLINK;
	size_t at = 0;

	while (size - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr header;
		int r;

		memcpy(&header, bytes + at, sizeof(header));
		if (header.cmsg_len < sizeof(header) || header.cmsg_len > size - at)
			return EINVAL;
		r = local ? control_local(call, &header, bytes + at + CMSG_LEN(0), message)
			  : control_inet(&header, bytes + at + CMSG_LEN(0), message);
		if (r != 0)
			return r;
		if (CMSG_ALIGN(header.cmsg_len) >= size - at)
			break;
		at += CMSG_ALIGN(header.cmsg_len);
	}
	return 0;
}

static int control_copy(struct call *call, const struct socket_kind *kind,
			const struct message_header *header, struct message *message)
{
	cleanup_free unsigned char *bytes = NULL;
	int r;

	if (header->control_size == 0 || header->control == 0)
		return 0;
	bytes = malloc(header->control_size);
	if (!bytes)
		return ENOMEM;
	r = mem_read(call, header->control, bytes, header->control_size);
	return r ? r : control_build(call, kind, bytes, header->control_size, message);
}

/* A size beyond the largest address counts as the largest (unlike sendto's). */
static int name_copy(struct call *call, const struct message_header *header,
		     struct message *message)
{
	int size = header->name_size;

	if (header->name == 0)
		return 0;
	if (size > (int)sizeof(message->to.room))
		size = sizeof(message->to.room);
	return endpoint_read(call, header->name, size, &message->to);
}

int message_copy(struct call *call, const struct socket_kind *kind,
		 const struct message_header *header, bool waits, struct message **ret)
{
	cleanup_message struct message *message = NULL;
	cleanup_free struct iovec *vectors = NULL;
	size_t count = header->vector_count, size;
	int r;

	if (header->name != 0 && header->name_size < 0)
		return EINVAL;
	if (count > MESSAGE_VECTORS_MAX)
		return EMSGSIZE;
	vectors = calloc(count ? count : 1, sizeof(*vectors));
	if (!vectors)
		return ENOMEM;
	r = count ? mem_read(call, header->vectors, vectors, count * sizeof(*vectors)) : 0;
	if (r == 0)
		r = vectors_sum(vectors, count, &size);
	if (r == 0)
		r = message_alloc(kind, size, header->control ? header->control_size : 0, waits,
				  &message);
	if (r == 0)
		r = name_copy(call, header, message);
	if (r == 0)
		r = control_copy(call, kind, header, message);
	if (r == 0)
		r = data_copy(call, vectors, message);
	if (r != 0)
		return r;
	message->vectors = steal_pointer(&vectors);
	message->vector_count = count;
	message->charge += count * sizeof(*message->vectors);
	*ret = steal_pointer(&message);
	return 0;
}

int message_copy_buffer(struct call *call, const struct socket_kind *kind, uint64_t data,
			uint64_t size, bool waits, struct message **ret)
{
	struct iovec vector = { .iov_base = (void *)(uintptr_t)data, .iov_len = size };
	cleanup_message struct message *message = NULL;
	int r = vectors_sum(&vector, 1, &vector.iov_len);

	if (r == 0)
		r = message_alloc(kind, vector.iov_len, 0, waits, &message);
	if (r == 0)
		r = data_copy(call, &vector, message);
	if (r != 0)
		return r;
	message->vectors = malloc(sizeof(vector));
	if (!message->vectors)
		return ENOMEM;
	message->vectors[0] = vector;
	message->vector_count = 1;
	message->charge += sizeof(vector);
	*ret = steal_pointer(&message);
	return 0;
}

void message_rest(const struct message *message, struct msghdr *ret_header,
		  struct iovec *ret_vector)
{
	*ret_vector = (struct iovec){
		.iov_base = message->data + message->sent,
		.iov_len = message->size - message->sent,
	};
	*ret_header = (struct msghdr){
		.msg_name = message->to.size ? (void *)&message->to.room : NULL,
		.msg_namelen = message->to.size,
		.msg_iov = ret_vector,
		.msg_iovlen = 1,
		.msg_control = message->control_size ? message->control : NULL,
		.msg_controllen = message->control_size,
	};
}

bool message_sent(struct message *message, size_t bytes)
{
	message->sent += bytes;
	message->control_size = 0;
	return !message->stream || message->sent >= message->size;
}
