/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What paths mean to a child, and the proof that they mean it.
 *
 * A path becomes a canonical name: no link, no "..", in the child's terms. The verdict is on that
 * name (R6). The name is then used with openat2(RESOLVE_NO_SYMLINKS): if the kernel gets there
 * without passing a link, the object is the one of that name; if not, the name was a wrong guess,
 * and the path is followed again. So no answer rests on what was read before: guesses may be cheap,
 * the proof is the kernel's.
 *
 * A relative path begins at an object: the directory that the caller stands in or has open is
 * pinned for the call, whatever name it goes by meanwhile, and what is beneath it is reached from
 * there. Its name is read before the verdict, or guessed, and read again after the act: if it is
 * another one, the verdict was on a name that means something else, and all is done again.
 *
 * A handler does: view_lookup (resolve, judge, pin), act on the pinned descriptors, place_deinit.
 */
#ifndef SUPERVISOR_VIEW_H
#define SUPERVISOR_VIEW_H

#include <fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "base/procfs.h"
#include "path/place.h"

struct call;

enum view_flags {
	VIEW_FOLLOW = 1 << 0, /* a link as the last component is followed */
	VIEW_EMPTY = 1 << 1,  /* AT_EMPTY_PATH: "" (or NULL) is the descriptor itself */
	VIEW_PARENT =
		1
		<< 2, /* pin the directory that holds the last component, too: .parent and .last */
	VIEW_ABSENT = 1 << 3, /* the call may make it: it may be absent, .fd is -1 then */
	VIEW_NEW = 1 << 4,    /* with VIEW_ABSENT: it must be absent, else EEXIST */
	VIEW_QUIET = 1 << 5,  /* a refusal is not told: the deed's will be */
	VIEW_ACTS = 1 << 6,   /* the act changes something, which cannot be taken back */
};

/**
 * view_lookup - find what a path means, judge it, pin it
 * @dir: index of the directory descriptor argument, or -1 where the call has none
 * @path: index into call->path
 * @rights: enum right, all needed
 * @ret: PLACE_INIT before; place_deinit after, also on failure
 *
 * Returns 0, or a positive errno for the child, or a negative errno of ours. The verdict comes
 * before anything that would tell whether the object exists:
 *  - what may be looked up is as the kernel finds it. Only what is there can be refused: EACCES;
 *  - what may not be looked up is ENOENT, there or not, and EACCES for a call that would make it;
 *    EACCES, too, if a line denies what is asked for, and where a descriptor leads there.
 */
int view_lookup(struct call *call, int dir, int path, unsigned int flags, unsigned int rights,
		struct place *ret);

/* The same for a directory descriptor that is not an argument, and a path from elsewhere (a
 * sockaddr, say). */
int view_lookup_at(struct call *call, int dirfd, const char *path, unsigned int flags,
		   unsigned int rights, struct place *ret);

/*
 * Of a place that was looked up, pinned: does the path lead the kernel there, too, which knows no
 * views? By its object, so that it does not matter what lies between.
 */
bool view_is_kernels(struct call *call, int dirfd, const char *path, unsigned int flags,
		     struct place *place);

/* Judges one more right on a place that may be looked up, or be made (VIEW_PARENT | VIEW_ABSENT).
 * As view_lookup; PLACE_AGAIN as of a view_act. The refusal is told. */
int view_permit(struct call *call, struct place *place, unsigned int flags, unsigned int rights);

/*
 * What is done with a name once it is judged: pin it, or open it. Returns 0, an errno for the
 * child, or PLACE_AGAIN.
 */
typedef int view_act(struct call *call, struct place *place, void *data);

/**
 * view_resolve - look a path up, judge it, and act on it
 * @resolve: RESOLVE_* of openat2 as the child gave them, 0 for other calls
 * @tell: the right that a refusal is told as
 *
 * view_lookup is this with an act that pins.
 */
int view_resolve(struct call *call, int dirfd, const char *path, unsigned int flags,
		 uint64_t resolve, unsigned int rights, unsigned int tell, view_act *act,
		 void *data, struct place *place);

#endif
