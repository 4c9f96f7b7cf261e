/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels: their beginning, what they define, and their end when nobody speaks of them any more. */
#include "tree/level.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tree/events.h"
#include "tree/tree.h"
#include "common/cleanup.h"

/* Nobody knows it any more. */
static void level_free(struct level *level) LOCK_UNPROVEN
{
	for (uint32_t i = 0; i < level->methods_count; i++)
		free(level->methods[i]);
	free(level->methods);
	events_free(level->events);
	policy_free(level->policy);
	policy_free(level->granted);
	free(level->policy_text);
	table_drop(level->table);
	if (level->pidfd >= 0)
		close(level->pidfd);
	level_bell_close(level);
	if (level->exec.memory >= 0)
		close(level->exec.memory);
	level_lock_deinit(&level->lock);
	free(level);
}

int level_new(struct tree *tree, struct child *child, struct level **ret)
{
	struct level *level = calloc(1, sizeof(*level));

	if (!level)
		return -ENOMEM;
	*level = (struct level){
		.tree = tree,
		.child = child,
		.table = child ? table_ref(child->table) : NULL,
		.depth = child ? child->depth + 1 : 1,
		.users = 1,
		.release = level_free,
		.pidfd = -1,
		.next_call = 1,
		.bell = -1,
		.exec.memory = -1,
	};
	level_lock_init(&level->lock);
	*ret = level;
	return 0;
}

int level_new_root(struct tree *tree, struct level **ret)
{
	return level_new(tree, NULL, ret);
}

struct events *level_events(const struct level *level)
{
	return level->child ? level->events : level->tree->events;
}

static struct method *method_find(const struct level *level, const char *name, int number)
{
	for (uint32_t i = 0; i < level->methods_count; i++) {
		struct method *method = level->methods[i];

		if (method && method->number == number && strcmp(method->name, name) == 0)
			return method;
	}
	return NULL;
}

int level_define(struct level *level, const char *name, int number, sv_handler *handler, void *data)
{
	struct method *method;
	int r;

	level_lock_take(&level->lock);
	method = calloc(1, sizeof(*method));
	if (!level->methods)
		level->methods = calloc(METHODS_MAX, sizeof(struct method *));
	r = !method || !level->methods		  ? -ENOMEM
	    : method_find(level, name, number)	  ? -EEXIST
	    : level->methods_count == METHODS_MAX ? -ENOSPC
						  : (int)level->methods_count;
	if (r >= 0) {
		method->level = level;
		method->id = (uint32_t)r;
		method->number = number;
		snprintf(method->name, sizeof(method->name), "%s", name);
		method->handler = handler;
		method->data = data;
		level->methods[r] = steal_pointer(&method);
		atomic_store_explicit(&level->methods_count, (uint32_t)r + 1, memory_order_release);
		atomic_fetch_add(&level->generation, 1);
	}
	level_lock_give(&level->lock);
	free(method);
	return r;
}

int level_method(struct level *level, const char *name)
{
	const struct method *method;
	int r = -ENOENT;

	level_lock_take(&level->lock);
	method = method_find(level, name, METHOD_NAMED);
	if (method)
		r = PCALL_BASE + METHOD_DEFINED_FIRST + (int)method->id;
	level_lock_give(&level->lock);
	return r;
}

void level_bell_close(struct level *level)
{
	if (level->bell >= 0)
		close(steal_fd(&level->bell));
	level->dozing = 0;
}

struct level *level_find(struct tree *tree, uint64_t serial)
{
	struct level *level = tree->levels;

	while (level && level->serial != serial)
		level = level->next_known;
	return level;
}

void level_died(struct tree *tree, uint64_t serial)
{
	struct level *level;

	tree_lock_take(&tree->lock);
	level = level_find(tree, serial);
	if (level)
		tree->ops->level_doom(level);
	tree_lock_give(&tree->lock);
}
