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
#include "spawn/creds.h"
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"
#include "path/binding.h"
#include "path/exec_integrity.h"
#include "confine/capabilities.h"
#include "confine/filter.h"
#include "confine/landlock.h"
#include "confine/self_filter.h"
#include "base/private_fds.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "net/hostnames.h"
#include "path/pty.h"
#include "call/pool.h"
#include "spawn/sched_attrs.h"
#include "sys/rows.h"
#include "confine/features.h"
#include "tree/quota.h"
#include "tree/tree.h"
#include "block/block.h"
#include "call/fd_take.h"
#include "common/cleanup.h"
#include "common/label.h"

enum {
	LANDLOCK_SCOPES_ABI = 6,
};

/* Which resource a limit of the policy is; the others are the engine's to keep. */
static const struct {
	enum limit limit;
	int resource;
} limit_resources[] = {
	{LIMIT_MEM,    RLIMIT_AS    },
	   { LIMIT_PROCS, RLIMIT_NPROC },
	  { LIMIT_FILES, RLIMIT_NOFILE},
	{ LIMIT_CPU,   RLIMIT_CPU	},
	   { LIMIT_FSIZE, RLIMIT_FSIZE },
};

/* A thread hangs in the kernel (a page that nobody brings): what it may still look at stays, with
 * its level and what that runs in. It ends with us. */
static void child_leave(struct sv_child *child)
{
	struct level *level = child->child.level;

	child->tree->hung = true;
	level_ref(level);
	if (level->child)
		level->child->left = true;
}

void child_free(struct sv_child *child)
{
	struct child *c = &child->child;

	if (c->work)
		work_cancel(c->work, c);
	if (!reception_end(c->reception) || !calls_end(c) || c->left) {
		child_leave(child);
		return;
	}
	calls_end_climbs(c->reception);
	reception_free(c->reception);
	if (c->level)
		child_untell(c);
	table_drop(c->table);
	if (c->listener >= 0)
		close(c->listener);
	if (c->pidfd >= 0)
		close(c->pidfd);
	pthread_mutex_destroy(&c->lock);
	ptys_free(c);
	fd_inbox_free(c->inbox);
	policy_free((struct policy *)c->policy);
	free(c->label);
	quota_drop(c->quota);
	free(child);
}

/* What those above see of a child, they see of its children. */
static void seen_inherit(struct child *child)
{
	const struct child *outer = ((struct level *)child->level)->child;

	if (outer)
		memcpy(child->seen, outer->seen, sizeof(child->seen));
}

/* "browser/tab7": the level's own label, and the one that it gives. */
static char *label_make(const struct level *level, const char *label)
{
	char *ret = NULL;

	if (!level->child)
		return strdup(label);
	return asprintf(&ret, "%s/%s", level->child->label, label) < 0 ? NULL : ret;
}

/* No two that live have the same: the second "browser/tab" is "browser/tab-2". Under the engine's
 * lock. */
static int label_settle(struct child *child)
{
	const struct child *outer = ((struct level *)child->level)->child;
	unsigned int highest = 0;
	bool taken = false;
	char *label;

	for (struct sv_child *other = child->tree->children; other; other = other->next) {
		unsigned int number = other->exited || other->freed
					      ? 0
					      : label_number(child->label, other->child.label);

		taken |= number == 1;
		highest = number > highest ? number : highest;
	}
	if (!taken)
		return 0;
	if (asprintf(&label, "%s-%u", child->label, highest + 1) < 0)
		return -ENOMEM;
	free(child->label);
	child->label = label;
	if (highest < LABEL_NUMBER_MAX &&
	    label_judge(outer ? outer->label : NULL, outer ? strrchr(label, '/') + 1 : label) == 0)
		return 0;
	return -EEXIST;
}

/* A mask on what the kernel lets through unasked would be none. */
static bool is_maskable(int index)
{
	const struct sysrow *row = index < SYSROW_NUMBERS ? sysrow_find(index) : NULL;

	return !row || notifiable(index) || row->tier == TIER_NOTIFY || row->tier == TIER_REFUSE;
}

