/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name servers of resolv.conf(5). */
#ifndef SUPERVISOR_RESOLVERS_H
#define SUPERVISOR_RESOLVERS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define RESOLVERS_FILE "/etc/resolv.conf"

enum {
	RESOLVERS_MAX = 8,
};

struct resolvers {
	size_t count;
	struct in6_addr servers[RESOLVERS_MAX]; /* v4 as ::ffff:a.b.c.d */
};

/* From the text of a file; without any it is this machine's, as for the C library. */
void resolvers_parse(const char *text, struct resolvers *ret);
/* What cannot be read, or is larger than 64 KiB, says nothing. */
void resolvers_load(const char *path, struct resolvers *ret);
bool resolvers_has(const struct resolvers *resolvers, const struct in6_addr *address);

#endif
