/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/spawn.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include "base/clock.h"
#include "base/error.h"
#include "client/ask.h"
#include "client/children.h"
#include "common/cleanup.h"
#include "engine/engine.h"
#include "level/request.h"
#include "policy/image.h"
#include "spawn/spawn.h"
#include "upcall/dispatch_queue.h"

enum {
	EVENTS_WAIT_MS = 2000, /* for what tells why a child could not be spawned */
};

/* Until so many have come; not for ever: one may have been lost on its way, and is not waited for
 * again. */
static void events_await(struct client *client, uint32_t events)
{
	struct timespec end = clock_until(EVENTS_WAIT_MS);
	int r = 0;

	pthread_mutex_lock(&client->lock);
	while (r == 0 && (int32_t)(events - client->events) > 0)
		r = pthread_cond_timedwait(&client->changed, &client->lock, &end);
	if (r != 0)
		client->events = events;
	pthread_mutex_unlock(&client->lock);
}

/* The policy as the root gets it. Siblings mostly have the same, and a sealed one never changes. */
static int policy_tell(struct client *client, const struct policy *policy)
{
	char *text;
	size_t size;
	int r;

	if (client->told == policy)
		return 0;
	r = policy_image_write(policy, &text, &size);
	if (r == 0 && size > IMAGE_MAX) {
		free(text);
		r = -EFBIG;
	}
	if (r < 0)
		return r;
	policy_free(client->told);
	free(client->text);
	client->told = policy_ref(policy);
	client->text = text;
	client->text_size = size;
	return 0;
}

/* A request to spawn, which is answered when the child's program runs. */
struct asking {
	const void *bytes;
	size_t size;
	struct wire_spawned *spawned;
	struct spawn_wait wait;
	long result;
	_Atomic bool done;
};

static void *asking_thread(void *data)
{
	struct asking *asking = data;

	prctl(PR_SET_NAME, "pcall-spawn");
	asking->result = ask(ASK(PCALL_SLOT_SPAWN, asking->bytes, asking->size, asking->spawned));
	atomic_store(&asking->done, true);
	spawn_wait_ring(&asking->wait);
	return NULL;
}

/* A thread in a call can run no handler: so another one calls, which has from this one all that the
 * child inherits of a thread. */
static int spawn_ask_beside(struct sv *sv, struct asking *asking)
{
	struct pollfd bell = { .fd = asking->wait.bell, .events = POLLIN };
	sigset_t all, before;
	pthread_t thread;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&thread, NULL, asking_thread, asking);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0)
		return -r;
	while (!atomic_load(&asking->done))
		if (poll(&bell, 1, -1) > 0 && !atomic_load(&asking->done))
			spawn_wait_run(&sv->upcalls, &asking->wait);
	pthread_join(thread, NULL);
	return (int)asking->result;
}

static int spawn_send(struct sv *sv, const struct child *child, struct asking *asking)
{
	int r = spawn_wait_open(&sv->upcalls, child, &asking->wait);

	if (r < 0)
		return r;
	if (asking->wait.bell < 0)
		return (int)ask(
			ASK(PCALL_SLOT_SPAWN, asking->bytes, asking->size, asking->spawned));
	r = spawn_ask_beside(sv, asking);
	spawn_wait_close(&sv->upcalls, &asking->wait);
	return r;
}

static int spawn_write(struct sv *sv, struct spawn_request *request, void **ret, size_t *ret_size)
{
	int r;

	request->spec.traits = traits_tell();
	pthread_mutex_lock(&sv->client->spawning);
	r = policy_tell(sv->client, request->policy);
	if (r == 0)
		r = request_write(request, sv->client->text, sv->client->text_size, ret, ret_size);
	pthread_mutex_unlock(&sv->client->spawning);
	return r;
}

/* No lock is held: what a handler of ours does before it lets the child exec may be to spawn. */
static int spawn_ask(struct sv *sv, const struct child *child, struct spawn_request *request,
		     struct wire_spawned *spawned)
{
	cleanup_free void *bytes = NULL;
	struct asking asking = { .spawned = spawned };
	int r = spawn_write(sv, request, &bytes, &asking.size);

	asking.bytes = bytes;
	if (r == 0)
		r = spawn_send(sv, child, &asking);
	spawned->text[sizeof(spawned->text) - 1] = '\0';
	spawned->label[sizeof(spawned->label) - 1] = '\0';
	return r;
}

int client_spawn(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
		 struct sv_error *error)
{
	cleanup_free struct wire_spawned *spawned = calloc(1, sizeof(*spawned));
	struct sv_child *child;
	int r;

	child = spawned ? client_child_add(sv, request) : NULL;
	if (!child)
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	r = spawn_ask(sv, &child->child, request, spawned);
	if (r < 0) {
		events_await(sv->client, spawned->events);
		client_child_disown(child);
		return stage_fail(error, (enum sv_stage)spawned->stage, r, "%s",
				  spawned->text[0] ? spawned->text : strerror(-r));
	}
	child->child.pid = spawned->pid;
	free(child->child.label);
	child->child.label = strdup(spawned->label);
	*ret = child;
	return 0;
}
