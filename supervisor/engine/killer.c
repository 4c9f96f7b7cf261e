/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The killer. The idea stands in killer.h. */
#include "engine/killer.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "engine/engine.h"
#include "tree/tree.h"
#include "zygote/kill_tree.h"

enum {
	DYING_MS = 2,  /* what a child that was one process takes to die: no look is for it */
	BURST_MS = 10, /* in which no more than a few are doomed, or it is a burst */
	FEW = 16,
	NAP_MS_MAX = 20,
	REST = 2, /* times as long as it looked it does not look */
};

static void pidfd_kill(int pidfd)
{
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

void killer_init(struct killer *killer)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&killer->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* Under no lock: a look is long. */
static enum reap_want want(uint32_t tag, void *data)
{
	struct sv *sv = data;
	const struct sv_child *child;
	enum reap_want want = REAP_NOT;

	tree_lock_take(&sv->tree.lock);
	child = child_tagged(&sv->tree, tag);
	if (child && child->doomed && !child->drained)
		want = child->of_burst ? REAP_MANY : REAP_ONE;
	tree_lock_give(&sv->tree.lock);
	return want;
}

/* There is no /proc to look through: at least the first processes. Under the lock. */
static void firsts_kill(struct sv *sv) REQUIRES(tree_locked)
{
	for (struct sv_child *child = sv->tree.children; child; child = child->next)
		if (child->doomed && !child->drained)
			pidfd_kill(child->child.pidfd);
}

/* Until a look is due. Under the lock. */
static void killer_wait(struct sv *sv) REQUIRES(tree_locked)
{
	struct killer *killer = &sv->killer;
	struct timespec due;

	while (!killer->ending) {
		if (!killer->doomed) {
			tree_lock_wait(&sv->tree.lock, &killer->changed);
			continue;
		}
		if (clock_ms() >= killer->due_ms)
			break;
		due.tv_sec = (time_t)(killer->due_ms / 1000);
		due.tv_nsec = (long)(killer->due_ms % 1000) * 1000000;
		tree_lock_wait_until(&sv->tree.lock, &killer->changed, &due);
	}
}

/* When the next look is due. Under the lock. */
static void killer_looked(struct killer *killer, uint64_t began, bool fresh) REQUIRES(tree_locked)
{
	uint64_t now = clock_ms();

	killer->nap_ms = fresh || !killer->nap_ms ? 1 : killer->nap_ms * 2;
	if (killer->nap_ms > NAP_MS_MAX)
		killer->nap_ms = NAP_MS_MAX;
	killer->rest_ms = now + REST * (now - began);
	killer->due_ms = now + killer->nap_ms;
	if (killer->due_ms < killer->rest_ms)
		killer->due_ms = killer->rest_ms;
}

static void *killer_run(void *data)
{
	struct sv *sv = data;
	struct reap_look look = { .want = want, .data = sv };

	prctl(PR_SET_NAME, "pcall-killer");
	tree_lock_take(&sv->tree.lock);
	for (;;) {
		uint64_t began;
		bool looked, fresh = false;

		killer_wait(sv);
		if (sv->killer.ending)
			break;
		tree_lock_give(&sv->tree.lock);
		began = clock_ms();
		looked = reap_look(&look, &fresh);
		tree_lock_take(&sv->tree.lock);
		if (!looked)
			firsts_kill(sv);
		killer_looked(&sv->killer, began, fresh);
	}
	tree_lock_give(&sv->tree.lock);
	reap_look_end(&look);
	return NULL;
}

int killer_start(struct sv *sv)
{
	int r = pthread_create(&sv->killer.thread, NULL, killer_run, sv);

	sv->killer.started = r == 0;
	return -r;
}

void killer_end(struct sv *sv)
{
	if (!sv->killer.started)
		return;
	tree_lock_take(&sv->tree.lock);
	sv->killer.ending = true;
	pthread_cond_signal(&sv->killer.changed);
	tree_lock_give(&sv->tree.lock);
	pthread_join(sv->killer.thread, NULL);
	sv->killer.started = false;
}

/* Is it one of many that are doomed at about the same time? */
static bool burst_is(struct killer *killer, uint64_t now) REQUIRES(tree_locked)
{
	if (now - killer->burst_ms >= BURST_MS) {
		killer->burst_ms = now;
		killer->burst = 0;
	}
	return ++killer->burst > FEW;
}

/* One more was doomed: kills its first process, or where it is one of many leaves that to the
 * thread, and looks for the rest soon. Under the engine's lock. */
static void killer_hurry(struct killer *killer, struct sv_child *child) REQUIRES(tree_locked)
{
	uint64_t now = clock_ms(), due = now + DYING_MS;

	/* A task that is killed may take the CPU at once: who kills a thousand under the lock keeps
	 * it until they are dead. */
	child->of_burst = burst_is(killer, now);
	if (!child->of_burst)
		pidfd_kill(child->child.pidfd);
	killer->nap_ms = 0;
	if (due < killer->rest_ms)
		due = killer->rest_ms;
	if (killer->doomed > 1 && killer->due_ms <= due)
		return;
	killer->due_ms = due;
	pthread_cond_signal(&killer->changed);
}

/* A listener hangs up when no task is left that it could hear. */
static bool child_empty(const struct child *child)
{
	struct pollfd p = { .fd = child->listener, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLHUP);
}

/* Should hear of the hang-up from now on: who listens to a listener makes each of its calls dearer.
 */
static void hang_up_watch(const struct child *child)
{
	struct epoll_event event = { .events = EPOLLONESHOT,
				     .data.u64 = DEATH_OF_CHILD | child->tag };

	if (epoll_ctl(child->tree->deaths, EPOLL_CTL_ADD, child->listener, &event) < 0)
		epoll_ctl(child->tree->deaths, EPOLL_CTL_MOD, child->listener, &event);
}

void child_doom(struct child *child)
{
	struct sv_child *self = sv_child_of(child);
	uint64_t now = clock_ms();

	if (child->listener < 0) { /* in its birth it is one process */
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
		return;
	}
	if (!self->doomed || self->drained) {
		self->doomed = true;
		self->drained = child_empty(child);
		if (self->drained)
			return;
		self->doomed_ms = now;
		hang_up_watch(child);
		sv_of(child->tree)->killer.doomed++;
	}
	killer_hurry(&sv_of(child->tree)->killer, self);
}

void child_drained(struct sv_child *child)
{
	if (!child->doomed || child->drained)
		return;
	child->drained = true;
	sv_of(child->tree)->killer.doomed--;
	tree_settled(child->tree);
}

void child_kill_all(struct child *child)
{
	struct sv_child *self = sv_child_of(child);
	struct sv *sv = sv_of(child->tree);

	tree_lock_take(&sv->tree.lock);
	if (!self->doomed)
		child_doom(child);
	while (self->doomed && !self->drained)
		tree_lock_wait(&sv->tree.lock, &sv->tree.settled);
	tree_lock_give(&sv->tree.lock);
}
