/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reaper: the engine's one thread that looks after lives. It takes what the zygote tells of the
 * children's first processes, keeps the time and process limits, and ticks the receivers while
 * there is work; else it sleeps.
 */
#include "level/exec_watch.h"
#include "base/clock.h"
#include "engine/reaper.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/teardown.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "upcall/upcall.h"
#include "tree/level.h"
#include "call/pool.h"
#include "tree/quota.h"
#include "tree/tree.h"
#include "block/block.h"
#include "common/cleanup.h"

enum {
	TICK_MS = 20,
	LOOK_MS_MAX = 3600000,
	DIES_MS = 5000, /* what does not hang in the kernel is dead by then */
	COUNT_MS = 100, /* between two counts of the tasks of a child that has a limit of them */
};

static uint64_t time_us(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void push_exit(struct sv_child *child, int status, const struct rusage *usage)
{
	struct sv_event event = {
		.type = SV_EVENT_EXITED,
		.pid = child->child.pid,
		.value = status,
		.user_us = time_us(usage->ru_utime),
		.system_us = time_us(usage->ru_stime),
		.memory_kb = (uint64_t)usage->ru_maxrss,
	};

	child_tell(&child->child, &event);
}

static void push(struct sv_child *child, enum sv_event_type type, int value, const char *text)
{
	struct sv_event event = {
		.type = type,
		.time_ns = clock_real_ns(),
		.pid = child->child.pid,
		.value = value,
		.text = text,
	};

	child_tell(&child->child, &event);
}

/* As wait(2) would have put it. */
static int wait_status(const struct zygote_change *change)
{
	switch (change->code) {
	case CLD_EXITED: return (change->status & 0xff) << 8;
	case CLD_DUMPED: return change->status | 0x80;
	}
	return change->status;
}

static struct sv_child *child_of_pid(struct sv *sv, pid_t pid) REQUIRES(tree_locked)
{
	struct sv_child *child = sv->tree.children;

	while (child && (child->child.pid != pid || child->exited))
		child = child->next;
	return child;
}

/* Its end is told when nothing of it is left, or what is left hangs. */
static void child_tell_end(struct sv_child *child) REQUIRES(tree_locked)
{
	if (!child->ends || !child->drained)
		return;
	child->ends = false;
	push_exit(child, wait_status(&child->end), &child->end.usage);
}

static void child_end(struct sv_child *child, const struct zygote_change *end) REQUIRES(tree_locked)
{
	child->end = *end;
	child->ends = true;
	child_doom(&child->child);
	child_tell_end(child);
}

/* The listener of the child with this tag has hung up. */
static void child_hung_up(struct sv *sv, uint32_t tag)
{
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	child = child_tagged(&sv->tree, tag);
	if (child) {
		child_drained(child);
		child_tell_end(child);
	}
	tree_lock_give(&sv->tree.lock);
}

/* Under the lock, killing included: else the embedder could free the child meanwhile. */
static void child_change(struct sv_child *child, const struct zygote_change *change)
	REQUIRES(tree_locked)
{
	switch (change->code) {
	case CLD_STOPPED: push(child, SV_EVENT_STOPPED, change->status, NULL); return;
	case CLD_CONTINUED: push(child, SV_EVENT_CONTINUED, 0, NULL); return;
	}
	child->exited = true;
	child_uncount(child);
	if (child->child.listener < 0) { /* it did not come to run */
		tree_bury_lingering(child);
		return;
	}
	child_end(child, change);
}

static void reaper_change(struct sv *sv, const struct zygote_change *change)
{
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	child = child_of_pid(sv, change->pid);
	if (child)
		child_change(child, change);
	tree_lock_give(&sv->tree.lock);
}

/* The zygote was killed: everything that it would have looked after dies with it (R8). */
static void zygote_lost(struct sv *sv)
{
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	for (child = sv->tree.children; child; child = child->next) {
		if (child->exited)
			continue;
		child->exited = true;
		child_uncount(child);
		tree_bury_lingering(child);
		if (child->child.listener < 0) {
			child_doom(&child->child);
			continue;
		}
		push(child, SV_EVENT_FAULT, 0,
		     "the process that keeps the children was killed: so are they");
		child_end(child, &(struct zygote_change){ .code = CLD_KILLED, .status = SIGKILL });
	}
	tree_lock_give(&sv->tree.lock);
}

static void limit_end(struct sv_child *child, const char *text) REQUIRES(tree_locked)
{
	child->limited = true;
	push(child, SV_EVENT_LIMIT, 0, text);
	child_doom(&child->child);
}

/* Where a child has a limit of tasks, every COUNT_MS. Under the lock. */
static void tasks_count(struct sv *sv, uint64_t now) REQUIRES(tree_locked)
{
	struct sv_child *child = sv->tree.children;

	while (child &&
	       (child->exited || !quota_counts_tasks(child->child.quota, child->child.adopted)))
		child = child->next;
	if (!child || now - sv->counted_ms < COUNT_MS)
		return;
	sv->counted_ms = now;
	tree_count_tasks(&sv->tree);
}

/* Its limits, and where it was adopted, those that it counts for besides. When to look again, in
 * ms; -1: never. */
static int child_limits(struct sv_child *child, uint64_t now) REQUIRES(tree_locked)
{
	const struct quota *quota = child->child.quota;
	bool adopted = child->child.adopted;
	const char *passed = quota_passed(quota, adopted, now);
	uint64_t deadline = quota_deadline(quota, adopted);

	if (passed)
		limit_end(child, passed);
	if (!passed && quota_counts_tasks(quota, adopted))
		return COUNT_MS;
	if (passed || !deadline)
		return -1;
	return deadline - now < LOOK_MS_MAX ? (int)(deadline - now) : LOOK_MS_MAX;
}

/* Gives up what hangs. When to look again, in ms; -1: never. Under the lock. */
static int child_dies(struct sv_child *child, uint64_t now) REQUIRES(tree_locked)
{
	if (!child->doomed || child->drained)
		return -1;
	if (now - child->doomed_ms < DIES_MS)
		return (int)(DIES_MS - (now - child->doomed_ms));
	child_drained(child);
	return -1;
}

/* Limits of all children. Returns the time until the next one has to be looked at, in ms; -1: none.
 */
static int reaper_limits(struct sv *sv)
{
	uint64_t now = clock_ms();
	int wait = -1, calls, limit, dies;

	tree_lock_take(&sv->tree.lock);
	tasks_count(sv, now);
	for (struct sv_child *child = sv->tree.children; child; child = child->next) {
		dies = child_dies(child, now);
		child_tell_end(child);
		if (dies >= 0 && (wait < 0 || wait > dies))
			wait = dies;
		if (child->exited)
			continue;
		limit = child->limited ? -1 : child_limits(child, now);
		if (limit >= 0 && (wait < 0 || wait > limit))
			wait = limit;
		calls = calls_expire(&child->child, now);
		if (calls >= 0 && (wait < 0 || wait > calls))
			wait = calls;
	}
	tree_lock_give(&sv->tree.lock);
	return wait;
}

static bool reaper_tick(struct sv *sv)
{
	bool busy = false;

	tree_lock_take(&sv->tree.lock);
	for (struct sv_child *child = sv->tree.children; child; child = child->next)
		if (child->child.reception)
			busy |= dispatch_tick(&child->child);
	tree_lock_give(&sv->tree.lock);
	return busy | work_tick(sv->spawner.work);
}

/* While we are awake anyway, and nobody waits for us. */
static void reaper_prepare(struct sv *sv)
{
	zygote_ahead(&sv->spawner.zygote);
}

/* Levels whose processes have ended, and children that are drained. */
static void reaper_deaths(struct sv *sv)
{
	struct epoll_event events[64];
	int count = epoll_wait(sv->tree.deaths, events, array_size(events), 0);

	for (int i = 0; i < count; i++)
		if (events[i].data.u64 & DEATH_OF_CHILD)
			child_hung_up(sv, (uint32_t)events[i].data.u64);
		else
			level_died(&sv->tree, events[i].data.u64);
}

static void reaper_wait(struct sv *sv, bool busy, bool *zygote_gone)
{
	struct pollfd p[] = {
		{.fd = sv->tree.wake,				       .events = POLLIN},
		{ .fd = *zygote_gone ? -1 : sv->spawner.zygote.socket, .events = POLLIN},
		{ .fd = sv->tree.deaths,				 .events = POLLIN},
	};
	struct zygote_change change;
	int wait = reaper_limits(sv), look = levels_look(&sv->tree), r;
	bool buried = tree_bury_ready(sv);
	uint64_t count;

	if (look >= 0 && (wait < 0 || wait > look))
		wait = look;
	if ((busy || !buried) && (wait < 0 || wait > TICK_MS))
		wait = TICK_MS;
	poll(p, array_size(p), wait);
	if (p[0].revents && read(sv->tree.wake, &count, sizeof(count)) < 0)
		return;
	if (p[2].revents)
		reaper_deaths(sv);
	if (!p[1].revents)
		return;
	while ((r = zygote_next(&sv->spawner.zygote, &change)) > 0)
		reaper_change(sv, &change);
	if (r < 0 && !atomic_load(&sv->ending)) {
		zygote_lost(sv);
		*zygote_gone = true;
	}
}

void *reaper_run(void *data)
{
	struct sv *sv = data;
	bool zygote_gone = false;

	prctl(PR_SET_NAME, "pcall-reaper");
	while (!atomic_load(&sv->ending)) {
		bool busy = reaper_tick(sv);

		if (!busy) {
			/* From here on whoever serves a call wakes us; one more look for those who
			 * did before. */
			atomic_store(&sv->tree.idle, true);
			busy = reaper_tick(sv);
		}
		reaper_wait(sv, busy, &zygote_gone);
		if (!zygote_gone && !atomic_load(&sv->ending))
			reaper_prepare(sv);
	}
	return NULL;
}
