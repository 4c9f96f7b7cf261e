/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's side of the zygote: start it, give it orders, take its messages, end it. */
#include "zygote/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd_sender.h"
#include "base/fdpass.h"
#include "common/cleanup.h"
#include "zygote/kill_tree.h"
#include "zygote/launch.h"
#include "zygote/order.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* How long a birth may take before whoever is stopped is told to go on; and how often before it is
 * given up. Counted so, it is no time in which we were stopped ourselves. */
#define NUDGE_MS   100
#define NUDGES_MAX 100
/* How long the zygote may take to kill everything before it is killed itself. */
#define END_MS 10000

static void child_kill(int pidfd)
{
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

static int pair_open(int *ret_mine, int *ret_its)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*ret_mine = pair[0];
	*ret_its = pair[1];
	return 0;
}

int zygote_open(struct zygote *ret)
{
	cleanup_fd int mine = -1, pidfd = -1, its = -1, ahead = -1, its_ahead = -1;
	int fds[LAUNCH_FDS], r;
	pid_t pid;

	if ((r = pair_open(&mine, &its)) < 0 || (r = pair_open(&ahead, &its_ahead)) < 0)
		return r;
	fds[LAUNCH_SOCKET] = its;
	fds[LAUNCH_AHEAD] = its_ahead;
	r = launch(fds, &pid, &pidfd);
	if (r < 0)
		return r;
	*ret = (struct zygote){
		.pid = pid,
		.pidfd = steal_fd(&pidfd),
		.socket = steal_fd(&mine),
		.ahead = steal_fd(&ahead),
	};
	return 0;
}

void zygote_doom(const struct zygote *zygote)
{
	if (zygote->ahead < 0) /* else there is a child under it */
		child_kill(zygote->pidfd);
}

void zygote_kill(struct zygote *zygote)
{
	if (zygote->ahead >= 0) {
		zygote_close(zygote);
		return;
	}
	child_kill(zygote->pidfd);
	waitpid(zygote->pid, NULL, __WALL);
	close(steal_fd(&zygote->socket));
	close(steal_fd(&zygote->pidfd));
}

void zygote_close(struct zygote *zygote)
{
	struct pollfd poll_end = { .fd = zygote->pidfd, .events = POLLIN };

	close(steal_fd(&zygote->socket));
	if (zygote->ahead >= 0)
		close(atomic_exchange(&zygote->ahead, -1));
	/* whoever stopped it does not stop this */
	pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
	if (TEMP_FAILURE_RETRY(poll(&poll_end, 1, END_MS)) == 0) {
		reap_descendants(zygote->pid);
		child_kill(zygote->pidfd);
	}
	waitpid(zygote->pid, NULL, __WALL);
	close(steal_fd(&zygote->pidfd));
}

static int message_send(int socket, uint32_t magic, uint32_t size, const int *fds, size_t count,
			int flags)
{
	struct wire_message message = { .magic = magic, .size = size };

	return fdpass_send(socket, &message, sizeof(message), fds, count, flags);
}

/* Those of 0 to 2 that a child is to have, for its keeper. */
static int terminals_give(int report, const struct zygote_order *order)
{
	const int *numbers = order->spec.numbers ? order->spec.numbers : order->spec.fds;
	int fds[3];
	size_t count = 0;

	for (int number = 0; number < 3; number++) {
		size_t i = 0;

		while (i < order->spec.fds_count && numbers[i] != number)
			i++;
		if (i < order->spec.fds_count)
			fds[count++] = order->spec.fds[i];
	}
	return message_send(report, WIRE_KEPT, 0, fds, count, 0);
}

/* Asks the zygote for a child; with a keeper, where the order says so. */
static int child_ask(const struct zygote *zygote, const struct zygote_order *kept, int flags,
		     int *ret_report)
{
	cleanup_fd int mine = -1, its = -1;
	int r = pair_open(&mine, &its);

	if (r == 0)
		r = message_send(zygote->socket, kept ? WIRE_KEPT : WIRE_CHILD, 0, &its, 1, flags);
	if (r == 0 && kept)
		r = terminals_give(mine, kept);
	if (r == 0)
		*ret_report = steal_fd(&mine);
	return r;
}

