/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A level's side of the tree: its beginning and end, and what it asks for as it is. */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "client/ask.h"
#include "client/call.h"
#include "client/children.h"
#include "client/spawn.h"
#include "client/threads.h"
#include "engine/engine.h"
#include "policy/policy.h"
#include "tree/level.h"
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"

static bool inner_session(void)
{
	struct wire_inside inside = { .flags = 0 };

	return ASK(PCALL_SLOT_INSIDE, &inside, sizeof(inside)) == 0 &&
	       inside.flags & WIRE_INSIDE_SESSION;
}

static int inner_open(struct sv *sv, struct sv_error *error)
{
	long r = ask(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, sv->upcalls.answer_ms));

	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, (int)r,
				  r == -EBUSY ? "this process supervises children already"
					      : "the supervisor above does not let this process "
						"supervise children: %s",
				  strerror((int)-r));
	sv->inner = calloc(1, sizeof(*sv->inner));
	if (!sv->inner)
		return stage_fail(error, SV_STAGE_ENGINE, -ENOMEM, "out of memory");
	pthread_mutex_init(&sv->inner->spawning, NULL);
	pthread_mutex_init(&sv->inner->lock, NULL);
	pthread_cond_init(&sv->inner->changed, NULL);
	sv->inner->nobody.waiting_end = &sv->inner->nobody.waiting;
	/* Without one it sleeps in calls, and can be stopped by sv_stop alone. */
	sv->inner->bell = (int)ask(ASK(PCALL_SLOT_BELL));
	return thread_add(sv) == 0
		       ? 0
		       : stage_fail(error, SV_STAGE_ENGINE, -EAGAIN, "no thread can be started");
}

static void inner_close(struct sv *sv)
{
	struct inner *inner = sv->inner;

	ASK(PCALL_SLOT_LEVEL, 0); /* the waiting ends when the children are gone */
	threads_await(inner);
	while (sv->tree.children)
		inner_child_drop(sv->tree.children);
	pthread_cond_destroy(&inner->changed);
	pthread_mutex_destroy(&inner->spawning);
	pthread_mutex_destroy(&inner->lock);
	if (inner->bell >= 0)
		close(inner->bell);
	policy_free(inner->told);
	free(inner->text);
	free(inner);
	sv->inner = NULL;
}

static int inner_kill(struct sv_child *child, int signal)
{
	return (int)ask(ASK(PCALL_SLOT_KILL, child->child.id, signal));
}

static void inner_child_free(struct sv_child *child)
{
	ASK(PCALL_SLOT_FREE, child->child.id);
	inner_child_drop(child);
}

static int inner_adopt(struct sv_child *child, uint64_t badge, bool adopts)
{
	return (int)ask(ASK(PCALL_SLOT_ADOPT, child->child.id, badge, adopts));
}

static int inner_mask(struct sv_child *child, int number, bool allowed)
{
	return (int)ask(ASK(PCALL_SLOT_MASK, child->child.id, number, allowed));
}

static int inner_define(struct sv *sv, const char *name, int number)
{
	(void)sv;
	return (int)ask(number == METHOD_NAMED ? ASK(PCALL_SLOT_DEFINE, name, strlen(name) + 1)
					       : ASK(PCALL_SLOT_INTERCEPT, number));
}

static int inner_method(struct sv *sv, const char *name)
{
	(void)sv;
	return (int)ask(ASK(PCALL_SLOT_FIND, name));
}

static int client_open(struct sv *sv, const struct sv_options *options, struct sv_error *error)
{
	int r;

	(void)options;
	sv->upcalls.ops = &client_call_ops;
	r = events_new(&sv->tree.events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	return inner_open(sv, error);
}

static bool client_close(struct sv *sv)
{
	if (sv->inner)
		inner_close(sv);
	dispatch_end(&sv->upcalls);
	calls_free(&sv->upcalls);
	return true;
}

static bool client_shares_session(const struct sv *sv)
{
	(void)sv;
	return !inner_session();
}

const struct sv_ops client_ops = {
	.open = client_open,
	.close = client_close,
	.shares_session = client_shares_session,
	.rest = threads_rest,
	.spawn = client_spawn,
	.kill = inner_kill,
	.free = inner_child_free,
	.adopt = inner_adopt,
	.mask = inner_mask,
	.define = inner_define,
	.method = inner_method,

};
