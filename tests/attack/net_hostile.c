/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: what sockets bring in, and what kinds of them there are. See box.h and net_attacks.c. */
#include "hostile.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static int connect_to(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	return fd;
}

static int receive(int socket, int fds[2])
{
	char control[CMSG_SPACE(2 * sizeof(int))], byte;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;

	if (recvmsg(socket, &message, 0) < 1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&message);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(fds, CMSG_DATA(cmsg), 2 * sizeof(int));
	return 0;
}

/* The directory was given; what is in it was not. */
static void c04_rights(void)
{
	int fds[2] = { -1, -1 };
	struct stat st;
	char name[64];

	NEED(receive(connect_to(at("w/sock")), fds) == 0);
	for (int i = 0; i < 2; i++) {
		if (is_canary(openat(fds[i], "canary", O_RDONLY)))
			broke("openat");
		MUST_FAIL(openat(fds[i], "canary", O_RDONLY));
		MUST_FAIL(openat(fds[i], "new", O_CREAT | O_WRONLY, 0644));
		MUST_FAIL(openat(fds[i], "../h/canary", O_RDONLY));
		MUST_FAIL(openat(fds[i], "dir", O_RDONLY | O_DIRECTORY));
		MUST_FAIL(fstatat(fds[i], "canary", &st, 0));
		MUST_FAIL(unlinkat(fds[i], "canary", 0));
		MUST_FAIL(mkdirat(fds[i], "new", 0755));
		MUST_FAIL(renameat(fds[i], "canary", fds[i], "other"));
		MUST_FAIL(linkat(fds[i], "canary", AT_FDCWD, at("w/stolen"), 0));
		MUST_FAIL(fchmodat(fds[i], "canary", 0777, 0));
		MUST_FAIL(faccessat(fds[i], "canary", R_OK, 0));
		MUST_FAIL(fchmod(fds[i], 0777));
		snprintf(name, sizeof(name), "/proc/self/fd/%d/canary", fds[i]);
		MUST_FAIL(open(name, O_RDONLY));
		if (fchdir(fds[i]) == 0)
			MUST_FAIL(open("canary", O_RDONLY));
		NEED(chdir(at("w")) == 0);
	}
}

static void c04_credentials(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX, .sun_path = "own" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client, peer, fd;
	pid_t supervisor = atoi(getenv("SUP"));
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	NEED(bind(listener, (struct sockaddr *)&here, sizeof(here)) == 0);
	NEED(listen(listener, 4) == 0);
	client = connect_to("own");
	peer = accept(listener, NULL, NULL);
	NEED(client >= 0 && peer >= 0);
	for (int i = 0; i < 2; i++) {
		size = sizeof(credentials);
		NEED(getsockopt(i ? client : peer, SOL_SOCKET, SO_PEERCRED, &credentials, &size) ==
		     0);
		if (credentials.pid == supervisor || credentials.uid != getuid())
			broke("SO_PEERCRED");
	}
	size = sizeof(fd);
	MUST_FAIL(getsockopt(peer, SOL_SOCKET, 77, &fd, &size)); /* SO_PEERPIDFD */
	MUST_FAIL(setsockopt(peer, SOL_SOCKET, 76, &(int){ 1 }, sizeof(int)));
	MUST_FAIL(syscall(SYS_getsockopt, (0xdeadbeefUL << 32) | (unsigned int)peer,
			  (1UL << 32) | SOL_SOCKET, (1UL << 32) | 77, &fd, &size));
	MUST_FAIL(ioctl(peer, 0x894c)); /* SIOCGSKNS */
	MUST_FAIL(ioctl(peer, 0x89e0)); /* SIOCUNIXFILE: the file that it was bound to */
}

static void c04_forged(void)
{
	pid_t others[] = { atoi(getenv("SUP")), getppid(), 1, -1, 0x7fffffff };
	char control[CMSG_SPACE(sizeof(struct ucred))] = { 0 };
	struct iovec vector = { (char[]){ "x" }, 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	int pair[2];

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(struct ucred));
	for (size_t i = 0; i < COUNT(others); i++) {
		struct ucred credentials = { others[i], getuid(), getgid() };

		memcpy(CMSG_DATA(cmsg), &credentials, sizeof(credentials));
		MUST_FAIL(sendmsg(pair[0], &message, MSG_DONTWAIT));
		credentials = (struct ucred){ getpid(), getuid() + 1, getgid() };
		memcpy(CMSG_DATA(cmsg), &credentials, sizeof(credentials));
		MUST_FAIL(sendmsg(pair[0], &message, MSG_DONTWAIT));
	}
}

