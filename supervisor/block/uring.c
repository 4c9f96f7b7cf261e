/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocking calls on one io_uring: one worker waits for all.
 *
 * Receivers put what they start on a list and ring an eventfd, which the ring reads: only the
 * worker submits, so that nothing is lost when a receiver ends. An open goes to a kernel thread at
 * once: the ring's own first try is one without waiting, which opens a FIFO too early. A connection
 * that the same socket has begun before (EALREADY: an interrupted connect) is waited for with a
 * poll.
 */
#include "block/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "block/pending.h"
#include "base/thread.h"
#include "common/cleanup.h"

enum {
	ENTRIES = 256,
	KERNEL_THREADS_MAX = 1024, /* blocked opens, of all children */
	STACK_SIZE = 256 * 1024,
};

/* Completions that belong to no pending call. */
#define USER_NOBODY ((void *)0)

struct ring {
	struct work *work;
	struct io_uring uring;
	int wake;
	uint64_t wakes;		 /* what the ring reads from it */
	struct pending *started; /* under the work's lock, as what follows */
	bool stop, over;
};

static void ring_wake(struct ring *ring)
{
	eventfd_write(ring->wake, 1);
}

/* So many entries in a row. */
static struct io_uring_sqe *ring_entry(struct ring *ring, unsigned int count)
{
	if (io_uring_sq_space_left(&ring->uring) < count)
		io_uring_submit(&ring->uring);
	return io_uring_get_sqe(&ring->uring);
}

static void ring_read_wake(struct ring *ring)
{
	struct io_uring_sqe *sqe = ring_entry(ring, 1);

	io_uring_prep_read(sqe, ring->wake, &ring->wakes, sizeof(ring->wakes), 0);
	io_uring_sqe_set_data(sqe, ring);
}

static void prepare_kind(struct io_uring_sqe *sqe, struct pending *pending)
{
	switch (pending->kind) {
	case PENDING_OPEN:
		io_uring_prep_openat(sqe, AT_FDCWD, proc_fd_path(pending->fd, pending->path),
				     pending_open_flags(pending->flags), 0);
		sqe->flags |= IOSQE_ASYNC;
		break;
	case PENDING_CONNECT:
		if (pending->polling)
			io_uring_prep_poll_add(sqe, pending->fd, POLLOUT);
		else
			io_uring_prep_connect(sqe, pending->fd, &pending->to.any, pending->to.size);
		break;
	case PENDING_SEND:
		message_rest(pending->message, &pending->header, &pending->vector);
		io_uring_prep_sendmsg(sqe, pending->fd, &pending->header,
				      (unsigned int)message_flags(pending->flags) | MSG_NOSIGNAL);
		break;
	case PENDING_READY: io_uring_prep_poll_add(sqe, pending->fd, POLLOUT); break;
	}
}

/* How long it may take; 0: as long as it takes. */
static struct __kernel_timespec pending_limit(const struct pending *pending)
{
	if (pending->kind == PENDING_READY)
		return (struct __kernel_timespec){ .tv_nsec = READY_MS * 1000000L };
	return (struct __kernel_timespec){
		.tv_sec = pending->timeout.tv_sec,
		.tv_nsec = pending->timeout.tv_nsec,
	};
}

static void ring_submit_pending(struct ring *ring, struct pending *pending)
{
	struct __kernel_timespec limit = pending_limit(pending);
	bool timed = limit.tv_sec || limit.tv_nsec;
	struct io_uring_sqe *sqe = ring_entry(ring, timed ? 2 : 1);

	prepare_kind(sqe, pending);
	io_uring_sqe_set_data(sqe, pending);
	if (!timed)
		return;
	sqe->flags |= IOSQE_IO_LINK;
	pending->limit = limit;
	sqe = io_uring_get_sqe(&ring->uring);
	io_uring_prep_link_timeout(sqe, &pending->limit, 0);
	io_uring_sqe_set_data(sqe, USER_NOBODY);
}

/* Again at each tick until it has ended: between its own first try and a kernel thread's, a call is
 * not to be found. */
static void ring_submit_cancels(struct ring *ring) REQUIRES(work_locked)
{
	struct work *work = ring->work;

	for (struct pending *p = work->first; p; p = p->next) {
		struct io_uring_sqe *sqe;

		if (!p->cancelling || !p->started)
			continue;
		sqe = ring_entry(ring, 1);
		io_uring_prep_cancel(sqe, p, 0);
		io_uring_sqe_set_data(sqe, USER_NOBODY);
	}
}

