/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of sockets: copied, made plain, judged. The idea stands in endpoint.h. */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"
#include "call/memory.h"
#include "net/hostnames.h"
#include "call/caller.h"
#include "path/resolve.h"

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
/* The first length of sockaddr_in6 (RFC 2133), without the scope: the kernel still takes it. */
#define V6_SIZE_MIN 24

static int socket_option(int socket, int name, int *ret)
{
	socklen_t size = sizeof(*ret);

	return getsockopt(socket, SOL_SOCKET, name, ret, &size) < 0 ? errno : 0;
}

int socket_kind(int socket, struct socket_kind *ret)
{
	struct socket_kind kind;
	int r = socket_option(socket, SO_DOMAIN, &kind.domain);
	int flags = fcntl(socket, F_GETFL);

	if (r == 0)
		r = socket_option(socket, SO_TYPE, &kind.type);
	if (r == 0)
		r = socket_option(socket, SO_PROTOCOL, &kind.protocol);
	if (r == 0 && flags < 0)
		r = EBADF;
	if (r != 0)
		return r;
	kind.blocking = !(flags & O_NONBLOCK);
	*ret = kind;
	return 0;
}

int endpoint_of(int socket, struct endpoint *ret)
{
	struct endpoint at = ENDPOINT_INIT;

	at.size = sizeof(at.room);
	if (getsockname(socket, &at.any, &at.size) < 0)
		return errno;
	if (at.size > sizeof(at.room))
		at.size = sizeof(at.room);
	*ret = at;
	return 0;
}

uint16_t endpoint_port(const struct endpoint *at)
{
	return at->any.sa_family == AF_INET ? at->v4.sin_port : at->v6.sin6_port;
}

void endpoint_deinit(struct endpoint *endpoint)
{
	if (endpoint->pinned >= 0)
		close(endpoint->pinned);
	endpoint->pinned = -1;
}

int endpoint_read(struct call *call, uint64_t pointer, int size, struct endpoint *ret)
{
	struct endpoint endpoint = ENDPOINT_INIT;
	int r;

	if (size < 0 || (size_t)size > sizeof(endpoint.room))
		return EINVAL;
	if (size > 0) {
		r = mem_read(call, pointer, &endpoint.room, (size_t)size);
		if (r != 0)
			return r;
	}
	endpoint.size = (socklen_t)size;
	*ret = endpoint;
	return 0;
}

/* Only what was given and is known counts: the rest is nought, so that nothing unseen goes on. */
static void endpoint_cut(struct endpoint *endpoint, size_t known)
{
	size_t given = endpoint->size < known ? endpoint->size : known;

	memset((char *)&endpoint->room + given, 0, sizeof(endpoint->room) - given);
	endpoint->size = (socklen_t)known;
}

static bool protocol_has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
	       protocol == IPPROTO_MPTCP;
}

/* An address as AF_INET sockets, and datagram sockets of AF_INET6 too, understand it. */
static int plain_v4(const struct socket_kind *kind, enum endpoint_use use,
		    struct endpoint *endpoint)
{
	if (endpoint->size < sizeof(endpoint->v4))
		return EINVAL;
	endpoint_cut(endpoint, sizeof(endpoint->v4));
	memset(endpoint->v4.sin_zero, 0, sizeof(endpoint->v4.sin_zero));
	/* Old programs leave the family out: to send, and to bind to any address (Linux 2.2). */
	if (endpoint->any.sa_family == AF_UNSPEC && kind->domain == AF_INET &&
	    (use == ENDPOINT_SEND ||
	     (use == ENDPOINT_BIND && endpoint->v4.sin_addr.s_addr == htonl(INADDR_ANY))))
		endpoint->any.sa_family = AF_INET;
	if (endpoint->any.sa_family != AF_INET)
		return EAFNOSUPPORT;
	if (use != ENDPOINT_BIND && endpoint->v4.sin_addr.s_addr == htonl(INADDR_ANY))
		endpoint->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!protocol_has_ports(kind->protocol))
		endpoint->v4.sin_port = 0;
	return 0;
}

