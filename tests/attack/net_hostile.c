/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: what sockets bring in, and what kinds of them there are. See box.h and net_attacks.c. */
#include "hostile.h"

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

static void c05(void)
{
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
			for (int protocol = 0; protocol < 24; protocol++) {
				int fd;

				if (family == AF_UNIX ||
				    (family == AF_NETLINK && protocol == NETLINK_ROUTE))
					continue;
				if ((family == AF_INET || family == AF_INET6) &&
				    ((type == SOCK_STREAM && (protocol == 0 || protocol == 6)) ||
				     (type == SOCK_DGRAM && (protocol == 0 || protocol == 17))))
					continue;
				fd = socket(family, type, protocol);
				if (fd >= 0) {
					snprintf(reply, sizeof(reply), "socket %d %d %d", family,
						 type, protocol);
					broke(reply);
					close(fd);
				}
			}
	MUST_FAIL(socketpair(30, SOCK_STREAM, 0, pair));
	MUST_FAIL(socket(AF_INET, SOCK_RAW, 255));
	MUST_FAIL(socket(AF_INET, SOCK_STREAM, 262)); /* MPTCP */
	/* What there is of netlink tells, and changes nothing. */
	NEED(route >= 0);
	n = sendto(route, &request, sizeof(request), 0, (struct sockaddr *)&kernel, sizeof(kernel));
	if (n > 0 && recv(route, reply, sizeof(reply), 0) >= 20 && *(int *)(reply + 16) == 0)
		broke("an interface was changed");
	kernel.nl_pid = 1;
	MUST_FAIL(sendto(route, &request, sizeof(request), MSG_DONTWAIT, (struct sockaddr *)&kernel,
			 sizeof(kernel)));
}

static const struct hostile_attack attacks[] = {
	{"c04_rights",	c04_rights	   },
	{ "c04_credentials", c04_credentials},
	{ "c04_forged",	c04_forged	   },
	{ "c05",		 c05	     },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
