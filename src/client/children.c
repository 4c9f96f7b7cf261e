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

struct sv_child *client_child_new(struct sv *sv)
{
	struct client_child *child = calloc(1, sizeof(*child));

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

struct client_child *client_child_of(struct sv_child *child)
{
	return (struct client_child *)((char *)child - offsetof(struct client_child, child));
}

struct client_child *client_child_enter(struct sv *sv, struct sv_call *call)
{
	struct client *client = sv->client;
	struct sv_child *known;
	struct client_child *child;

	tree_lock_take(&sv->tree.lock);
	known = child_known(sv, call->via_id);
	child = known ? client_child_of(known) : &client->nobody;
	pthread_mutex_lock(&client->lock);
	if (child->running == SHARE) {
		call->queued = NULL;
		*child->waiting_end = call;
		child->waiting_end = &call->queued;
		child = NULL;
	} else {
		child->running++;
	}
	pthread_mutex_unlock(&client->lock);
	tree_lock_give(&sv->tree.lock);
	return child;
}

struct sv_call *client_child_leave(struct client *client, struct client_child *child)
{
	struct sv_call *next;
	bool last;

	pthread_mutex_lock(&client->lock);
	next = child->waiting;
	if (next) {
		child->waiting = next->queued;
		if (!child->waiting)
			child->waiting_end = &child->waiting;
	} else if (--child->running == 0) {
		pthread_cond_broadcast(&client->changed);
	}
	last = child->running == 0 && child->dropped;
	pthread_mutex_unlock(&client->lock);
	if (last)
		child_delete(&child->child);
	return next;
}

/* Until no handler runs for it; not for ever. False: one does, and frees it when it ends. */
static bool child_quiet(struct client *client, struct client_child *child)
{
	struct timespec end = clock_until(QUIET_WAIT_MS);
	int r = 0;

	pthread_mutex_lock(&client->lock);
	while (child->running && r == 0)
		r = pthread_cond_timedwait(&client->changed, &client->lock, &end);
	child->dropped = true;
	r = child->running == 0;
	pthread_mutex_unlock(&client->lock);
	return r;
}

static void child_unlink(struct sv_child *child)
{
	tree_lock_take(&child->tree->lock);
	tree_unlink(child);
	tree_lock_give(&child->tree->lock);
}

static void child_go(struct sv_child *child)
{
	if (child_quiet(sv_of(child->tree)->client, client_child_of(child)))
		child_delete(child);
}

void client_child_drop(struct sv_child *child)
{
	child_unlink(child);
	events_forget(child->tree->events, child);
	child_go(child);
}

void client_child_disown(struct sv_child *child)
{
	child_unlink(child);
	events_disown(child->tree->events, child);
	child_go(child);
}

struct sv_child *client_child_add(struct sv *sv, struct spawn_request *request)
{
	struct sv_child *child = client_child_new(sv);

	if (!child)
		return NULL;
	child->child.label = strdup(request->label);
	tree_lock_take(&sv->tree.lock);
	child->child.id = request->id = ++sv->client->last_child;
	tree_link(child);
	tree_lock_give(&sv->tree.lock);
	return child;
}
