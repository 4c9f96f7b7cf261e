/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Children that a level in the tree asks for.
 *
 * The request is copied once. What the level may give is bounded by what it has: its policy is
 * joined with the one that it runs under, descriptors are taken out of its own table, the directory
 * is looked up as it would be for itself. The rest of what a fork would have inherited, the child
 * has from the level: limits, schedule, umask, process group.
 */
#include "level/spawn_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "call/fd_take.h"
#include "call/call.h"
#include "upcall/upcall.h"
#include "tree/level.h"
#include "call/memory.h"
#include "call/pool.h"
#include "level/request.h"
#include "spawn/spawn.h"
#include "call/caller.h"
#include "tree/tree.h"
#include "path/resolve.h"
#include "policy/binds.h"
#include "common/cleanup.h"
#include "common/label.h"
#include "judge/restrict.h"
#include "policy/image_read.h"

enum {
	FDS_MAX = 240, /* what one message of ours can carry, and a few of our own */
};

struct spawning {
	struct level *level;
	struct call *call;
	struct request_view view;
	struct spawn_request request;
	struct sv_mask *masks;
	int *fds, *numbers;
	size_t fds_count;
	int cwd;
	mode_t umask;
	struct policy *policy, *granted; /* of the whole chain; what the level asks for */
	struct sv_error error;
};

static int spawning_fail(struct spawning *spawning, enum sv_stage stage, int r, const char *text)
{
	return stage_fail(&spawning->error, stage, r, "%s: %s", text, strerror(-r));
}

/* What became of the same text before: siblings mostly have the same policy, and then share it. */
static bool policy_known(struct spawning *spawning)
{
	struct level *level = spawning->level;
	const struct request_view *view = &spawning->view;
	bool same;

	pthread_mutex_lock(&level->lock);
	same = level->policy && level->policy_size == view->policy_size &&
	       memcmp(level->policy_text, view->policy, view->policy_size) == 0;
	if (same) {
		spawning->policy = policy_ref(level->policy);
		spawning->granted = policy_ref(level->granted);
	}
	pthread_mutex_unlock(&level->lock);
	return same;
}

/* Instead of what the level had; the text is its own from here on. */
static void policy_keep(struct level *level, char *text, size_t size, struct policy *policy,
			struct policy *granted)
{
	char *old_text;
	struct policy *old_policy, *old_granted;

	pthread_mutex_lock(&level->lock);
	old_text = level->policy_text;
	old_policy = level->policy;
	old_granted = level->granted;
	level->policy_text = text;
	level->policy_size = size;
	level->policy = policy_ref(policy);
	level->granted = policy_ref(granted);
	pthread_mutex_unlock(&level->lock);
	free(old_text);
	policy_free(old_policy);
	policy_free(old_granted);
}

/* Joining looks up names on the disk, where it may hang: no lock is held. */
static int policy_make(struct spawning *spawning)
{
	static const struct policy_env env = { .cwd = "/", .path = "/usr/bin:/bin" };
	const struct request_view *view = &spawning->view;
	struct level *level = spawning->level;
	struct policy_error why = { .text = "" };
	char *text;
	int r;

	if (policy_known(spawning))
		return 0;
	r = policy_image_read(view->policy, view->policy_size, &env, &spawning->granted, &why);
	if (r < 0)
		return stage_fail(&spawning->error, SV_STAGE_NONE, r, "%s", why.text);
	r = policy_join(level->child->policy, spawning->granted, &spawning->policy);
	if (r < 0)
		return spawning_fail(spawning, SV_STAGE_NONE, r, "the policies do not go together");
	text = malloc(view->policy_size + 1);
	if (text) {
		memcpy(text, view->policy, view->policy_size);
		policy_keep(level, text, view->policy_size, spawning->policy, spawning->granted);
	}
	return 0;
}

static int take_fds(struct spawning *spawning)
{
	size_t count = spawning->view.head->fds.count;
	int r;

	if (count > FDS_MAX)
		return spawning_fail(spawning, SV_STAGE_DESCRIPTORS, -E2BIG, "descriptors");
	spawning->fds = calloc(count + 1, sizeof(int));
	spawning->numbers = calloc(count + 1, sizeof(int));
	if (!spawning->fds || !spawning->numbers)
		return spawning_fail(spawning, SV_STAGE_DESCRIPTORS, -ENOMEM, "descriptors");
	r = fd_take_all(spawning->call, spawning->view.fds, count, spawning->fds);
	if (r != 0)
		return spawning_fail(spawning, SV_STAGE_DESCRIPTORS, -r,
				     "a descriptor cannot be passed");
	for (size_t i = 0; i < count; i++)
		spawning->numbers[i] = spawning->view.numbers[i];
	spawning->fds_count = count;
	return 0;
}