/* What the level takes away from the start. */
static int masks_take(struct sv_child *child, const struct spawn_request *request)
{
	for (size_t i = 0; i < request->masks_count; i++) {
		const struct sv_mask *mask = &request->masks[i];
		int index = mask->name ? table_slot(child->child.table, mask->name) : -1;

		if (mask->name && index < 0)
			continue; /* what is not there needs no taking away */
		index = mask->name ? mask_index(PCALL_BASE + index)
				   : child_mask_index(child, mask->number);
		if (index < 0)
			return index;
		if (!is_maskable(index))
			return -EOPNOTSUPP;
		child->child.masked_own.bits[index / 64] |= (uint64_t)1 << index % 64;
	}
	return 0;
}

/* What its policy says of it and all below it together. */
static int quota_make(const struct level *level, struct child *child)
{
	int r = quota_new(level->child ? level->child->quota : NULL, &child->quota);

	if (r == 0) {
		child->quota->procs = policy_limit(child->policy, LIMIT_PROCS);
		child->quota->children_most = tree_children_most(child);
	}
	return r;
}

static int child_new(const struct spawn_request *request, struct sv_child **ret)
{
	struct level *level = request->level;
	struct sv_child *child = calloc(1, sizeof(*child));
	struct child *c;
	size_t binds;
	int r;

	if (!child)
		return -ENOMEM;
	c = &child->child;
	child->tree = c->tree = level->tree;
	c->listener = c->pidfd = -1;
	c->level = level;
	c->id = request->id;
	c->badge = request->badge;
	c->depth = level->depth;
	c->policy = policy_ref((struct policy *)request->policy);
	c->names = request->names;
	c->work = level->tree->spawner->work;
	c->tag = atomic_fetch_add(&level->tree->next_tag, 1);
	c->born = code_now();
	c->told.most = calls_bytes_most(c);
	pthread_mutex_init(&c->lock, NULL);
	c->newborn.report = -1;
	atomic_store(&c->newborn.is, true);
	policy_binds(c->policy, &binds);
	c->remaps = binds > 0;
	if (request->cwd_name)
		view_entered(c, request->cwd_name);
	c->filters = level->tree->spawner->filters + 1;
	c->features = features_of(c->policy) | (level->tree->spawner->sender ? FEATURE_SENDER : 0);
	c->label = label_make(level, request->label);
	child->survives = request->survives;
	child->adopts = request->adopts;
	r = c->label ? quota_make(level, c) : -ENOMEM;
	if (r == 0)
		r = table_find(level, request->granted, &c->table);
	if (r == 0)
		r = masks_take(child, request);
	if (r < 0)
		child_free(child);
	else
		*ret = child;
	return r;
}

/* What a child gets that the request does not say. */
struct given {
	int sender;
	int *fds, *numbers; /* one block */
};

static void given_free(struct given *given)
{
	free(given->fds);
	if (given->sender >= 0)
		close(given->sender);
}

/* What is missing under the child, and nobody said it may be. 0 or the failure. */
static int check_floor(const struct spawner *spawner, int floor, struct sv_error *error)
{
	if (floor < 0 && !(spawner->degraded & SV_DEGRADE_LANDLOCK))
		return stage_fail(
			error, SV_STAGE_FLOOR, -EOPNOTSUPP,
			"there is no Landlock here: a file swapped during execve could "
			"run although the policy says no; "
			"run on a kernel with Landlock (5.13), in a container whose profile "
			"allows it, or accept that with --allow-degraded=landlock");
	if (floor_abi() < LANDLOCK_SCOPES_ABI &&
	    !(spawner->degraded & (SV_DEGRADE_SCOPES | SV_DEGRADE_LANDLOCK)))
		return stage_fail(error, SV_STAGE_FLOOR, -EOPNOTSUPP,
				  "this kernel's Landlock (ABI %d) does not bound signals: they "
				  "would be judged by the supervisor alone; "
				  "run on Linux 6.12, or accept that with --allow-degraded=scopes",
				  floor_abi());
	return 0;
}

/* The limits of the task that the child is like, then those of the policy, where they are less. */
static int limits_inherit(struct zygote_order *order, pid_t like)
{
	for (int resource = 0; like && resource < RLIM_NLIMITS; resource++) {
		if (resource == RLIMIT_LOCKS)
			continue;
		if (prlimit(like, (__rlimit_resource_t)resource, NULL, &order->limits[resource]) <
		    0)
			return -errno;
		order->limit_set[resource] = true;
	}
	return 0;
}

