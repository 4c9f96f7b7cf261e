/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocking calls on a worker each, where io_uring is refused, ended by a signal.
 *
 * This is the one place where the library takes a signal: a real-time one that has no handler, for
 * as long as there are workers. pthread_cancel would do without, but loads libgcc_s, and ends the
 * process where an image has nothing but libc.
 */
#include "block/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "block/pending.h"
#include "base/thread.h"
#include "common/cleanup.h"

enum {
	THREADS_MAX = 256, /* of all children */
	STACK_SIZE = 128 * 1024,
};

/* All under the work's lock. */
struct threads {
	unsigned int count;
	int hurry; /* the signal that interrupts a worker */
};

static int64_t worker_step(struct pending *pending)
{
	int r;

	switch (pending->kind) {
	case PENDING_OPEN:
		r = open(proc_fd_path(pending->fd, pending->path),
			 pending_open_flags(pending->flags));
		return r < 0 ? -errno : r;
	case PENDING_CONNECT:
		r = connect(pending->fd, &pending->to.any, pending->to.size);
		return r < 0 ? -errno : 0;
	case PENDING_SEND: {
		ssize_t n;

		message_rest(pending->message, &pending->header, &pending->vector);
		n = sendmsg(pending->fd, &pending->header,
			    message_flags(pending->flags) | MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	case PENDING_READY: {
		struct pollfd ready = { .fd = pending->fd, .events = POLLOUT };

		return poll(&ready, 1, READY_MS) < 0 ? -errno : 0;
	}
	}
	return -EIO;
}

static void hurry_mask(const struct threads *threads, int how)
{
	sigset_t hurry;

	sigemptyset(&hurry);
	sigaddset(&hurry, threads->hurry);
	pthread_sigmask(how, &hurry, NULL);
}

/* From here on the thread may be interrupted. False: it is given up before it has begun. */
static bool worker_begins(struct pending *pending)
{
	struct work *work = pending->work;
	bool cancelled;

	work_lock_take(&work->lock);
	pending->thread = pthread_self();
	pending->started = true;
	cancelled = pending->cancelling;
	work_lock_give(&work->lock);
	return !cancelled;
}

/* And from here on not any more. */
static void worker_ends(struct pending *pending)
{
	struct work *work = pending->work;
	struct threads *threads = work->data;

	work_lock_take(&work->lock);
	pending->started = false;
	threads->count--;
	work_lock_give(&work->lock);
}

static void blocking_run(void *data)
{
	struct pending *pending = data;
	const struct threads *threads = pending->work->data;
	int64_t result = -ECANCELED;

	hurry_mask(threads, SIG_UNBLOCK);
	while (worker_begins(pending)) {
		result = worker_step(pending);
		if (!pending_step(pending, &result))
			break;
		result = -ECANCELED; /* between two parts: pending_done tells of all of them */
	}
	hurry_mask(threads, SIG_BLOCK);
	worker_ends(pending);
	pending_done(pending, result);
}

static int thread_begin(struct work *work, struct pending *pending) REQUIRES(work_locked)
{
	struct threads *threads = work->data;
	int r;

	if (threads->count == THREADS_MAX)
		return -ENOMEM;
	r = worker_start(work->workers, STACK_SIZE, blocking_run, pending);
	threads->count += r == 0;
	return r;
}

/* What comes before the thread is in its call is lost: the next tick sends it again. */
static void thread_cancel(struct work *work, struct pending *pending) REQUIRES(work_locked)
{
	const struct threads *threads = work->data;

	pending->cancelling = true;
	if (pending->started)
		pthread_kill(pending->thread, threads->hurry);
}

static void hurry_handle(int number)
{
	(void)number;
}

/* A signal that the process leaves alone, or -EBUSY. */
static int hurry_signal(void)
{
	const struct sigaction interrupt = { .sa_handler = hurry_handle };
	struct sigaction now;

	for (int number = SIGRTMAX; number >= SIGRTMIN; number--)
		if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL &&
		    sigaction(number, &interrupt, NULL) == 0)
			return number;
	return -EBUSY;
}

static int thread_open(struct work *work)
{
	struct threads *threads = calloc(1, sizeof(*threads));
	int r;

	if (!threads)
		return -ENOMEM;
	r = threads->hurry = hurry_signal();
	if (r < 0) {
		free(threads);
		return r;
	}
	work->data = threads;
	return 0;
}

static void thread_close(struct work *work)
{
	struct threads *threads = work->data;

	sigaction(threads->hurry, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	free(threads);
}

const struct work_backend work_backend_thread = {
	.open = thread_open,
	.close = thread_close,
	.start = thread_begin,
	.cancel = thread_cancel,
};
