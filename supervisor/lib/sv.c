/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public face: struct sv, its life, its events. Spawning is in spawn.c. */
#include "base/error.h"
#include "engine/engine.h"
#include "engine/teardown.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "upcall/dispatch_queue.h"
#include "upcall/upcall.h"
#include "call/tracee.h"
#include "confine/capabilities.h"
#include "confine/landlock.h"
#include "confine/self_filter.h"
#include "base/inside.h"
#include "client/client.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "call/pool.h"
#include "spawn/spawn.h"
#include "tree/tree.h"
#include "block/block.h"
#include "zygote/image.h"
#include "lib/struct_size.h"
#include "sys/rows.h"

/* Tags are random, so that two supervisors of one user do not know each other's children. */
static uint32_t tag_first(void)
{
	uint32_t tag = 0;

	if (getrandom(&tag, sizeof(tag), GRND_NONBLOCK) != sizeof(tag))
		tag = (uint32_t)getpid() << 12;
	return tag | 0x80000000u;
}

static int engine_threads(struct sv *sv, struct sv_error *error)
{
	sigset_t all, before;
	int r = work_new(true, &sv->work);

	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "out of memory");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = killer_start(sv);
	if (r == 0)
		r = -pthread_create(&sv->reaper, NULL, reaper_run, sv);
	sv->reaper_started = r == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r < 0 ? stage_fail(error, SV_STAGE_ENGINE, r, "no thread can be started: %s",
				  strerror(-r))
		     : 0;
}

static int engine_open(struct sv *sv, const struct sv_options *options, struct sv_error *error)
{
	int r = confine_capabilities(options->keep_caps);

	if (r < 0)
		return stage_fail(error, SV_STAGE_CAPABILITIES, r,
				  "capabilities cannot be dropped: %s", strerror(-r));
	r = zygote_open(&sv->zygote);
	if (r == -EACCES)
		return stage_fail(error, SV_STAGE_ZYGOTE, r,
				  "the zygote cannot be started: a program without a file may not "
				  "be executed here (vm.memfd_noexec?), and there is no %s of this "
				  "version; install one, or allow it",
				  zygote_path);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ZYGOTE, r, "the zygote cannot be started: %s",
				  strerror(-r));
	r = events_new(&sv->events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	sv->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sv->deaths = epoll_create1(EPOLL_CLOEXEC);
	if (sv->wake < 0 || sv->deaths < 0)
		return stage_fail(error, SV_STAGE_ENGINE, -errno, "no eventfd: %s",
				  strerror(errno));
	return engine_threads(sv, error);
}

int engine_confine(struct sv *sv, struct sv_error *error)
{
	int r;

	pthread_mutex_lock(&sv->lock);
	r = sv->confine ? confine_filter() : 0;
	if (r == 0)
		sv->confine = false; /* once, for good */
	pthread_mutex_unlock(&sv->lock);
	return r < 0 ? stage_fail(error, SV_STAGE_CONFINE, r,
				  "the supervisor cannot confine itself: %s", strerror(-r))
		     : 0;
}

/* An eighth of the descriptors that we may have, at three for a task: the rest is for work. */
static int remembered_max(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > 1 << 20)
		return 1 << 16;
	return (int)files.rlim_cur / 8;
}

static void locks_init(struct sv *sv)
{
	pthread_mutexattr_t again;

	pthread_mutex_init(&sv->lock, NULL);
	pthread_cond_init(&sv->settled, NULL);
	killer_init(&sv->killer);
	pthread_mutex_init(&sv->spawning, NULL);
	pthread_mutex_init(&sv->burial, NULL);
	pthread_mutex_init(&sv->calls_lock, NULL);
	pthread_cond_init(&sv->calls_changed, NULL);
	pthread_rwlock_init(&sv->lineage, NULL);
	/* a level that goes with its last table drops a table itself */
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&sv->tables_lock, &again);
	pthread_mutexattr_destroy(&again);
	errands_init(&sv->burying, "pcall-burier");
}

static void locks_deinit(struct sv *sv)
{
	pthread_mutex_destroy(&sv->lock);
	pthread_cond_destroy(&sv->settled);
	pthread_cond_destroy(&sv->killer.changed);
	pthread_mutex_destroy(&sv->spawning);
	pthread_mutex_destroy(&sv->burial);
	pthread_mutex_destroy(&sv->calls_lock);
	pthread_cond_destroy(&sv->calls_changed);
	pthread_rwlock_destroy(&sv->lineage);
	pthread_mutex_destroy(&sv->tables_lock);
}

