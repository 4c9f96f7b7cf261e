/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolve, judge, pin: the idea stands in path/resolve.h, the following of links in walk.c. */
#include "path/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/fd_take.h"
#include "call/call.h"
#include "tree/child.h"
#include "tree/level.h"
#include "call/caller.h"
#include "path/binding.h"
#include "path/held.h"
#include "path/walk.h"
#include "common/cleanup.h"

enum {
	TRIES_MAX = 64, /* of a path whose links or directories change while it is followed */
};

static struct verdict place_judge(const struct call *call, const struct place *place,
				  unsigned int rights)
{
	return view_judge(call, place->name, place->real, rights);
}

static int pin_parent(struct place *place)
{
	char directory[PATH_MAX] __attribute__((uninitialized));
	const char *last = strrchr(place->real, '/') + 1, *slash = strrchr(place->path, '/');
	int fd;

	snprintf(place->last, sizeof(place->last), "%s", *last ? last : ".");
	snprintf(directory, sizeof(directory), "%.*s",
		 slash ? (int)(slash - place->path) + (slash == place->path) : 1,
		 slash ? place->path : ".");
	fd = proven_openat(place->at, directory, place->real, O_PATH | O_DIRECTORY, 0, NULL);
	if (fd < 0)
		return place_error(fd);
	place->parent = fd;
	return 0;
}

/* The act of view_lookup; data points to the flags. */
static int place_pin(struct call *call __attribute__((unused)), struct place *place, void *data)
{
	unsigned int flags = *(const unsigned int *)data;
	uint64_t open_flags = O_PATH;
	int fd, r;

	if (place->fd >= 0)
		return 0;
	if (flags & VIEW_PARENT) {
		r = pin_parent(place);
		if (r != 0)
			return r;
	}
	if (!(flags & VIEW_FOLLOW) && !place->directory)
		open_flags |= O_NOFOLLOW;
	if (place->directory && !(flags & VIEW_ABSENT))
		open_flags |= O_DIRECTORY;
	fd = place_openat2(place, open_flags, 0, &place->stat);
	if (fd == -ENOENT && (flags & VIEW_ABSENT))
		return 0;
	if (fd < 0)
		return place_error(fd);
	place->fd = fd;
	place->looked = true;
	return flags & VIEW_NEW ? EEXIST : 0;
}

struct resolution {
	unsigned int flags;
	uint64_t resolve;
	unsigned int rights;
	unsigned int tell;
};

/* May the directory that holds this name be looked up? Not through a view, where it is another. */
static bool parent_visible(const struct call *call, const struct place *place)
{
	char name[PATH_MAX] __attribute__((uninitialized));
	char real[PATH_MAX] __attribute__((uninitialized));
	char *slash;

	snprintf(name, sizeof(name), "%s", place->name);
	slash = strrchr(name, '/');
	slash[slash == name] = '\0';
	return !place_bound(call, place) && view_real(call, name, real, sizeof(real)) &&
	       view_judge(call, name, real, RIGHT_STAT).decision == DECISION_ALLOW;
}

/*
 * Of a name that may be looked up: may this be told before a refusal? That nothing can be made
 * there tells of the directory.
 */
static bool may_tell(const struct call *call, const struct place *place, unsigned int flags, int r)
{
	return r == PLACE_AGAIN || r == EEXIST || !(flags & VIEW_ABSENT) ||
	       place_judge(call, place, RIGHT_WRITE).decision == DECISION_ALLOW ||
	       parent_visible(call, place);
}

/*
 * The errno for a name that may not be looked up, whatever there is. A sandbox is a place where
 * other things are not; only a line that denies says that they are.
 */
static int unseen_error(const struct call *call, const char *name, const char *real,
			const struct resolution *how)
{
	struct verdict seen = view_judge(call, name, real, RIGHT_STAT);

	if (seen.decision == DECISION_HIDE || seen.decision == DECISION_ALLOW)
		return ENOENT;
	if (how->flags & VIEW_ABSENT || verdict_is_said(seen) ||
	    verdict_is_said(view_judge(call, name, real, how->rights)))
		return EACCES;
	return verdict_is_said(view_judge(call, name, real, how->tell)) ? EACCES : ENOENT;
}

