/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink sockets of children: they ask the kernel about interfaces and routes, and nobody else.
 *
 * The kernel gives an unbound netlink socket the number of the process that first uses it, which
 * would be ours; so it gets the child's before.
 */
#ifndef SUPERVISOR_NETLINK_H
#define SUPERVISOR_NETLINK_H

#include <stdint.h>

struct call;

/* Gives an unbound netlink socket the number that the kernel would have chosen for the caller. 0 or
 * an errno. */
int netlink_bind(struct call *call, int socket);
int netlink_bind_groups(struct call *call, int socket, uint32_t groups);

#endif
