/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pcall call is to do, as its command line says. */
#ifndef PCALL_REQUEST_H
#define PCALL_REQUEST_H

#include <stddef.h>
#include "program/message.h"

enum {
	REQUEST_BYTES_MAX = 64 << 20, /* in, and out */
	/* besides descriptors */
	REQUEST_NO_FD = -2,
	REQUEST_COPY_FD = -1,
};

struct request {
	const char *name;
	long words[6];
	unsigned int count;
	const char *text; /* the message, "-" for standard input; NULL: words */
	size_t room;	  /* for the bytes out */
	int fd; /* the answer is a descriptor: to be copied, or to be had under this number */
	char **command;
};

/* Says what is wrong. 0 or an exit status. */
int request_parse(const struct message *message, char **args, struct request *ret);

#endif