/*
 * A look-up of what is not there, or an attempt to run it: every program that searches a path makes
 * many. It is refused as all others are, so the child learns nothing by it, but people are not
 * told: nothing was kept from anybody. So with all that is hidden and not there, unless it was to
 * be made. A level is told all, where it could not look itself: else it would learn by its child
 * what is there.
 */
static bool is_vain(const struct call *call, const struct place *place,
		    const struct resolution *how, enum decision decision)
{
	const struct child *above = call->regs.child->level->child;
	struct stat st;

	if (above &&
	    (call->regs.child->remaps ||
	     policy_judge(above->policy, place->name, RIGHT_STAT).decision != DECISION_ALLOW))
		return false;
	if (decision == DECISION_HIDE
		    ? (how->tell & RIGHT_WRITE) != 0
		    : how->rights != how->tell || !(how->tell & (RIGHT_STAT | RIGHT_EXEC)))
		return false;
	return place->fd < 0 && place_lstat(place, &st) < 0;
}

/* Tells of a refusal, by the line that refuses what was asked for, if there is one. */
static int place_refuse(struct call *call, const struct place *place, const struct resolution *how,
			int error, struct verdict verdict)
{
	if (how->flags & VIEW_QUIET || is_vain(call, place, how, verdict.decision))
		return error;
	if (!verdict_is_said(verdict))
		verdict = place_judge(call, place, how->tell);
	return call_deny(call, verdict, right_verb(how->tell), error, place->name, place->given);
}

/*
 * What readlink said is missing is told only if the kernel finds no link on the way to it: one that
 * came after we had looked would else be followed by our look-ups, and tell what lies behind it.
 * The way is that to where the walk stopped: what follows was never looked at, and may be a link.
 */
static int missing_proven(const struct call *call, const struct walk *walk)
{
	char real[PATH_MAX] __attribute__((uninitialized));
	int fd;

	if ((walk->error != ENOENT && walk->error != ENOTDIR && walk->error != EACCES) ||
	    !view_real(call, walk->stop, real, sizeof(real)))
		return walk->error;
	fd = proven_openat(AT_FDCWD, real, real, O_PATH | O_NOFOLLOW, 0, NULL);
	if (fd >= 0)
		close(fd);
	return fd == PLACE_AGAIN ? fd : walk->error;
}

/*
 * Judges for how->rights; a refusal is told as one of how->tell. Programs try first and ask later:
 * mkdir -p makes what exists, a search of PATH runs what does not. So what the kernel would say of
 * the name before it looks at rights comes first, for who may look it up. @walk: which may say that
 * already, or NULL.
 */
static int place_permit(struct call *call, struct place *place, const struct resolution *how,
			const struct walk *walk)
{
	unsigned int flags = how->flags;
	struct verdict verdict;
	int r;

	if (how->rights == 0)
		return 0;
	if (place->kind == PLACE_UNNAMED)
		return how->rights & ~(held_rights(call, place) | lost_rights(call, place)) ? EACCES
											    : 0;
	verdict = place_judge(call, place, how->rights);
	if (verdict.decision == DECISION_ALLOW)
		return 0;
	if (place->guessed)
		return PLACE_AGAIN;
	if (place->fd < 0 && place_judge(call, place, RIGHT_STAT).decision != DECISION_ALLOW) {
		r = unseen_error(call, place->name, place->real, how);
		return place_refuse(call, place, how, r, verdict);
	}
	r = walk && walk->error ? missing_proven(call, walk) : place_pin(call, place, &flags);
	if (r != 0 && may_tell(call, place, flags, r))
		return r;
	r = verdict.decision == DECISION_HIDE ? ENOENT : EACCES;
	return place_refuse(call, place, how, r, verdict);
}

bool view_is_kernels(struct call *call, int dirfd, const char *path, unsigned int flags,
		     struct place *place)
{
	const struct stat *ours = place_stat(place);
	char base[64] = "", whole[PATH_MAX + sizeof(base)];
	struct stat theirs;

