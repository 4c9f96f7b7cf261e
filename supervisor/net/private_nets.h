/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of this machine and of networks that are not the Internet: what a name from the network
 * may not stand for. */
#ifndef SUPERVISOR_INSIDE_H
#define SUPERVISOR_INSIDE_H

#include <netinet/in.h>
#include <stdbool.h>

/* v4 as ::ffff:a.b.c.d. Addresses that embed one of v4 (6to4, NAT64) are what that is. */
bool address_is_inside(const struct in6_addr *address);

#endif
