/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Receivers: NOTIF_RECV, the lead, and the sending of answers. The idea stands in receiver.h. */
#include "receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "table.h"
#include "task.h"
#include "core/cleanup.h"

enum {
	HANG_S = 5, /* how long receivers may take to end once no task is left that could call */
};

/* The listener hangs up when the last task of the child is gone; RECV then says ENOENT for ever. */
static bool listener_hung_up(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* Waits for the lead. False: there is nothing more to receive. */
static bool receiver_lead(struct receiver *receiver)
{
	struct reception *reception = receiver->reception;
	bool r;

	if (atomic_load_explicit(&reception->leader, memory_order_acquire) == receiver->index &&
	    !reception->ended)
		return true;
	pthread_mutex_lock(&reception->lock);
	while (!reception->ended && atomic_load(&reception->leader) != receiver->index)
		pthread_cond_wait(&reception->changed, &reception->lock);
	r = !reception->ended;
	pthread_mutex_unlock(&reception->lock);
	/* What another leader let change while we did not look is unknown. */
	tasks_clear(receiver);
	return r;
}

static void reception_end(struct reception *reception)
{
	pthread_mutex_lock(&reception->lock);
	reception->ended = true;
	pthread_cond_broadcast(&reception->changed);
	pthread_mutex_unlock(&reception->lock);
}

static void receiver_turn(struct receiver *receiver)
{
	uint64_t turns = atomic_load_explicit(&receiver->turns, memory_order_relaxed);

	atomic_store_explicit(&receiver->turns, turns + 1, memory_order_release);
}

static void *receiver_run(void *data)
{
	struct receiver *receiver = data;
	struct seccomp_notif *notification = &receiver->notification;
	int listener = receiver->child->listener;

	prctl(PR_SET_NAME, "pcall-receiver");
	/* Its own umask, which follows the callers'. Without it nothing can be created exactly:
	 * stop here. */
	if (unshare(CLONE_FS) < 0)
		reception_end(receiver->reception);
	while (receiver_lead(receiver)) {
		memset(notification, 0, sizeof(*notification));
		near_wait(&receiver->near);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification) < 0) {
			/* ENOENT: the caller died while its call was made; or nobody is left. */
			if (errno != EINTR && (errno != ENOENT || listener_hung_up(listener)))
				reception_end(receiver->reception);
			continue;
		}
		receiver_turn(receiver);
		if (!table_passes(receiver->child->table, notification->data.nr))
			near_received(&receiver->near, listener, (pid_t)notification->pid);
		child_wake_reaper(receiver->child);
		call_serve(receiver, notification);
		near_answered(&receiver->near, listener);
		tasks_trim(receiver);
		receiver_turn(receiver);
	}
	tasks_clear(receiver);
	return NULL;
}

static int receiver_start(struct reception *reception)
{
	struct receiver *receiver;
	sigset_t all, before;
	int r;

	if (reception->count == RECEIVERS_MAX)
		return -EAGAIN;
	receiver = calloc(1, sizeof(*receiver));
	if (!receiver)
		return -ENOMEM;
	receiver->reception = reception;
	receiver->child = reception->child;
	receiver->index = reception->count;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&receiver->thread, NULL, receiver_run, receiver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0) {
		free(receiver);
		return -r;
	}
	reception->receivers[reception->count++] = receiver;
	return 0;
}

int reception_open(struct child *child, struct reception **ret)
{
	struct reception *reception = calloc(1, sizeof(*reception));
	int r;

	if (!reception)
		return -ENOMEM;
	reception->child = child;
	pthread_mutex_init(&reception->lock, NULL);
	pthread_cond_init(&reception->changed, NULL);
	r = receiver_start(reception);
	if (r < 0) {
		free(reception);
		return r;
	}
	*ret = reception;
	return 0;
}

bool reception_close(struct reception *reception)
{
	struct timespec end;

	if (!reception)
		return true;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += HANG_S;
	for (unsigned int i = 0; i < reception->count; i++)
		if (pthread_timedjoin_np(reception->receivers[i]->thread, NULL, &end) != 0)
			return false;
	for (unsigned int i = 0; i < reception->count; i++)
		free(reception->receivers[i]);
	pthread_mutex_destroy(&reception->lock);
	pthread_cond_destroy(&reception->changed);
	free(reception);
	return true;
}

