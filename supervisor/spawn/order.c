/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a child's order says: its floor, its filter, its descriptors, its limits. */
#include "spawn/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/error.h"
#include "base/private_fds.h"
#include "call/fd_take.h"
#include "confine/filter.h"
#include "confine/landlock.h"
#include "path/pty.h"
#include "spawn/child.h"
#include "spawn/spawn.h"
#include "sys/rows.h"
#include "tree/tree.h"
#include "common/cleanup.h"

enum {
	LANDLOCK_SCOPES_ABI = 6,
};

/* Which resource a limit of the policy is; the others are the engine's to keep. */
static const struct {
	enum limit limit;
	int resource;
} limit_resources[] = {
	{LIMIT_MEM,    RLIMIT_AS    },
	   { LIMIT_PROCS, RLIMIT_NPROC },
	  { LIMIT_FILES, RLIMIT_NOFILE},
	{ LIMIT_CPU,   RLIMIT_CPU	},
	   { LIMIT_FSIZE, RLIMIT_FSIZE },
};

void given_free(struct given *given)
{
	free(given->fds);
	if (given->sender >= 0)
		close(given->sender);
}

/* What is missing under the child, and nobody said it may be. 0 or the failure. */
static int check_floor(const struct spawner *spawner, int floor, struct sv_error *error)
{
	if (floor < 0 && !(spawner->degraded & SV_DEGRADE_LANDLOCK))
		return stage_fail(
			error, SV_STAGE_FLOOR, -EOPNOTSUPP,
			"there is no Landlock here: a file swapped during execve could "
			"run although the policy says no; "
			"run on a kernel with Landlock (5.13), in a container whose profile "
			"allows it, or accept that with --allow-degraded=landlock");
	if (floor_abi() < LANDLOCK_SCOPES_ABI &&
	    !(spawner->degraded & (SV_DEGRADE_SCOPES | SV_DEGRADE_LANDLOCK)))
		return stage_fail(error, SV_STAGE_FLOOR, -EOPNOTSUPP,
				  "this kernel's Landlock (ABI %d) does not bound signals: they "
				  "would be judged by the supervisor alone; "
				  "run on Linux 6.12, or accept that with --allow-degraded=scopes",
				  floor_abi());
	return 0;
}

/* The limits of the task that the child is like, then those of the policy, where they are less. */
static int limits_inherit(struct zygote_order *order, pid_t like)
{
	for (int resource = 0; like && resource < RLIM_NLIMITS; resource++) {
		if (resource == RLIMIT_LOCKS)
			continue;
		if (prlimit(like, (__rlimit_resource_t)resource, NULL, &order->limits[resource]) <
		    0)
			return -errno;
		order->limit_set[resource] = true;
	}
	return 0;
}

static int order_limits(struct zygote_order *order, const struct policy *policy, pid_t like)
{
	int r = limits_inherit(order, like);

	for (size_t i = 0; r == 0 && i < array_size(limit_resources); i++) {
		uint64_t value = policy_limit(policy, limit_resources[i].limit);
		int resource = limit_resources[i].resource;
		struct rlimit now = order->limits[resource];

		if (value == 0 || (!order->limit_set[resource] &&
				   getrlimit((__rlimit_resource_t)resource, &now) < 0))
			continue;
		/* Rights only shrink: a limit is never above the level's own. */
		if (value > now.rlim_max)
			value = now.rlim_max;
		order->limits[resource] = (struct rlimit){ .rlim_cur = value, .rlim_max = value };
		order->limit_set[resource] = true;
	}
	/* The kernel writes a core file where the process stands, and that may be anywhere (R7):
	 * the floor forbids it. Without one the limit does, for good. */
	if (order->floor < 0) {
		order->limits[RLIMIT_CORE] = (struct rlimit){ .rlim_cur = 0, .rlim_max = 0 };
		order->limit_set[RLIMIT_CORE] = true;
	}
	return r;
}

/* One more than the request's: what the child sends us descriptors by. */
static int order_sender(struct zygote_order *order, const struct spawn_request *request,
			struct child *child, struct given *given)
{
	size_t count = request->spec.fds_count;
	int r;

	given->fds = calloc(2 * (count + 1), sizeof(int));
	if (!given->fds)
		return -ENOMEM;
	given->numbers = given->fds + count + 1;
	r = fd_inbox_open(&child->inbox, &given->sender);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		given->fds[i] = request->spec.fds[i];
		given->numbers[i] =
			request->spec.numbers ? request->spec.numbers[i] : request->spec.fds[i];
	}
	given->fds[count] = given->sender;
	given->numbers[count] = FD_SENDER;
	order->spec.fds = given->fds;
	order->spec.numbers = given->numbers;
	order->spec.fds_count = count + 1;
	order->inbox = fd_inbox_socket(child->inbox);
	return 0;
}

/* Nothing but the sender can ever be under its number. */
static int limit_below_sender(const struct spawner *spawner, struct zygote_order *order)
{
	struct rlimit *limit = &order->limits[RLIMIT_NOFILE];

	/* our own may have been raised since the zygote was made */
	if (!order->limit_set[RLIMIT_NOFILE] &&
	    prlimit(spawner->zygote.pid, RLIMIT_NOFILE, NULL, limit) < 0)
		return -errno;
	order->limit_set[RLIMIT_NOFILE] = true;
	if (limit->rlim_max > FD_SENDER)
		limit->rlim_max = FD_SENDER;
	if (limit->rlim_cur > limit->rlim_max)
		limit->rlim_cur = limit->rlim_max;
	return 0;
}

static int ptys_given(struct child *child, const struct spec *spec)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->fds_count; i++)
		r = pty_given(child, spec->fds[i]);
	return r;
}

int inherit_check(const int *fds, size_t count, struct sv_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct private_fd *private;
		int r = private_fd_check(fds[i], &private);

		if (r == -EPERM)
			return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
					  "descriptor %d cannot be passed: it is %s, and %s; close "
					  "it, or open it so that it is not inherited",
					  fds[i], private->what, private->why);
		if (r < 0)
			return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
					  "descriptor %d cannot be passed: %s", fds[i],
					  strerror(-r));
	}
	return 0;
}

int spawn_order(const struct spawn_request *request, struct sv_child *child,
		struct zygote_order *order, struct given *given, struct sv_error *error)
{
	struct child *c = &child->child;
	int r;

	order->spec = request->spec;
	r = floor_build(c->policy, &order->floor);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FLOOR, r, "Landlock refuses the floor: %s",
				  strerror(-r));
	r = check_floor(child->tree->spawner, order->floor, error);
	if (r < 0)
		return r;
	seen_inherit(c);
	seen_fill(c->table, request, c->seen);
	r = filter_build_seen(sysrow_tables, c->features, c->seen, &order->filter);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FILTER, r, "no filter can be made: %s",
				  strerror(-r));
	r = ptys_given(c, &request->spec);
	if (r < 0)
		return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
				  "descriptors cannot be passed: %s", strerror(-r));
	r = inherit_check(order->spec.fds, order->spec.fds_count, error);
	if (r < 0)
		return r;
	r = order_limits(order, c->policy, request->like);
	if (r == 0 && c->features & FEATURE_SENDER)
		r = order_sender(order, request, c, given);
	if (r == 0 && c->features & FEATURE_SENDER)
		r = limit_below_sender(child->tree->spawner, order);
	if (r < 0)
		return stage_fail(error, SV_STAGE_LIMITS, r, "limits cannot be passed on: %s",
				  strerror(-r));
	order->sealed = c->features & FEATURE_SEALED;
	order->tag = c->tag;
	return 0;
}
