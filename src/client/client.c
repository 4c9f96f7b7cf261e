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

static bool client_session(void)
{
	struct wire_inside inside = { .flags = 0 };

	return ASK(PCALL_SLOT_INSIDE, &inside, sizeof(inside)) == 0 &&
	       inside.flags & WIRE_INSIDE_SESSION;
}

static int client_begin(struct sv *sv, struct sv_error *error)
{
	long r = ask(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, sv->upcalls.answer_ms));

	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, (int)r,
				  r == -EBUSY ? "this process supervises children already"
					      : "the supervisor above does not let this process "
						"supervise children: %s",
				  strerror((int)-r));
	sv->client = calloc(1, sizeof(*sv->client));
	if (!sv->client)
		return stage_fail(error, SV_STAGE_ENGINE, -ENOMEM, "out of memory");
	pthread_mutex_init(&sv->client->spawning, NULL);
	pthread_mutex_init(&sv->client->lock, NULL);
	pthread_cond_init(&sv->client->changed, NULL);
	sv->client->nobody.waiting_end = &sv->client->nobody.waiting;
	/* Without one it sleeps in calls, and can be stopped by sv_stop alone. */
	sv->client->bell = (int)ask(ASK(PCALL_SLOT_BELL));
	return thread_add(sv) == 0
		       ? 0
		       : stage_fail(error, SV_STAGE_ENGINE, -EAGAIN, "no thread can be started");
}

static void client_end(struct sv *sv)
{
	struct client *client = sv->client;

	ASK(PCALL_SLOT_LEVEL, 0); /* the waiting ends when the children are gone */
	threads_await(client);
	while (sv->tree.children)
		client_child_drop(sv->tree.children);
	pthread_cond_destroy(&client->changed);
	pthread_mutex_destroy(&client->spawning);
	pthread_mutex_destroy(&client->lock);
	if (client->bell >= 0)
		close(client->bell);
	policy_free(client->told);
	free(client->text);
	free(client);
	sv->client = NULL;
}

static int client_kill(struct sv_child *child, int signal)
{
	return (int)ask(ASK(PCALL_SLOT_KILL, child->child.id, signal));
}

static void client_child_free(struct sv_child *child)
{
	ASK(PCALL_SLOT_FREE, child->child.id);
	client_child_drop(child);
}

static int client_adopt(struct sv_child *child, uint64_t badge, bool adopts)
{
	return (int)ask(ASK(PCALL_SLOT_ADOPT, child->child.id, badge, adopts));
}

static int client_mask(struct sv_child *child, int number, bool allowed)
{
	return (int)ask(ASK(PCALL_SLOT_MASK, child->child.id, number, allowed));
}

static int client_define(struct sv *sv, const char *name, int number)
{
	(void)sv;
	return (int)ask(number == METHOD_NAMED ? ASK(PCALL_SLOT_DEFINE, name, strlen(name) + 1)
					       : ASK(PCALL_SLOT_INTERCEPT, number));
}

static int client_method(struct sv *sv, const char *name)
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
	return client_begin(sv, error);
}

static bool client_close(struct sv *sv)
{
	if (sv->client)
		client_end(sv);
	dispatch_end(&sv->upcalls);
	calls_free(&sv->upcalls);
	return true;
}

static bool client_shares_session(const struct sv *sv)
{
	(void)sv;
	return !client_session();
}

const struct sv_ops client_ops = {
	.open = client_open,
	.close = client_close,
	.shares_session = client_shares_session,
	.rest = threads_rest,
	.spawn = client_spawn,
	.kill = client_kill,
	.free = client_child_free,
	.adopt = client_adopt,
	.mask = client_mask,
	.define = client_define,
	.method = client_method,
};
