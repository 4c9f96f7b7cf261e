/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the handlers of calls that name files share: a lookup, an act on what it pinned, an answer.
 *
 * A handler's result is one int on its way: 0, a positive errno for the child, a negative one of
 * ours.
 */
#ifndef SUPERVISOR_SYS_ACT_H
#define SUPERVISOR_SYS_ACT_H

#include <errno.h>
#include <fcntl.h>
#include "call/call.h"
#include "path/resolve.h"

#define cleanup_place __attribute__((cleanup(place_deinit)))

/* The result of a system call that was made for the child. */
static inline int act_result(long result)
{
	return result < 0 ? child_errno(errno) : 0;
}

/* The answer of a call that succeeds with 0. */
static inline struct sv_answer act_answer(struct call *call, int r)
{
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH, as most *at calls have them, for view_lookup. */
static inline unsigned int at_view(unsigned int at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : VIEW_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? VIEW_EMPTY : 0);
}

/*
 * Pins a descriptor that the call needs for more than its name: EBADF for none, and for O_PATH
 * ones, on which the kernel does not act.
 */
int held_fd(struct call *call, int fd, int *ret_fd);

/* The same, and judges the name that the object has, if it has one. */
int held_lookup(struct call *call, int fd, unsigned int rights, struct place *ret);

/* How a path ends. What the last two name cannot be created, moved or removed, and each call says
 * so with errors of its own. */
enum path_end {
	PATH_END_NAME,
	PATH_END_DOT,
	PATH_END_DOTDOT,
	PATH_END_ROOT, /* nothing but slashes */
	PATH_END_MAX
};
enum path_end path_end(const char *path);

/* Does the policy allow all of @rights on a place that was looked up? Asks and tells nobody. */
bool place_allows(const struct call *call, const struct place *place, unsigned int rights);

/* May a name in this directory be hidden, by either of the directory's names? */
bool place_hides(const struct call *call, const struct place *place);

/*
 * May the object at @from get the name @to, besides being writable at both? Not if a carve-out
 * would be left behind (EACCES), nor if it, or something beneath it, could then be run, or used as
 * a socket or a device, as its old name does not allow (EXDEV). 0, or the errno to show; the
 * refusal is told.
 */
int place_permit_name(struct call *call, const struct place *from, const struct place *to);

#endif