/* As the box refuses it: the kernel may have other reasons, which are not for us to rely on. */
static int socket_error(int family, int type, int protocol)
{
	bool inet = family == AF_INET || family == AF_INET6;

	if (family == AF_PACKET || family == AF_XDP || (family == AF_INET && type == SOCK_PACKET))
		return EPERM;
	if (!inet && family != AF_NETLINK)
		return EAFNOSUPPORT;
	if (type == SOCK_RAW && inet)
		return protocol ? EPERM : EPROTONOSUPPORT;
	if (type == SOCK_DGRAM && protocol == (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6) &&
	    inet)
		return EACCES;
	if (type == SOCK_DGRAM || type == (inet ? SOCK_STREAM : SOCK_RAW))
		return EPROTONOSUPPORT;
	return ESOCKTNOSUPPORT;
}

/* What the lists of containers say before anybody else: of AF_VSOCK, and of NETLINK_AUDIT. */
static int profile_error(int family, int protocol)
{
	if (family == AF_VSOCK)
		return EPERM;
	return family == AF_NETLINK && protocol == NETLINK_AUDIT ? EINVAL : 0;
}

static void try_socket(int family, int type, int protocol)
{
	bool inet = family == AF_INET || family == AF_INET6;
	int error = socket_error(family, type, protocol), fd;
	char what[64];

	if (family == AF_UNIX || (family == AF_NETLINK && protocol == NETLINK_ROUTE))
		return;
	if (inet && ((type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)) ||
		     (type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))))
		return;
	errno = 0;
	fd = socket(family, type, protocol);
	if (fd < 0 && (errno == error || errno == profile_error(family, protocol)))
		return;
	snprintf(what, sizeof(what), "socket %d %d %d: %s", family, type, protocol,
		 strerror(errno));
	broke(what);
	if (fd >= 0)
		close(fd);
}

