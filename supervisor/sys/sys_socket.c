/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * socket, socketpair and setsockopt, by their numbers. Families and protocols that are not listed
 * do not exist for a child: whom they reach is judged nowhere.
 *
 * Options that are set often and reach nobody are the kernel's; so are some that are refused. All
 * others are looked up here: groups that a socket wants to hear of are judged as addresses to
 * listen at, options that are known to be about the socket alone are set for the caller, from a
 * copy of the value, and the rest is not there; nor is, so, what a later kernel has.
 */
#include <errno.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "call/call.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "common/cleanup.h"
#include "net/endpoint.h"
#include "own/told.h"
#include "policy/policy.h"
#include "confine/sysrow.h"
#include "tree/child.h"
#include "tree/tree.h"

enum {
	TYPE_MASK = 0xf, /* the flags SOCK_CLOEXEC and SOCK_NONBLOCK are above */
};

#define SOCKET(family, type, protocol, action_) \
	IF_EQUAL(0, family, AND), IF_MASKED(1, TYPE_MASK, type, AND), IF_EQUAL(2, protocol, action_)
/* AF_INET and AF_INET6: they differ by one bit. */
#define INTERNET(...) IF_MASKED(0, ~8u, AF_INET, AND), __VA_ARGS__

/* SOCK_RAW is SOCK_DGRAM in AF_UNIX. */
#define THERE(datagrams_)                                                  \
	IF_EQUAL(0, AF_UNIX, PASS), SOCKET(AF_INET, SOCK_STREAM, 0, PASS), \
		SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP, PASS),           \
		SOCKET(AF_INET, SOCK_DGRAM, 0, datagrams_),                \
		SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_UDP, datagrams_),      \
		SOCKET(AF_INET6, SOCK_STREAM, 0, PASS),                    \
		SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP, PASS),          \
		SOCKET(AF_INET6, SOCK_DGRAM, 0, datagrams_),               \
		SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, datagrams_),     \
		SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, PASS),         \
		SOCKET(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE, PASS)

/*
 * What is not there fails as it would on a kernel without it, and in the kernel's order: flags,
 * family, type, and then what the family says of type and protocol.
 */
#define FLAGS_NOT_THERE \
	IF_ANY_BIT(1, ~(unsigned int)(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK), AS_LINUX(EINVAL))

/* No family from 46 on, no type from 11. */
#define NUMBERS_NOT_THERE                                       \
	IF_ANY_BIT(0, ~63u, AS_LINUX(EAFNOSUPPORT)),            \
		IF_MASKED(0, ~15u, 48, AS_LINUX(EAFNOSUPPORT)), \
		IF_MASKED(0, ~1u, 46, AS_LINUX(EAFNOSUPPORT)),  \
		IF_MASKED(1, 12, 12, AS_LINUX(EINVAL)),         \
		IF_MASKED(1, TYPE_MASK, 11, AS_LINUX(EINVAL))

#define RAW   "a socket for packets as they are"
#define OTHER "a socket of another protocol"

/* These take a capability that no child has. */
#define PRIVILEGED                                                                           \
	IF_EQUAL(0, AF_PACKET, REFUSE(EPERM, RAW)), IF_EQUAL(0, AF_XDP, REFUSE(EPERM, RAW)), \
		IF_EQUAL(0, AF_INET, AND),                                                   \
		IF_MASKED(1, TYPE_MASK, SOCK_PACKET, REFUSE(EPERM, RAW))

/* No protocol from 263 on. */
#define PROTOCOLS_NOT_THERE                                           \
	INTERNET(IF_ANY_BIT(2, ~511u, AS_LINUX(EINVAL))),             \
		INTERNET(IF_MASKED(2, ~127u, 384, AS_LINUX(EINVAL))), \
		INTERNET(IF_MASKED(2, ~63u, 320, AS_LINUX(EINVAL))),  \
		INTERNET(IF_MASKED(2, ~31u, 288, AS_LINUX(EINVAL))),  \
		INTERNET(IF_MASKED(2, ~15u, 272, AS_LINUX(EINVAL))),  \
		INTERNET(IF_MASKED(2, ~7u, 264, AS_LINUX(EINVAL))),   \
		INTERNET(IF_EQUAL(2, 263, AS_LINUX(EINVAL)))

/* ping, where its group may not */
#define PING(family, protocol)                                              \
	IF_EQUAL(0, family, AND), IF_MASKED(1, TYPE_MASK, SOCK_DGRAM, AND), \
		IF_EQUAL(2, protocol, REFUSE(EACCES, "a socket that pings"))