	if (!call->regs.child->remaps || path[0] == '\0')
		return true;
	if (path[0] != '/' && dirfd == AT_FDCWD)
		snprintf(base, sizeof(base), "/proc/%d/cwd/", call->regs.tid);
	else if (path[0] != '/')
		snprintf(base, sizeof(base), "/proc/%d/fd/%d/", call->regs.tid, dirfd);
	if ((size_t)snprintf(whole, sizeof(whole), "%s%s", base, path) >= sizeof(whole))
		return false;
	return ours &&
	       fstatat(AT_FDCWD, whole, &theirs, flags & VIEW_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) ==
		       0 &&
	       theirs.st_dev == ours->st_dev && theirs.st_ino == ours->st_ino;
}

int view_permit(struct call *call, struct place *place, unsigned int flags, unsigned int rights)
{
	const struct resolution how = { .flags = flags, .rights = rights, .tell = rights };

	return place_permit(call, place, &how, NULL);
}

/* An empty path: the descriptor itself is the place, pinned. */
static int place_descriptor(struct call *call, int dirfd, struct place *place)
{
	char real[PATH_MAX];
	int fd, r;

	if (dirfd == AT_FDCWD) {
		r = task_cwd(call, &fd);
		if (r != 0)
			return r;
		place->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		task_cwd_keep(call, fd);
		if (place->fd < 0)
			return child_errno(errno);
	} else {
		r = fd_take(call, dirfd, &place->fd);
		if (r != 0)
			return r;
	}
	r = name_told(call, own_fd_name(call, place->fd, real, sizeof(real)));
	if (r != 0)
		return r;
	place->kind =
		held_name(call, place->fd, real, place->name, sizeof(place->name), &place->lost);
	if (place->kind == PLACE_UNNAMED)
		place->held_mode = held_mode(fcntl(place->fd, F_GETFL));
	snprintf(place->real, sizeof(place->real), "%s", real);
	return 0;
}

/*
 * What is beneath the directory is reached from it; for what is not, names are all there is, and
 * what is to be changed is reached from its parent, which is pinned before the proof.
 */
static int place_begin(struct place *place, const struct base *base, bool acts)
{
	const char *rest;
	int r;

	place_start(place, AT_FDCWD, place->real);
	if (base->fd < 0 || place->fd >= 0)
		return 0;
	if (name_below(place->real, base->real, &rest)) {
		place_start(place, base->fd, rest[strspn(rest, "/")] ? rest + 1 : ".");
		return 0;
	}
	if (!acts)
		return 0;
	r = pin_parent(place);
	if (r == 0)
		place_start(place, place->parent, place->last);
	return r;
}

/* Takes over what a walk found. 0, or the errno that stands before any verdict. */
static int place_from_walk(struct call *call, struct place *place, const struct walk *walk)
{
	place->kind = walk->kind;
	place->lost = walk->lost;
	place->fd = walk->pinned;
	place->held_mode = walk->pinned_mode;
	place->directory = walk->directory;
	snprintf(place->name, sizeof(place->name), "%s", walk->length ? walk->done : "/");
	if (walk->foreign)
		return ENOENT;
	if (walk->overlong || !view_real(call, place->name, place->real, sizeof(place->real)))
		return name_told(call, ENAMETOOLONG);
	return 0;
}

/*
 * The way leads through a link, or up from a directory, that may not be looked up. The answer is
 * the one that the name would have if there were no link: whether there is one is not to be told.
 */
static int way_refuse(struct call *call, const struct place *place, struct walk *walk,
		      const struct resolution *how)
{
	struct verdict verdict = place_judge(call, place, RIGHT_STAT);
	char real[PATH_MAX] __attribute__((uninitialized));
	const char *name;
	int error = ENOENT;

	walk_append_rest(walk);
	name = walk->length ? walk->done : "/";
	if (view_real(call, name, real, sizeof(real)))
		error = unseen_error(call, name, real, how);
	return place_refuse(call, place, how, error, verdict);
}