static int order_limits(struct zygote_order *order, const struct policy *policy, pid_t like)
{
	int r = limits_inherit(order, like);

	for (size_t i = 0; r == 0 && i < array_size(limit_resources); i++) {
		uint64_t value = policy_limit(policy, limit_resources[i].limit);
		int resource = limit_resources[i].resource;
		struct rlimit now = order->limits[resource];

		if (value == 0 || (!order->limit_set[resource] &&
				   getrlimit((__rlimit_resource_t)resource, &now) < 0))
			continue;
		/* Rights only shrink: a limit is never above the level's own. */
		if (value > now.rlim_max)
			value = now.rlim_max;
		order->limits[resource] = (struct rlimit){ .rlim_cur = value, .rlim_max = value };
		order->limit_set[resource] = true;
	}
	/* The kernel writes a core file where the process stands, and that may be anywhere (R7):
	 * the floor forbids it. Without one the limit does, for good. */
	if (order->floor < 0) {
		order->limits[RLIMIT_CORE] = (struct rlimit){ .rlim_cur = 0, .rlim_max = 0 };
		order->limit_set[RLIMIT_CORE] = true;
	}
	return r;
}

/* One more than the request's: what the child sends us descriptors by. */
static int order_sender(struct zygote_order *order, const struct spawn_request *request,
			struct child *child, struct given *given)
{
	size_t count = request->fds_count;
	int r;

	given->fds = calloc(2 * (count + 1), sizeof(int));
	if (!given->fds)
		return -ENOMEM;
	given->numbers = given->fds + count + 1;
	r = fd_inbox_open(&child->inbox, &given->sender);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		given->fds[i] = request->fds[i];
		given->numbers[i] = request->numbers ? request->numbers[i] : request->fds[i];
	}
	given->fds[count] = given->sender;
	given->numbers[count] = FD_SENDER;
	order->fds = given->fds;
	order->numbers = given->numbers;
	order->fds_count = count + 1;
	order->inbox = fd_inbox_socket(child->inbox);
	return 0;
}

/* Nothing but the sender can ever be under its number. */
static int limit_below_sender(const struct spawner *spawner, struct zygote_order *order)
{
	struct rlimit *limit = &order->limits[RLIMIT_NOFILE];

	/* our own may have been raised since the zygote was made */
	if (!order->limit_set[RLIMIT_NOFILE] &&
	    prlimit(spawner->zygote.pid, RLIMIT_NOFILE, NULL, limit) < 0)
		return -errno;
	order->limit_set[RLIMIT_NOFILE] = true;
	if (limit->rlim_max > FD_SENDER)
		limit->rlim_max = FD_SENDER;
	if (limit->rlim_cur > limit->rlim_max)
		limit->rlim_cur = limit->rlim_max;
	return 0;
}

