/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * connect, bind, listen: where a socket leads and where it is reached.
 *
 * The socket is pinned and the address is read once; both are judged, and the call is made on what
 * was judged. Nothing here goes on in the kernel (R3). What a socket may be at all is judged at
 * socket(2); sending to an address is in sys_message.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/fd_take.h"
#include "call/call.h"
#include "tree/child.h"
#include "tree/tree.h"
#include "net/endpoint.h"
#include "call/memory.h"
#include "net/netlink.h"
#include "net/socketfile.h"
#include "own/told.h"
#include "path/act.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "path/resolve.h"
#include "block/block.h"
#include "common/cleanup.h"

static int socket_pin(struct call *call, int *ret_socket, struct socket_kind *ret_kind)
{
	cleanup_fd int socket = -1;
	int r = fd_take(call, arg_int(call, 0), &socket);

	if (r == 0)
		r = socket_kind(socket, ret_kind);
	if (r == 0)
		*ret_socket = steal_fd(&socket);
	return r;
}

/* Datagram sockets only note where they lead; a connection takes time. */
static bool connect_waits(const struct socket_kind *kind)
{
	return kind->blocking && (kind->type == SOCK_STREAM || kind->type == SOCK_SEQPACKET);
}

/* connect(fd, address, size) */
static struct sv_answer sys_connect(struct call *call)
{
	cleanup_endpoint struct endpoint to = ENDPOINT_INIT;
	cleanup_fd int socket = -1;
	struct socket_kind kind;
	int r = socket_pin(call, &socket, &kind);

	if (r == 0)
		r = endpoint_read(call, arg_u64(call, 1), arg_int(call, 2), &to);
	if (r == 0)
		r = endpoint_judge(call, &kind, ENDPOINT_CONNECT, &to);
	if (r == 0 && kind.domain == AF_NETLINK)
		r = netlink_bind(call, socket);
	if (r != 0)
		return answer_fail(call, r);
	if (connect_waits(&kind) && to.any.sa_family != AF_UNSPEC)
		return work_connect(call, steal_fd(&socket), &to);
	if (connect(socket, &to.any, to.size) < 0)
		return answer_fail(call, child_errno(errno));
	return sv_answer_value(0);
}

/* May a socket be made in all that lies below the directory of this name? */
static bool binds_anywhere(const struct call *call, const struct place *place)
{
	char directory[PATH_MAX] __attribute__((uninitialized));
	char *slash;

	snprintf(directory, sizeof(directory), "%s", place->name);
	slash = strrchr(directory, '/');
	slash[slash == directory] = '\0';
	return strcmp(place->name, place->real) == 0 &&
	       policy_gives_whole(call->regs.child->policy, directory, RIGHT_UNIX | RIGHT_WRITE);
}

static int bind_local(struct call *call, int socket, const struct endpoint *at)
{
	struct place place = PLACE_INIT;
	int r;

	if (path_end(at->local.sun_path) != PATH_END_NAME)
		return EADDRINUSE; /* whatever it is, it is there */
	r = view_lookup_at(call, AT_FDCWD, at->local.sun_path, VIEW_PARENT | VIEW_ABSENT | VIEW_NEW,
			   RIGHT_UNIX | RIGHT_WRITE, &place);
	if (r == EEXIST)
		r = EADDRINUSE;
	if (r == 0)
		r = socketfile_bind(call, socket, at->local.sun_path, &place,
				    binds_anywhere(call, &place));
	place_deinit(&place);
	return r;
}

/* bind(fd, address, size) */
static struct sv_answer sys_bind(struct call *call)
{
	cleanup_endpoint struct endpoint at = ENDPOINT_INIT;
	cleanup_fd int socket = -1;
	struct socket_kind kind;
	int r = socket_pin(call, &socket, &kind);

