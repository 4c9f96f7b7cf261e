/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children: who is below whom, how one is found, and what its level is told of it. */
#include "tree/tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tree/level.h"
#include "tree/quota.h"
#include "common/cleanup.h"
#include "zygote/kill_tree.h"

enum {
	CHILDREN_DEFAULT = 1024, /* that live below one child, unless its policy says */
};

/* The level whose child it is, and what that level's queue of events knows it by. In the tree that
 * is its number: the level may hear of it when it is gone. */
static struct level *child_key(struct child *child, struct sv_child **ret)
{
	struct level *level;

	lineage_lock_take(&child->tree->lineage);
	level = child->level;
	if (level->child)
		*ret = (struct sv_child *)(uintptr_t)child->id;
	else
		*ret = sv_child_of(child)->freed ? NULL : sv_child_of(child);
	lineage_lock_give(&child->tree->lineage);
	return level;
}

void child_tell(struct child *child, struct sv_event *event)
{
	struct level *level = child_key(child, &event->child);

	event->size = sizeof(*event);
	if (!event->count)
		event->count = 1;
	events_push(level_events(level), event);
	if (level->child)
		child->tree->ops->kick(level);
}

void child_untell(struct child *child)
{
	struct level *level = child->level;

	/* Of what leads to nothing but a number, a level may hear later. */
	if (!level->child)
		events_forget(level->tree->events, sv_child_of(child));
}

struct child *child_via(struct child *child, const struct level *level)
{
	while (child && child->level != level)
		child = child->level->child;
	return child;
}

bool child_is_below(const struct child *child, const struct child *outer)
{
	while (child && child != outer)
		child = child->level->child;
	return child;
}

void tree_init(struct tree *tree)
{
	tree->wake = tree->deaths = -1;
	tree_lock_init(&tree->lock);
	pthread_cond_init(&tree->settled, NULL);
	lineage_lock_init(&tree->lineage);
	workers_init(&tree->workers);
	tables_lock_init(&tree->tables_lock);
}

void tree_deinit(struct tree *tree)
{
	tree_lock_deinit(&tree->lock);
	pthread_cond_destroy(&tree->settled);
	lineage_lock_deinit(&tree->lineage);
	tables_lock_deinit(&tree->tables_lock);
	workers_deinit(&tree->workers);
}

struct sv_child *child_tagged(const struct tree *tree, uint32_t tag)
{
	struct sv_child *child = tree->tagged[tag % TAG_BUCKETS];

	while (child && child->child.tag != tag)
		child = child->next_tagged;
	return child;
}

/* Is this tag its own, or of one below it, and no newborn's (newborn.h)? */
static bool tree_has_tag(struct child *outer, uint32_t tag)
{
	struct tree *tree = outer->tree;
	struct sv_child *child;
	bool has;

	if (outer->tag == tag)
		return !child_is_newborn(outer);
	if (!outer->levels)
		return false;
	tree_lock_take(&tree->lock);
	child = child_tagged(tree, tag);
	has = child && child_is_below(&child->child, outer) && !child_is_newborn(&child->child);
	tree_lock_give(&tree->lock);
	return has;
}

bool child_owns(struct child *child, pid_t pid)
{
	struct rlimit limit;

	return pid > 0 && prlimit(pid, RLIMIT_LOCKS, NULL, &limit) == 0 &&
	       limit.rlim_cur == limit.rlim_max && limit.rlim_cur <= UINT32_MAX &&
	       tree_has_tag(child, (uint32_t)limit.rlim_cur);
}

bool child_sees_nobody(const struct child *child, pid_t number)
{
	return child->depth == 1 && kill(number, 0) < 0 && errno == ESRCH;
}

struct sv_child *child_find(const struct level *level, uint64_t id)
{
	struct sv_child *child = level->tree->children;

	while (child && (child->child.level != level || child->child.id != id || child->freed))
		child = child->next;
	return child;
}

void child_uncount(struct sv_child *child)
{
	if (child->counts)
		quota_leave(child->child.quota);
	child->counts = false;
}

