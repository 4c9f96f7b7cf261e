/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A child's making: from a request to a program that runs. What is decided here once, from the
 * policy and from what the kernel has, is the child's for good: its features, its filter, its
 * floor, its limits.
 */
#include "spawn/spawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "spawn/child.h"
#include "spawn/creds.h"
#include "spawn/order.h"
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"
#include "confine/self_filter.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "base/fd_sender.h"
#include "call/pool.h"
#include "spawn/sched_attrs.h"
#include "tree/quota.h"
#include "tree/tree.h"
#include "common/cleanup.h"

int exec_fail(struct sv_error *error, int r, const char *name)
{
	const char *reason = strerror(-r);

	if (r == -ENOENT)
		reason = strchr(name, '/') ? "no such file" : "not found in PATH";
	return stage_fail(error, SV_STAGE_EXEC, r, "cannot run %s: %s", name, reason);
}

/* Among the children, so that its end is heard of, and that who wants it dead finds it: from here
 * on it goes by tree_bury_failed. It has not got its order yet. */
static int child_enlist(struct sv_child *child, const struct zygote_birth *birth)
{
	struct level *level = child->child.level;
	struct tree *tree = child->tree;
	int r;

	tree_lock_take(&tree->lock);
	r = level->dead ? -ESRCH : quota_room(child->child.quota->outer) ? 0 : -EAGAIN;
	if (r == 0 && level->child && child_find(level, child->child.id))
		r = -EINVAL;
	if (r == 0)
		r = label_settle(&child->child);
	if (r == 0) {
		child->child.pid = birth->pid;
		child->child.pidfd = birth->pidfd;
		child->unborn = true;
		tree_link(child);
		quota_enter(child->child.quota);
		child->counts = true;
		mask_flatten(child);
	}
	tree_lock_give(&tree->lock);
	return r;
}

/* Until it has its listener: the order lowers the limit then. */
static int sender_room(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_NOFILE, NULL, &limit) < 0)
		return -errno;
	if (limit.rlim_cur > FD_SENDER)
		return 0;
	limit.rlim_cur = FD_SENDER + 1;
	return prlimit(pid, RLIMIT_NOFILE, &limit, NULL) < 0 ? -errno : 0;
}

/* Every call that waits takes descriptors. The zygote, whose limit children have, is there already,
 * and this process makes no other. */