/* Root, or a level of the tree that this process is in. */
static int sv_open(struct sv *sv, const struct sv_options *options, struct sv_error *error)
{
	int r = level_new_root(sv, &sv->level);

	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r, "out of memory");
	if (!inside_is())
		return engine_open(sv, options, error);
	r = events_new(&sv->events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	return inner_open(sv, error);
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

int sv_new(const struct sv_options *given, struct sv **ret, struct sv_error *error)
{
	struct sv_options options;
	struct sv *sv;
	int r = options_read(given, &options, error);

	if (r < 0)
		return r;
	sv = calloc(1, sizeof(*sv));
	if (!sv)
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	sv->on_event = options.on_event;
	sv->data = options.data;
	sv->degraded = options.degraded;
	sv->confine = options.confine;
	sv->sender = fd_sender_needed();
	sv->filters = inside_is() ? 0 : tracee_filters(gettid());
	sv->handlers_in_dispatch = options.handlers_in_dispatch;
	sv->answer_ms = options.answer_ms;
	sv->wake = sv->deaths = -1;
	sv->zygote = (struct zygote){ .pid = -1, .pidfd = -1, .socket = -1, .ahead = -1 };
	sv->next_tag = tag_first();
	sv->remembered_max = remembered_max();
	locks_init(sv);
	r = sv_open(sv, &options, error);
	if (r < 0) {
		sv_free(sv);
		return r;
	}
	*ret = sv;
	return 0;
}

struct sv *sv_free(struct sv *sv)
{
	if (!sv)
		return NULL;
	if (sv->inner)
		inner_close(sv);
	else
		tree_bury_all(sv);
	dispatch_end(sv);
	errands_deinit(&sv->burying);
	killer_end(sv);
	/* Not before: who buries waits for what the reaper is told. */
	atomic_store(&sv->ending, true);
	if (sv->zygote.pid > 0)
		zygote_doom(&sv->zygote);
	if (sv->reaper_started) {
		reaper_wake(sv);
		pthread_join(sv->reaper, NULL);
	}
	if (sv->hung) {
		if (sv->zygote.pid > 0)
			zygote_kill(&sv->zygote);
		return NULL;
	}
	calls_free(sv);
	work_free(sv->work);
	if (sv->zygote.pid > 0)
		zygote_kill(&sv->zygote); /* every child was freed, and so killed */
	events_free(sv->events);
	if (sv->wake >= 0)
		close(sv->wake);
	if (sv->deaths >= 0)
		close(sv->deaths);
	level_drop(sv->level);
	locks_deinit(sv);
	free(sv);
	return NULL;
}

int sv_shares_session(const struct sv *sv)
{
	return !sv->inner || !inner_session();
}

int sv_stop(struct sv *sv, int signal)
{
	sigset_t set, before;
	int r;

	/* A thread in a call that its supervisor has taken would not stop before the answer. */
	if (sv->inner)
		inner_rest(sv, true);
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, &before);
	r = raise(signal) ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (sv->inner)
		inner_rest(sv, false);
	return r;
}

int sv_poll_fd(const struct sv *sv)
{
	return events_fd(sv->events);
}

int sv_dispatch(struct sv *sv, int timeout_ms)
{
	struct pollfd p = { .fd = events_fd(sv->events), .events = POLLIN };

	if (timeout_ms != 0 && poll(&p, 1, timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	return events_drain(sv->events, sv->on_event, sv->data) + dispatch_run_all(sv);
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

int sv_child_adopt(struct sv_child *child, uint64_t badge, int adopts)
{
	if (child->sv->inner)
		return inner_adopt(child, badge, adopts);
	pthread_mutex_lock(&child->sv->lock);
	child_speak_for(child, badge, adopts);
	pthread_mutex_unlock(&child->sv->lock);
	return 0;
}

int sv_child_mask(struct sv_child *child, int number, int allowed)
{
	int r;

	if (child->sv->inner)
		return inner_mask(child, number, allowed);
	pthread_mutex_lock(&child->sv->lock);
	r = child_mask(child, number, allowed);
	pthread_mutex_unlock(&child->sv->lock);
	return r;
}

int sv_define(struct sv *sv, const char *name, sv_handler *handler, void *data)
{
	int r;

	if (!name || !handler || !method_name_valid(name))
		return -EINVAL;
	r = level_define(sv->level, name, METHOD_NAMED, handler, data);
	if (r >= 0 && sv->inner)
		r = inner_define(sv, name, METHOD_NAMED);
	return r < 0 ? r : PCALL_BASE + METHOD_DEFINED_FIRST + r;
}

int sv_method(struct sv *sv, const char *name)
{
	int r = name ? level_method(sv->level, name) : -EINVAL;

	return r == -ENOENT && sv->inner ? inner_method(sv, name) : r;
}

int sv_intercept(struct sv *sv, int number, sv_handler *handler, void *data)
{
	int r;

	if (!handler || (number != SV_EVERY_CALL && !notifiable(number)))
		return -EINVAL;
	r = level_define(sv->level, "", number, handler, data);
	if (r >= 0 && sv->inner)
		r = inner_define(sv, "", number);
	return r < 0 ? r : 0;
}

int sv_child_kill(struct sv_child *child, int signal)
{
	int r;

	if (child->sv->inner)
		return inner_kill(child, signal);
	if (signal == SIGKILL) {
		pthread_mutex_lock(&child->sv->lock);
		tree_kill_all(child->sv, &child->child);
		pthread_mutex_unlock(&child->sv->lock);
		return 0;
	}
	pthread_mutex_lock(&child->sv->lock);
	r = tree_signal(child, signal);
	pthread_mutex_unlock(&child->sv->lock);
	return r;
}

struct sv_child *sv_child_free(struct sv_child *child)
{
	if (!child)
		return NULL;
	if (child->sv->inner)
		inner_child_free(child);
	else
		tree_bury(child);
	return NULL;
}
