/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's side of the zygote: start it, give it orders, take its messages, end it. */
#include "zygote.h"

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
#include "core/cleanup.h"
#include "zygote_wire.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* How long a birth may take before whoever is stopped is told to go on. */
#define NUDGE_MS 100
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
	sigset_t all, before;
	pid_t pid;
	int r;

	if ((r = pair_open(&mine, &its)) < 0 || (r = pair_open(&ahead, &its_ahead)) < 0)
		return r;
	/* Nothing is to reach it before it has seen to its signals. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		zygote_run(its, its_ahead);
	r = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return r;
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		r = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return r;
	}
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
		close(steal_fd(&zygote->ahead));
	/* whoever stopped it does not stop this */
	pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
	if (TEMP_FAILURE_RETRY(poll(&poll_end, 1, END_MS)) == 0) {
		reap_descendants(zygote->pid);
		child_kill(zygote->pidfd);
	}
	waitpid(zygote->pid, NULL, __WALL);
	close(steal_fd(&zygote->pidfd));
}

static int message_send(int socket, uint32_t magic, uint32_t size, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct wire_message message = { .magic = magic, .size = size };
	struct iovec iov = { .iov_base = &message, .iov_len = sizeof(message) };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};

	control.align = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(count * sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	return TEMP_FAILURE_RETRY(sendmsg(socket, &header, MSG_NOSIGNAL)) < 0 ? -errno : 0;
}

/* Gives it to the child that was cloned ahead, if there is one; it takes it all but for the report.
 */
static bool order_give_ahead(struct zygote *zygote, uint32_t size, int *fds, size_t count,
			     int *ret_report)
{
	cleanup_fd int ahead = steal_fd(&zygote->ahead);

	if (ahead < 0 || message_send(ahead, WIRE_MAGIC, size, fds + 1, count - 1) < 0)
		return false;
	/* it is not asked now, but has to tell of the child's end */
	pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
	*ret_report = steal_fd(&ahead);
	return true;
}

/* Sends the order; *ret_report is our end of its report. */
static int order_give(struct zygote *zygote, const struct zygote_order *order, int *ret_report,
		      enum sv_stage *ret_stage)
{
	cleanup_fd int blob = -1, cwd = -1, mine = -1, its = -1;
	int fds[WIRE_FDS_MAX], r;
	size_t count = WIRE_FD_FIXED;
	uint32_t size;

	*ret_stage = SV_STAGE_EXEC;
	r = wire_pack(order, &blob, &size);
	if (r < 0)
		return r;

	*ret_stage = SV_STAGE_CWD;
	if (order->cwd || !order->cwd_fd)
		cwd = open(order->cwd ? order->cwd : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	else
		cwd = fcntl(*order->cwd_fd, F_DUPFD_CLOEXEC, 0);
	if (cwd < 0)
		return -errno;

	*ret_stage = SV_STAGE_CLONE;
	fds[WIRE_FD_ORDER] = blob;
	fds[WIRE_FD_CWD] = cwd;
	if (order->floor >= 0)
		fds[count++] = order->floor;
	for (size_t i = 0; i < order->fds_count; i++)
		fds[count++] = order->fds[i];

	if (order_give_ahead(zygote, size, fds, count, ret_report))
		return 0;
	r = pair_open(&mine, &its);
	if (r < 0)
		return r;
	fds[WIRE_FD_REPORT] = its;
	r = message_send(zygote->socket, WIRE_MAGIC, size, fds, count);
	if (r == -EPIPE || r == -ECONNRESET)
		*ret_stage = SV_STAGE_ZYGOTE;
	else if (r < 0)
		*ret_stage = SV_STAGE_DESCRIPTORS;
	else
		*ret_report = steal_fd(&mine);
	return r;
}

/* One message of a report: 1, or 0 if it hung up. *ret_fd stays as it is if none came along. */
static int report_receive(int report, struct zygote_report *ret, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = ret, .iov_len = sizeof(*ret) };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	n = TEMP_FAILURE_RETRY(recvmsg(report, &header, MSG_CMSG_CLOEXEC));
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	c = CMSG_FIRSTHDR(&header);
	if (c && c->cmsg_type == SCM_RIGHTS && *ret_fd < 0)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
	if (n == 0)
		return 0;
	return n == sizeof(*ret) ? 1 : -EPROTO;
}

/* Waits for a message. A ^Z that meets the child or the zygote before exec must not hold us for
 * ever. */