/* By a name it is a lookup like any other of the level's, which knows what the view that it gives
 * means. */
static int look_cwd_up(struct spawning *spawning, const char *name)
{
	struct place place = PLACE_INIT;
	char real[PATH_MAX];
	int r = ENAMETOOLONG;

	if (name[0] != '/' || resolve_view(spawning->granted, name, real, sizeof(real)))
		r = view_lookup_at(spawning->call, AT_FDCWD, name[0] == '/' ? real : name,
				   VIEW_FOLLOW, RIGHT_STAT, &place);
	if (r == 0)
		spawning->cwd = steal_fd(&place.fd);
	place_deinit(&place);
	return r;
}

/* Where the level stands, it stands. */
static int take_cwd(struct spawning *spawning)
{
	struct call *call = spawning->call;
	const char *name = spawning->view.cwd;
	char path[64];
	int r;

	if (name[0] && strcmp(name, ".") != 0) {
		r = look_cwd_up(spawning, name);
		spawning->request.cwd_name = name[0] == '/' ? name : NULL;
	} else {
		snprintf(path, sizeof(path), "/proc/%d/cwd", call->regs.tid);
		spawning->cwd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = spawning->cwd < 0 ? errno : call_valid(call) ? 0 : ESRCH;
	}
	return r ? spawning_fail(spawning, SV_STAGE_CWD, -r, "the directory to start in") : 0;
}

static int take_masks(struct spawning *spawning)
{
	const struct wire_spawn *head = spawning->view.head;
	size_t count = 0;

	spawning->masks = calloc((size_t)head->masks.count + head->masks_named.count + 1,
				 sizeof(*spawning->masks));
	if (!spawning->masks)
		return spawning_fail(spawning, SV_STAGE_NONE, -ENOMEM, "masks");
	for (uint32_t i = 0; i < head->masks.count; i++)
		spawning->masks[count++].number = spawning->view.masks[i];
	for (uint32_t i = 0; i < head->masks_named.count; i++)
		spawning->masks[count++].name = spawning->view.masks_named[i];
	spawning->request.masks = spawning->masks;
	spawning->request.masks_count = count;
	return 0;
}

static int take_inherited(struct spawning *spawning)
{
	struct spawn_request *request = &spawning->request;
	pid_t self;
	int r = task_umask(spawning->call, &spawning->umask);

	if (r == 0)
		r = task_tgid(spawning->call, &self);
	if (r != 0)
		return spawning_fail(spawning, SV_STAGE_SESSION, -r, "its supervisor");
	request->umask = &spawning->umask;
	request->like = spawning->call->regs.tid;
	request->group = getpgid(self);
	/* A process group has to be of the same session: a level in one of its own has children in
	 * sessions of their own. */
	request->new_session |= getsid(self) != getsid(0);
	return 0;
}

static int label_check(struct spawning *spawning)
{
	int r = label_judge(spawning->level->child->label, spawning->view.label);

	return r < 0 ? spawning_fail(spawning, SV_STAGE_NONE, r, "the label") : 0;
}

static int spawning_fill(struct spawning *spawning)
{
	const struct request_view *view = &spawning->view;
	struct spawn_request *request = &spawning->request;
	int r;

	if ((r = label_check(spawning)) < 0 || (r = take_fds(spawning)) < 0 ||
	    (r = policy_make(spawning)) < 0 || (r = take_cwd(spawning)) < 0 ||
	    (r = take_masks(spawning)) < 0)
		return r;
	request->new_session = view->head->flags & WIRE_SPAWN_SESSION;
	request->terminal = view->head->flags & WIRE_SPAWN_TERMINAL;
	r = take_inherited(spawning);
	if (r < 0)
		return r;
	request->level = spawning->level;
	request->label = view->label;
	request->policy = spawning->policy;
	request->granted = spawning->granted;
	request->names = spawning->level->child->names;
	request->argv = view->argv;
	request->envp = view->envp;
	request->candidates = view->candidates;
	request->cwd_fd = &spawning->cwd;
	request->fds = spawning->fds;
	request->numbers = spawning->numbers;
	request->fds_count = spawning->fds_count;
	memcpy(&request->sigmask, &view->head->sigmask, sizeof(view->head->sigmask));
	memcpy(&request->sigignore, &view->head->sigignore, sizeof(view->head->sigignore));
	request->time_ms = view->head->time_ms;
	request->badge = view->head->badge;
	request->traits = (struct traits){
		.known = view->head->traits_known,
		.set = view->head->traits_set,
		.timer_slack = view->head->timer_slack,
	};
	request->revocable = view->revocable;
	request->revocable_count = view->head->revocable.count;
	request->survives = view->head->flags & WIRE_SPAWN_SURVIVES;
	request->adopts = view->head->flags & WIRE_SPAWN_ADOPTS;
	return 0;
}

