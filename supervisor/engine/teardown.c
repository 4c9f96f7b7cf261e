/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of those below when a child or a level ends. */
#include "engine/teardown.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "engine/engine.h"
#include "engine/killer.h"
#include "tree/level.h"
#include "upcall/mailbox.h"
#include "call/pool.h"
#include "spawn/child.h"
#include "tree/mask.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	ADOPTED_DEPTH_MAX = 64, /* of a survivor: what it counts for is looked through */
};

/* The turn at freeing, as a kind of lock: see burial_begin. */
extern struct lock_kind burial_turn;

static void level_bury(struct level *level) REQUIRES(burial_turn);

/* Have both sides said that the level above takes it over when its own dies? */
static bool is_adoptable(const struct sv_child *child) REQUIRES(tree_locked)
{
	const struct sv_child *outer = sv_child_of(child->child.level->child);

	return child->survives && outer->adopts && !outer->child.level->dead && !outer->freed &&
	       !child->freed && child->child.depth <= ADOPTED_DEPTH_MAX;
}

/* The level above takes it over. Under the engine's lock. */
static bool child_adopt(struct sv_child *child, struct level *dead) REQUIRES(tree_locked)
{
	struct sv_child *outer = sv_child_of(dead->child);
	struct level *level = outer->child.level;
	struct sv_event event = { .type = SV_EVENT_ADOPTED, .pid = child->child.pid };

	if (!is_adoptable(child))
		return false;
	mask_adopt(child);
	child_untell(&child->child);
	/* What its level said of it was that one's word: now it is for another to say. */
	child->adopts = false;
	lineage_lock_take(&level->tree->lineage);
	child->child.id = level->child ? WIRE_ID_ADOPTED | ++level->adopted : 0;
	child->child.badge = 0;
	child->child.level = level;
	lineage_lock_give(&level->tree->lineage);
	event.text = child->child.label;
	child_tell(&child->child, &event);
	reaper_wake(level->tree); /* it has more limits to keep now */
	return true;
}

/* One that is to end with its level; NULL: all are seen to. */
static struct sv_child *orphan_next(struct level *level)
{
	struct sv *sv = sv_of(level->tree);
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	do {
		child = sv->tree.children;
		while (child && child->child.level != level)
			child = child->next;
	} while (child && child_adopt(child, level));
	if (child)
		child->freed = true;
	tree_lock_give(&sv->tree.lock);
	return child;
}

static void level_unlink(struct level *level)
{
	struct child *inside = level->child;
	struct sv *sv = sv_of(level->tree);

	tree_lock_take(&sv->tree.lock);
	for (struct level **at = &sv->tree.levels; *at; at = &(*at)->next_known)
		if (*at == level) {
			*at = level->next_known;
			break;
		}
	tree_lock_give(&sv->tree.lock);
	child_lock_take(&inside->lock);
	for (struct level **at = &inside->levels; *at; at = &(*at)->next)
		if (*at == level) {
			*at = level->next;
			break;
		}
	child_lock_give(&inside->lock);
}

/* Whoever spawns it sees its end, and lets go; and no process of it becomes a level any more,
 * although such a call may be under way. */
static void child_settle_down(struct sv_child *child)
{
	struct sv *sv = sv_of(child->tree);

	tree_lock_take(&sv->tree.lock);
	if (child->unborn) {
		child->freed = true; /* its birth is over */
		syscall(SYS_pidfd_send_signal, child->child.pidfd, SIGKILL, NULL, 0);
	}
	while (child->unborn)
		tree_lock_wait(&sv->tree.lock, &sv->tree.settled);
	tree_lock_give(&sv->tree.lock);
	child_lock_take(&child->child.lock);
	child->child.ended = true;
	child_lock_give(&child->child.lock);
}

/* Of a child, or of one of the levels in it: what ends with it. */
struct branch {
	const struct child *child; /* NULL: all children */
	const struct level *level; /* NULL: all of them, and the child itself */
};

/* Does it end with the branch? Not if it is outside, or if it, or one between, outlives that. */
static bool is_in_branch(struct child *child, const struct branch *branch) REQUIRES(tree_locked)
{
	for (; branch->child && child->level->child; child = child->level->child) {
		if (child == branch->child)
			break;
		if (is_adoptable(sv_child_of(child)))
			return false;
		if (branch->level ? child->level == branch->level
				  : child->level->child == branch->child)
			return true;
	}
	return !branch->level && (!branch->child || child == branch->child);
}

/* All at once: one by one, a large branch would take long to die, and grow meanwhile. Under the
 * lock. */
static void branch_doom(struct sv *sv, const struct branch *branch) REQUIRES(tree_locked)
{
	for (struct sv_child *child = sv->tree.children; child; child = child->next) {
		if (!is_in_branch(&child->child, branch))
			continue;
		child->freed |= child->unborn; /* its birth is over */
		child_doom(&child->child);
	}
}

