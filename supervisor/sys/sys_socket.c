/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * socket, socketpair and setsockopt, by their numbers. Families and protocols that are not listed
 * do not exist for a child: whom they reach is judged nowhere.
 */
#include <errno.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "sys/sysrow.h"

enum {
	TYPE_MASK = 0xf, /* the flags SOCK_CLOEXEC and SOCK_NONBLOCK are above */
};

#define SOCKET(family, type, protocol) \
	IF_EQUAL(0, family, AND), IF_MASKED(1, TYPE_MASK, type, AND), IF_EQUAL(2, protocol, PASS)
/* AF_INET and AF_INET6: they differ by one bit. */
#define INTERNET(...) IF_MASKED(0, ~8u, AF_INET, AND), __VA_ARGS__

/*
 * What is not there fails as it would on a kernel without it, and in the kernel's order: flags,
 * family, type, and then what the family says of type and protocol.
 */
static const struct when socket_when[] = {
	IF_ANY_BIT(1, ~(unsigned int)(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK), REFUSE(EINVAL)),
	IF_EQUAL(0, AF_UNIX, PASS), /* SOCK_RAW is SOCK_DGRAM there */
	SOCKET(AF_INET, SOCK_STREAM, 0),
	SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET, SOCK_DGRAM, 0),
	SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	SOCKET(AF_INET6, SOCK_STREAM, 0),
	SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET6, SOCK_DGRAM, 0),
	SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	SOCKET(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE),

	/* No family from 46 on, no type from 11. */
	IF_ANY_BIT(0, ~63u, REFUSE(EAFNOSUPPORT)),
	IF_MASKED(0, ~15u, 48, REFUSE(EAFNOSUPPORT)),
	IF_MASKED(0, ~1u, 46, REFUSE(EAFNOSUPPORT)),
	IF_MASKED(1, 12, 12, REFUSE(EINVAL)),
	IF_MASKED(1, TYPE_MASK, 11, REFUSE(EINVAL)),

	/* These take a capability that no child has. */
	IF_EQUAL(0, AF_PACKET, REFUSE(EPERM)),
	IF_EQUAL(0, AF_XDP, REFUSE(EPERM)),
	IF_EQUAL(0, AF_INET, AND),
	IF_MASKED(1, TYPE_MASK, SOCK_PACKET, REFUSE(EPERM)),

	/* No protocol from 263 on. */
	INTERNET(IF_ANY_BIT(2, ~511u, REFUSE(EINVAL))),
	INTERNET(IF_MASKED(2, ~127u, 384, REFUSE(EINVAL))),
	INTERNET(IF_MASKED(2, ~63u, 320, REFUSE(EINVAL))),
	INTERNET(IF_MASKED(2, ~31u, 288, REFUSE(EINVAL))),
	INTERNET(IF_MASKED(2, ~15u, 272, REFUSE(EINVAL))),
	INTERNET(IF_MASKED(2, ~7u, 264, REFUSE(EINVAL))),
	INTERNET(IF_EQUAL(2, 263, REFUSE(EINVAL))),

	/* Whom a protocol other than TCP and UDP reaches is judged nowhere. MPTCP opens connections
	 * by itself; programs that try it first go on with TCP. */
	INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_STREAM, REFUSE(EPROTONOSUPPORT))),
	INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_RAW, AND), IF_EQUAL(2, 0, REFUSE(EPROTONOSUPPORT))),
	INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_RAW, REFUSE(EPERM))),
	/* ping, where its group may not */
	IF_EQUAL(0, AF_INET, AND),
	IF_MASKED(1, TYPE_MASK, SOCK_DGRAM, AND),
	IF_EQUAL(2, IPPROTO_ICMP, REFUSE(EACCES)),
	IF_EQUAL(0, AF_INET6, AND),
	IF_MASKED(1, TYPE_MASK, SOCK_DGRAM, AND),
	IF_EQUAL(2, IPPROTO_ICMPV6, REFUSE(EACCES)),
	INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_DGRAM, REFUSE(EPROTONOSUPPORT))),
	INTERNET(OTHERWISE(REFUSE(ESOCKTNOSUPPORT))),

	IF_EQUAL(0, AF_NETLINK, AND),
	IF_MASKED(1, 14, SOCK_DGRAM, REFUSE(EPROTONOSUPPORT)), /* or SOCK_RAW */
	IF_EQUAL(0, AF_NETLINK, REFUSE(ESOCKTNOSUPPORT)),
};

#define OPTION(level, option, error_) IF_EQUAL(1, level, AND), IF_EQUAL(2, option, REFUSE(error_))

/* Linux 5.7 */
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* Linux 6.5 */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

static const struct when setsockopt_when[] = {
	/* Code in the kernel. */
	OPTION(SOL_SOCKET, SO_ATTACH_BPF, EPERM),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, EPERM),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, EPERM),
	/* A socket that the supervisor connected would hand out a pidfd of it. */
	OPTION(SOL_SOCKET, SO_PASSPIDFD, ENOPROTOOPT),
	/* What the supervisor sends for a child would come with the supervisor's number. */
	OPTION(SOL_SOCKET, SO_PASSCRED, EPERM),
	/* Where a packet goes is judged by its address; these send it elsewhere, or let it come
	   from elsewhere. */
	OPTION(SOL_SOCKET, SO_BINDTODEVICE, EPERM),
	OPTION(SOL_SOCKET, SO_BINDTOIFINDEX, EPERM),
	OPTION(IPPROTO_IP, IP_OPTIONS, EPERM), /* source routes */
	OPTION(IPPROTO_IP, IP_TRANSPARENT, EPERM),
	OPTION(IPPROTO_IP, IP_IPSEC_POLICY, EPERM),
	OPTION(IPPROTO_IP, IP_XFRM_POLICY, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_RTHDR, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_2292RTHDR, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_2292PKTOPTIONS, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_TRANSPARENT, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_IPSEC_POLICY, EPERM),
	OPTION(IPPROTO_IPV6, IPV6_XFRM_POLICY, EPERM),
	OPTION(IPPROTO_UDP, UDP_ENCAP, ENOPROTOOPT), /* tunnels */
	OTHERWISE(PASS),
};

const struct sysrow socket_rows[] = {
	ROW(socket, "iii", WHEN(socket_when), .error = EAFNOSUPPORT,
	    .note = "AF_UNIX; TCP and UDP; NETLINK_ROUTE, which lists interfaces and routes. "
		    "Others are not there: EAFNOSUPPORT, EPROTONOSUPPORT; MPTCP neither, for it "
		    "opens connections by itself to addresses that a peer names"),
	ROW(socketpair, "iiio", WHEN(socket_when), .error = EAFNOSUPPORT,
	    .note = "as socket; only AF_UNIX has pairs"),
	ROW(setsockopt, "fiiou", WHEN(setsockopt_when),
	    .note = "EPERM: BPF programs, binding to a device, source routes, foreign source "
		    "addresses, SO_PASSCRED; tunnels: ENOPROTOOPT"),
	ROWS_END,
};