void tree_link(struct sv_child *child)
{
	struct tree *tree = child->tree;
	struct sv_child **bucket = &tree->tagged[child->child.tag % TAG_BUCKETS];

	child->next = tree->children;
	tree->children = child;
	child->next_tagged = *bucket;
	*bucket = child;
}

void tree_unlink(struct sv_child *child)
{
	struct tree *tree = child->tree;
	struct sv_child **at = &tree->children;

	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	at = &tree->tagged[child->child.tag % TAG_BUCKETS];
	while (*at != child)
		at = &(*at)->next_tagged;
	*at = child->next_tagged;
	child_uncount(child);
}

void tree_settled(struct tree *tree)
{
	pthread_cond_broadcast(&tree->settled);
	if (!tree->burials_left)
		return;
	tree->burials = true;
	reaper_wake(tree);
}

void child_born(struct sv_child *child)
{
	struct tree *tree = child->tree;

	tree_lock_take(&tree->lock);
	child->unborn = false;
	tree_settled(tree);
	tree_lock_give(&tree->lock);
}

void child_speak_for(struct sv_child *child, uint64_t badge, bool adopts)
{
	child->adopts = adopts;
	lineage_lock_take(&child->tree->lineage);
	child->child.badge = badge;
	lineage_lock_give(&child->tree->lineage);
}

int tree_speak_for(struct level *level, uint64_t id, uint64_t badge, bool adopts)
{
	struct sv_child *child;

	tree_lock_take(&level->tree->lock);
	child = child_find(level, id);
	if (child)
		child_speak_for(child, badge, adopts);
	tree_lock_give(&level->tree->lock);
	return child ? 0 : -ECHILD;
}

static enum reap_want tag_below(uint32_t tag, void *data) REQUIRES(tree_locked)
{
	struct sv_child *outer = data, *child = child_tagged(outer->tree, tag);

	return child && child_is_below(&child->child, &outer->child) ? REAP_ONE : REAP_NOT;
}

int tree_signal(struct sv_child *outer, int signal)
{
	const struct reap_look below = { .want = tag_below, .data = outer };
	pid_t group = signal == SIGCONT ? getpgid(outer->child.pid) : -1;
	int r = syscall(SYS_pidfd_send_signal, outer->child.pidfd, signal, NULL, 0) < 0 ? -errno
											: 0;

	/* The terminal stops all of a group, and a shell continues all of it; but the kernel lets
	 * nobody in a box signal one further in. So whoever is told passes it on to all. */
	if (r == 0 && group > 0)
		reap_continue(&below, group);
	return r;
}

int tree_kill(struct level *level, uint64_t id, int signal)
{
	struct tree *tree = level->tree;
	struct sv_child *child;
	int r = -ECHILD;

	tree_lock_take(&tree->lock);
	child = child_find(level, id);
	/* The first process, once it is the child's; who wants all dead releases. */
	if (child && (signal == SIGKILL || !child_is_newborn(&child->child)))
		r = tree_signal(child, signal);
	tree_lock_give(&tree->lock);
	return r;
}

/* One more task of this child's. */
static void task_count(uint32_t tag, void *data) REQUIRES(tree_locked)
{
	struct sv_child *child = child_tagged(data, tag);

	if (child)
		quota_add_tasks(child->child.quota, 1);
}

void tree_count_tasks(struct tree *tree)
{
	for (struct sv_child *child = tree->children; child; child = child->next)
		for (struct quota *quota = child->child.quota; quota; quota = quota->outer)
			quota->tasks = 0;
	reap_each_tag(task_count, tree);
}

unsigned int tree_children_most(const struct child *child)
{
	uint64_t most = policy_limit(child->policy, LIMIT_CHILDREN);

	return most && most < UINT32_MAX ? (unsigned int)most : CHILDREN_DEFAULT;
}

void reaper_wake(struct tree *tree)
{
	uint64_t one = 1;

	atomic_store(&tree->idle, false);
	if (write(tree->wake, &one, sizeof(one)) < 0)
		return; /* the counter is full: it is awake */
}

/* At every call served: must cost nothing while the reaper ticks anyway. */
void child_wake_reaper(struct child *child)
{
	if (atomic_load_explicit(&child->tree->idle, memory_order_relaxed))
		reaper_wake(child->tree);
}
