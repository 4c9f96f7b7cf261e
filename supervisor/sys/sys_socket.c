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
/* What is left of a family. */
#define NOTHING_ELSE(family, error_) IF_EQUAL(0, family, REFUSE(error_))

static const struct when socket_when[] = {
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
	/* Programs that try another protocol first go on with TCP. */
	IF_EQUAL(2, IPPROTO_MPTCP, REFUSE(EPROTONOSUPPORT)),
	NOTHING_ELSE(AF_NETLINK, EPROTONOSUPPORT),
	NOTHING_ELSE(AF_INET, EACCES), /* as the kernel says it of ICMP and raw sockets */
	NOTHING_ELSE(AF_INET6, EACCES),
};

static const struct when socketpair_when[] = {
	IF_EQUAL(0, AF_UNIX, PASS),
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
		    "MPTCP: EPROTONOSUPPORT, for it opens "
		    "connections by itself to addresses that a peer names"),
	ROW(socketpair, "iiio", WHEN(socketpair_when), .error = EOPNOTSUPP, .note = "AF_UNIX only"),
	ROW(setsockopt, "fiiou", WHEN(setsockopt_when),
	    .note = "EPERM: BPF programs, binding to a device, source routes, foreign source "
		    "addresses, SO_PASSCRED; tunnels: ENOPROTOOPT"),
	ROWS_END,
};
