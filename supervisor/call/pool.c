/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Receivers: NOTIF_RECV and the lead. The idea stands in pool.h. */
#include "call/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "tree/table.h"
#include "tree/tree.h"
#include "call/caller.h"
#include "base/thread.h"
#include "common/cleanup.h"

struct deferred {
	struct deferred *next;
	struct seccomp_notif notification;
};

/* The listener hangs up when the last task of the child is gone; RECV then says ENOENT for ever. */
static bool listener_hung_up(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void receiver_turn(struct receiver *receiver)
{
	uint64_t turns = atomic_load_explicit(&receiver->turns, memory_order_relaxed);

	atomic_store_explicit(&receiver->turns, turns + 1, memory_order_release);
}

static const struct pool_ops *pool_ops(const struct reception *reception)
{
	return reception->child->tree->pool->ops;
}

/* Goes on with a call of the child's that was forwarded elsewhere. Under the lock, which is left
 * meanwhile. */
static void receiver_climb(struct receiver *receiver) REQUIRES(reception_locked)
{
	struct reception *reception = receiver->reception;
	struct climb *climb = reception->climbs;

	reception->climbs = climb->next;
	if (!reception->climbs)
		reception->climbs_end = &reception->climbs;
	reception->climbs_count--;
	receiver_turn(receiver);
	reception_lock_give(&reception->lock);
	pool_ops(reception)->climb(receiver, climb);
	tasks_clear(receiver);
	reception_lock_take(&reception->lock);
	receiver_turn(receiver);
}

/* The same for what nobody came for. */
static void receiver_sweep(struct receiver *receiver) REQUIRES(reception_locked)
{
	struct reception *reception = receiver->reception;

	reception->to_sweep = false;
	receiver_turn(receiver);
	reception_lock_give(&reception->lock);
	pool_ops(reception)->sweep(receiver);
	reception_lock_take(&reception->lock);
	receiver_turn(receiver);
}

/* The same for what another one left. */
static void receiver_serve_deferred(struct receiver *receiver) REQUIRES(reception_locked)
{
	struct reception *reception = receiver->reception;
	struct deferred *deferred = reception->deferred;

	reception->deferred = deferred->next;
	if (!reception->deferred)
		reception->deferred_end = &reception->deferred;
	receiver_turn(receiver);
	reception_lock_give(&reception->lock);
	receiver->notification = deferred->notification;
	free(deferred);
	tasks_clear(receiver);
	pool_ops(reception)->serve(receiver);
	reception_lock_take(&reception->lock);
	receiver_turn(receiver);
}

static int receiver_start(struct reception *reception) REQUIRES(reception_locked);

/* Waits for the lead. False: there is nothing more to receive. */
static bool receiver_lead(struct receiver *receiver)
{
	struct reception *reception = receiver->reception;
	bool r;

	if (atomic_load_explicit(&reception->leader, memory_order_acquire) == receiver->index &&
	    !reception->ended)
		return true;
	reception_lock_take(&reception->lock);
	while (!reception->ended && atomic_load(&reception->leader) != receiver->index) {
		if (reception->climbs) {
			receiver_climb(receiver);
			continue;
		}
		if (reception->deferred) {
			receiver_serve_deferred(receiver);
			continue;
		}
		if (reception->to_sweep) {
			receiver_sweep(receiver);
			continue;
		}
		reception->idle++;
		reception_lock_wait(&reception->lock, &reception->changed);
		reception->idle--;
	}
	r = !reception->ended;
	/* who leads climbs no more: if nobody else can, one more has to */
	if (r && reception->climbs && reception->idle == 0)
		receiver_start(reception);
	reception_lock_give(&reception->lock);
	/* What another leader let change while we did not look is unknown. */
	tasks_clear(receiver);
	return r;
}

static void reception_over(struct reception *reception)
{
	reception_lock_take(&reception->lock);
	reception->ended = true;
	pthread_cond_broadcast(&reception->changed);
	reception_lock_give(&reception->lock);
}

/* With its own umask, which follows the callers'. */
static void receiver_work(void *data)
{
	struct receiver *receiver = data;
	struct seccomp_notif *notification = &receiver->notification;
	int listener = receiver->child->listener;

	prctl(PR_SET_NAME, "pcall-receiver");
	receiver->own_fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (receiver_lead(receiver)) {
		memset(notification, 0, sizeof(*notification));
		wake_cpu_wait(&receiver->wake);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification) < 0) {
			/* ENOENT: the caller died while its call was made; or nobody is left. */
			if (errno != EINTR && (errno != ENOENT || listener_hung_up(listener)))
				reception_over(receiver->reception);
			continue;
		}
		receiver_turn(receiver);
		pool_ops(receiver->reception)->serve(receiver);
		tasks_trim(receiver);
		receiver_turn(receiver);
	}
	tasks_clear(receiver);
	if (receiver->own_fds > 0)
		close(receiver->own_fds);
}

static void *receiver_run(void *data)
{
	struct receiver *receiver = data;

	/* Without a umask of its own nothing can be created exactly: stop here. */
	if (thread_own_fs(receiver_work, receiver) < 0)
		reception_over(receiver->reception);
	return NULL;
}

/* Under the lock. */
static int receiver_start(struct reception *reception) REQUIRES(reception_locked)
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
	reception->climbs_end = &reception->climbs;
	reception->deferred_end = &reception->deferred;
	reception_lock_init(&reception->lock);
	pthread_cond_init(&reception->changed, NULL);
	*ret = reception; /* before anything is served */
	/* What the first one is asked may start the second before it is known here. */
	reception_lock_take(&reception->lock);
	r = receiver_start(reception);
	reception_lock_give(&reception->lock);
	if (r < 0) {
		free(reception);
		*ret = NULL;
	}
	return r;
}