/* What receivers have started since, in their order. False: there is nothing left to do, ever. */
static bool ring_take(struct ring *ring)
{
	struct work *work = ring->work;
	struct pending *oldest = NULL;
	bool going;

	work_lock_take(&work->lock);
	while (ring->started) {
		struct pending *pending = ring->started;

		ring->started = pending->next_started;
		pending->next_started = oldest;
		oldest = pending;
	}
	for (; oldest; oldest = oldest->next_started) {
		oldest->started = true;
		ring_submit_pending(ring, oldest);
	}
	ring_submit_cancels(ring);
	going = !ring->stop || work->count > 0;
	work_lock_give(&work->lock);
	return going;
}

static void ring_completed(struct ring *ring, void *data, int64_t result)
{
	struct pending *pending = data;

	if (data == USER_NOBODY)
		return;
	if (data == ring) {
		ring_read_wake(ring);
		return;
	}
	if (pending->polling && result >= 0) {
		pending->polling = false;
		ring_submit_pending(ring, pending);
	} else if (pending->kind == PENDING_CONNECT && result == -EALREADY &&
		   pending->end == PENDING_GOES_ON) {
		pending->polling = true;
		ring_submit_pending(ring, pending);
	} else if (pending_step(pending, &result)) {
		ring_submit_pending(ring, pending);
	} else {
		pending_done(pending, result);
	}
}

static void ring_reap(struct ring *ring)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&ring->uring, &cqe) == 0) {
		void *data = io_uring_cqe_get_data(cqe);
		int64_t result = cqe->res;

		io_uring_cqe_seen(&ring->uring, cqe);
		ring_completed(ring, data, result);
	}
}

static void ring_run(void *data)
{
	struct ring *ring = data;
	struct work *work = ring->work;

	ring_read_wake(ring);
	while (ring_take(ring)) {
		io_uring_submit_and_wait(&ring->uring, 1);
		ring_reap(ring);
	}
	work_lock_take(&work->lock);
	ring->over = true;
	pthread_cond_broadcast(&work->ended);
	work_lock_give(&work->lock);
}

static void ring_close(struct ring *ring)
{
	io_uring_queue_exit(&ring->uring);
	close(ring->wake);
	free(ring);
}

static int uring_open(struct work *work)
{
	unsigned int threads[2] = { KERNEL_THREADS_MAX, KERNEL_THREADS_MAX };
	struct ring *ring = calloc(1, sizeof(*ring));
	int r;

	if (!ring)
		return -ENOMEM;
	ring->work = work;
	ring->wake = eventfd(0, EFD_CLOEXEC);
	if (ring->wake < 0) {
		r = -errno;
		free(ring);
		return r;
	}
	r = io_uring_queue_init(ENTRIES, &ring->uring, 0);
	if (r < 0) {
		close(ring->wake);
		free(ring);
		return r == -ENOSYS ? -EOPNOTSUPP : r;
	}
	io_uring_ring_dontfork(&ring->uring); /* no copy of us asks it for anything */
	r = io_uring_register_iowq_max_workers(&ring->uring, threads); /* Linux 5.15 */
	if (r == 0)
		r = worker_start(work->workers, STACK_SIZE, ring_run, ring);
	if (r < 0) {
		ring_close(ring);
		return r == -EINVAL ? -EOPNOTSUPP : r;
	}
	work->data = ring;
	return 0;
}

static void uring_close(struct work *work)
{
	struct ring *ring = work->data;

	work_lock_take(&work->lock);
	ring->stop = true;
	ring_wake(ring);
	while (!ring->over)
		work_lock_wait(&work->lock, &work->ended);
	work_lock_give(&work->lock);
	ring_close(ring);
}

static int uring_start(struct work *work, struct pending *pending) REQUIRES(work_locked)
{
	struct ring *ring = work->data;

	pending->next_started = ring->started;
	ring->started = pending;
	ring_wake(ring);
	return 0;
}

static void uring_cancel(struct work *work, struct pending *pending) REQUIRES(work_locked)
{
	pending->cancelling = true;
	ring_wake(work->data);
}

const struct work_backend work_backend_uring = {
	.open = uring_open,
	.close = uring_close,
	.start = uring_start,
	.cancel = uring_cancel,
};
