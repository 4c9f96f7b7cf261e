/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Workers on a thread each, where io_uring is refused: plain blocking calls, ended by a signal. One
 * more thread keeps the tick.
 *
 * This is the one place where the library takes a signal: a real-time one that has no handler, for
 * as long as there are workers. pthread_cancel would do without, but loads libgcc_s, and ends the
 * process where an image has nothing but libc.
 */
#include "block/thread.h"

#include <errno.h>
#include <fcntl.h>
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

enum worker_state {
	WORKER_FREE,
	WORKER_RUNS,
	WORKER_ENDED, /* to be joined */
};

struct worker {
	enum worker_state state;
	pthread_t thread;
	struct work *work;
	struct pending *pending;
};

/* All under the work's lock. */
struct threads {
	pthread_cond_t changed; /* something is pending, or it is time to stop */
	pthread_t ticker;
	bool stop;
	int hurry; /* the signal that interrupts a worker */
	struct worker workers[THREADS_MAX];
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
	}
	return -EIO;
}

static bool worker_cancelled(struct worker *worker)
{
	bool cancelled;

	pthread_mutex_lock(&worker->work->lock);
	cancelled = worker->pending->cancelling;
	pthread_mutex_unlock(&worker->work->lock);
	return cancelled;
}

static void worker_end(struct worker *worker, int64_t result)
{
	struct work *work = worker->work;

	pthread_mutex_lock(&work->lock);
	worker->pending->started = false; /* nobody may interrupt the thread any more */
	pthread_mutex_unlock(&work->lock);
	pending_done(worker->pending, result);
	pthread_mutex_lock(&work->lock);
	worker->state = WORKER_ENDED;
	pthread_mutex_unlock(&work->lock);
}

static void *worker_run(void *data)
{
	struct worker *worker = data;
	struct threads *threads = worker->work->data;
	int64_t result = -ECANCELED;
	sigset_t hurry;

	sigemptyset(&hurry);
	sigaddset(&hurry, threads->hurry);
	pthread_sigmask(SIG_UNBLOCK, &hurry, NULL);
	do {
		if (worker_cancelled(worker)) {
			result = -ECANCELED;
			break;
		}
		result = worker_step(worker->pending);
	} while (pending_step(worker->pending, &result));
	worker_end(worker, result);
	return NULL;
}

static struct worker *worker_find(struct threads *threads)
{
	for (size_t i = 0; i < THREADS_MAX; i++) {
		struct worker *worker = &threads->workers[i];

		if (worker->state == WORKER_ENDED) {
			pthread_join(worker->thread, NULL); /* it is past all locks */
			worker->state = WORKER_FREE;
		}
		if (worker->state == WORKER_FREE)
			return worker;
	}
	return NULL;
}

static int worker_begin(struct work *work, struct pending *pending)
{
	struct threads *threads = work->data;
	struct worker *worker = worker_find(threads);
	int r;

	if (!worker)
		return -ENOMEM;
	*worker = (struct worker){ .work = work, .pending = pending };
	pending->worker = worker;
	pending->started = true;
	r = thread_start(&worker->thread, STACK_SIZE, worker_run, worker);
	if (r < 0)
		return r;
	worker->state = WORKER_RUNS;
	pthread_cond_signal(&threads->changed);
	return 0;
}

/* What comes before the thread is in its call is lost: the ticker sends it again. */
static void worker_hurry(const struct threads *threads, const struct pending *pending)
{
	if (pending->started && pending->cancelling)
		pthread_kill(pending->worker->thread, threads->hurry);
}

static void thread_cancel(struct work *work, struct pending *pending)
{
	pending->cancelling = true;
	worker_hurry(work->data, pending);
}

static void *ticker_run(void *data)
{
	struct work *work = data;
	struct threads *threads = work->data;
	struct timespec tick = { .tv_nsec = WORK_TICK_MS * 1000000L };

	pthread_mutex_lock(&work->lock);
	while (!threads->stop) {
		if (work->count == 0) {
			pthread_cond_wait(&threads->changed, &work->lock);
			continue;
		}
		for (struct pending *p = work->first; p; p = p->next)
			worker_hurry(threads, p);
		pthread_mutex_unlock(&work->lock);
		nanosleep(&tick, NULL);
		work_tick(work);
		pthread_mutex_lock(&work->lock);
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
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
	pthread_cond_init(&threads->changed, NULL);
	work->data = threads;
	r = threads->hurry = hurry_signal();
	if (r > 0)
		r = thread_start(&threads->ticker, STACK_SIZE, ticker_run, work);
	if (r < 0) {
		pthread_cond_destroy(&threads->changed);
		free(threads);
	}
	return r;
}

static void thread_close(struct work *work)
{
	struct threads *threads = work->data;

	pthread_mutex_lock(&work->lock);
	threads->stop = true;
	pthread_cond_signal(&threads->changed);
	pthread_mutex_unlock(&work->lock);
	pthread_join(threads->ticker, NULL);
	for (size_t i = 0; i < THREADS_MAX; i++)
		if (threads->workers[i].state != WORKER_FREE)
			pthread_join(threads->workers[i].thread, NULL);
	sigaction(threads->hurry, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	pthread_cond_destroy(&threads->changed);
	free(threads);
}

const struct work_backend work_backend_thread = {
	.open = thread_open,
	.close = thread_close,
	.start = worker_begin,
	.cancel = thread_cancel,
};
