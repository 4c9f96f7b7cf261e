/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Children that a level in the tree asks for.
 *
 * The request is copied once. What the level may give is bounded by what it has: its policy is
 * joined with the one that it runs under, descriptors are taken out of its own table, the directory
 * is looked up as it would be for itself. The rest of what a fork would have inherited, the child
 * has from the level: limits, schedule, umask, process group.
 *
 * The birth itself has a worker of its own: it lasts until a handler of the level's lets the child
 * exec, and no receiver that the handler's answer needs may wait for that.
 */
#include "level/spawn_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/thread.h"
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
#include "path/binding.h"
#include "path/resolve.h"
#include "policy/binds.h"
#include "common/cleanup.h"
#include "common/label.h"
#include "judge/restrict.h"
#include "policy/image_read.h"

enum {
	FDS_MAX = 240,		  /* what one message of ours can carry, and a few of our own */
	CHARGE_LEAST = 32 * 1024, /* what the thread of a birth takes */
};

struct spawning {
	struct level *level;
	struct call *call; /* the receiver's, as long as that reads the request */
	uint64_t id;	   /* of the call, and where it wants what becomes of it */
	pid_t tid;
	uint64_t spawned_address;
	void *bytes;
	size_t size;
	struct request_view view;
	struct spawn_request request;
	struct sv_mask *masks;
	int *fds, *numbers;
	size_t fds_count;
	int cwd;
	char *cwd_name; /* by which of its names the level knows it */
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

	level_lock_take(&level->lock);
	same = level->policy && level->policy_size == view->policy_size &&
	       memcmp(level->policy_text, view->policy, view->policy_size) == 0;
	if (same) {
		spawning->policy = policy_ref(level->policy);
		spawning->granted = policy_ref(level->granted);
	}
	level_lock_give(&level->lock);
	return same;
}

/* Instead of what the level had; the text is its own from here on. */
static void policy_keep(struct level *level, char *text, size_t size, struct policy *policy,
			struct policy *granted)
{
	char *old_text;
	struct policy *old_policy, *old_granted;

	level_lock_take(&level->lock);
	old_text = level->policy_text;
	old_policy = level->policy;
	old_granted = level->granted;
	level->policy_text = text;
	level->policy_size = size;
	level->policy = policy_ref(policy);
	level->granted = policy_ref(granted);
	level_lock_give(&level->lock);
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

/* What lies in a view has several names. The child has it by the one that the level has it by. */
static void name_cwd(struct spawning *spawning)
{
	char real[PATH_MAX], name[PATH_MAX];

	if (spawning->level->child->remaps &&
	    own_fd_name(spawning->call, spawning->cwd, real, sizeof(real)) == 0 &&
	    view_visible(spawning->call, real, name, sizeof(name)))
		spawning->cwd_name = strdup(name);
	spawning->request.cwd_name = spawning->cwd_name;
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
	} else {
		snprintf(path, sizeof(path), "/proc/%d/cwd", call->regs.tid);
		spawning->cwd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = spawning->cwd < 0 ? errno : call_valid(call) ? 0 : ESRCH;
	}
	if (r == 0 && name[0] == '/')
		spawning->request.cwd_name = name;
	else if (r == 0)
		name_cwd(spawning);
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
	request->spec.umask = &spawning->umask;
	request->like = spawning->call->regs.tid;
	request->spec.group = getpgid(self);
	/* A process group has to be of the same session: a level in one of its own has children in
	 * sessions of their own. */
	request->spec.new_session |= getsid(self) != getsid(0);
	return 0;
}

static int label_check(struct spawning *spawning)
{
	int r = label_judge(spawning->level->child->label, spawning->view.label);

	return r < 0 ? spawning_fail(spawning, SV_STAGE_NONE, r, "the label") : 0;
}

/* That no other child of the level has it is seen when this one is one of them. */
static int id_check(struct spawning *spawning)
{
	uint64_t id = spawning->view.head->id;

	return id == 0 || id >= WIRE_ID_ADOPTED
		       ? spawning_fail(spawning, SV_STAGE_NONE, -EINVAL, "the child's number")
		       : 0;
}