static void c05(void)
{
	static const int protocols[] = {
		0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10,  11,  12,  15,
		16, 17, 20, 21, 22, 23, 33, 41, 47, 58, 132, 136, 255, 262
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	/* RTM_NEWLINK: would change an interface. */
	struct {
		struct nlmsghdr head;
		char body[16];
	} request = {
		{sizeof(request),		   16, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		  { 0}
	};
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), pair[2];
	char reply[256];
	ssize_t n;

	for (int family = 0; family < 50; family++)
		for (int type = 1; type <= 10; type++)
			for (size_t i = 0; i < COUNT(protocols); i++)
				try_socket(family, type, protocols[i]);
	MUST_FAIL_WITH(socketpair(45, SOCK_STREAM, 0, pair), EAFNOSUPPORT);
	MUST_FAIL(socketpair(30, SOCK_STREAM, 0, pair));
	MUST_FAIL(socket(AF_INET, SOCK_RAW, 255));
	MUST_FAIL(socket(AF_INET, SOCK_STREAM, 262)); /* MPTCP */
	/* What there is of netlink tells, and changes nothing. */
	NEED(route >= 0);
	n = sendto(route, &request, sizeof(request), 0, (struct sockaddr *)&kernel, sizeof(kernel));
	if (n > 0 && recv(route, reply, sizeof(reply), 0) >= 20 && *(int *)(reply + 16) == 0)
		broke("an interface was changed");
	kernel.nl_pid = 1;
	MUST_FAIL_WITH(sendto(route, &request, sizeof(request), MSG_DONTWAIT,
			      (struct sockaddr *)&kernel, sizeof(kernel)),
		       EACCES);
	kernel.nl_pid = 0;
	kernel.nl_groups = 1;
	MUST_FAIL_WITH(sendto(route, &request, sizeof(request), MSG_DONTWAIT,
			      (struct sockaddr *)&kernel, sizeof(kernel)),
		       EACCES);
}

/* Options of sockets that send elsewhere than the address says, or run code in the kernel. */
static const struct {
	int level;
	int option;
	int error;
} options[] = {
	{SOL_SOCKET,    SO_ATTACH_BPF,	     EPERM	   },
	{ SOL_SOCKET,   SO_ATTACH_REUSEPORT_CBPF, EPERM      },
	{ SOL_SOCKET,   SO_ATTACH_REUSEPORT_EBPF, EPERM      },
	{ SOL_SOCKET,   SO_BINDTODEVICE,	       EPERM	     },
	{ SOL_SOCKET,   62,			  EPERM	}, /* SO_BINDTOIFINDEX */
	{ SOL_SOCKET,   76,			  ENOPROTOOPT}, /* SO_PASSPIDFD */
	{ IPPROTO_IP,   IP_OPTIONS,		  EPERM	},
	{ IPPROTO_IP,   IP_TRANSPARENT,	      EPERM	    },
	{ IPPROTO_IP,   IP_IPSEC_POLICY,	       EPERM	     },
	{ IPPROTO_IP,   IP_XFRM_POLICY,	      EPERM	    },
	{ IPPROTO_IPV6, IPV6_RTHDR,		    EPERM	  },
	{ IPPROTO_IPV6, 5,			   EPERM	 }, /* IPV6_2292RTHDR */
	{ IPPROTO_IPV6, 6,			   EPERM	 }, /* IPV6_2292PKTOPTIONS */
	{ IPPROTO_IPV6, IPV6_TRANSPARENT,	  EPERM	},
	{ IPPROTO_IPV6, IPV6_IPSEC_POLICY,	   EPERM	 },
	{ IPPROTO_IPV6, IPV6_XFRM_POLICY,	  EPERM	},
	{ IPPROTO_UDP,  100,			    ENOPROTOOPT}, /* UDP_ENCAP */
};

static void c05_options(void)
{
	static const unsigned char route[] = { 131, 7, 4, 127, 0, 0, 2, 0 };
	static const unsigned long high = 0xfeedUL << 32;
	int sockets[] = { socket(AF_INET, SOCK_DGRAM, 0), socket(AF_INET6, SOCK_DGRAM, 0),
			  socket(AF_INET, SOCK_STREAM, 0) };

	/* Natively this is one. */
	MUST_FAIL(setsockopt(sockets[0], IPPROTO_IP, IP_OPTIONS, route, sizeof(route)));
	for (size_t s = 0; s < COUNT(sockets); s++)
		for (size_t i = 0; i < COUNT(options); i++) {
			NEED(sockets[s] >= 0);
			MUST_FAIL_WITH(setsockopt(sockets[s], options[i].level, options[i].option,
						  route, sizeof(route)),
				       options[i].error);
			/* The kernel takes 32 bits of each. */
			MUST_FAIL_WITH(syscall(SYS_setsockopt, high | (unsigned int)sockets[s],
					       high | (unsigned int)options[i].level,
					       high | (unsigned int)options[i].option, route,
					       sizeof(route)),
				       options[i].error);
		}
}

/* By listen a socket that is bound to nothing gets every address. */
static void c05_listen(void)
{
	const struct sockaddr_in here = { .sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in to = here;
	socklen_t size = sizeof(to);
	int bound = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0),
	    lost = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);

	NEED(bind(bound, (const struct sockaddr *)&here, sizeof(here)) == 0 &&
	     listen(bound, 4) == 0 && getsockname(bound, (struct sockaddr *)&to, &size) == 0);
	MUST_FAIL_WITH(listen(other, 4), EACCES);
	if (six >= 0)
		MUST_FAIL_WITH(listen(six, 4), EACCES);
	/* And one whose address came by connect, and went. */
	NEED(connect(lost, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
	     connect(lost, &none, sizeof(none)) == 0);
	MUST_FAIL_WITH(listen(lost, 4), EACCES);
}

/* Whoever writes to one hears at a port from then on, whatever becomes of what was written. */
static void h08_datagrams(void)
{
	MUST_FAIL_WITH(socket(AF_INET, SOCK_DGRAM, 0), EACCES);
	MUST_FAIL_WITH(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP), EACCES);
	MUST_FAIL_WITH(socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0), EACCES);
	MUST_FAIL_WITH(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP), EACCES);
}