/*
 * Whom a protocol other than TCP and UDP reaches is judged nowhere. MPTCP opens connections by
 * itself; programs that try it first go on with TCP.
 */
#define OTHER_PROTOCOLS                                                                      \
	INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_STREAM, LACK(EPROTONOSUPPORT, OTHER))),        \
		INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_RAW, AND),                             \
			 IF_EQUAL(2, 0, AS_LINUX(EPROTONOSUPPORT))),                         \
		INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_RAW, REFUSE(EPERM, RAW))),             \
		PING(AF_INET, IPPROTO_ICMP), PING(AF_INET6, IPPROTO_ICMPV6),                 \
		INTERNET(IF_MASKED(1, TYPE_MASK, SOCK_DGRAM, LACK(EPROTONOSUPPORT, OTHER))), \
		INTERNET(OTHERWISE(LACK(ESOCKTNOSUPPORT, OTHER)))

/* Of SOCK_DGRAM and SOCK_RAW, one bit of the type may be either. */
#define OTHER_NETLINK                                                                             \
	IF_EQUAL(0, AF_NETLINK, AND), IF_MASKED(1, 14, SOCK_DGRAM, LACK(EPROTONOSUPPORT, OTHER)), \
		IF_EQUAL(0, AF_NETLINK, AS_LINUX(ESOCKTNOSUPPORT))

#define SOCKETS(datagrams_)                                                                     \
	FLAGS_NOT_THERE, THERE(datagrams_), NUMBERS_NOT_THERE, PRIVILEGED, PROTOCOLS_NOT_THERE, \
		OTHER_PROTOCOLS, OTHER_NETLINK

static const struct when socket_when[] = { SOCKETS(NOTIFY) };
/* Only AF_UNIX has pairs: the kernel makes no other's. */
static const struct when socketpair_when[] = { SOCKETS(PASS) };

/*
 * A datagram socket hears at a port as soon as something is written to it, to whomever; so nobody
 * has one who may neither send nor listen anywhere.
 */
static struct sv_gate gate_socket(const struct registers *regs)
{
	if (policy_each_has(regs->child->policy, VERB_CONNECT, VERB_LISTEN))
		return gate_continue();
	return gate_error(registers_deny(regs, VERB_NONE,
					 "a datagram socket without connect or listen", EACCES));
}

enum {
	VALUE_MAX = 4096, /* the longest are lists of sources */
};

/* Linux 5.7 */
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* Linux 6.5 */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

/*
 * About the socket alone: how it waits, how large it is, what it tells of what comes, what stands
 * in the heads of its packets. Not among them: the ways to choose an interface, a foreign sender or
 * a port (IP_UNICAST_IF, IPV6_PKTINFO, IP_LOCAL_PORT_RANGE), and values that hold pointers.
 */