static void spawning_clear(struct spawning *spawning)
{
	for (size_t i = 0; i < spawning->fds_count; i++)
		close(spawning->fds[i]);
	free(spawning->fds);
	free(spawning->numbers);
	free(spawning->masks);
	if (spawning->cwd >= 0)
		close(spawning->cwd);
	policy_free(spawning->policy);
	policy_free(spawning->granted);
	request_clear(&spawning->view);
}

/* Never one that another child has, or had. */
static int id_take(struct spawning *spawning)
{
	struct level *level = spawning->level;
	uint64_t id = spawning->view.head->id;
	int r = 0;

	pthread_mutex_lock(&level->tree->lock);
	if (id <= level->last_child || id >= WIRE_ID_ADOPTED)
		r = -EINVAL;
	else
		level->last_child = id;
	pthread_mutex_unlock(&level->tree->lock);
	spawning->request.id = id;
	return r < 0 ? spawning_fail(spawning, SV_STAGE_NONE, r, "the child's number") : 0;
}

static int spawning_run(struct spawning *spawning, const void *bytes, size_t size,
			struct sv_child **ret)
{
	int r = request_read(bytes, size, &spawning->view);

	if (r < 0)
		return spawning_fail(spawning, SV_STAGE_NONE, r, "the request");
	r = spawning_fill(spawning);
	if (r < 0)
		return r;
	r = id_take(spawning);
	if (r < 0)
		return r;
	return child_spawn(&spawning->request, ret, &spawning->error);
}

/*
 * What is under way for a level, and may hang, is charged to the child that it runs in: as many
 * bytes as the calls that it may have pending. One request is always taken.
 */
static bool request_charge(struct child *child, size_t size)
{
	size_t most = calls_bytes_most(child);
	size_t before = atomic_load(&child->requests);

	do
		if (before && (before > most || size > most - before))
			return false;
	while (!atomic_compare_exchange_weak(&child->requests, &before, before + size));
	return true;
}

static struct sv_answer request_serve(struct level *level, struct call *call, void *bytes,
				      size_t size)
{
	struct spawning spawning = { .level = level, .call = call, .cwd = -1 };
	struct wire_spawned spawned = { .stage = 0 };
	struct sv_child *child = NULL;
	int r, w;

	r = mem_read(call, arg_u64(call, 0), bytes, size);
	if (r != 0)
		return sv_error(r);
	r = spawning_run(&spawning, bytes, size, &child);
	if (fd_take_wished(call)) {
		spawning_clear(&spawning);
		return sv_later();
	}
	spawned.stage = (int32_t)spawning.error.stage;
	spawned.error = -r;
	spawned.events = events_queued(level->events);
	snprintf(spawned.text, sizeof(spawned.text), "%s", spawning.error.text);
	if (r == 0 && child) {
		spawned.pid = child->child.pid;
		snprintf(spawned.label, sizeof(spawned.label), "%s", child->child.label);
		child_born(child);
	}
	w = mem_write(call, arg_u64(call, 2), &spawned, sizeof(spawned));
	/* The answer first: to close a descriptor of the level's may hang. */
	answer_send(level->child->listener, call->id,
		    r < 0 || w != 0 ? sv_error(r < 0 ? -r : w) : sv_value(0));
	spawning_clear(&spawning);
	return sv_later();
}

/* (struct wire_spawn *, size, struct wire_spawned *ret) */
struct sv_answer level_spawn(struct level *level, struct call *call)
{
	struct child *child = level->child;
	uint64_t size = arg_u64(call, 1);
	struct sv_answer answer;
	void *bytes;

	if (size < sizeof(struct wire_spawn) || size > PCALL_REQUEST_MAX)
		return sv_error(EINVAL);
	if (!request_charge(child, (size_t)size))
		return sv_error(EAGAIN);
	bytes = malloc((size_t)size);
	answer = bytes ? request_serve(level, call, bytes, (size_t)size) : sv_error(ENOMEM);
	free(bytes);
	atomic_fetch_sub(&child->requests, (size_t)size);
	return answer;
}