	if (r == 0)
		r = endpoint_read(call, arg_u64(call, 1), arg_int(call, 2), &at);
	if (r == 0)
		r = endpoint_plain(&kind, ENDPOINT_BIND, &at);
	if (r == 0 && endpoint_is_path(&at)) {
		r = bind_local(call, socket, &at);
	} else {
		if (r == 0 || r == EACCES)
			r = endpoint_judge(call, &kind, ENDPOINT_BIND, &at);
		if (r == 0 && kind.domain == AF_NETLINK && at.netlink.nl_pid == 0)
			r = netlink_bind_groups(call, socket, at.netlink.nl_groups);
		else if (r == 0 && bind(socket, &at.any, at.size) < 0)
			r = child_errno(errno);
	}
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* What bind would have judged, had the socket been bound: any address, any port. */
static int listen_judge_unbound(struct call *call, const struct socket_kind *kind)
{
	struct endpoint at = ENDPOINT_INIT;

	at.any.sa_family = (sa_family_t)kind->domain;
	at.size = kind->domain == AF_INET ? sizeof(at.v4) : sizeof(at.v6);
	return endpoint_judge(call, kind, ENDPOINT_BIND, &at);
}

/*
 * An unbound socket is bound to any address by listen. One that is bound may lose its address while
 * we look, if it was given by connect and another thread takes the connection back: so look again,
 * and close it if it has.
 */
static int listen_inet(struct call *call, int socket, const struct socket_kind *kind, int backlog)
{
	struct endpoint before, after;
	int r = endpoint_of(socket, &before);

	if (r == 0 && endpoint_port(&before) == 0)
		r = listen_judge_unbound(call, kind);
	if (r == 0 && listen(socket, backlog) < 0)
		r = child_errno(errno);
	if (r != 0 || endpoint_port(&before) == 0)
		return r;
	r = endpoint_of(socket, &after);
	if (r == 0 &&
	    (before.size != after.size || memcmp(&before.room, &after.room, before.size) != 0))
		r = listen_judge_unbound(call, kind);
	if (r != 0)
		shutdown(socket, SHUT_RDWR);
	return r;
}

/* What it accepts asks as well. */
static bool asks_who(int socket)
{
	int on = 1;
	socklen_t size = sizeof(on);

	return getsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, &size) < 0 || on;
}

/* It was judged when it was bound; one that is not is EINVAL. */
static int listen_local(struct call *call, int socket, int backlog)
{
	if (asks_who(socket))
		told_note(call->regs.child->tree->told, socket, true);
	return listen(socket, backlog) < 0 ? child_errno(errno) : 0;
}

/* listen(fd, backlog) */
static struct sv_answer sys_listen(struct call *call)
{
	cleanup_fd int socket = -1;
	struct socket_kind kind;
	int r = socket_pin(call, &socket, &kind);

	if (r != 0)
		return answer_fail(call, r);
	if (kind.domain == AF_INET || kind.domain == AF_INET6)
		r = listen_inet(call, socket, &kind, arg_int(call, 1));
	else if (kind.domain != AF_UNIX)
		r = EOPNOTSUPP;
	else
		r = listen_local(call, socket, arg_int(call, 1));
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* getsockopt(fd, SOL_SOCKET, SO_PEERCRED, to, size) */
static struct sv_answer sys_peercred(struct call *call)
{
	cleanup_fd int socket = -1;
	struct socket_kind kind;
	struct ucred ucred = { 0 };
	socklen_t known = sizeof(ucred);
	int32_t size;
	int r = socket_pin(call, &socket, &kind);

	if (r == 0)
		r = mem_read(call, arg_u64(call, 4), &size, sizeof(size));
	if (r == 0 && size < 0)
		r = EINVAL;
	if (r == 0 && getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &ucred, &known) < 0)
		r = child_errno(errno);
	if (r != 0)
		return answer_fail(call, r);
	/* A connection that we made for somebody: a process that is not seen from here, as across
	 * namespaces. */
	if (ucred.pid == getpid())
		ucred.pid = 0;
	if (size > (int32_t)sizeof(ucred))
		size = sizeof(ucred);
	r = mem_write(call, arg_u64(call, 3), &ucred, (size_t)size);
	if (r == 0)
		r = mem_write(call, arg_u64(call, 4), &size, sizeof(size));
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* Linux 6.5 */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static const struct when getsockopt_when[] = {
	IF_EQUAL(1, SOL_SOCKET, AND),
	IF_EQUAL(2, SO_PEERCRED, NOTIFY),
	IF_EQUAL(1, SOL_SOCKET, AND),
	IF_EQUAL(2, SO_PEERPIDFD, LACK(ENOPROTOOPT, "a handle on who connected (SO_PEERPIDFD)")),
	OTHERWISE(PASS),
};

const struct sysrow net_rows[] = {
	HANDLED(connect, "foi",
		"SO_PEERCRED of the other side, if it is no child of ours, names the supervisor"),
	HANDLED(bind, "foi",
		"a path is shown by getsockname as its last component where a view remaps it, or "
		"where something below its directory may not be written or bound"),
	HANDLED(listen, "fi", "an unbound socket needs leave to listen at any address"),
	ROW(getsockopt, "fiioo", WHEN(getsockopt_when), .handler = sys_peercred,
	    .note = "SO_PEERCRED of a connection made by a child has the process 0; "
		    "SO_PEERPIDFD is ENOPROTOOPT, as setsockopt of SO_PASSPIDFD"),
	ALLOWED(getsockname, "foo",
		"a socket is bound with the child's own spelling: nothing of ours is shown"),
	ALLOWED(getpeername, "foo", "as getsockname"),
	ROWS_END
};