static const struct {
	int level;
	int first;
	int last;
} harmless[] = {
	{SOL_SOCKET,    SO_RCVLOWAT,		   SO_SNDLOWAT	       },
	{ SOL_SOCKET,   SO_TIMESTAMP,		    SO_TIMESTAMP		 },
	{ SOL_SOCKET,   SO_SNDBUFFORCE,	      SO_TIMESTAMPING	      },
	{ SOL_SOCKET,   SO_RXQ_OVFL,		   SO_INCOMING_CPU	   },
	{ SOL_SOCKET,   SO_CNX_ADVICE,	     SO_CNX_ADVICE	   },
	{ SOL_SOCKET,   SO_ZEROCOPY,		   61		      }, /* SO_TXTIME */
	{ SOL_SOCKET,   63,			  67		     }, /* times of 64 bits */
	{ SOL_SOCKET,   69,			  75		     }, /* SO_PREFER_BUSY_POLL to SO_RCVMARK */
	{ IPPROTO_TCP,  36,			   37		      }, /* TCP_INQ, TCP_TX_DELAY */
	{ IPPROTO_UDP,  UDP_CORK,			 UDP_CORK		  },
	{ IPPROTO_UDP,  101,			    104			}, /* checksums, segments */
	{ IPPROTO_IP,   IP_TOS,		      IP_TTL		     },
	{ IPPROTO_IP,   IP_ROUTER_ALERT,	       IP_FREEBIND	   },
	{ IPPROTO_IP,   18,			  18		     }, /* IP_PASSSEC */
	{ IPPROTO_IP,   20,			  26		     }, /* IP_RECVORIGDSTADDR to IP_RECVERR_RFC4884 */
	{ IPPROTO_IP,   IP_MULTICAST_IF,	       IP_MULTICAST_LOOP	 },
	{ IPPROTO_IP,   IP_DROP_MEMBERSHIP,	  IP_BLOCK_SOURCE	  },
	{ IPPROTO_IP,   IP_DROP_SOURCE_MEMBERSHIP, IP_MSFILTER	     },
	{ IPPROTO_IP,   MCAST_BLOCK_SOURCE,	  MCAST_LEAVE_GROUP	    },
	{ IPPROTO_IP,   MCAST_LEAVE_SOURCE_GROUP,	IP_MULTICAST_ALL	 },
	{ IPPROTO_IPV6, IPV6_2292PKTINFO,	  IPV6_2292DSTOPTS	   },
	{ IPPROTO_IPV6, IPV6_2292HOPLIMIT,	   IPV6_2292HOPLIMIT     },
	{ IPPROTO_IPV6, IPV6_FLOWINFO,	       IPV6_FLOWINFO	     },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS,	   IPV6_MULTICAST_LOOP   },
	{ IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP,      IPV6_DROP_MEMBERSHIP  },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER,	   IPV6_V6ONLY	       },
	{ IPPROTO_IPV6, 29,			    29		       }, /* IPV6_MULTICAST_ALL */
	{ IPPROTO_IPV6, 31,			    31		       }, /* IPV6_RECVERR_RFC4884 */
	{ IPPROTO_IPV6, IPV6_FLOWINFO_SEND,	    IPV6_FLOWINFO_SEND    },
	{ IPPROTO_IPV6, MCAST_BLOCK_SOURCE,	    MCAST_LEAVE_GROUP     },
	{ IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP,  IPV6_RECVPKTINFO	   },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT,	   IPV6_RECVHOPLIMIT     },
	{ IPPROTO_IPV6, IPV6_RECVHOPOPTS,	  IPV6_RECVHOPOPTS	   },
	{ IPPROTO_IPV6, IPV6_RECVRTHDR,		IPV6_RECVRTHDR	       },
	{ IPPROTO_IPV6, IPV6_RECVDSTOPTS,	  IPV6_RECVDSTOPTS	   },
	{ IPPROTO_IPV6, IPV6_RECVPATHMTU,	  IPV6_RECVPATHMTU	   },
	{ IPPROTO_IPV6, IPV6_DONTFRAG,	       IPV6_DONTFRAG	     },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS,		 IPV6_TCLASS	     },
	{ IPPROTO_IPV6, IPV6_AUTOFLOWLABEL,	    IPV6_AUTOFLOWLABEL    },
	{ IPPROTO_IPV6, IPV6_ADDR_PREFERENCES,     IPV6_ORIGDSTADDR	},
	{ IPPROTO_IPV6, IPV6_RECVFRAGSIZE,	   IPV6_FREEBIND	 },
	{ SOL_NETLINK,  NETLINK_ADD_MEMBERSHIP,    NETLINK_NO_ENOBUFS	  },
	{ SOL_NETLINK,  NETLINK_CAP_ACK,		NETLINK_GET_STRICT_CHK},
};

/* Those that have the socket hear of a group, and where in the value that stands. */
static const struct join {
	int level;
	int option;
	int family; /* AF_UNSPEC: the value says so itself, in a sockaddr */
	size_t at;
} joins[] = {
	{IPPROTO_IP,    IP_ADD_MEMBERSHIP,	 AF_INET,	  offsetof(struct ip_mreqn,  imr_multiaddr)   },
	{ IPPROTO_IP,   IP_ADD_SOURCE_MEMBERSHIP, AF_INET,
	  offsetof(struct ip_mreq_source,						imr_multiaddr)	 },
	{ IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,	     AF_INET6,
	  offsetof(struct ipv6_mreq,						     ipv6mr_multiaddr)},
	{ IPPROTO_IP,   MCAST_JOIN_GROUP,		AF_UNSPEC, offsetof(struct group_req, gr_group)	},
	{ IPPROTO_IP,   MCAST_JOIN_SOURCE_GROUP,  AF_UNSPEC,
	  offsetof(struct group_source_req,					      gsr_group)       },
	{ IPPROTO_IPV6, MCAST_JOIN_GROUP,	  AF_UNSPEC, offsetof(struct group_req, gr_group)	  },
	{ IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP,	 AF_UNSPEC,
	  offsetof(struct group_source_req,					      gsr_group)       },
};

struct option {
	int level;
	int name;
	socklen_t size;
	unsigned char value[VALUE_MAX];
};

static bool is_harmless(const struct option *option)
{
	for (size_t i = 0; i < array_size(harmless); i++)
		if (option->level == harmless[i].level && option->name >= harmless[i].first &&
		    option->name <= harmless[i].last)
			return true;
	return false;
}

