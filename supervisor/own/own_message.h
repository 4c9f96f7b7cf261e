/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages to who is told who writes (SO_PASSCRED), and those that say it (SCM_CREDENTIALS): their
 * caller is made to send them itself (call/tracee.h), since what we send has our number.
 *
 * Made so, the caller could be somebody who is not the one that we looked at: its threads may put
 * another socket under the number meanwhile. So it is made to do nothing that has to be judged:
 *  - what is one piece of data alone is sent by sendto without an address, which every child may
 *    call unasked;
 *  - descriptors, more pieces and credentials take a message's head in memory: it lies in pages
 *    that nobody but us can change (own/sealed_page.h), and has no address. It reaches the
 *    socket's own other end, whatever socket that is;
 *  - what names an address goes by a socket of ours, which we have connected to what was judged
 *    and give to the caller. That one has no name, so that who sends by a socket that has one is
 *    served the other way.
 * Which descriptors go along is by their numbers, and what no child may hold (base/private_fds.h)
 * was looked for under them before: a child has none of these to put there.
 *
 * What cannot be done so is sent by us, as everything is that nobody asks about: where the program
 * is traced or has a filter of its own; descriptors and pieces, where there is no mseal; a stream's
 * message that is larger than its buffer, and one that may only wait for a time (SO_SNDTIMEO).
 */
#ifndef OWN_OWN_MESSAGE_H
#define OWN_OWN_MESSAGE_H

#include <stdbool.h>
#include "net/endpoint.h"

struct call;
struct message;

struct own_message {
	int number; /* of the socket, as the caller has it */
	int socket; /* it, pinned */
	struct socket_kind kind;
	int flags;
	bool waits;
	const struct message *message; /* its address judged */
};

enum own_result {
	OWN_ANSWERED, /* the call has its answer, or begins anew */
	OWN_WAITS,    /* there was no room just now: it is to begin anew when there may be */
	OWN_NOT,      /* it is none of those, or cannot be: it is to be sent the other way */
};

/* Has the caller send it, if it is one of those. @ret_to: with OWN_WAITS, a socket that has room
 * when the address has; -1: the message's own has it then. */
enum own_result own_message_send(struct call *call, const struct own_message *own, int *ret_to);

#endif
