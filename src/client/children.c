/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/children.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "client/call.h"
#include "engine/engine.h"
#include "spawn/spawn.h"
#include "upcall/upcall.h"

enum {
	SHARE = 8,	      /* handlers that run for one child at once */
	QUIET_WAIT_MS = 5000, /* for handlers of a child that is freed */
};

struct sv_child *inner_child_new(struct sv *sv)
{
	struct inner_child *child = calloc(1, sizeof(*child));

	if (!child)
		return NULL;
	child->waiting_end = &child->waiting;
	child->child.tree = child->child.child.tree = &sv->tree;
	return &child->child;
}

static void child_delete(struct sv_child *child)
{
	free(child->child.label);
	free(child);
}

struct inner_child *inner_child_of(struct sv_child *child)
{
	return (struct inner_child *)((char *)child - offsetof(struct inner_child, child));
}

struct inner_child *inner_child_enter(struct sv *sv, struct sv_call *call)
{
	struct inner *inner = sv->inner;
	struct sv_child *known;
	struct inner_child *child;

	pthread_mutex_lock(&sv->tree.lock);
	known = child_known(sv, call->via_id);
	child = known ? inner_child_of(known) : &inner->nobody;
	pthread_mutex_lock(&inner->lock);
	if (child->running == SHARE) {
		call->queued = NULL;
		*child->waiting_end = call;
		child->waiting_end = &call->queued;
		child = NULL;
	} else {
		child->running++;
	}
	pthread_mutex_unlock(&inner->lock);
	pthread_mutex_unlock(&sv->tree.lock);
	return child;
}

struct sv_call *inner_child_leave(struct inner *inner, struct inner_child *child)
{
	struct sv_call *next;
	bool last;

	pthread_mutex_lock(&inner->lock);
	next = child->waiting;
	if (next) {
		child->waiting = next->queued;
		if (!child->waiting)
			child->waiting_end = &child->waiting;
	} else if (--child->running == 0) {
		pthread_cond_broadcast(&inner->changed);
	}
	last = child->running == 0 && child->dropped;
	pthread_mutex_unlock(&inner->lock);
	if (last)
		child_delete(&child->child);
	return next;
}

/* Until no handler runs for it; not for ever. False: one does, and frees it when it ends. */
static bool child_quiet(struct inner *inner, struct inner_child *child)
{
	struct timespec end = clock_until(QUIET_WAIT_MS);
	int r = 0;

	pthread_mutex_lock(&inner->lock);
	while (child->running && r == 0)
		r = pthread_cond_timedwait(&inner->changed, &inner->lock, &end);
	child->dropped = true;
	r = child->running == 0;
	pthread_mutex_unlock(&inner->lock);
	return r;
}

static void child_unlink(struct sv_child *child)
{
	pthread_mutex_lock(&child->tree->lock);
	tree_unlink(child);
	pthread_mutex_unlock(&child->tree->lock);
}

static void child_go(struct sv_child *child)
{
	if (child_quiet(sv_of(child->tree)->inner, inner_child_of(child)))
		child_delete(child);
}

void inner_child_drop(struct sv_child *child)
{
	child_unlink(child);
	events_forget(child->tree->events, child);
	child_go(child);
}

void inner_child_disown(struct sv_child *child)
{
	child_unlink(child);
	events_disown(child->tree->events, child);
	child_go(child);
}

struct sv_child *inner_child_add(struct sv *sv, struct spawn_request *request)
{
	struct sv_child *child = inner_child_new(sv);

	if (!child)
		return NULL;
	child->child.label = strdup(request->label);
	pthread_mutex_lock(&sv->tree.lock);
	child->child.id = request->id = ++sv->inner->last_child;
	tree_link(child);
	pthread_mutex_unlock(&sv->tree.lock);
	return child;
}