static void v6_loopback(struct in6_addr *address)
{
	if (IN6_IS_ADDR_UNSPECIFIED(address))
		*address = in6addr_loopback;
	else if (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr32[3] == 0)
		address->s6_addr32[3] = htonl(INADDR_LOOPBACK);
}

static int plain_v6(const struct socket_kind *kind, enum endpoint_use use,
		    struct endpoint *endpoint)
{
	if (endpoint->any.sa_family == AF_INET && use != ENDPOINT_BIND && kind->type == SOCK_DGRAM)
		return plain_v4(kind, use, endpoint);
	if (endpoint->any.sa_family == AF_UNSPEC && use == ENDPOINT_SEND) {
		endpoint->size = 0; /* the kernel goes on as if there were none */
		return 0;
	}
	if (endpoint->size < V6_SIZE_MIN)
		return EINVAL;
	if (endpoint->any.sa_family != AF_INET6)
		return use == ENDPOINT_SEND ? EINVAL : EAFNOSUPPORT;
	endpoint_cut(endpoint, sizeof(endpoint->v6));
	if (use != ENDPOINT_BIND)
		v6_loopback(&endpoint->v6.sin6_addr);
	if (!protocol_has_ports(kind->protocol))
		endpoint->v6.sin6_port = 0;
	return 0;
}

static int plain_local(enum endpoint_use use, struct endpoint *endpoint)
{
	socklen_t size = endpoint->size;

	if (endpoint->any.sa_family != AF_UNIX || size > sizeof(endpoint->local))
		return EINVAL;
	if (use == ENDPOINT_BIND && size == PATH_OFFSET)
		return 0; /* the kernel chooses an abstract name */
	if (size <= PATH_OFFSET)
		return EINVAL;
	/* A path may fill sun_path to its last byte; behind it there is room for the NUL. */
	memset((char *)&endpoint->room + size, 0, sizeof(endpoint->room) - size);
	return 0;
}

/* The kernel is the only one that may be spoken to, and about nothing but routes and addresses. */
static int plain_netlink(const struct socket_kind *kind, struct endpoint *endpoint)
{
	if (endpoint->size < sizeof(endpoint->netlink))
		return EINVAL;
	if (endpoint->any.sa_family != AF_NETLINK)
		return EINVAL;
	endpoint_cut(endpoint, sizeof(endpoint->netlink));
	endpoint->netlink.nl_pad = 0;
	return kind->protocol == NETLINK_ROUTE ? 0 : EACCES;
}

static int plain_dissolve(struct endpoint *endpoint)
{
	endpoint->size = sizeof(endpoint->any.sa_family);
	endpoint_cut(endpoint, sizeof(endpoint->any));
	return 0;
}

int endpoint_plain(const struct socket_kind *kind, enum endpoint_use use, struct endpoint *endpoint)
{
	bool stream = kind->type == SOCK_STREAM || kind->type == SOCK_SEQPACKET;

	if (use == ENDPOINT_SEND && endpoint->size == 0)
		return 0;
	if (endpoint->size < sizeof(endpoint->any.sa_family))
		return EINVAL;
	/* It takes a connection back and leads nowhere; a local stream or a netlink socket knows no
	 * such thing. */
	if (use == ENDPOINT_CONNECT && endpoint->any.sa_family == AF_UNSPEC &&
	    (kind->domain != AF_UNIX || !stream))
		return plain_dissolve(endpoint);
	switch (kind->domain) {
	case AF_INET: return plain_v4(kind, use, endpoint);
	case AF_INET6: return plain_v6(kind, use, endpoint);
	case AF_UNIX: return plain_local(use, endpoint);
	case AF_NETLINK: return plain_netlink(kind, endpoint);
	default: return EACCES;
	}
}