static int resolve_walk(struct call *call, const struct base *base, const char *path,
			const struct resolution *how, struct place *place)
{
	struct walk walk __attribute__((uninitialized)); /* walk_run sets all but its input */
	int r;

	walk.call = call;
	walk.follow = how->flags & VIEW_FOLLOW;
	walk.resolve = how->resolve;
	walk_run(&walk, base->name, path);
	place_deinit(place);
	r = place_from_walk(call, place, &walk);
	place_start(place, AT_FDCWD, place->real);
	if (r == 0 && walk.refused)
		return way_refuse(call, place, &walk, how);
	if (r == 0)
		r = place_permit(call, place, how, &walk);
	if (r == 0 && walk.error == 0)
		return place_begin(place, base, how->flags & VIEW_ACTS);
	if (r != 0)
		return r;
	r = missing_proven(call, &walk);
	if (may_tell(call, place, how->flags, r))
		return r;
	/* What open says of a path that ends in a slash, if the directory is there. */
	return place_refuse(call, place, how, place->directory ? EISDIR : EACCES,
			    place_judge(call, place, RIGHT_WRITE));
}

/* By the letters if that will do, else by following them. PLACE_AGAIN: something changed meanwhile.
 */
static int resolve_once(struct call *call, struct base *base, const char *path,
			const struct resolution *how, view_act *act, void *data,
			struct place *place)
{
	int r;

	place->guessed = !base->proven;
	place->made = false;
	if (how->resolve == 0 &&
	    lexical_name(call, base->name, path, how->flags & VIEW_FOLLOW, place) &&
	    place_judge(call, place, how->rights).decision == DECISION_ALLOW) {
		r = place_begin(place, base, false);
		if (r == 0)
			r = act(call, place, data);
		if (r != PLACE_AGAIN)
			return place->made || base_holds(call, base) ? r : PLACE_AGAIN;
	}
	if (place->guessed && !base_holds(call, base))
		return PLACE_AGAIN;
	place->guessed = false;
	r = resolve_walk(call, base, path, how, place);
	if (r == 0 && how->flags & VIEW_ACTS && !base_holds(call, base))
		return PLACE_AGAIN;
	if (r == 0)
		r = act(call, place, data);
	return r == PLACE_AGAIN || place->made || base_holds(call, base) ? r : PLACE_AGAIN;
}

static int resolve_from(struct call *call, struct base *base, const char *path,
			const struct resolution *how, view_act *act, void *data,
			struct place *place)
{
	int r = base_name(call, base, !(how->flags & VIEW_ACTS));

	for (int tries = 0; r == 0 && tries < TRIES_MAX; tries++) {
		r = resolve_once(call, base, path, how, act, data, place);
		if (r != PLACE_AGAIN)
			return r;
		place_deinit(place);
		r = base_name(call, base, false);
	}
	return r ? r : ELOOP;
}

int view_resolve(struct call *call, int dirfd, const char *path, unsigned int flags,
		 uint64_t resolve, unsigned int rights, unsigned int tell, view_act *act,
		 void *data, struct place *place)
{
	struct resolution how = {
		.flags = flags, .resolve = resolve, .rights = rights, .tell = tell
	};
	struct base base __attribute__((uninitialized));
	int r;

	place->given = path;
	if (!path || !path[0]) {
		if (!(flags & VIEW_EMPTY))
			return path ? ENOENT : EFAULT;
		r = place_descriptor(call, dirfd, place);
		if (r == 0)
			r = place_permit(call, place, &how, NULL);
		return r != 0 ? r : act(call, place, data);
	}
	r = base_open(call, dirfd,
		      path[0] != '/' || (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)), &base);
	if (r != 0)
		return r;
	if (base.fd >= 0 && resolve == 0)
		r = base_climb(call, &base, &path);
	if (r == 0)
		r = resolve_from(call, &base, path, &how, act, data, place);
	base_close(call, &base);
	place_start(place, AT_FDCWD, place->real);
	return r;
}

int view_lookup_at(struct call *call, int dirfd, const char *path, unsigned int flags,
		   unsigned int rights, struct place *ret)
{
	return view_resolve(call, dirfd, path, flags, 0, rights, rights, place_pin, &flags, ret);
}

int view_lookup(struct call *call, int dir, int path, unsigned int flags, unsigned int rights,
		struct place *ret)
{
	int dirfd = dir < 0 ? AT_FDCWD : arg_int(call, (unsigned int)dir);

	return view_lookup_at(call, dirfd, call->path[path], flags, rights, ret);
}