static void files_raise(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* The supervisor's own filter, if it was asked for: before the first child is served. */
static int spawner_confine(struct tree *tree, struct sv_error *error)
{
	int r;

	tree_lock_take(&tree->lock);
	if (tree->spawner->confine)
		files_raise();
	r = tree->spawner->confine ? confine_filter() : 0;
	if (r == 0)
		tree->spawner->confine = false; /* once, for good */
	tree_lock_give(&tree->lock);
	return r < 0 ? stage_fail(error, SV_STAGE_CONFINE, r,
				  "the supervisor cannot confine itself: %s", strerror(-r))
		     : 0;
}

/*
 * From the order to a child that is stuck in its first call. The supervisor confines itself while
 * the child is at work: it is served by nobody yet.
 */
static int child_birth(struct sv_child *child, const struct zygote_order *order, const char *name,
		       struct zygote_birth *birth, struct sv_error *error)
{
	struct tree *tree = child->tree;
	enum sv_stage stage;
	int r;

	r = order->inbox < 0 ? 0 : sender_room(birth->pid);
	if (r < 0)
		return stage_fail(
			error, SV_STAGE_LIMITS, r,
			"cannot start %s: where pidfd_getfd(2) is refused, as it is here, "
			"the hard limit of descriptors must be %d or more",
			name, FD_SENDER + 1);
	r = zygote_order_give(order, birth, &stage);
	if (r == 0) {
		newborn_watch(&child->child, birth->report);
		r = spawner_confine(tree, error);
		if (r < 0)
			return r;
		r = zygote_order_follow(&tree->spawner->zygote, order, birth, &stage);
	}
	return r < 0 ? stage_fail(error, stage, r, "cannot start %s: %s, at stage %s", name,
				  r == -ETIMEDOUT ? "it hangs" : strerror(-r), sv_stage_name(stage))
		     : 0;
}

/* What else a fork of its level would have. */
static int child_liken(const struct child *inside, pid_t like, pid_t pid, const char *name,
		       struct sv_error *error)
{
	int r = like ? bounds_same(like, pid) : 0;

	if (inside && atomic_load(&inside->restricted))
		r = -EPERM;
	if (r < 0)
		return stage_fail(
			error, SV_STAGE_LIMITS, r,
			"cannot start %s: its supervisor has bounds of its own (a seccomp "
			"filter, a Landlock domain, groups, capabilities) that it cannot be given",
			name);
	r = like ? schedule_inherit(like, pid) : 0;
	return r < 0 ? stage_fail(error, SV_STAGE_LIMITS, r, "cannot start %s: %s", name,
				  strerror(-r))
		     : 0;
}

/* From here on it is served. */
static int child_receive(struct sv_child *child, struct zygote_birth *birth, struct sv_error *error)
{
	int r;

	tree_lock_take(&child->tree->lock);
	child->child.listener = birth->listener;
	birth->listener = -1;
	r = reception_open(&child->child, &child->child.reception);
	tree_lock_give(&child->tree->lock);
	return r < 0 ? stage_fail(error, SV_STAGE_ENGINE, r, "no thread can be started: %s",
				  strerror(-r))
		     : 0;
}

/* Does the tree know it? Only this thread, which bears it, ends that it is unborn. */
static bool is_enlisted(const struct sv_child *child) LOCK_UNPROVEN
{
	return child->unborn;
}

/* It gets no further. */
static void birth_end(struct sv_child *child, struct zygote_birth *birth)
{
	newborn_settle(&child->child, false);
	if (is_enlisted(child)) {
		child->tree->ops->kill_all(&child->child);
		birth->pidfd = -1; /* is the child's */
	}
	zygote_abandon(birth);
}

/*
 * The order is complete: clone, and serve. No lock is held while the child is at work: it may hang,
 * and then only whoever asked for it has to wait.
 */
static int child_start(struct sv_child *child, const struct zygote_order *order,
		       const struct spawn_request *request, struct zygote_birth *birth,
		       struct sv_error *error)
{
	const char *name = order->spec.argv[0];
	enum sv_stage stage;
	int r;

	r = zygote_newborn(&child->tree->spawner->zygote, order, &child->freed, birth, &stage);
	if (r < 0)
		stage_fail(error, stage, r, "cannot start %s: %s, at stage %s", name, strerror(-r),
			   sv_stage_name(stage));
	if (r == 0 && (r = child_enlist(child, birth)) < 0)
		stage_fail(
			error, SV_STAGE_CLONE, r, "cannot start %s: %s", name,
			r == -EAGAIN   ? "as many sandboxes as the policy lets live at once (limit "
					 "children=N)"
			: r == -ESRCH  ? "its supervisor has ended"
			: r == -EEXIST ? "too many have its label, or one that is as long as may be"
				       : strerror(-r));
	if (r == 0)
		r = child_birth(child, order, name, birth, error);
	if (r == 0)
		r = child_liken(request->level->child, request->like, birth->pid, name, error);
	if (r == 0)
		r = child_receive(child, birth, error);
	if (r < 0)
		birth_end(child, birth);
	return r;
}

/* A child that did not come to run. */
static void child_fail(struct sv_child *child, bool hangs)
{
	struct level *level = child->child.level;

	if (!level->child)
		events_disown(child->tree->events, child); /* why it could not run */
	if (is_enlisted(child))
		child->tree->ops->bury_failed(child, hangs);
	else
		child_free(child);
}

/* The limit of time begins when the program runs. */
static void child_limits(struct sv_child *child, uint64_t time_ms)
{
	struct tree *tree = child->tree;
	uint64_t policy_ms = policy_limit(child->child.policy, LIMIT_TIME);

	if (policy_ms && (!time_ms || policy_ms < time_ms))
		time_ms = policy_ms;
	if (time_ms) {
		tree_lock_take(&tree->lock);
		child->child.quota->deadline_ms = clock_ms() + time_ms;
		tree_lock_give(&tree->lock);
	}
	if (time_ms || child->child.quota->procs)
		reaper_wake(tree);
}

/* The embedder's thread may be the only one that would come to sv_dispatch. A level's child has its
 * calls answered by that level. */
static int child_attend(const struct spawn_request *request, struct sv_child *child,
			struct spawn_wait *wait, struct sv_error *error)
{
	int r = request->level->child ? 0
				      : spawn_wait_open(child->tree->upcalls, &child->child, wait);

	return r < 0 ? stage_fail(error, SV_STAGE_ENGINE, r, "cannot start %s: %s",
				  request->spec.argv[0], strerror(-r))
		     : 0;
}

/* It is served: until its program runs. */
static int child_await(struct child *child, struct zygote_birth *birth,
		       const struct spawn_wait *wait, const char *name, struct sv_error *error)
{
	int r;

	while ((r = zygote_wait_exec(birth, wait->bell)) > 0)
		spawn_wait_run(child->tree->upcalls, wait);
	newborn_settle(child, r == 0);
	close(birth->report);
	return r < 0 ? exec_fail(error, r, name) : 0;
}

int child_spawn(const struct spawn_request *request, struct sv_child **ret, struct sv_error *error)
{
	struct zygote_order order = { .floor = -1, .inbox = -1 };
	struct given given = { .sender = -1 };
	struct spawn_wait wait = { .bell = -1 };
	struct zygote_birth birth;
	struct sv_child *child;
	bool hangs;
	int r;

	if (!request->label || !request->spec.argv || !request->spec.argv[0])
		return stage_fail(error, SV_STAGE_NONE, -EINVAL, "a command is needed");
	r = child_new(request, &child);
	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r, "cannot start %s: %s",
				  request->spec.argv[0], strerror(-r));
	r = spawn_order(request, child, &order, &given, error);
	if (r == 0)
		r = child_attend(request, child, &wait, error);
	if (r == 0)
		r = child_start(child, &order, request, &birth, error);
	hangs = r == -ETIMEDOUT;
	free(order.filter.filter);
	given_free(&given);
	if (order.floor >= 0)
		close(order.floor);
	if (r == 0)
		r = child_await(&child->child, &birth, &wait, request->spec.argv[0], error);
	spawn_wait_close(request->level->tree->upcalls, &wait);
	if (r < 0) {
		child_fail(child, hangs);
		return r;
	}
	child_limits(child, request->time_ms);
	*ret = child;
	return 0;
}