static const struct join *join_find(const struct option *option)
{
	for (size_t i = 0; i < array_size(joins); i++)
		if (option->level == joins[i].level && option->name == joins[i].option)
			return &joins[i];
	return NULL;
}

/* The group's address. EINVAL where the value is too short for one, or of another family. */
static int join_group(const struct join *join, const struct option *option, struct endpoint *ret)
{
	struct endpoint group = ENDPOINT_INIT;
	const unsigned char *at = option->value + join->at;
	size_t size = join->family == AF_INET	 ? sizeof(group.v4.sin_addr)
		      : join->family == AF_INET6 ? sizeof(group.v6.sin6_addr)
						 : sizeof(group.room);

	if (option->size < join->at + size)
		return EINVAL;
	memset(&group.room, 0, sizeof(group.room));
	if (join->family == AF_UNSPEC)
		memcpy(&group.room, at, size);
	else if (join->family == AF_INET)
		memcpy(&group.v4.sin_addr, at, size);
	else
		memcpy(&group.v6.sin6_addr, at, size);
	if (join->family != AF_UNSPEC)
		group.any.sa_family = (sa_family_t)join->family;
	if (group.any.sa_family != (join->level == IPPROTO_IP ? AF_INET : AF_INET6))
		return EADDRNOTAVAIL;
	group.size = join->level == IPPROTO_IP ? sizeof(group.v4) : sizeof(group.v6);
	*ret = group;
	return 0;
}

/* Being told who writes: of whom a rule lets one talk to, one may know the number, as by
 * SO_PEERCRED. */
static bool option_is_passcred(const struct option *option)
{
	return option->level == SOL_SOCKET && option->name == SO_PASSCRED;
}

static int option_judge(struct call *call, int socket, const struct socket_kind *kind,
			const struct option *option)
{
	const struct join *join = join_find(option);
	char text[64];
	struct endpoint group;
	int r;

	if (join && (kind->domain == AF_INET || kind->domain == AF_INET6)) {
		r = join_group(join, option, &group);
		return r ? r : endpoint_judge_join(call, socket, kind, &group);
	}
	if (is_harmless(option) || option_is_passcred(option))
		return 0;
	snprintf(text, sizeof(text), "socket option %d of level %d", option->name, option->level);
	return registers_deny(&call->regs, VERB_NONE, text, ENOPROTOOPT);
}

/* Who asks for it is noted before, so that nothing is sent in between that does not show who wrote
 * it; and after, since it may have begun to listen. */
static int option_set(struct call *call, int socket, const struct socket_kind *kind,
		      const struct option *option)
{
	struct told *told = call->regs.child->tree->told;
	bool asks = option_is_passcred(option) && kind->domain == AF_UNIX;

	if (asks)
		told_note(told, socket, false);
	if (setsockopt(socket, option->level, option->name, option->value, option->size) < 0)
		return child_errno(errno);
	if (asks)
		told_note(told, socket, false);
	return 0;
}

/* setsockopt(fd, level, option, value, size) */
static struct sv_answer sys_setsockopt(struct call *call)
{
	struct option option __attribute__((uninitialized));
	int size = arg_int(call, 4), r;
	cleanup_fd int socket = -1;
	struct socket_kind kind;

