/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public face: struct sv, its life, its events. Spawning is in sv_spawn.c. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include "base/error.h"
#include "base/inside.h"
#include "client/client.h"
#include "engine/engine.h"
#include "lib/struct_size.h"
#include "sys/rows.h"
#include "tree/level.h"
#include "upcall/dispatch_queue.h"

static void sv_delete(struct sv *sv)
{
	events_free(sv->tree.events);
	level_drop(sv->tree.level);
	upcalls_deinit(&sv->upcalls);
	tree_deinit(&sv->tree);
	free(sv);
}

static struct sv *sv_make(const struct sv_options *options)
{
	struct sv *sv = calloc(1, sizeof(*sv));

	if (!sv)
		return NULL;
	/* Root, or a level of the tree that this process is in. */
	sv->ops = inside_is() ? &client_ops : &engine_ops;
	sv->on_event = options->on_event;
	sv->data = options->data;
	tree_init(&sv->tree);
	upcalls_init(&sv->upcalls);
	sv->tree.pool = &sv->pool;
	sv->tree.upcalls = &sv->upcalls;
	sv->tree.spawner = &sv->spawner;
	sv->upcalls.tree = &sv->tree;
	sv->upcalls.handlers_in_dispatch = options->handlers_in_dispatch;
	sv->upcalls.answer_ms = options->answer_ms;
	if (level_new_root(&sv->tree, &sv->tree.level) == 0)
		return sv;
	sv_delete(sv);
	return NULL;
}

/* What the embedder asks for; nothing is as good as zeros. */
static int options_read(const struct sv_options *given, struct sv_options *ret,
			struct sv_error *error)
{
	int r;

	*ret = (struct sv_options){ .size = sizeof(*ret) };
	r = given ? struct_read(ret, sizeof(*ret), STRUCT_FIRST_SIZE(struct sv_options, answer_ms),
				given)
		  : 0;
	return r < 0 ? stage_fail(error, SV_STAGE_NONE, r,
				  "struct sv_options is of another version of the library")
		     : 0;
}

int sv_new(const struct sv_options *options, struct sv **ret, struct sv_error *error)
{
	struct sv_options asked;
	struct sv *sv;
	int r = options_read(options, &asked, error);

	if (r < 0)
		return r;
	sv = sv_make(&asked);
	if (!sv)
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	r = sv->ops->open(sv, &asked, error);
	if (r < 0) {
		sv_free(sv);
		return r;
	}
	*ret = sv;
	return 0;
}

struct sv *sv_free(struct sv *sv)
{
	if (sv && sv->ops->close(sv))
		sv_delete(sv);
	return NULL;
}

int sv_shares_session(const struct sv *sv)
{
	return sv->ops->shares_session(sv);
}

int sv_stop(struct sv *sv, int signal)
{
	sigset_t set, before;
	int r;

	/* A thread in a call that its supervisor has taken would not stop before the answer. */
	if (sv->ops->rest)
		sv->ops->rest(sv, true);
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, &before);
	r = raise(signal) ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (sv->ops->rest)
		sv->ops->rest(sv, false);
	return r;
}

int sv_poll_fd(const struct sv *sv)
{
	return events_fd(sv->tree.events);
}

pid_t sv_child_pid(const struct sv_child *child)
{
	return child->child.pid;
}

const char *sv_child_label(const struct sv_child *child)
{
	return child->child.label;
}

void sv_child_set_data(struct sv_child *child, void *data)
{
	child->data = data;
}

void *sv_child_data(const struct sv_child *child)
{
	return child->data;
}

int sv_dispatch(struct sv *sv, int timeout_ms)
{
	struct pollfd p = { .fd = events_fd(sv->tree.events), .events = POLLIN };

	if (timeout_ms != 0 && poll(&p, 1, timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	return events_drain(sv->tree.events, sv->on_event, sv->data) +
	       dispatch_run_all(&sv->upcalls);
}

int sv_child_adopt(struct sv_child *child, uint64_t badge, int adopts)
{
	return sv_of(child->tree)->ops->adopt(child, badge, adopts);
}

int sv_child_mask(struct sv_child *child, int number, int allowed)
{
	return sv_of(child->tree)->ops->mask(child, number, allowed);
}

int sv_define(struct sv *sv, const char *name, sv_handler *handler, void *data)
{
	int r;

	if (!name || !handler || !method_name_valid(name))
		return -EINVAL;
	r = level_define(sv->tree.level, name, METHOD_NAMED, handler, data);
	if (r >= 0 && sv->ops->define)
		r = sv->ops->define(sv, name, METHOD_NAMED);
	return r < 0 ? r : PCALL_BASE + METHOD_DEFINED_FIRST + r;
}

int sv_method(struct sv *sv, const char *name)
{
	int r = name ? level_method(sv->tree.level, name) : -EINVAL;

	return r == -ENOENT && sv->ops->method ? sv->ops->method(sv, name) : r;
}

int sv_intercept(struct sv *sv, int number, sv_handler *handler, void *data)
{
	int r;

	if (!handler || (number != SV_EVERY_CALL && !notifiable(number)))
		return -EINVAL;
	r = level_define(sv->tree.level, "", number, handler, data);
	if (r >= 0 && sv->ops->define)
		r = sv->ops->define(sv, "", number);
	return r < 0 ? r : 0;
}

int sv_child_kill(struct sv_child *child, int signal)
{
	return sv_of(child->tree)->ops->kill(child, signal);
}

struct sv_child *sv_child_free(struct sv_child *child)
{
	if (child)
		sv_of(child->tree)->ops->free(child);
	return NULL;
}