static int spawning_fill(struct spawning *spawning)
{
	const struct request_view *view = &spawning->view;
	struct spawn_request *request = &spawning->request;
	int r;

	if ((r = id_check(spawning)) < 0 || (r = label_check(spawning)) < 0 ||
	    (r = take_fds(spawning)) < 0 || (r = policy_make(spawning)) < 0 ||
	    (r = take_cwd(spawning)) < 0 || (r = take_masks(spawning)) < 0)
		return r;
	request->spec.new_session = view->head->flags & WIRE_SPAWN_SESSION;
	request->spec.terminal = view->head->flags & WIRE_SPAWN_TERMINAL;
	r = take_inherited(spawning);
	if (r < 0)
		return r;
	request->level = spawning->level;
	request->id = view->head->id;
	request->label = view->label;
	request->policy = spawning->policy;
	request->granted = spawning->granted;
	request->names = spawning->level->child->names;
	request->spec.argv = view->argv;
	request->spec.envp = view->envp;
	request->spec.candidates = view->candidates;
	request->spec.cwd_fd = &spawning->cwd;
	request->spec.fds = spawning->fds;
	request->spec.numbers = spawning->numbers;
	request->spec.fds_count = spawning->fds_count;
	memcpy(&request->spec.sigmask, &view->head->sigmask, sizeof(view->head->sigmask));
	memcpy(&request->spec.sigignore, &view->head->sigignore, sizeof(view->head->sigignore));
	request->time_ms = view->head->time_ms;
	request->badge = view->head->badge;
	request->spec.traits = (struct traits){
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

/*
 * What is under way for a level, and may hang, is charged to the child that it runs in: as many
 * bytes as the calls that it may have pending. One request is always taken.
 */
static size_t request_charged(size_t size)
{
	return size < CHARGE_LEAST ? CHARGE_LEAST : size;
}

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

static struct spawning *spawning_new(struct level *level, struct call *call, size_t size)
{
	struct spawning *spawning = calloc(1, sizeof(*spawning));

	if (!spawning)
		return NULL;
	spawning->level = level_ref(level);
	spawning->call = call;
	spawning->id = call->id;
	spawning->tid = call->regs.tid;
	spawning->spawned_address = arg_u64(call, 2);
	spawning->bytes = malloc(size);
	spawning->size = size;
	spawning->cwd = -1;
	child_hold(level->child);
	return spawning;
}

static void spawning_free(struct spawning *spawning)
{
	struct child *child = spawning->level->child;

	for (size_t i = 0; i < spawning->fds_count; i++)
		close(spawning->fds[i]);
	free(spawning->fds);
	free(spawning->numbers);
	free(spawning->masks);
	free(spawning->cwd_name);
	if (spawning->cwd >= 0)
		close(spawning->cwd);
	policy_free(spawning->policy);
	policy_free(spawning->granted);
	request_clear(&spawning->view);
	free(spawning->bytes);
	atomic_fetch_sub(&child->requests, request_charged(spawning->size));
	level_drop(spawning->level);
	free(spawning);
	child_release(child);
}

/* And frees it afterwards: to close a descriptor of the level's may hang. */
static void spawning_answer(struct spawning *spawning, int r, struct sv_child *child)
{
	const struct child *asker = spawning->level->child;
	struct wire_spawned spawned = {
		.stage = (int32_t)spawning->error.stage,
		.error = -r,
		.events = events_queued(spawning->level->events),
	};
	int w;

	snprintf(spawned.text, sizeof(spawned.text), "%s", spawning->error.text);
	if (r == 0) {
		spawned.pid = child->child.pid;
		snprintf(spawned.label, sizeof(spawned.label), "%s", child->child.label);
		child_born(child);
	}
	w = mem_write_waiting(asker, spawning->id, spawning->tid, spawning->spawned_address,
			      &spawned, sizeof(spawned));
	answer_send(asker->listener, spawning->id,
		    r < 0 || w != 0 ? sv_answer_error(r < 0 ? -r : w) : sv_answer_value(0));
	spawning_free(spawning);
}

static void spawning_run(void *data)
{
	struct spawning *spawning = data;
	struct sv_child *child = NULL;
	int r;

	r = child_spawn(&spawning->request, &child, &spawning->error);
	spawning_answer(spawning, r, child);
}

/* 0: the birth is its worker's, and so is all else. */
static int spawning_start(struct spawning *spawning)
{
	int r;

	spawning->call = NULL;
	r = worker_start(&spawning->level->tree->workers, 0, spawning_run, spawning);
	return r == 0 ? 0 : spawning_fail(spawning, SV_STAGE_ENGINE, r, "a thread for it");
}

static int spawning_read(struct spawning *spawning)
{
	int r = request_read(spawning->bytes, spawning->size, &spawning->view);

	return r < 0 ? spawning_fail(spawning, SV_STAGE_NONE, r, "the request")
		     : spawning_fill(spawning);
}

static struct sv_answer spawning_serve(struct spawning *spawning)
{
	struct call *call = spawning->call;
	int r = spawning->bytes ? mem_read(call, arg_u64(call, 0), spawning->bytes, spawning->size)
				: ENOMEM;

	if (r != 0) {
		spawning_free(spawning);
		return sv_answer_error(r);
	}
	r = spawning_read(spawning);
	if (fd_take_wished(call)) {
		spawning_free(spawning);
		return sv_answer_later();
	}
	if (r == 0)
		r = spawning_start(spawning);
	if (r < 0)
		spawning_answer(spawning, r, NULL);
	return sv_answer_later();
}

/* (struct wire_spawn *, size, struct wire_spawned *ret) */
struct sv_answer level_spawn(struct level *level, struct call *call)
{
	uint64_t size = arg_u64(call, 1);
	struct spawning *spawning;

	if (size < sizeof(struct wire_spawn) || size > PCALL_REQUEST_MAX)
		return sv_answer_error(EINVAL);
	if (!request_charge(level->child, request_charged((size_t)size)))
		return sv_answer_error(EAGAIN);
	spawning = spawning_new(level, call, (size_t)size);
	if (spawning)
		return spawning_serve(spawning);
	atomic_fetch_sub(&level->child->requests, request_charged((size_t)size));
	return sv_answer_error(ENOMEM);
}
