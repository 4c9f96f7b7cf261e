/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child as it is made from a request, and given back. */
#include "spawn/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "block/block.h"
#include "call/fd_take.h"
#include "call/pool.h"
#include "own/sealed_page.h"
#include "confine/features.h"
#include "net/hostnames.h"
#include "path/binding.h"
#include "path/exec_integrity.h"
#include "path/pty.h"
#include "spawn/spawn.h"
#include "sys/rows.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "tree/quota.h"
#include "tree/tree.h"
#include "upcall/upcall.h"
#include "common/cleanup.h"
#include "common/label.h"

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
	child_lock_deinit(&c->lock);
	ptys_free(c);
	fd_inbox_free(c->inbox);
	sealed_page_free(c);
	policy_free((struct policy *)c->policy);
	free(c->label);
	quota_drop(c->quota);
	free(child);
}

/* What those above see of a child, they see of its children. */
void seen_inherit(struct child *child)
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
int label_settle(struct child *child)
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

int child_new(const struct spawn_request *request, struct sv_child **ret)
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
	child_lock_init(&c->lock);
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

/* What notifies although the kernel could decide it. */
void seen_fill(const struct table *table, const struct spawn_request *request,
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
