/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's beginning and end, and what the root's embedder has done by it. */
#include "engine/engine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/error.h"
#include "base/fd_sender.h"
#include "block/block.h"
#include "call/tracee.h"
#include "confine/capabilities.h"
#include "engine/dispatch.h"
#include "engine/killer.h"
#include "engine/reaper.h"
#include "engine/teardown.h"
#include "level/exec_watch.h"
#include "own/told.h"
#include "sys/rows.h"
#include "tree/level.h"
#include "tree/mask.h"
#include "upcall/dispatch_queue.h"
#include "upcall/handler_api.h"
#include "upcall/mailbox.h"
#include "zygote/image.h"

static const struct tree_ops tree_ops = {
	.kick = level_kick,
	.execs = level_execs,
	.kill_all = child_kill_all,
	.bury_failed = tree_bury_failed,
	.release = tree_release,
	.level_doom = level_doom,
};

/* Tags are random, so that two supervisors of one user do not know each other's children. */
static uint32_t tag_first(void)
{
	uint32_t tag = 0;

	if (getrandom(&tag, sizeof(tag), GRND_NONBLOCK) != sizeof(tag))
		tag = (uint32_t)getpid() << 12;
	return tag | 0x80000000u;
}

/* An eighth of the descriptors that we may have, at three for a task: the rest is for work. */
static int remembered_max(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > 1 << 20)
		return 1 << 16;
	return (int)files.rlim_cur / 8;
}

static int engine_threads(struct sv *sv, struct sv_error *error)
{
	sigset_t all, before;
	int r = work_new(true, &sv->tree.workers, &sv->spawner.work);

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
	int r;

	sv->upcalls.ops = &upcall_root_ops;
	sv->tree.level->ask = options->handlers_in_dispatch ? dispatch_ask : call_ask_here;
	sv->tree.ops = &tree_ops;
	sv->tree.rows = &sysrows;
	sv->tree.told = told_new();
	if (!sv->tree.told)
		return stage_fail(error, SV_STAGE_ENGINE, -ENOMEM, "out of memory");
	sv->tree.next_tag = tag_first();
	sv->pool.ops = &dispatch_ops;
	sv->pool.remembered_max = remembered_max();
	sv->spawner = (struct spawner){
		.zygote = {.pid = -1, .pidfd = -1, .socket = -1, .ahead = -1},
		.degraded = options->degraded,
		.confine = options->confine,
		.sender = fd_sender_needed(),
		.filters = tracee_filters(gettid()),
	};
	killer_init(&sv->killer);
	r = confine_capabilities(options->keep_caps);
	if (r < 0)
		return stage_fail(error, SV_STAGE_CAPABILITIES, r,
				  "capabilities cannot be dropped: %s", strerror(-r));
	r = zygote_open(&sv->spawner.zygote);
	if (r == -EACCES)
		return stage_fail(error, SV_STAGE_ZYGOTE, r,
				  "the zygote cannot be started: a program without a file may not "
				  "be executed here (vm.memfd_noexec?), and there is no %s of this "
				  "version; install one, or allow it",
				  zygote_path);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ZYGOTE, r, "the zygote cannot be started: %s",
				  strerror(-r));
	r = events_new(&sv->tree.events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	sv->tree.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sv->tree.deaths = epoll_create1(EPOLL_CLOEXEC);
	if (sv->tree.wake < 0 || sv->tree.deaths < 0)
		return stage_fail(error, SV_STAGE_ENGINE, -errno, "no eventfd: %s",
				  strerror(errno));
	return engine_threads(sv, error);
}

static bool engine_close(struct sv *sv)
{
	struct zygote *zygote = &sv->spawner.zygote;

	tree_bury_all(sv);
	dispatch_end(&sv->upcalls);
	killer_end(sv);
	/* Not before: who buries waits for what the reaper is told. */
	atomic_store(&sv->ending, true);
	if (zygote->pid > 0)
		zygote_doom(zygote);
	if (sv->reaper_started) {
		reaper_wake(&sv->tree);
		pthread_join(sv->reaper, NULL);
	}
	if (sv->tree.hung) {
		if (zygote->pid > 0)
			zygote_kill(zygote);
		return false;
	}
	if (sv->spawner.work)
		work_end(sv->spawner.work); /* its ring has a worker */
	if (zygote->pid > 0)
		zygote_kill(zygote); /* every child was freed, and so killed */
	/* Before anything that they may be using still. */
	if (!workers_end(&sv->tree.workers))
		return false;
	calls_free(&sv->upcalls);
	work_free(sv->spawner.work);
	told_free(sv->tree.told);
	if (sv->tree.wake >= 0)
		close(sv->tree.wake);
	if (sv->tree.deaths >= 0)
		close(sv->tree.deaths);
	pthread_cond_destroy(&sv->killer.changed);
	return true;
}

static bool engine_shares_session(const struct sv *sv)
{
	(void)sv;
	return true;
}

static int engine_spawn(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
			struct sv_error *error)
{
	int r = child_spawn(request, ret, error);

	(void)sv;
	if (r == 0)
		child_born(*ret);
	return r;
}

static int engine_adopt(struct sv_child *child, uint64_t badge, bool adopts)
{
	tree_lock_take(&child->tree->lock);
	child_speak_for(child, badge, adopts);
	tree_lock_give(&child->tree->lock);
	return 0;
}

static int engine_mask(struct sv_child *child, int number, bool allowed)
{
	int r;

	tree_lock_take(&child->tree->lock);
	r = child_mask(child, number, allowed);
	tree_lock_give(&child->tree->lock);
	return r;
}

static int engine_kill(struct sv_child *child, int signal)
{
	int r = 0;

	tree_lock_take(&child->tree->lock);
	if (signal == SIGKILL)
		tree_kill_all(child->tree, &child->child);
	else
		r = tree_signal(child, signal);
	tree_lock_give(&child->tree->lock);
	return r;
}

const struct sv_ops engine_ops = {
	.open = engine_open,
	.close = engine_close,
	.shares_session = engine_shares_session,
	.spawn = engine_spawn,
	.kill = engine_kill,
	.free = tree_bury,
	.adopt = engine_adopt,
	.mask = engine_mask,

};