/* The directory that the child begins in. */
static int order_cwd(const struct zygote_order *order)
{
	int fd;

	if (order->spec.cwd || !order->spec.cwd_fd)
		fd = open(order->spec.cwd ? order->spec.cwd : ".",
			  O_PATH | O_DIRECTORY | O_CLOEXEC);
	else
		fd = fcntl(*order->spec.cwd_fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* For the reports, in both directions of time: the other end is the child's alone, and each message
 * comes with the number of the process that sent it. */
static int report_open(int *ret_mine, int *ret_its)
{
	int r = pair_open(ret_mine, ret_its), on = 1;

	if (r == 0 && setsockopt(*ret_mine, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		r = -errno;
	return r;
}

/* The order, over the socket that the child waits at; from then on it speaks by that of its
 * reports. */
static int order_send(const struct zygote_order *order, struct zygote_birth *birth, int blob,
		      uint32_t size, int cwd)
{
	cleanup_fd int mine = -1, its = -1;
	int fds[FDPASS_MAX], r = report_open(&mine, &its);
	size_t count = WIRE_FD_FIXED;

	if (r < 0)
		return r;
	fds[WIRE_FD_REPORT] = its;
	fds[WIRE_FD_ORDER] = blob;
	fds[WIRE_FD_CWD] = cwd;
	if (order->floor >= 0)
		fds[count++] = order->floor;
	for (size_t i = 0; i < order->spec.fds_count; i++)
		fds[count++] = order->spec.fds[i];
	r = message_send(birth->report, WIRE_MAGIC, size, fds, count, 0);
	if (r < 0)
		return r;
	close(birth->report);
	birth->report = steal_fd(&mine);
	birth->ordered = true;
	return 0;
}

int zygote_order_give(const struct zygote_order *order, struct zygote_birth *birth,
		      enum sv_stage *ret_stage)
{
	cleanup_fd int blob = -1, cwd = -1;
	uint32_t size;
	int r;

	*ret_stage = SV_STAGE_EXEC;
	r = wire_pack(order, &blob, &size);
	if (r < 0)
		return r;
	*ret_stage = SV_STAGE_CWD;
	cwd = order_cwd(order);
	if (cwd < 0)
		return cwd;
	*ret_stage = SV_STAGE_DESCRIPTORS;
	r = order_send(order, birth, blob, size, cwd);
	if (r == -EPIPE || r == -ECONNRESET) {
		*ret_stage = SV_STAGE_CLONE;
		r = -ESRCH;
	}
	return r;
}

/* One message of a birth: 1, or 0 if it hung up. Before the order it is the zygote that speaks, and
 * a pidfd may come along; then it is the child, and nobody else. */
static int report_receive(struct zygote_birth *birth, struct zygote_report *ret)
{
	struct fdpass with;
	size_t most = birth->ordered || birth->pidfd >= 0 ? 0 : 1;
	int r = fdpass_receive(birth->report, ret, sizeof(*ret), most, 0, &with);

	if (r > 0 && with.count)
		birth->pidfd = with.fds[0];
	if (r > 0 && birth->ordered && with.sender != birth->pid)
		return -EPROTO;
	return r;
}

/* Waits for a message (0), or for the bell where there is one (1). A ^Z that meets the child or the
 * zygote before exec must not hold us for ever, nor must a child that hangs in the kernel. */
static int report_wait(const struct zygote_birth *birth, const struct zygote *zygote, int bell)
{
	struct pollfd polls[] = {
		{.fd = birth->report, .events = POLLIN},
		   { .fd = bell,	 .events = POLLIN}
	};

	for (unsigned int i = 1; TEMP_FAILURE_RETRY(poll(polls, 2, NUDGE_MS)) == 0; i++) {
		if (birth->over && atomic_load(birth->over))
			return -ECANCELED;
		if (i == birth->patience)
			return -ETIMEDOUT;
		if (birth->pidfd >= 0)
			pidfd_send_signal(birth->pidfd, SIGCONT, NULL, 0);
		if (zygote)
			pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
	}
	return polls[1].revents && !polls[0].revents;
}

/* The next message of a birth. */
static int birth_hear(const struct zygote *zygote, struct zygote_birth *birth,
		      struct zygote_report *ret, enum sv_stage *ret_stage)
{
	int r = report_wait(birth, zygote, -1);

	if (r == 0)
		r = report_receive(birth, ret);
	if (r < 0)
		return r;
	if (r == 0) /* somebody killed it, or the zygote */
		return -ESRCH;
	if (ret->stage < SV_STAGE_CLONE || ret->stage >= SV_STAGE_MAX || ret->error < 0)
		return -EPROTO;
	*ret_stage = (enum sv_stage)ret->stage;
	return -ret->error;
}

/* What the zygote has to say of a child that it cloned. */
static int newborn_meet(const struct zygote *zygote, struct zygote_birth *birth,
			enum sv_stage *ret_stage)
{
	struct zygote_report report = { 0 };
	struct pollfd dead = { .events = POLLIN };
	int r = birth_hear(zygote, birth, &report, ret_stage);

	if (r < 0)
		return r;
	if (report.stage != SV_STAGE_CLONE)
		return -EPROTO;
	if (birth->pidfd < 0)
		return -EMFILE; /* our table is full */
	birth->pid = report.value;
	dead.fd = birth->pidfd;
	return poll(&dead, 1, 0) ? -ESRCH : 0;
}

int zygote_newborn(struct zygote *zygote, const struct zygote_order *order, const atomic_bool *over,
		   struct zygote_birth *ret, enum sv_stage *ret_stage)
{
	struct zygote_birth none = {
		.pidfd = -1, .listener = -1, .report = -1, .over = over, .patience = NUDGES_MAX
	};
	int r = -ESRCH;

	*ret_stage = SV_STAGE_CLONE;
	*ret = none;
	if (!order->spec.terminal)
		ret->report = atomic_exchange(&zygote->ahead, -1);
	/* whoever stopped it: it has to tell of the child's end, too */
	pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
	if (ret->report >= 0)
		r = newborn_meet(zygote, ret, ret_stage);
	if (r == 0 || r == -ETIMEDOUT || r == -ECANCELED)
		return r;
	zygote_abandon(ret); /* it is dead, or was never cloned */
	*ret = none;
	r = child_ask(zygote, order->spec.terminal ? order : NULL, 0, &ret->report);
	if (r < 0) {
		*ret_stage = r == -EPIPE || r == -ECONNRESET ? SV_STAGE_ZYGOTE : SV_STAGE_CLONE;
		return r;
	}
	return newborn_meet(zygote, ret, ret_stage);
}

/* Follows a birth until the listener has a number, or something failed: the child has nothing else
 * to say. */
static int birth_follow(const struct zygote *zygote, struct zygote_birth *birth, int *ret_number,
			enum sv_stage *ret_stage)
{
	struct zygote_report report = { 0 };
	int r;

	*ret_stage = SV_STAGE_CLONE;
	r = birth_hear(zygote, birth, &report, ret_stage);
	if (r == 0 && report.stage != SV_STAGE_LISTENER)
		return -EPROTO;
	*ret_number = report.value;
	return r;
}

/* Takes the listener out of the child, and gives it the limit that only now cannot be in the way.
 */
static int listener_take(const struct zygote_order *order, struct zygote_birth *birth, int number,
			 enum sv_stage *ret_stage)
{
	struct pollfd alive = { .fd = birth->pidfd, .events = POLLIN };
	int r;

	*ret_stage = SV_STAGE_LISTENER;
	if (order->inbox >= 0)
		r = fd_sender_receive(order->inbox);
	else if ((r = pidfd_getfd(birth->pidfd, number, 0)) < 0)
		r = -errno;
	if (r < 0)
		return r;
	birth->listener = r;
	/* only makes answers faster: older kernels do without */
	ioctl(birth->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);

	if (!order->limit_set[RLIMIT_NOFILE])
		return 0;
	*ret_stage = SV_STAGE_LIMITS;
	if (prlimit(birth->pid, RLIMIT_NOFILE, &order->limits[RLIMIT_NOFILE], NULL) < 0)
		return -errno;
	return poll(&alive, 1, 0) ? -ESRCH : 0;
}

void zygote_abandon(struct zygote_birth *birth)
{
	if (birth->pidfd >= 0) {
		child_kill(birth->pidfd);
		close(steal_fd(&birth->pidfd));
	}
	if (birth->listener >= 0)
		close(steal_fd(&birth->listener));
	if (birth->report >= 0)
		close(steal_fd(&birth->report));
}

int zygote_order_follow(struct zygote *zygote, const struct zygote_order *order,
			struct zygote_birth *birth, enum sv_stage *ret_stage)
{
	int number, r;

	r = birth_follow(zygote, birth, &number, ret_stage);
	if (r == 0)
		r = listener_take(order, birth, number, ret_stage);
	if (r < 0)
		return r;
	*ret_stage = SV_STAGE_NONE;
	atomic_fetch_add(&zygote->orders, 1);
	return 0;
}

int zygote_spawn(struct zygote *zygote, const struct zygote_order *order, struct zygote_birth *ret,
		 enum sv_stage *ret_stage)
{
	int r = zygote_newborn(zygote, order, NULL, ret, ret_stage);

	if (r == 0)
		r = zygote_order_give(order, ret, ret_stage);
	if (r == 0)
		r = zygote_order_follow(zygote, order, ret, ret_stage);
	if (r < 0)
		zygote_abandon(ret);
	return r;
}

int zygote_wait_exec(struct zygote_birth *birth, int bell)
{
	struct zygote_report report = { 0 };
	int r;

	birth->patience = 0;
	r = report_wait(birth, NULL, bell);
	if (r > 0)
		return 1;
	if (r == 0)
		r = report_receive(birth, &report);
	if (r > 0)
		return report.error > 0 ? -report.error : -EPROTO;
	return r;
}

void zygote_ahead(struct zygote *zygote)
{
	cleanup_fd int report = -1;
	int none = -1;

	if (atomic_load(&zygote->ahead) < 0 && atomic_load(&zygote->orders) > 1 &&
	    child_ask(zygote, NULL, MSG_DONTWAIT, &report) == 0 &&
	    atomic_compare_exchange_strong(&zygote->ahead, &none, report))
		report = -1;
}

int zygote_next(struct zygote *zygote, struct zygote_change *ret)
{
	struct zygote_change change;
	ssize_t n = TEMP_FAILURE_RETRY(recv(zygote->socket, &change, sizeof(change), MSG_DONTWAIT));

	if (n < 0)
		return errno == EAGAIN || errno == ENOMEM ? 0 : -EPIPE;
	if (n != sizeof(change))
		return -EPIPE;
	*ret = change;
	return 1;
}
