/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is begun for a call, and given up. The idea stands in block/block.h. */
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
#include "base/clock.h"
#include "call/call.h"
#include "call/memory.h"
#include "block/pending.h"
#include "block/thread.h"
#include "block/uring.h"
#include "call/answer.h"
#include "block/signals.h"
#include "tree/tree.h"
#include "call/caller.h"
#include "common/cleanup.h"

enum {
	BURY_MS = 1000, /* for opens that were given up to end */
};

/* Would a ring be made? Without parameters the kernel says EFAULT where it would, EPERM or ENOSYS
 * where it would not. */
static bool uring_allowed(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EFAULT;
}

/* A ring is opened at the first call that may block: most children never make one. */
static int work_open_backend(struct work *work) REQUIRES(work_locked)
{
	int r;

	work->backend = work->uring ? &work_backend_uring : &work_backend_thread;
	r = work->backend->open(work);
	if (r < 0)
		work->backend = NULL;
	return r;
}

int work_new(bool uring, struct workers *workers, struct work **ret)
{
	struct work *work = calloc(1, sizeof(*work));
	int r = 0;

	if (!work)
		return -ENOMEM;
	work_lock_init(&work->lock);
	pthread_cond_init(&work->ended, NULL);
	work->workers = workers;
	work->uring = uring && uring_allowed();
	*ret = work;
	/* The signal is taken before the embedder has one to take. */
	if (!work->uring) {
		work_lock_take(&work->lock);
		r = work_open_backend(work);
		work_lock_give(&work->lock);
	}
	if (r < 0)
		*ret = work_free(work);
	return r;
}

void work_end(struct work *work)
{
	work_cancel(work, NULL);
	if (work->backend)
		work->backend->close(work);
	work->backend = NULL;
}

struct work *work_free(struct work *work)
{
	if (!work)
		return NULL;
	work_end(work);
	pthread_cond_destroy(&work->ended);
	work_lock_deinit(&work->lock);
	free(work);
	return NULL;
}

void work_cancel(struct work *work, const struct child *child)
{
	bool found;

	work_lock_take(&work->lock);
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
			work_lock_wait(&work->lock, &work->ended);
	} while (found);
	work_lock_give(&work->lock);
}

/* Is there room in the child's quota? */
static int work_admit(const struct work *work, const struct pending *new) REQUIRES(work_locked)
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
	struct child *child = pending->child;
	int r;

	work_lock_take(&work->lock);
	r = work_admit(work, pending);
	if (r == 0 && !work->backend)
		r = work_open_backend(work);
	if (r == 0) {
		pending_link(work, pending);
		r = work->backend->start(work, pending);
		if (r < 0)
			pending_unlink(work, pending);
	}
	work_lock_give(&work->lock);
	if (r == 0)
		child_wake_reaper(child); /* it ticks as long as anything is pending */
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
		return sv_answer_later();
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
	struct timespec until = clock_until(BURY_MS);
	bool found;

	work_lock_take(&work->lock);
	do {
		found = false;
		for (struct pending *p = work->first; p; p = p->next) {
			if (p->kind != PENDING_OPEN || pending_valid(p))
				continue;
			found = true;
			if (p->end != PENDING_GONE)
				pending_give_up(work, p, PENDING_GONE);
		}
	} while (found && work_lock_wait_until(&work->lock, &work->ended, &until));
	work_lock_give(&work->lock);
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
		return sv_answer_fd(fd, (unsigned int)flags & O_CLOEXEC);
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

struct sv_answer work_ready(struct call *call, int socket)
{
	struct pending *pending = pending_new(call, PENDING_READY, socket, 0);

	if (!pending) {
		close(socket);
		return answer_fail(call, -ENOMEM);
	}
	return pending_start(call, pending);
}