/* Is there one in it that still dies? Under the lock. */
static bool branch_dies(struct sv *sv, const struct branch *branch) REQUIRES(tree_locked)
{
	struct sv_child *child = sv->tree.children;

	while (child && !(child->doomed && !child->drained && is_in_branch(&child->child, branch)))
		child = child->next;
	return child;
}

/* Under the lock, which is let go of meanwhile. */
static void branch_kill(struct sv *sv, const struct branch *branch) REQUIRES(tree_locked)
{
	branch_doom(sv, branch);
	while (branch_dies(sv, branch))
		tree_lock_wait(&sv->tree.lock, &sv->tree.settled);
}

/* Takes the turn at freeing, where nobody has it. */
static bool burial_try(struct sv *sv) REQUIRES(tree_locked)
	TRY_ACQUIRE(true, burial_turn) LOCK_UNPROVEN
{
	bool free = !sv->burying;

	sv->burying = true;
	return free;
}

/* The same, as soon as nobody has it. */
static void burial_begin(struct sv *sv) REQUIRES(tree_locked) ACQUIRE(burial_turn) LOCK_UNPROVEN
{
	sv->burials_waiting++;
	while (!burial_try(sv))
		tree_lock_wait(&sv->tree.lock, &sv->tree.settled);
	sv->burials_waiting--;
}

/* And as soon as nobody else waits for it: what a level lets go of, of which there may be any
 * number, holds up none of the embedder's. */
static void burial_begin_last(struct sv *sv) REQUIRES(tree_locked)
	ACQUIRE(burial_turn) LOCK_UNPROVEN
{
	while (sv->burials_waiting || !burial_try(sv))
		tree_lock_wait(&sv->tree.lock, &sv->tree.settled);
}

static void burial_end(struct sv *sv) REQUIRES(tree_locked) RELEASE(burial_turn) LOCK_UNPROVEN
{
	sv->burying = false;
	pthread_cond_broadcast(&sv->tree.settled);
}

static void child_bury(struct sv_child *child) REQUIRES(burial_turn)
{
	struct level *level;

	child_settle_down(child);
	child_kill_all(&child->child);
	while ((level = child->child.levels))
		level_bury(level);
	tree_lock_take(&child->tree->lock);
	tree_unlink(child);
	child_drained(child); /* is looked for no more */
	if (child->doomed)
		epoll_ctl(child->tree->deaths, EPOLL_CTL_DEL, child->child.listener, NULL);
	tree_lock_give(&child->tree->lock);
	child_free(child);
}

static void level_bury(struct level *level)
{
	struct sv *sv = sv_of(level->tree);
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	level->dead = true;
	epoll_ctl(sv->tree.deaths, EPOLL_CTL_DEL, level->pidfd, NULL);
	branch_doom(sv, &(struct branch){ level->child, level });
	tree_lock_give(&sv->tree.lock);
	level_end(level);
	while ((child = orphan_next(level)))
		child_bury(child);
	level_release_waiters(level);
	events_close(level->events); /* they are at the expense of the child, which may go first */
	level_unlink(level);
	level_drop(level);
}

/* It is nobody's from now on. Under the engine's lock. */
static void bury_later(struct sv_child *child) REQUIRES(tree_locked)
{
	struct sv *sv = sv_of(child->tree);

	child->freed = child->bury = true;
	branch_doom(sv, &(struct branch){ &child->child, NULL });
	sv->tree.burials = true;
	reaper_wake(&sv->tree);
}

int tree_release(struct level *level, uint64_t id)
{
	struct sv *sv = sv_of(level->tree);
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	child = child_find(level, id);
	if (child)
		bury_later(child);
	tree_lock_give(&sv->tree.lock);
	return child ? 0 : -ECHILD;
}

void tree_kill_all(struct tree *tree, struct child *outer)
{
	for (struct sv_child *child = tree->children; child; child = child->next)
		if (child_is_below(&child->child, outer))
			child_doom(&child->child);
}

/* A child of the embedder's, or NULL. */
static struct sv_child *outermost(const struct sv *sv) REQUIRES(tree_locked)
{
	struct sv_child *child = sv->tree.children;

	while (child && child->child.level != sv->tree.level)
		child = child->next;
	return child;
}

void tree_bury_all(struct sv *sv)
{
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	branch_kill(sv, &(struct branch){ NULL, NULL });
	burial_begin(sv);
	while ((child = outermost(sv))) {
		tree_lock_give(&sv->tree.lock);
		child_bury(child);
		tree_lock_take(&sv->tree.lock);
	}
	burial_end(sv);
	tree_lock_give(&sv->tree.lock);
}