bool endpoint_is_path(const struct endpoint *endpoint)
{
	return endpoint->any.sa_family == AF_UNIX && endpoint->size > PATH_OFFSET &&
	       endpoint->local.sun_path[0] != '\0';
}

static const char *text_abstract(const struct endpoint *endpoint, char *buffer)
{
	size_t size = endpoint->size > PATH_OFFSET ? endpoint->size - PATH_OFFSET : 0;

	/* NUL bytes in the name are shown as '@', as /proc/net/unix does. */
	buffer[0] = '@';
	for (size_t i = 1; i < size; i++)
		buffer[i] = endpoint->local.sun_path[i] ? endpoint->local.sun_path[i] : '@';
	buffer[size ? size : 1] = '\0';
	return buffer;
}

const char *endpoint_text(const struct endpoint *endpoint, char buffer[ENDPOINT_TEXT_MAX])
{
	char address[INET6_ADDRSTRLEN] = "";

	switch (endpoint->size ? endpoint->any.sa_family : AF_UNSPEC) {
	case AF_INET:
		inet_ntop(AF_INET, &endpoint->v4.sin_addr, address, sizeof(address));
		snprintf(buffer, ENDPOINT_TEXT_MAX, "%s:%u", address, ntohs(endpoint->v4.sin_port));
		return buffer;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&endpoint->v6.sin6_addr)) {
			inet_ntop(AF_INET, &endpoint->v6.sin6_addr.s6_addr32[3], address,
				  sizeof(address));
			snprintf(buffer, ENDPOINT_TEXT_MAX, "%s:%u", address,
				 ntohs(endpoint->v6.sin6_port));
			return buffer;
		}
		inet_ntop(AF_INET6, &endpoint->v6.sin6_addr, address, sizeof(address));
		snprintf(buffer, ENDPOINT_TEXT_MAX, "[%s]:%u", address,
			 ntohs(endpoint->v6.sin6_port));
		return buffer;
	case AF_UNIX:
		if (!endpoint_is_path(endpoint))
			return text_abstract(endpoint, buffer);
		snprintf(buffer, ENDPOINT_TEXT_MAX, "%s", endpoint->local.sun_path);
		return buffer;
	default:
		snprintf(buffer, ENDPOINT_TEXT_MAX, "address family %u", endpoint->any.sa_family);
		return buffer;
	}
}

/* A datagram socket bound to a port of the kernel's choice receives what any socket that has sent
 * does: no service, where something may be sent. */
static bool bind_is_harmless(const struct call *call, const struct socket_kind *kind,
			     const struct endpoint *endpoint)
{
	return kind->type == SOCK_DGRAM && endpoint_port(endpoint) == 0 &&
	       policy_each_has(call->regs.child->policy, VERB_CONNECT, VERB_CONNECT);
}

static int judge_inet(struct call *call, const struct socket_kind *kind, enum endpoint_use use,
		      const struct endpoint *endpoint)
{
	const struct child *child = call->regs.child;
	bool here = use == ENDPOINT_BIND || use == ENDPOINT_JOIN;
	enum verb verb = here ? VERB_LISTEN : VERB_CONNECT;
	char text[ENDPOINT_TEXT_MAX], host[NAMES_HOST_MAX], given[ENDPOINT_TEXT_MAX];
	struct verdict verdict;

	if (!protocol_has_ports(kind->protocol) && kind->protocol != IPPROTO_ICMP &&
	    kind->protocol != IPPROTO_ICMPV6)
		return registers_deny(&call->regs, verb, endpoint_text(endpoint, text),
				      EPROTONOSUPPORT);
	if (use == ENDPOINT_BIND && bind_is_harmless(call, kind, endpoint))
		return 0;
	if (!here && child->names && names_is_resolver(child->names, &endpoint->any))
		return 0;
	verdict = policy_judge_address(child->policy, verb, &endpoint->any, endpoint->size,
				       child->names ? names_match : NULL, child->names);
	if (verdict.decision == DECISION_ALLOW)
		return 0;
	endpoint_text(endpoint, text);
	if (verb == VERB_CONNECT && !verdict.rule && child->names &&
	    names_inside_host(child->names, &endpoint->any, host)) {
		snprintf(given, sizeof(given),
			 "%s, an inside address, which only a rule with the address allows", host);
		return call_deny(call, verdict, verb, EACCES, text, given);
	}
	return call_deny(call, verdict, verb, EACCES, text, NULL);
}