/* Somebody who is not serving, or a new receiver. Negative: all are busy, and there may be no more
 * of them. */
static int reception_follower(struct reception *reception)
{
	for (unsigned int i = 0; i < reception->count; i++)
		if (atomic_load(&reception->receivers[i]->turns) % 2 == 0)
			return (int)i;
	if (receiver_start(reception) < 0)
		return -1;
	return (int)reception->count - 1;
}

bool reception_tick(struct reception *reception)
{
	unsigned int leader = atomic_load(&reception->leader);
	struct receiver *receiver = reception->receivers[leader];
	uint64_t turns = atomic_load_explicit(&receiver->turns, memory_order_acquire);
	bool same = turns == receiver->turns_seen;
	int next;

	receiver->turns_seen = turns;
	if (!same)
		return true;
	if (turns % 2 == 0)
		return false; /* it waits in NOTIF_RECV */
	next = reception_follower(reception);
	if (next >= 0) {
		pthread_mutex_lock(&reception->lock);
		atomic_store_explicit(&reception->leader, (unsigned int)next, memory_order_release);
		pthread_cond_broadcast(&reception->changed);
		pthread_mutex_unlock(&reception->lock);
	}
	return true;
}

int receiver_umask(struct call *call)
{
	struct receiver *receiver = call->receiver;
	mode_t mask;
	int r = task_umask(call, &mask);

	if (r != 0)
		return r;
	if (!receiver->umask_known || receiver->umask != mask)
		umask(mask);
	receiver->umask = mask;
	receiver->umask_known = true;
	return 0;
}

static int response_send(int listener, struct seccomp_notif_resp *response)
{
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) < 0)
		return -errno;
	return 0;
}

static struct seccomp_notif_addfd add_of(uint64_t id, struct sv_answer answer)
{
	return (struct seccomp_notif_addfd){
		.id = id,
		.srcfd = (uint32_t)answer.fd,
		.newfd_flags = answer.flags & O_CLOEXEC,
	};
}

/*
 * After ADDFD, which said r, the SEND: that wakes the caller on this CPU (SYNC_WAKE_UP), which
 * ADDFD_SEND does not. What ADDFD says is what the caller's open would have said: EMFILE is the
 * child's own limit.
 */
static int added_send(int listener, uint64_t id, struct sv_answer answer, int r)
{
	struct seccomp_notif_resp response = { .id = id };

	if (r < 0)
		response.error = r;
	else
		response.val = r;
	close(answer.fd);
	return response_send(listener, &response);
}

static int answer_send_fd(int listener, uint64_t id, struct sv_answer answer)
{
	struct seccomp_notif_addfd add = add_of(id, answer);
	int fd = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return added_send(listener, id, answer, fd < 0 ? -errno : fd);
}

int answer_send(int listener, uint64_t id, struct sv_answer answer)
{
	struct seccomp_notif_resp response = { .id = id };

	switch (answer.kind) {
	case SV_ANSWER_LATER: return 0;
	case SV_ANSWER_FORWARD: response.error = -EIO; break; /* to nobody: a bug of ours */
	case SV_ANSWER_FD: return answer_send_fd(listener, id, answer);
	case SV_ANSWER_ERROR: response.error = -answer.error; break;
	case SV_ANSWER_VALUE: response.val = answer.value; break;
	}
	return response_send(listener, &response);
}

int call_answer(const struct call *call, struct sv_answer answer)
{
	const struct child *child = call->regs.child;
	struct seccomp_notif_addfd add;

	if (answer.kind != SV_ANSWER_FD || !call->receiver || call->receiver->near.apart)
		return answer_send(child->listener, call->id, answer);
	add = add_of(call->id, answer);
	return added_send(child->listener, call->id, answer,
			  handover_fd(&call->receiver->handover, child, call->regs.tid, &add));
}

int gate_send(int listener, uint64_t id, struct sv_gate gate)
{
	struct seccomp_notif_resp response = { .id = id, .error = -gate.error };

	if (gate.error == 0)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return response_send(listener, &response);
}