static unsigned int reception_count(struct reception *reception)
{
	unsigned int count;

	reception_lock_take(&reception->lock);
	count = reception->count;
	reception_lock_give(&reception->lock);
	return count;
}

bool reception_end(struct reception *reception)
{
	struct timespec end = clock_until(HANG_MS);

	if (!reception)
		return true;
	/* when one has ended, no more are started */
	for (unsigned int i = 0; i < reception_count(reception); i++)
		if (pthread_timedjoin_np(reception->receivers[i]->thread, NULL, &end) != 0)
			return false;
	return true;
}

void reception_free(struct reception *reception)
{
	if (!reception)
		return;
	for (unsigned int i = 0; i < reception->count; i++)
		free(reception->receivers[i]);
	for (struct deferred *deferred = reception->deferred, *next; deferred; deferred = next) {
		next = deferred->next;
		free(deferred);
	}
	reception_lock_deinit(&reception->lock);
	pthread_cond_destroy(&reception->changed);
	free(reception);
}

struct climb *reception_climbs(struct reception *reception)
{
	struct climb *climbs = reception ? reception->climbs : NULL;

	if (climbs)
		reception->climbs = NULL;
	return climbs;
}

int reception_climb(struct reception *reception, struct climb *climb)
{
	int r = 0;

	reception_lock_take(&reception->lock);
	if (reception->ended)
		r = -ESRCH;
	else if (reception->climbs_count >= reception->idle && receiver_start(reception) < 0 &&
		 reception->count < 2)
		r = -EAGAIN; /* there will never be a follower */
	if (r == 0) {
		climb->next = NULL;
		*reception->climbs_end = climb;
		reception->climbs_end = &climb->next;
		reception->climbs_count++;
		pthread_cond_broadcast(&reception->changed);
	}
	reception_lock_give(&reception->lock);
	return r;
}

static bool is_foreign(const struct receiver *receiver, const struct child *child)
{
	return receiver && receiver->reception && receiver->child != child;
}

bool receiver_lend(struct receiver *receiver, const struct child *child)
{
	if (!is_foreign(receiver, child))
		return true;
	if (atomic_fetch_add(&receiver->reception->lent, 1) < LENT_MAX)
		return true;
	atomic_fetch_sub(&receiver->reception->lent, 1);
	return false;
}

void receiver_back(struct receiver *receiver, const struct child *child)
{
	if (is_foreign(receiver, child))
		atomic_fetch_sub(&receiver->reception->lent, 1);
}

/* Somebody who is not serving, or a new receiver. Negative: all are busy, and there may be no more
 * of them. Under the lock. */
static int reception_follower(struct reception *reception) REQUIRES(reception_locked)
{
	for (unsigned int i = 0; i < reception->count; i++)
		if (atomic_load(&reception->receivers[i]->turns) % 2 == 0)
			return (int)i;
	if (receiver_start(reception) < 0)
		return -1;
	return (int)reception->count - 1;
}

/* From the one that leads now; false: it goes on leading. */
static bool reception_pass_lead(struct reception *reception)
{
	int next;

	reception_lock_take(&reception->lock);
	next = reception_follower(reception);
	if (next >= 0) {
		atomic_store_explicit(&reception->leader, (unsigned int)next, memory_order_release);
		pthread_cond_broadcast(&reception->changed);
	}
	reception_lock_give(&reception->lock);
	return next >= 0;
}

bool receiver_pass_lead(struct receiver *receiver)
{
	struct reception *reception = receiver ? receiver->reception : NULL;

	return !reception || atomic_load(&reception->leader) != receiver->index ||
	       reception_pass_lead(reception);
}

bool receiver_defer(const struct call *call)
{
	const struct receiver *receiver = call->receiver;
	struct reception *reception = receiver ? receiver->reception : NULL;
	struct deferred *deferred;
	bool can;

	if (!reception || call->held || receiver->notification.id != call->id)
		return false;
	deferred = calloc(1, sizeof(*deferred));
	if (!deferred)
		return false;
	deferred->notification = receiver->notification;
	reception_lock_take(&reception->lock);
	can = !reception->ended && reception->count > 1;
	if (can) {
		*reception->deferred_end = deferred;
		reception->deferred_end = &deferred->next;
		pthread_cond_broadcast(&reception->changed);
	}
	reception_lock_give(&reception->lock);
	if (!can)
		free(deferred);
	return can;
}

void reception_sweep(struct reception *reception)
{
	reception_lock_take(&reception->lock);
	reception->to_sweep = true;
	if (reception->idle == 0)
		receiver_start(reception);
	pthread_cond_broadcast(&reception->changed);
	reception_lock_give(&reception->lock);
}

bool reception_tick(struct reception *reception, bool some)
{
	unsigned int leader = atomic_load(&reception->leader);
	struct receiver *receiver = reception->receivers[leader];
	uint64_t turns = atomic_load_explicit(&receiver->turns, memory_order_acquire);
	bool same = turns == receiver->turns_seen;

	receiver->turns_seen = turns;
	if (!same)
		return true;
	if (turns % 2 == 0)
		return some; /* it waits in NOTIF_RECV */
	reception_pass_lead(reception);
	return true;
}
