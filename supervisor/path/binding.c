/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path/binding.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "call/call.h"
#include "path/place.h"
#include "path/folding.h"
#include "tree/child.h"

bool name_below(const char *name, const char *directory, const char **ret_rest)
{
	size_t size = strlen(directory);

	if (size == 1)
		size = 0; /* "/" */
	if (strncmp(name, directory, size) != 0 || (name[size] != '\0' && name[size] != '/'))
		return false;
	*ret_rest = name + size;
	return true;
}

static bool name_join(const char *directory, const char *rest, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s%s", strcmp(directory, "/") ? directory : "", rest);

	if (n == 0)
		n = snprintf(ret, size, "/");
	return n > 0 && (size_t)n < size;
}

bool view_real(const struct call *call, const char *name, char *ret_real, size_t size)
{
	const char *rest;
	size_t count = 0;
	const struct policy_bind *binds =
		call->regs.child->remaps ? policy_binds(call->regs.child->policy, &count) : NULL;

	for (size_t i = 0; i < count; i++) /* longest name first */
		if (name_below(name, binds[i].name, &rest))
			return name_join(binds[i].target, rest, ret_real, size);
	return (size_t)snprintf(ret_real, size, "%s", name) < size;
}

/* The first of them are enough: it chooses between names that both are the object's. */
enum {
	ENTERED_MAX = 64,
};

static bool was_entered(const struct child *child, size_t bind)
{
	return bind < ENTERED_MAX &&
	       atomic_load_explicit(&child->entered, memory_order_relaxed) >> bind & 1;
}

void view_entered(struct child *child, const char *name)
{
	const char *rest;
	size_t count = 0;
	const struct policy_bind *binds =
		child->remaps ? policy_binds(child->policy, &count) : NULL;

	for (size_t i = 0; i < count && i < ENTERED_MAX; i++) {
		if (name_below(name, binds[i].name, &rest))
			atomic_fetch_or(&child->entered, UINT64_C(1) << i);
		else if (name_below(name, binds[i].target, &rest))
			atomic_fetch_and(&child->entered, ~(UINT64_C(1) << i));
	}
}

/* The name of a real one by this binding. False: it has none, or another binding lies over that. */
static bool name_through(const struct call *call, const struct policy_bind *bind, const char *real,
			 char *ret_name, size_t size)
{
	char back[PATH_MAX] __attribute__((uninitialized));
	const char *rest;

	return name_below(real, bind->target, &rest) &&
	       name_join(bind->name, rest, ret_name, size) &&
	       view_real(call, ret_name, back, sizeof(back)) && strcmp(back, real) == 0;
}

/* Has it a name in its own right, which no binding lies over? */
static bool has_own_name(const struct policy_bind *binds, size_t count, const char *real)
{
	const char *rest;

	for (size_t i = 0; i < count; i++)
		if (name_below(real, binds[i].name, &rest))
			return false;
	return true;
}

/* Of several names the one by which somebody went there; then its own, where the policy says
 * something of that; then those by a binding. */
bool view_visible(const struct call *call, const char *real, char *ret_name, size_t size)
{
	const struct child *child = call->regs.child;
	size_t count = 0;
	const struct policy_bind *binds =
		child->remaps ? policy_binds(child->policy, &count) : NULL;
	bool own = has_own_name(binds, count, real);

	for (size_t i = 0; i < count; i++)
		if (was_entered(child, i) && name_through(call, &binds[i], real, ret_name, size))
			return true;
	if (own && count > 0 &&
	    policy_judge(child->policy, real, RIGHT_STAT).decision == DECISION_ALLOW)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (name_through(call, &binds[i], real, ret_name, size))
			return true;
	return own && (size_t)snprintf(ret_name, size, "%s", real) < size;
}

const char *view_judged(const struct call *call, const char *name, char *buffer, size_t size)
{
	char *end;
	long pid;

	if (strncmp(name, "/proc/", 6) != 0 || name[6] < '1' || name[6] > '9')
		return name;
	pid = strtol(name + 6, &end, 10);
	if ((*end != '\0' && *end != '/') || !child_owns(call->regs.child, (pid_t)pid))
		return name;
	snprintf(buffer, size, "/proc/self%s", end);
	return buffer;
}

bool name_is_process(const char *name)
{
	return strncmp(name, "/proc/", 6) == 0 &&
	       ((name[6] >= '1' && name[6] <= '9') || strncmp(name + 6, "self", 4) == 0 ||
		strncmp(name + 6, "thread-self", 11) == 0);
}

struct verdict view_judge(const struct call *call, const char *name, const char *real,
			  unsigned int rights)
{
	const struct policy *policy = call->regs.child->policy;
	char buffer[PATH_MAX] __attribute__((uninitialized));
	const char *judged = view_judged(call, name, buffer, sizeof(buffer));
	bool bound = strcmp(name, real) != 0;
	struct verdict verdict;

	/* Whatever is done with an object begins with looking it up: so no call gets further with
	 * it than another. */
	rights |= RIGHT_STAT;
	/* No process exists but the child's own, wherever a path begins; and those are in /proc. */
	if ((judged == name && name_is_process(name) && name[6] <= '9') ||
	    (bound && name_is_process(real)))
		return (struct verdict){ .decision = DECISION_HIDE };
	verdict = folding_judge(policy, judged, real, rights);
	/* What a binding shows is refused by its own name, too. */
	if (verdict.decision == DECISION_ALLOW && bound)
		verdict = folding_judge_carved(policy, real, rights);
	return verdict;
}