static int bind_to(int family, const char *address, int port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(family, SOCK_DGRAM, 0), r;

	NEED(fd >= 0);
	NEED(inet_pton(family, address, family == AF_INET ? (void *)&v4.sin_addr : &v6.sin6_addr));
	r = family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
			      : bind(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (r == 0)
		return fd;
	close(fd);
	return -1;
}

/* Port 0 is for answers: nobody answers who can be sent nothing. */
static void h08_port_of_the_kernel(void)
{
	MUST_FAIL_WITH(bind_to(AF_INET, "0.0.0.0", 0), EACCES);
	MUST_FAIL_WITH(bind_to(AF_INET, "127.0.0.1", 0), EACCES);
	MUST_FAIL_WITH(bind_to(AF_INET6, "::", 0), EACCES);
	MUST_FAIL_WITH(bind_to(AF_INET, "224.0.0.251", 0), EACCES);
	NEED(getenv("SUP") == NULL || bind_to(AF_INET, "127.0.0.1", 45353) >= 0);
}

/* The same group by every option that names one. */
static void join_all(int fd, int family, int error)
{
	struct ip_mreq old = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK) };
	struct ip_mreqn by_index = { .imr_ifindex = 1 };
	struct ip_mreq_source of = { .imr_interface.s_addr = htonl(INADDR_LOOPBACK),
				     .imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK) };
	struct group_req any = { .gr_interface = 1 };
	struct group_source_req any_of = { .gsr_interface = 1 };
	struct ipv6_mreq six = { .ipv6mr_interface = 1 };
	struct sockaddr_in *group = (struct sockaddr_in *)&any.gr_group,
			   *group_of = (struct sockaddr_in *)&any_of.gsr_group;

	NEED(inet_pton(AF_INET, "224.0.0.251", &old.imr_multiaddr) == 1);
	by_index.imr_multiaddr = of.imr_multiaddr = old.imr_multiaddr;
	group->sin_family = group_of->sin_family = AF_INET;
	group->sin_addr = group_of->sin_addr = old.imr_multiaddr;
	/* The port there counts for nothing. */
	group->sin_port = group_of->sin_port = htons(45353);
	memcpy(&any_of.gsr_source, group_of, sizeof(*group_of));
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &old, sizeof(old)), error);
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &by_index, sizeof(by_index)),
		       error);
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &of, sizeof(of)),
		       error);
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &any, sizeof(any)), error);
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &any_of, sizeof(any_of)),
		       error);
	MUST_FAIL_WITH(syscall(SYS_setsockopt, fd, (0xfeedUL << 32) | IPPROTO_IP,
			       (0xfeedUL << 32) | IP_ADD_MEMBERSHIP, &old, sizeof(old)),
		       error);
	if (family == AF_INET)
		return;
	NEED(inet_pton(AF_INET6, "ff01::fb", &six.ipv6mr_multiaddr) == 1);
	any.gr_group.ss_family = any_of.gsr_group.ss_family = any_of.gsr_source.ss_family =
		AF_INET6;
	((struct sockaddr_in6 *)&any.gr_group)->sin6_addr = six.ipv6mr_multiaddr;
	((struct sockaddr_in6 *)&any_of.gsr_group)->sin6_addr = six.ipv6mr_multiaddr;
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &six, sizeof(six)), error);
	MUST_FAIL_WITH(setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_GROUP, &any, sizeof(any)), error);
	MUST_FAIL_WITH(
		setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, &any_of, sizeof(any_of)),
		error);
}

/* Groups at ports that the policy says nothing of, and before there is a port. */
static void h08_groups(void)
{
	int four = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_DGRAM, 0);
	const unsigned int range = 45353U << 16 | 45353;

	NEED(four >= 0);
	join_all(four, AF_INET, EACCES);
	join_all(bind_to(AF_INET, "0.0.0.0", 0), AF_INET, EACCES);
	if (six >= 0) {
		join_all(six, AF_INET6, EACCES);
		join_all(bind_to(AF_INET6, "::", 0), AF_INET6, EACCES);
	}
	/* The kernel's choice is not the child's: IP_LOCAL_PORT_RANGE. */
	MUST_FAIL_WITH(setsockopt(four, IPPROTO_IP, 51, &range, sizeof(range)), ENOPROTOOPT);
}

/* Somebody outside turns w/turn from w to w/dir and back: a socket is made where it was judged. */
static void h07_bind(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX, .sun_path = "turn/canary-socket" };
	unsigned int made = 0, refused = 0;
	double end = stopwatch_seconds() + 3;
	struct stat st;

	while (stopwatch_seconds() < end && !broken) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		NEED(fd >= 0);
		if (bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0)
			made++;
		else
			refused++;
		close(fd);
		if (lstat("dir/canary-socket", &st) == 0)
			broke("a socket where nothing may be made");
		unlink("canary-socket");
	}
	printf("made %u, refused %u\n", made, refused);
	NEED(broken || (made > 0 && refused > 0));
}

static const struct hostile_attack attacks[] = {
	{"c04_rights",		c04_rights		   },
	    { "c04_credentials",	 c04_credentials	 },
	{ "c04_forged",		c04_forged		   },
	    { "c05",		     c05			 },
	{ "c05_listen",		c05_listen		   },
	    { "h07_bind",		  h07_bind		   },
	{ "h08_datagrams",	   h08_datagrams	 },
	    { "h08_port_of_the_kernel", h08_port_of_the_kernel},
	{ "h08_groups",		h08_groups		   },
	    { "c05_options",	     c05_options		 },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