	option.level = arg_int(call, 1);
	option.name = arg_int(call, 2);
	r = fd_take(call, arg_int(call, 0), &socket);
	if (r == 0)
		r = socket_kind(socket, &kind);
	if (r == 0 && size < 0)
		r = EINVAL;
	if (r == 0 && size > VALUE_MAX)
		r = ENOBUFS;
	if (r != 0)
		return answer_fail(call, r);
	option.size = (socklen_t)size;
	r = size ? mem_read(call, arg_u64(call, 3), option.value, option.size) : 0;
	if (r == 0)
		r = option_judge(call, socket, &kind, &option);
	if (r == 0)
		r = option_set(call, socket, &kind, &option);
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

#define OPTION(level, option, ...) IF_EQUAL(1, level, AND), IF_EQUAL(2, option, __VA_ARGS__)
#define OPTIONS_BELOW(level, power, ...) \
	IF_EQUAL(1, level, AND), IF_MASKED(2, ~((power)-1U), 0, __VA_ARGS__)

static const struct when setsockopt_when[] = {
	/* Set often, and harmless: up to SO_REUSEPORT, up to TCP_ULP. */
	OPTIONS_BELOW(SOL_SOCKET, 16, PASS),
	OPTIONS_BELOW(IPPROTO_TCP, 32, PASS),
	OPTION(SOL_SOCKET, SO_RCVTIMEO, PASS),
	OPTION(SOL_SOCKET, SO_SNDTIMEO, PASS),
	OPTION(IPPROTO_IPV6, IPV6_V6ONLY, PASS),
	/* Programs of the old kind, whose value is a pointer: they only choose what one hears. */
	OPTION(SOL_SOCKET, SO_ATTACH_FILTER, PASS),
	OPTION(SOL_SOCKET, SO_DETACH_FILTER, PASS),
	/* Code in the kernel. */
	OPTION(SOL_SOCKET, SO_ATTACH_BPF, REFUSE(EPERM, "code in the kernel (SO_ATTACH_BPF)")),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
	       REFUSE(EPERM, "code in the kernel (SO_ATTACH_REUSEPORT_CBPF)")),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
	       REFUSE(EPERM, "code in the kernel (SO_ATTACH_REUSEPORT_EBPF)")),
	/* A socket that the supervisor connected would hand out a pidfd of it. */
	OPTION(SOL_SOCKET, SO_PASSPIDFD, LACK(ENOPROTOOPT, "handles on who sends (SO_PASSPIDFD)")),
	/* Where a packet goes is judged by its address; these send it elsewhere, or let it come
	   from elsewhere. */
	OPTION(SOL_SOCKET, SO_BINDTODEVICE,
	       REFUSE(EPERM, "which interface packets take (SO_BINDTODEVICE)")),
	OPTION(SOL_SOCKET, SO_BINDTOIFINDEX,
	       REFUSE(EPERM, "which interface packets take (SO_BINDTOIFINDEX)")),
	OPTION(IPPROTO_IP, IP_OPTIONS,
	       REFUSE(EPERM, "which way packets take (IP_OPTIONS)")), /* source routes */
	OPTION(IPPROTO_IP, IP_TRANSPARENT,
	       REFUSE(EPERM, "sending from foreign addresses (IP_TRANSPARENT)")),
	OPTION(IPPROTO_IP, IP_IPSEC_POLICY,
	       REFUSE(EPERM, "how packets are encrypted (IP_IPSEC_POLICY)")),
	OPTION(IPPROTO_IP, IP_XFRM_POLICY,
	       REFUSE(EPERM, "how packets are encrypted (IP_XFRM_POLICY)")),
	OPTION(IPPROTO_IPV6, IPV6_RTHDR, REFUSE(EPERM, "which way packets take (IPV6_RTHDR)")),
	OPTION(IPPROTO_IPV6, IPV6_2292RTHDR,
	       REFUSE(EPERM, "which way packets take (IPV6_2292RTHDR)")),
	OPTION(IPPROTO_IPV6, IPV6_2292PKTOPTIONS,
	       REFUSE(EPERM, "which way packets take (IPV6_2292PKTOPTIONS)")),
	OPTION(IPPROTO_IPV6, IPV6_TRANSPARENT,
	       REFUSE(EPERM, "sending from foreign addresses (IPV6_TRANSPARENT)")),
	OPTION(IPPROTO_IPV6, IPV6_IPSEC_POLICY,
	       REFUSE(EPERM, "how packets are encrypted (IPV6_IPSEC_POLICY)")),
	OPTION(IPPROTO_IPV6, IPV6_XFRM_POLICY,
	       REFUSE(EPERM, "how packets are encrypted (IPV6_XFRM_POLICY)")),
	OPTION(IPPROTO_UDP, UDP_ENCAP, LACK(ENOPROTOOPT, "a tunnel (UDP_ENCAP)")), /* tunnels */
	OTHERWISE(NOTIFY),
};

const struct sysrow socket_rows[] = {
	ROW(socket, "iii", WHEN(socket_when), .error = EAFNOSUPPORT, .lacking = true,
	    .gate = gate_socket,
	    .note = "AF_UNIX; TCP, and UDP where something may be connected to or listened at; "
		    "NETLINK_ROUTE, which lists interfaces and routes. Others are not there: "
		    "EAFNOSUPPORT, EPROTONOSUPPORT; MPTCP neither, for it opens connections by "
		    "itself to addresses that a peer names"),
	ROW(socketpair, "iiio", WHEN(socketpair_when), .error = EAFNOSUPPORT, .lacking = true,
	    .note = "as socket; only AF_UNIX has pairs"),
	ROW(setsockopt, "fiioi", WHEN(setsockopt_when), .handler = sys_setsockopt,
	    .note = "EPERM: BPF programs, binding to a device, source routes, foreign source "
		    "addresses. Joining a group is listening at its address and the "
		    "socket's port. Tunnels, and what is not known to be about the socket alone: "
		    "ENOPROTOOPT"),
	ROWS_END,
};
