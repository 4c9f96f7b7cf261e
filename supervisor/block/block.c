/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls under way: their table, the look at their callers, their answers. The idea stands in
 * block/block.h. */
#include "block/block.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include "call/call.h"
#include "call/memory.h"
#include "block/pending.h"
#include "call/answer.h"
#include "block/signals.h"
#include "call/caller.h"
#include "common/cleanup.h"

/* The kernel's own, which never leaves it: on the way to user mode it becomes EINTR or the call
 * again. */
#define ERESTARTSYS 512

int work_thread(pthread_t *ret_thread, size_t stack, void *(*run)(void *data), void *data)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r = pthread_attr_init(&attr);

	if (r != 0)
		return -r;
	pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(ret_thread, &attr, run, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

int pending_open_flags(int flags)
{
	/* The object is there and is no link; the path to it is one. Terminals are not for us. */
	return (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC | O_NOCTTY;
}

/* Would a ring be made? Without parameters the kernel says EFAULT where it would, EPERM or ENOSYS
 * where it would not. */
static bool uring_allowed(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EFAULT;
}

/* A ring is opened at the first call that may block: most children never make one. */
static int work_open_backend(struct work *work)
{
	int r;

	work->backend = work->uring ? &work_backend_uring : &work_backend_thread;
	r = work->backend->open(work);
	if (r < 0)
		work->backend = NULL;
	return r;
}

int work_new(bool uring, struct work **ret)
{
	struct work *work = calloc(1, sizeof(*work));
	int r = 0;

	if (!work)
		return -ENOMEM;
	pthread_mutex_init(&work->lock, NULL);
	pthread_cond_init(&work->ended, NULL);
	work->uring = uring && uring_allowed();
	*ret = work;
	/* Cancelling threads takes a library to be loaded: now, since later the process is
	 * confined. */
	if (!work->uring)
		r = work_open_backend(work);
	if (r < 0)
		*ret = work_free(work);
	return r;
}

struct work *work_free(struct work *work)
{
	if (!work)
		return NULL;
	if (work->backend) {
		work_cancel(work, NULL);
		work->backend->close(work);
	}
	pthread_cond_destroy(&work->ended);
	pthread_mutex_destroy(&work->lock);
	free(work);
	return NULL;
}

static void pending_free(struct pending *pending)
{
	int fds[] = { pending->fd, pending->pidfd };

	for (size_t i = 0; i < array_size(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	endpoint_deinit(&pending->to);
	message_free(pending->message);
	free(pending);
}

static void pending_link(struct work *work, struct pending *pending)
{
	pending->next = work->first;
	if (work->first)
		work->first->previous = pending;
	work->first = pending;
	work->count++;
}

static void pending_unlink(struct work *work, struct pending *pending)
{
	if (work->look == pending)
		work->look = pending->next;
	if (pending->previous)
		pending->previous->next = pending->next;
	else
		work->first = pending->next;
	if (pending->next)
		pending->next->previous = pending->previous;
	work->count--;
	pthread_cond_broadcast(&work->ended);
}

static void pending_give_up(struct work *work, struct pending *pending, enum pending_end end)
{
	if (pending->end != PENDING_GOES_ON && end != PENDING_GONE)
		return;
	pending->end = end;
	work->backend->cancel(work, pending);
}

static bool pending_valid(const struct pending *pending)
{
	uint64_t id = pending->id;

	return ioctl(pending->child->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void work_cancel(struct work *work, const struct child *child)
{
	bool found;

	pthread_mutex_lock(&work->lock);
	if (!child)
		work->stopping = true;
	do {
		found = false;
		for (struct pending *p = work->first; p; p = p->next) {
			if (child && p->child != child)
				continue;
			found = true;
			if (p->end != PENDING_GONE)
				pending_give_up(work, p, PENDING_GONE);
		}
		if (found)
			pthread_cond_wait(&work->ended, &work->lock);
	} while (found);
	pthread_mutex_unlock(&work->lock);
}

/* Is there room in the child's quota? */
static int work_admit(const struct work *work, const struct pending *new)
{
	size_t count = 0, opens = 0, charge = new->charge;

	if (work->stopping)
		return ENOBUFS;
	for (const struct pending *p = work->first; p; p = p->next) {
		if (p->child != new->child)
			continue;
		count++;
		opens += p->kind == PENDING_OPEN;
		charge += p->charge;
	}
	if (new->kind == PENDING_OPEN)
		return opens < PENDING_OPENS_MAX ? 0 : ENFILE;
	return count < PENDING_MAX && charge <= PENDING_CHARGE_MAX ? 0 : ENOBUFS;
}

static int work_start(struct work *work, struct pending *pending)
{
	int r;

	pthread_mutex_lock(&work->lock);
	r = work_admit(work, pending);
	if (r == 0 && !work->backend)
		r = work_open_backend(work);
	if (r == 0) {
		pending_link(work, pending);
		r = work->backend->start(work, pending);
		if (r < 0)
			pending_unlink(work, pending);
	}
	pthread_mutex_unlock(&work->lock);
	return r;
}

static struct pending *pending_new(struct call *call, enum pending_kind kind, int fd, int flags)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	pending->work = call->regs.child->work;
	pending->child = call->regs.child;
	pending->id = call->id;
	pending->tid = call->regs.tid;
	pending->kind = kind;
	pending->fd = fd;
	pending->flags = flags;
	pending->pidfd = -1;
	pending->to.pinned = -1;
	task_tgid(call, &pending->tgid);
	return pending;
}

/* Started, it belongs to the backend, and may be over already. */
static struct sv_answer pending_start(struct call *call, struct pending *pending)
{
	int r = work_start(pending->work, pending);

	if (r == 0)
		return sv_later();
	pending_free(pending);
	return answer_fail(call, r);
}

static void pending_set_timeout(struct pending *pending)
{
	struct timeval timeout = { 0 };
	socklen_t size = sizeof(timeout);

	if (getsockopt(pending->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, &size) == 0)
		pending->timeout = (struct timespec){ timeout.tv_sec, timeout.tv_usec * 1000 };
}

/* An open that was given up ends at once; if the kernel should see that otherwise, we do not wait.
 */
void work_bury(struct work *work)
{
	struct timespec until;
	bool found;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&work->lock);
	do {
		found = false;
		for (struct pending *p = work->first; p; p = p->next) {
			if (p->kind != PENDING_OPEN || pending_valid(p))
				continue;
			found = true;
			if (p->end != PENDING_GONE)
				pending_give_up(work, p, PENDING_GONE);
		}
	} while (found && pthread_cond_timedwait(&work->ended, &work->lock, &until) == 0);
	pthread_mutex_unlock(&work->lock);
}

/*
 * A FIFO that is to be written opens at once where somebody reads it: also when as many opens wait
 * as may, which it is about to release. -1 if it would wait.
 */
static int open_now(struct work *work, int pinned, int flags)
{
	char path[PROC_FD_MAX];
	struct stat st;
	int fd;

	if (fstat(pinned, &st) < 0 || !S_ISFIFO(st.st_mode) || (flags & O_ACCMODE) == O_RDONLY)
		return -1;
	work_bury(work);
	fd = open(proc_fd_path(pinned, path), pending_open_flags(flags) | O_NONBLOCK);
	if (fd >= 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct sv_answer work_open(struct call *call, int pinned, int flags)
{
	int fd = open_now(call->regs.child->work, pinned, flags);
	struct pending *pending;

	if (fd >= 0) {
		close(pinned);
		return sv_fd(fd, (unsigned int)flags & O_CLOEXEC);
	}
	pending = pending_new(call, PENDING_OPEN, pinned, flags);
	if (pending)
		return pending_start(call, pending);
	close(pinned);
	return answer_fail(call, -ENOMEM);
}

struct sv_answer work_connect(struct call *call, int socket, struct endpoint *to)
{
	struct pending *pending = pending_new(call, PENDING_CONNECT, socket, 0);

	if (!pending) {
		close(socket);
		return answer_fail(call, -ENOMEM);
	}
	pending->to = *to;
	to->pinned = -1;
	pending_set_timeout(pending);
	return pending_start(call, pending);
}

/* Our own copy of something borrowed; -1 if there is none. */
static int borrowed_dup(int r, int fd)
{
	return r == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

struct sv_answer work_send(struct call *call, int socket, struct message *message, int flags)
{
	struct pending *pending = pending_new(call, PENDING_SEND, socket, flags);
	int fd = -1, r;

	if (!pending) {
		close(socket);
		message_free(message);
		return answer_fail(call, -ENOMEM);
	}
	pending->message = message;
	pending->charge = message->charge;
	pending_set_timeout(pending);
	if (message->stream && !(flags & MSG_NOSIGNAL)) {
		r = task_pidfd(call, &fd);
		pending->pidfd = borrowed_dup(r, fd);
	}
	return pending_start(call, pending);
}

/* Of the process's calls that are under way: that of its main thread, else the first. */
static bool pending_foremost(const struct work *work, const struct pending *pending, pid_t tgid)
{
	const struct pending *foremost = NULL;

	for (const struct pending *p = work->first; p; p = p->next) {
		if (p->child != pending->child || p->tgid != tgid)
			continue;
		if (p->tid == tgid)
			return p == pending;
		foremost = p;
	}
	return foremost == pending;
}

/*
 * What a signal makes of a call. One that is pending for the thread makes it start again: the
 * kernel has a signal to deliver then, and decides. One that is pending for the process was meant
 * for its main thread, if that waits here: the kernel prefers it. Else it is not told for whom;
 * ERESTARTSYS would be seen by a thread that has no signal to take.
 */
static enum pending_end pending_signalled(const struct work *work, const struct pending *pending,
					  const struct signals *signals)
{
	uint64_t deaf = signals->blocked | signals->ignored;
	bool timed = pending->timeout.tv_sec || pending->timeout.tv_nsec;

	if (signals->own & ~deaf)
		return timed ? PENDING_INTERRUPTED : PENDING_RESTART;
	if (!(signals->shared & ~deaf) || !pending_foremost(work, pending, signals->tgid))
		return PENDING_GOES_ON;
	return pending->tid == signals->tgid && !timed ? PENDING_RESTART : PENDING_INTERRUPTED;
}

/* Two looks must agree: a signal that is on its way to another thread is gone by the second. */
static void pending_look(struct work *work, struct pending *pending)
{
	enum pending_end end = PENDING_GOES_ON;
	struct signals signals;
	int r = signals_read(pending->tid, &signals);

	if (!pending_valid(pending)) {
		pending_give_up(work, pending, PENDING_GONE);
		return;
	}
	if (r == 0)
		end = pending_signalled(work, pending, &signals);
	if (end != PENDING_GOES_ON && pending->signalled)
		pending_give_up(work, pending, end);
	pending->signalled = end != PENDING_GOES_ON;
}

void work_tick(struct work *work)
{
	pthread_mutex_lock(&work->lock);
	if (!work->look)
		work->look = work->first;
	for (int i = 0; i < WORK_TICK_LOOKS && work->look; i++) {
		struct pending *pending = work->look;

		work->look = pending->next;
		if (pending->end == PENDING_GOES_ON)
			pending_look(work, pending);
	}
	pthread_mutex_unlock(&work->lock);
}

bool pending_step(struct pending *pending, int64_t *result)
{
	struct message *message = pending->message;

	if (pending->kind != PENDING_SEND || *result < 0)
		return false;
	if (!message_sent(message, (size_t)*result) && *result > 0 &&
	    pending->end == PENDING_GOES_ON)
		return true;
	*result = (int64_t)message->sent;
	return false;
}

/* A batch of messages: its first one is sent. */
static int64_t pending_batch(struct pending *pending, int64_t result)
{
	uint32_t length = (uint32_t)result;

	int r = mem_write_waiting(pending->child, pending->id, pending->tid,
				  pending->message->length_at, &length, sizeof(length));

	return r ? -EFAULT : 1;
}

/* An operation that was given up, or ran out of time, says so in its own words. */
static int64_t pending_failure(const struct pending *pending, int end, int64_t result)
{
	if (result != -ECANCELED && result != -EINTR)
		return -child_errno((int)-result);
	if (end == PENDING_RESTART)
		return -ERESTARTSYS;
	if (end == PENDING_INTERRUPTED)
		return -EINTR;
	/* The time of SO_SNDTIMEO is over. */
	return pending->kind == PENDING_CONNECT && pending->to.any.sa_family != AF_UNIX
		       ? -EINPROGRESS
		       : -EAGAIN;
}

static void pending_answer(struct pending *pending, int end, int64_t result)
{
	struct sv_answer answer;

	if (result < 0) {
		result = pending_failure(pending, end, result);
		if (result == -EPIPE && pending->pidfd >= 0 && pending_valid(pending))
			syscall(SYS_pidfd_send_signal, pending->pidfd, SIGPIPE, NULL, 0);
	} else if (pending->message && pending->message->length_at) {
		result = pending_batch(pending, result);
	}
	if (result < 0)
		answer = sv_error((int)-result);
	else if (pending->kind == PENDING_OPEN)
		answer = sv_fd((int)result, (unsigned int)pending->flags & O_CLOEXEC);
	else
		answer = sv_value(result);
	answer_send(pending->child->listener, pending->id, answer);
}

void pending_done(struct pending *pending, int64_t result)
{
	struct work *work = pending->work;
	int end = pending->end;

	/* Part of a stream is gone: that is what is told, and the error when it is asked for again.
	 */
	if (result < 0 && pending->message && pending->message->sent > 0)
		result = (int64_t)pending->message->sent;
	/* On the list until it is answered: work_cancel waits for that, and the listener is there.
	 */
	if (end != PENDING_GONE)
		pending_answer(pending, end, result);
	else if (result >= 0 && pending->kind == PENDING_OPEN)
		close((int)result);
	pthread_mutex_lock(&work->lock);
	pending_unlink(work, pending);
	pthread_mutex_unlock(&work->lock);
	pending_free(pending);
}