/* A receiver must not wait for its turn: who has it may wait for the receiver. */
void tree_bury_failed(struct sv_child *child, bool hangs)
{
	struct sv *sv = sv_of(child->tree);

	tree_lock_take(&sv->tree.lock);
	child->unborn = false;
	tree_settled(&sv->tree);
	child->lingers = hangs && !child->exited && !child->freed;
	if (!hangs && burial_try(sv)) {
		child->freed = true;
		tree_lock_give(&sv->tree.lock);
		child_bury(child);
		tree_lock_take(&sv->tree.lock);
		burial_end(sv);
	} else if (!child->freed && !child->lingers) {
		bury_later(child);
	} else {
		child->freed = true;
	}
	tree_lock_give(&sv->tree.lock);
}

void tree_bury_lingering(struct sv_child *child)
{
	if (!child->lingers)
		return;
	child->lingers = false;
	bury_later(child);
}

void tree_bury(struct sv_child *child)
{
	struct sv *sv = sv_of(child->tree);

	tree_lock_take(&sv->tree.lock);
	branch_kill(sv, &(struct branch){ &child->child, NULL });
	burial_begin(sv);
	tree_lock_give(&sv->tree.lock);
	child_bury(child);
	tree_lock_take(&sv->tree.lock);
	burial_end(sv);
	tree_lock_give(&sv->tree.lock);
}

void level_doom(struct level *level)
{
	struct sv *sv = sv_of(level->tree);

	level->dead = level->bury = true;
	/* once: what is not watched any more is not told again */
	epoll_ctl(sv->tree.deaths, EPOLL_CTL_DEL, level->pidfd, NULL);
	branch_doom(sv, &(struct branch){ level->child, level });
	sv->tree.burials = true;
	reaper_wake(&sv->tree);
}

/* All that a burial would wait for in who is around it. */
static void burials_await(struct sv *sv) REQUIRES(tree_locked)
{
	for (struct sv_child *child = sv->tree.children; child; child = child->next) {
		struct sv_child *outer = child;

		if (!(child->unborn && child->freed) && (!child->doomed || child->drained))
			continue;
		while (outer && outer->awaited != sv->burials_look) {
			struct level *level = outer->child.level;

			outer->awaited = level->awaited = sv->burials_look;
			outer = level->child ? sv_child_of(level->child) : NULL;
		}
	}
}

/* Under the lock: is it ready? Else who settles has it looked for again. */
static bool burial_ready(struct sv *sv, uint64_t awaited) REQUIRES(tree_locked)
{
	if (awaited != sv->burials_look)
		return true;
	sv->tree.burials_left++;
	return false;
}

/* Under the lock: all that are ready are the worker's. Are there any? */
static bool burials_ready(struct sv *sv) REQUIRES(tree_locked)
{
	bool some = false;

	for (struct sv_child *child = sv->tree.children; child; child = child->next) {
		if (child->bury && !child->burying)
			child->burying = burial_ready(sv, child->awaited);
		some |= child->burying;
	}
	for (struct level *level = sv->tree.levels; level; level = level->next_known) {
		if (level->bury && !level->burying)
			level->burying = burial_ready(sv, level->awaited);
		some |= level->burying;
	}
	return some;
}

/* The next one that is ready. False: there is none. */
static bool burial_take(struct sv *sv, struct sv_child **ret_child, struct level **ret_level)
	REQUIRES(tree_locked)
{
	struct sv_child *child = sv->tree.children;
	struct level *level = sv->tree.levels;

	while (child && !child->burying)
		child = child->next;
	while (level && !level->burying)
		level = level->next_known;
	*ret_child = child;
	*ret_level = level;
	return child || level;
}

/* Frees what is ready, until nothing is; it closes what may hang, and waits for who looks into it.
 */
static void burier_run(void *data)
{
	struct sv *sv = data;
	struct sv_child *child;
	struct level *level;

	tree_lock_take(&sv->tree.lock);
	burial_begin_last(sv);
	while ((sv->burier = burial_take(sv, &child, &level))) {
		tree_lock_give(&sv->tree.lock);
		if (child)
			child_bury(child);
		else
			level_bury(level);
		tree_lock_take(&sv->tree.lock);
		burial_end(sv);
		burial_begin_last(sv);
	}
	burial_end(sv);
	tree_lock_give(&sv->tree.lock);
}

bool tree_bury_ready(struct sv *sv)
{
	bool all;

	tree_lock_take(&sv->tree.lock);
	if (sv->tree.burials) {
		sv->tree.burials = false;
		sv->tree.burials_left = 0;
		sv->burials_look++;
		burials_await(sv);
		if (burials_ready(sv) && !sv->burier) {
			sv->burier = worker_start(&sv->tree.workers, 0, burier_run, sv) == 0;
			sv->tree.burials = !sv->burier;
		}
	}
	all = !sv->tree.burials;
	tree_lock_give(&sv->tree.lock);
	return all;
}