/* The socket of a path: judged and pinned by the view, then addressed by our descriptor. */
static int judge_path(struct call *call, struct endpoint *endpoint)
{
	struct place place = PLACE_INIT;
	int r = view_lookup_at(call, AT_FDCWD, endpoint->local.sun_path, VIEW_FOLLOW, RIGHT_UNIX,
			       &place);

	if (r == 0) {
		char path[PROC_FD_MAX];
		int n;

		endpoint->pinned = place.fd;
		place.fd = -1;
		n = snprintf(endpoint->local.sun_path, sizeof(endpoint->local.sun_path), "%s",
			     proc_fd_path(endpoint->pinned, path));
		endpoint->size = (socklen_t)(PATH_OFFSET + (size_t)n + 1);
	}
	place_deinit(&place);
	return r;
}

static int judge_local(struct call *call, enum endpoint_use use, struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_MAX];
	struct verdict verdict;

	if (endpoint->size == PATH_OFFSET)
		return 0;
	if (endpoint_is_path(endpoint))
		return use == ENDPOINT_BIND ? EINVAL : judge_path(call, endpoint);
	verdict = policy_judge_abstract(call->regs.child->policy, endpoint->local.sun_path + 1,
					endpoint->size - PATH_OFFSET - 1);
	if (verdict.decision == DECISION_ALLOW)
		return 0;
	/* An abstract name that no line speaks of is not there, as a path would not be. */
	return call_deny(call, verdict, VERB_UNIX,
			 verdict_is_said(verdict) || use == ENDPOINT_BIND ? EACCES : ECONNREFUSED,
			 endpoint_text(endpoint, text), NULL);
}

/* Groups tell of changes and of nobody's secrets, but are asked for by setsockopt or bind alone. */
static int judge_netlink(struct call *call, enum endpoint_use use, struct endpoint *endpoint)
{
	if (use != ENDPOINT_BIND)
		return endpoint->netlink.nl_pid || endpoint->netlink.nl_groups
			       ? registers_deny(&call->regs, VERB_CONNECT, "netlink", EACCES)
			       : 0;
	return 0;
}

int endpoint_judge(struct call *call, const struct socket_kind *kind, enum endpoint_use use,
		   struct endpoint *endpoint)
{
	int r = endpoint_plain(kind, use, endpoint);

	if (r == EACCES)
		return registers_deny(&call->regs, VERB_CONNECT, "a socket of this family", EACCES);
	if (r != 0 || endpoint->size == 0)
		return r;
	switch (endpoint->any.sa_family) {
	case AF_UNSPEC: return 0; /* only where it takes a connection back */
	case AF_INET:
	case AF_INET6: return judge_inet(call, kind, use, endpoint);
	case AF_UNIX: return judge_local(call, use, endpoint);
	case AF_NETLINK: return judge_netlink(call, use, endpoint);
	default: return EAFNOSUPPORT;
	}
}

int endpoint_judge_join(struct call *call, int socket, const struct socket_kind *kind,
			struct endpoint *group)
{
	struct endpoint bound = ENDPOINT_INIT;
	int r = endpoint_of(socket, &bound);

	if (r != 0)
		return r;
	if (group->any.sa_family == AF_INET)
		group->v4.sin_port = endpoint_port(&bound);
	else
		group->v6.sin6_port = endpoint_port(&bound);
	return judge_inet(call, kind, ENDPOINT_JOIN, group);
}
