/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the engine and the helper that resolves names: one datagram each way.
 *
 * The engine asks with a struct names_question, the helper answers with a struct names_answer. Both
 * are of fixed size; each side checks all of it, for the helper's bytes come from the network.
 */
#ifndef NET_RESOLVER_HELPER_H
#define NET_RESOLVER_HELPER_H

#include <netinet/in.h>
#include <stdint.h>
#include "net/hostnames.h"

enum {
	NAMES_ADDRESSES_MAX = 64, /* of one answer */
};

struct names_question {
	uint32_t serial;
	char host[NAMES_HOST_MAX]; /* ends with a NUL */
};

struct names_answer {
	uint32_t serial; /* of the question */
	uint32_t known;	 /* 0: the resolver could not tell, not even that there is no such name */
	uint32_t count;
	struct in6_addr addresses[NAMES_ADDRESSES_MAX]; /* v4 as ::ffff:a.b.c.d */
};

/* The helper's life: answers questions from this socket until it hangs up. */
void names_helper(int socket, bool forked_by_main) __attribute__((noreturn));

#endif
