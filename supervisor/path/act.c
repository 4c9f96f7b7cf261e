/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the handlers of calls that name files share. */
#include "path/act.h"

#include <string.h>
#include "tree/child.h"
#include "call/fd_take.h"
#include "call/caller.h"
#include "path/binding.h"
#include "path/folding.h"
#include "common/cleanup.h"

int held_fd(struct call *call, int fd, int *ret_fd)
{
	cleanup_fd int pinned = -1;
	int r = fd_take(call, fd, &pinned);
	int flags;

	if (r)
		return r;
	flags = fcntl(pinned, F_GETFL);
	if (flags < 0)
		return -errno;
	if (flags & O_PATH)
		return EBADF;
	*ret_fd = steal_fd(&pinned);
	return 0;
}

int held_lookup(struct call *call, int fd, unsigned int rights, struct place *ret)
{
	int flags, r;

	/* AT_FDCWD is a directory descriptor to view_lookup_at, and none here. */
	if (fd < 0)
		return EBADF;
	r = view_lookup_at(call, fd, "", VIEW_EMPTY, 0, ret);
	if (r)
		return r;
	if (ret->kind == PLACE_UNNAMED)
		return ret->held_mode < 0 ? EBADF : view_permit(call, ret, 0, rights);
	flags = fcntl(ret->fd, F_GETFL);
	if (flags < 0)
		return -errno;
	return flags & O_PATH ? EBADF : view_permit(call, ret, 0, rights);
}

enum path_end path_end(const char *path)
{
	size_t size = strlen(path);
	const char *last;

	while (size > 0 && path[size - 1] == '/')
		size--;
	if (size == 0)
		return path[0] == '/' ? PATH_END_ROOT : PATH_END_NAME;
	last = memrchr(path, '/', size);
	last = last ? last + 1 : path;
	size -= (size_t)(last - path);
	if (size == 1 && last[0] == '.')
		return PATH_END_DOT;
	if (size == 2 && last[0] == '.' && last[1] == '.')
		return PATH_END_DOTDOT;
	return PATH_END_NAME;
}

bool place_allows(const struct call *call, const struct place *place, unsigned int rights)
{
	return rights == 0 || place->kind == PLACE_UNNAMED ||
	       view_judge(call, place->name, place->real, rights).decision == DECISION_ALLOW;
}

bool place_hides(const struct call *call, const struct place *place)
{
	const struct policy *policy = call->regs.child->policy;
	char buffer[PATH_MAX];

	return policy_hides_in(policy, view_judged(call, place->name, buffer, sizeof(buffer))) ||
	       (strcmp(place->name, place->real) != 0 && policy_hides_in(policy, place->real));
}

int place_permit_name(struct call *call, const struct place *from, const struct place *to)
{
	const struct policy *policy = call->regs.child->policy;
	struct verdict verdict =
		folding_judge_move(policy, from->name, to->name, from->real, to->real);
	unsigned int gained;

	/* What is carved out by the names that a binding stands for moves no more than the others.
	 */
	if (verdict.decision == DECISION_ALLOW &&
	    (strcmp(from->name, from->real) != 0 || strcmp(to->name, to->real) != 0))
		verdict = folding_judge_move(policy, from->real, to->real, from->real, to->real);

	if (verdict.decision != DECISION_ALLOW)
		return call_deny(call, verdict, VERB_WRITE, EACCES, to->name, to->given);
	/*
	 * At the name and beneath it, and of any type: what is moved is named and not pinned, and
	 * may have become a socket, or a directory that holds some. EXDEV, since mv, cp -l and
	 * their like then copy, which gives a new name to nothing.
	 */
	gained = policy_move_gains(policy, from->name, to->name) &
		 (RIGHT_UNIX | RIGHT_DEV | RIGHT_EXEC);
	if (gained)
		return registers_deny(&call->regs, right_verb(gained), from->name, EXDEV);
	return 0;
}
