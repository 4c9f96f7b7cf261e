/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What host names stand for, asked of the system's resolver by a helper process, never by the
 * engine: the answer comes from the network. Addresses that a name stood for are remembered for a
 * while, since a child that resolves the same name may get another of its addresses.
 */
#ifndef SUPERVISOR_NAMES_H
#define SUPERVISOR_NAMES_H

#include <stdbool.h>
#include <sys/socket.h>

struct names;
struct policy;

#define NAMES_HOST_MAX 254 /* 253 bytes and a NUL */

/* Starts the helper, if the policy names hosts; else *ret is NULL. To be called before confinement,
 * single-threaded. */
int names_new(const struct policy *policy, struct names **ret);
struct names *names_free(struct names *names);

/*
 * Is this one of the host's addresses? May wait for the resolver, a bounded time (5 s). A name that
 * is not "localhost" never stands for a loopback, link-local, private, multicast or unspecified
 * address, "localhost" for no other than a loopback one. @widely: the rule takes away: such
 * addresses count, too, and so does every address while the name cannot be resolved. Fits
 * policy_lookup.
 */
bool names_match(void *names, const char *host, const struct sockaddr *address, bool widely);

/* Is this address one that a name resolved to, but that is inside? Then *ret_host is the name: for
 * the message. */
bool names_inside_host(struct names *names, const struct sockaddr *address,
		       char ret_host[NAMES_HOST_MAX]);

/* Is this address and port the system's resolver (resolv.conf), which a policy with host names may
 * reach? */
bool names_is_resolver(struct names *names, const struct sockaddr *address);

#endif