static void report_wait(int report, int pidfd, int zygote_pidfd)
{
	struct pollfd poll_report = { .fd = report, .events = POLLIN };

	while (TEMP_FAILURE_RETRY(poll(&poll_report, 1, NUDGE_MS)) == 0) {
		if (pidfd >= 0)
			pidfd_send_signal(pidfd, SIGCONT, NULL, 0);
		if (zygote_pidfd >= 0)
			pidfd_send_signal(zygote_pidfd, SIGCONT, NULL, 0);
	}
}

/* Follows a birth until the listener has a number, there is a pidfd, or something failed. */
static int birth_follow(const struct zygote *zygote, struct zygote_birth *birth, int *ret_number,
			enum sv_stage *ret_stage)
{
	*ret_number = -1;
	*ret_stage = SV_STAGE_CLONE;
	while (birth->pidfd < 0 || *ret_number < 0) {
		struct zygote_report report = { 0 };
		int r;

		report_wait(birth->report, birth->pidfd, zygote->pidfd);
		r = report_receive(birth->report, &report, &birth->pidfd);
		if (r < 0)
			return r;
		if (r == 0) /* somebody killed it, or the zygote */
			return -ESRCH;
		if (report.stage < SV_STAGE_CLONE || report.stage >= SV_STAGE_MAX)
			return -EPROTO;
		*ret_stage = (enum sv_stage)report.stage;
		if (report.error)
			return -report.error;
		if (report.stage == SV_STAGE_CLONE)
			birth->pid = report.value;
		if (report.stage == SV_STAGE_LISTENER)
			*ret_number = report.value;
		if (report.stage == SV_STAGE_CLONE && birth->pidfd < 0)
			return -EMFILE; /* our table is full */
	}
	return 0;
}

/* Takes the listener out of the child, and gives it the limit that only now cannot be in the way.
 */
static int listener_take(const struct zygote_order *order, struct zygote_birth *birth, int number,
			 enum sv_stage *ret_stage)
{
	struct pollfd alive = { .fd = birth->pidfd, .events = POLLIN };

	*ret_stage = SV_STAGE_LISTENER;
	birth->listener = pidfd_getfd(birth->pidfd, number, 0);
	if (birth->listener < 0)
		return -errno;
	/* only makes answers faster: older kernels do without */
	ioctl(birth->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);

	if (!order->limit_set[RLIMIT_NOFILE])
		return 0;
	*ret_stage = SV_STAGE_LIMITS;
	if (prlimit(birth->pid, RLIMIT_NOFILE, &order->limits[RLIMIT_NOFILE], NULL) < 0)
		return -errno;
	return poll(&alive, 1, 0) ? -ESRCH : 0;
}

int zygote_order_begin(struct zygote *zygote, const struct zygote_order *order,
		       struct zygote_birth *ret, enum sv_stage *ret_stage)
{
	*ret = (struct zygote_birth){ .pidfd = -1, .listener = -1, .report = -1 };
	return order_give(zygote, order, &ret->report, ret_stage);
}

void zygote_abandon(struct zygote_birth *birth)
{
	if (birth->pidfd >= 0) {
		child_kill(birth->pidfd);
		close(steal_fd(&birth->pidfd));
	}
	if (birth->listener >= 0)
		close(steal_fd(&birth->listener));
	close(steal_fd(&birth->report));
}

int zygote_order_finish(struct zygote *zygote, const struct zygote_order *order,
			struct zygote_birth *birth, enum sv_stage *ret_stage)
{
	int number, r;

	r = birth_follow(zygote, birth, &number, ret_stage);
	if (r == 0)
		r = listener_take(order, birth, number, ret_stage);
	if (r < 0) {
		zygote_abandon(birth);
		return r;
	}
	*ret_stage = SV_STAGE_NONE;
	zygote->orders++;
	return 0;
}

int zygote_spawn(struct zygote *zygote, const struct zygote_order *order, struct zygote_birth *ret,
		 enum sv_stage *ret_stage)
{
	int r = zygote_order_begin(zygote, order, ret, ret_stage);

	return r < 0 ? r : zygote_order_finish(zygote, order, ret, ret_stage);
}

int zygote_wait_exec(struct zygote_birth *birth)
{
	struct zygote_report report = { 0 };
	int r, none = 0;

	report_wait(birth->report, birth->pidfd, -1);
	r = report_receive(birth->report, &report, &none);
	close(steal_fd(&birth->report));
	if (r > 0)
		return report.error > 0 ? -report.error : -EPROTO;
	return r;
}

void zygote_ahead(struct zygote *zygote)
{
	cleanup_fd int mine = -1, its = -1;

	if (zygote->ahead < 0 && zygote->orders > 1 && pair_open(&mine, &its) == 0 &&
	    message_send(zygote->socket, WIRE_AHEAD, 0, &its, 1) == 0)
		zygote->ahead = steal_fd(&mine);
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
