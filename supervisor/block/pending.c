/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls under way: their list, the look at their callers, their answers. */
#include "block/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/thread.h"
#include "block/signals.h"
#include "call/answer.h"
#include "call/call.h"
#include "call/memory.h"
#include "call/tracee.h"
#include "tree/child.h"
#include "common/cleanup.h"

/* The kernel's own, which never leaves it: on the way to user mode it becomes EINTR or the call
 * again. */
#define ERESTARTSYS 512

enum {
	AGAIN_STACK_SIZE = 128 * 1024,
};

int pending_open_flags(int flags)
{
	/* The object is there and is no link; the path to it is one. Terminals are not for us. */
	return (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC | O_NOCTTY;
}

void pending_free(struct pending *pending)
{
	int fds[] = { pending->fd, pending->pidfd };

	for (size_t i = 0; i < array_size(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	endpoint_deinit(&pending->to);
	message_free(pending->message);
	free(pending);
}

void pending_link(struct work *work, struct pending *pending)
{
	pending->next = work->first;
	if (work->first)
		work->first->previous = pending;
	work->first = pending;
	work->count++;
}

void pending_unlink(struct work *work, struct pending *pending)
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

void pending_give_up(struct work *work, struct pending *pending, enum pending_end end)
{
	if (pending->end != PENDING_GOES_ON && end != PENDING_GONE)
		return;
	pending->end = end;
	work->backend->cancel(work, pending);
}

bool pending_valid(const struct pending *pending)
{
	uint64_t id = pending->id;

	return ioctl(pending->child->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* Of the process's calls that are under way: that of its main thread, else the first. */
static bool pending_foremost(const struct work *work, const struct pending *pending, pid_t tgid)
	REQUIRES(work_locked)
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
					  const struct signals *signals) REQUIRES(work_locked)
{
	uint64_t deaf = signals->blocked | signals->ignored;
	bool timed = pending->timeout.tv_sec || pending->timeout.tv_nsec;

	if (signals->own & ~deaf)
		return timed ? PENDING_INTERRUPTED : PENDING_RESTART;
	if (!(signals->shared & ~deaf) || !pending_foremost(work, pending, signals->tgid))
		return PENDING_GOES_ON;
	return pending->tid == signals->tgid && !timed ? PENDING_RESTART : PENDING_INTERRUPTED;
}

/* Two looks must agree, LOOK_MS apart: a signal that is on its way to another thread is gone by the
 * second. */
static void pending_look(struct work *work, struct pending *pending) REQUIRES(work_locked)
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

/* The reaper wakes for more than this, and however often others please. */
static bool work_is_due(struct work *work) REQUIRES(work_locked)
{
	uint64_t now = clock_ms();

	if (now - work->looked_ms < LOOK_MS)
		return false;
	work->looked_ms = now;
	return true;
}

static void work_look(struct work *work) REQUIRES(work_locked)
{
	for (struct pending *p = work->first; p; p = p->next)
		if (p->end != PENDING_GOES_ON)
			work->backend->cancel(work, p);
	if (!work->look)
		work->look = work->first;
	for (int i = 0; i < WORK_TICK_LOOKS && work->look; i++) {
		struct pending *pending = work->look;

		work->look = pending->next;
		if (pending->end == PENDING_GOES_ON)
			pending_look(work, pending);
	}
}

bool work_tick(struct work *work)
{
	bool some;

	work_lock_take(&work->lock);
	some = work->count > 0;
	if (some && work_is_due(work))
		work_look(work);
	work_lock_give(&work->lock);
	return some;
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

/* Not with the answer of who waits: its call comes again, and is served from the beginning. */
static void pending_again(const struct pending *pending)
{
	const struct call call = {
		.regs = {.child = pending->child, .tid = pending->tid},
		.id = pending->id,
	};
	struct tracee tracee;
	int r = tracee_stop(&call, NULL, 0, &tracee);

	if (r == 0)
		tracee_again(&tracee);
	else if (r != ESRCH)
		answer_send(pending->child->listener, pending->id, sv_answer_error(EINTR));
}

/* Off the list, where it is answered: work_cancel waits for that, and the listener is there. */
static void pending_over(struct pending *pending)
{
	struct work *work = pending->work;

	work_lock_take(&work->lock);
	pending_unlink(work, pending);
	work_lock_give(&work->lock);
	pending_free(pending);
}

static void again_run(void *data)
{
	pending_again(data);
	pending_over(data);
}

/*
 * On a worker of its own: who dumps its core, and is to be waited for, may be held for as long as
 * the other side of a pipe likes, and all others' calls with it. PENDING_GOES_ON: the worker has it
 * now. Where there is none to be had, the caller asks again.
 */
static int pending_begin_anew(struct pending *pending)
{
	if (!pending_valid(pending))
		return PENDING_GONE;
	return worker_start(pending->work->workers, AGAIN_STACK_SIZE, again_run, pending) == 0
		       ? PENDING_GOES_ON
		       : PENDING_INTERRUPTED;
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
		answer = sv_answer_error((int)-result);
	else if (pending->kind == PENDING_OPEN)
		answer = sv_answer_fd((int)result, (unsigned int)pending->flags & O_CLOEXEC);
	else
		answer = sv_answer_value(result);
	answer_send(pending->child->listener, pending->id, answer);
}

void pending_done(struct pending *pending, int64_t result)
{
	int end = pending->end;

	if (pending->kind == PENDING_READY) {
		if (end == PENDING_GOES_ON)
			end = pending_begin_anew(pending);
		if (end == PENDING_GOES_ON)
			return;
		result = -ECANCELED; /* there may be room, but nothing was sent */
	}
	/* Part of a stream is gone: that is what is told, and the error when it is asked for again.
	 */
	if (result < 0 && pending->message && pending->message->sent > 0)
		result = (int64_t)pending->message->sent;
	if (end != PENDING_GONE)
		pending_answer(pending, end, result);
	else if (result >= 0 && pending->kind == PENDING_OPEN)
		close((int)result);
	pending_over(pending);
}
