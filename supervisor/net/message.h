/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A message of a child's on its way to a socket: copied whole, so that what was judged is what is
 * sent.
 *
 * Control data is taken apart and put together again from what a table knows: descriptors become
 * copies that we hold until they are sent; credentials must be the caller's own, and are what we
 * cannot send (own/own_message.h); what would lead
 * the message elsewhere than its address says (source routes) is refused.
 */
#ifndef SUPERVISOR_MESSAGE_H
#define SUPERVISOR_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "net/endpoint.h"

struct call;

enum {
	MESSAGE_VECTORS_MAX = 1024,	   /* UIO_MAXIOV */
	MESSAGE_FDS_MAX = 253,		   /* SCM_MAX_FD */
	MESSAGE_CONTROL_MAX = 64 * 1024,   /* more is ENOBUFS */
	MESSAGE_DATAGRAM_MAX = 512 * 1024, /* more is EMSGSIZE; twice the system's own limit */
	MESSAGE_CHUNK_MAX =
		256 * 1024, /* of a stream that does not wait: the rest is asked for again */
	MESSAGE_STREAM_MAX =
		8 * 1024 * 1024, /* of a stream that waits: more ends in a short count */
};

/* struct msghdr of the kernel's on x86-64, as the child wrote it. */
struct message_header {
	uint64_t name;
	int32_t name_size;
	uint32_t pad;
	uint64_t vectors;
	uint64_t vector_count;
	uint64_t control;
	uint64_t control_size;
	uint32_t flags;
	uint32_t pad2;
};

/* One of sendmmsg's. */
struct message_slot {
	struct message_header header;
	uint32_t length;
	uint32_t pad;
};

struct message {
	struct endpoint to;
	bool stream;	    /* sent in parts, until all of it is */
	uint64_t length_at; /* sendmmsg: where the caller wants the length; 0: the length is the
			       answer */
	size_t charge;	    /* what it costs us, for the child's quota */
	size_t size;	    /* bytes of data */
	size_t sent;	    /* how many of them are gone */
	unsigned char *data;
	unsigned char *control;
	size_t control_size;
	unsigned int fd_count;
	int fds[MESSAGE_FDS_MAX];
	/* As the caller wrote it: for who sends it himself (own/own_message.h). */
	int numbers[MESSAGE_FDS_MAX];
	bool says;	    /* it has credentials, which are its own */
	struct ucred ucred; /* these */
	struct iovec *vectors;
	size_t vector_count;
};

/* Copies what the header points to: vectors, control, data, and the name, not yet judged. 0 or an
 * errno. */
int message_copy(struct call *call, const struct socket_kind *kind,
		 const struct message_header *header, bool waits, struct message **ret);
/* The same for one buffer. */
int message_copy_buffer(struct call *call, const struct socket_kind *kind, uint64_t data,
			uint64_t size, bool waits, struct message **ret);
struct message *message_free(struct message *message);

/* What is left to send, for sendmsg. Points into the message. */
void message_rest(const struct message *message, struct msghdr *ret_header,
		  struct iovec *ret_vector);
/* So many bytes are gone; the control data went with the first. True: nothing is left. */
bool message_sent(struct message *message, size_t bytes);

/* Flags as they may go to the kernel from us. */
int message_flags(int flags);

#endif