static int order_descriptors(struct zygote_order *order, const struct spawn_request *request,
			     struct child *child)
{
	order->fds = request->fds;
	order->numbers = request->numbers;
	order->fds_count = request->fds_count;
	for (size_t i = 0; i < request->fds_count; i++) {
		int r = pty_given(child, request->fds[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

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

	pthread_mutex_lock(&tree->lock);
	r = level->dead ? -ESRCH : quota_room(child->child.quota->outer) ? 0 : -EAGAIN;
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
	pthread_mutex_unlock(&tree->lock);
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

	pthread_mutex_lock(&tree->lock);
	if (tree->spawner->confine)
		files_raise();
	r = tree->spawner->confine ? confine_filter() : 0;
	if (r == 0)
		tree->spawner->confine = false; /* once, for good */
	pthread_mutex_unlock(&tree->lock);
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

	pthread_mutex_lock(&child->tree->lock);
	child->child.listener = birth->listener;
	birth->listener = -1;
	r = reception_open(&child->child, &child->child.reception);
	pthread_mutex_unlock(&child->tree->lock);
	return r < 0 ? stage_fail(error, SV_STAGE_ENGINE, r, "no thread can be started: %s",
				  strerror(-r))
		     : 0;
}

/* It gets no further. */
static void birth_end(struct sv_child *child, struct zygote_birth *birth)
{
	newborn_settle(&child->child, false);
	if (child->unborn) {
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
	const char *name = order->argv[0];
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

/* What notifies although the kernel could decide it. */
static void seen_fill(const struct table *table, const struct spawn_request *request,
		      uint64_t seen[SYSROW_NUMBERS / 64])
{
	for (int nr = 0; table->intercepts && nr < SYSROW_NUMBERS; nr++)
		if (table->intercepts[nr])
			seen[nr / 64] |= (uint64_t)1 << nr % 64;
	for (size_t i = 0; i < request->revocable_count; i++)
		if (notifiable(request->revocable[i]))
			seen[request->revocable[i] / 64] |= (uint64_t)1
							    << request->revocable[i] % 64;
	for (size_t i = 0; i < request->masks_count; i++)
		if (!request->masks[i].name && notifiable(request->masks[i].number))
			seen[request->masks[i].number / 64] |= (uint64_t)1
							       << request->masks[i].number % 64;
}

int inherit_check(const int *fds, size_t count, struct sv_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct private_fd *private;
		int r = private_fd_check(fds[i], &private);

		if (r == -EPERM)
			return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
					  "descriptor %d cannot be passed: it is %s, and %s; close "
					  "it, or open it so that it is not inherited",
					  fds[i], private->what, private->why);
		if (r < 0)
			return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
					  "descriptor %d cannot be passed: %s", fds[i],
					  strerror(-r));
	}
	return 0;
}

static int spawn_order(const struct spawn_request *request, struct sv_child *child,
		       struct zygote_order *order, struct given *given, struct sv_error *error)
{
	struct child *c = &child->child;
	int r;

	r = floor_build(c->policy, &order->floor);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FLOOR, r, "Landlock refuses the floor: %s",
				  strerror(-r));
	r = check_floor(child->tree->spawner, order->floor, error);
	if (r < 0)
		return r;
	seen_inherit(c);
	seen_fill(c->table, request, c->seen);
	r = filter_build_seen(sysrow_tables, c->features, c->seen, &order->filter);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FILTER, r, "no filter can be made: %s",
				  strerror(-r));
	r = order_descriptors(order, request, c);
	if (r < 0)
		return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
				  "descriptors cannot be passed: %s", strerror(-r));
	r = inherit_check(order->fds, order->fds_count, error);
	if (r < 0)
		return r;
	r = order_limits(order, c->policy, request->like);
	if (r == 0 && c->features & FEATURE_SENDER)
		r = order_sender(order, request, c, given);
	if (r == 0 && c->features & FEATURE_SENDER)
		r = limit_below_sender(child->tree->spawner, order);
	if (r < 0)
		return stage_fail(error, SV_STAGE_LIMITS, r, "limits cannot be passed on: %s",
				  strerror(-r));
	order->argv = request->argv;
	order->envp = request->envp;
	order->candidates = request->candidates;
	order->cwd = request->cwd;
	order->cwd_fd = request->cwd_fd;
	order->group = request->group;
	order->new_session = request->new_session;
	order->terminal = request->terminal;
	order->umask = request->umask;
	order->traits = request->traits;
	order->sealed = c->features & FEATURE_SEALED;
	order->tag = c->tag;
	order->sigmask = request->sigmask;
	order->sigignore = request->sigignore;
	return 0;
}

/* A child that did not come to run. */
static void child_fail(struct sv_child *child, bool hangs)
{
	struct level *level = child->child.level;

	if (!level->child)
		events_disown(child->tree->events, child); /* why it could not run */
	if (child->unborn)
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
		pthread_mutex_lock(&tree->lock);
		child->child.quota->deadline_ms = clock_ms() + time_ms;
		pthread_mutex_unlock(&tree->lock);
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
				  request->argv[0], strerror(-r))
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

	if (!request->label || !request->argv || !request->argv[0])
		return stage_fail(error, SV_STAGE_NONE, -EINVAL, "a command is needed");
	r = child_new(request, &child);
	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r, "cannot start %s: %s", request->argv[0],
				  strerror(-r));
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
		r = child_await(&child->child, &birth, &wait, request->argv[0], error);
	spawn_wait_close(request->level->tree->upcalls, &wait);
	if (r < 0) {
		child_fail(child, hangs);
		return r;
	}
	child_limits(child, request->time_ms);
	*ret = child;
	return 0;
}
