/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sv_spawn: from a policy and a command to a running child. What is decided here once, from the
 * policy and from what the kernel has, is the child's for good: its features, its filter, its
 * floor, its limits.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "code.h"
#include "engine.h"
#include "filter.h"
#include "floor.h"
#include "inherit.h"
#include "names.h"
#include "pty.h"
#include "receiver.h"
#include "sysrow.h"
#include "tiers.h"
#include "work.h"
#include "core/cleanup.h"

enum {
	LANDLOCK_SCOPES_ABI = 6,
	CANDIDATES_MAX = 256,
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

void child_free(struct sv_child *child)
{
	struct child *c = &child->child;

	if (c->work)
		work_cancel(c->work, c);
	reception_close(c->reception);
	if (child->sv)
		events_forget(child->sv->events, child);
	if (c->listener >= 0)
		close(c->listener);
	if (c->pidfd >= 0)
		close(c->pidfd);
	pthread_mutex_destroy(&c->lock);
	ptys_free(c);
	free(c->label);
	free(child);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static struct sv_child *child_new(struct sv *sv, const struct sv_spawn *spawn)
{
	struct sv_child *child = calloc(1, sizeof(*child));
	struct child *c;
	size_t binds;

	if (!child)
		return NULL;
	c = &child->child;
	child->sv = c->sv = sv;
	c->listener = c->pidfd = -1;
	c->policy = spawn->policy->policy;
	c->names = spawn->policy->names;
	c->work = sv->work;
	c->tag = sv->next_tag++;
	c->born = code_now();
	pthread_mutex_init(&c->lock, NULL);
	policy_binds(c->policy, &binds);
	c->remaps = binds > 0;
	c->features = tiers_features(c->policy);
	c->label = strdup(spawn->label ? spawn->label : base_name(spawn->argv[0]));
	child->procs = policy_limit(c->policy, LIMIT_PROCS);
	if (!c->label) {
		child_free(child);
		return NULL;
	}
	return child;
}

/* What is missing under the child, and nobody said it may be. 0 or the failure. */
static int check_floor(const struct sv *sv, int floor, struct sv_error *error)
{
	if (floor < 0 && !(sv->degraded & SV_DEGRADE_LANDLOCK))
		return stage_fail(error, SV_STAGE_FLOOR, -EOPNOTSUPP,
				  "this kernel has no Landlock: a file swapped during execve could "
				  "run although the policy says no; "
				  "run on a kernel with Landlock (5.13), or accept that with "
				  "--allow-degraded=landlock");
	if (floor_abi() < LANDLOCK_SCOPES_ABI &&
	    !(sv->degraded & (SV_DEGRADE_SCOPES | SV_DEGRADE_LANDLOCK)))
		return stage_fail(error, SV_STAGE_FLOOR, -EOPNOTSUPP,
				  "this kernel's Landlock (ABI %d) does not bound signals: they "
				  "would be judged by the supervisor alone; "
				  "run on Linux 6.12, or accept that with --allow-degraded=scopes",
				  floor_abi());
	return 0;
}

/* Paths of the program, tried one after the other: itself, or in each directory of PATH. */
struct candidates {
	char *paths[CANDIDATES_MAX + 1];
	size_t count;
};

static void candidates_free(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		free(candidates->paths[i]);
}

static const char *environment_path(const char *const *envp)
{
	for (size_t i = 0; envp && envp[i]; i++)
		if (strncmp(envp[i], "PATH=", 5) == 0)
			return envp[i] + 5;
	return "/usr/local/bin:/usr/bin:/bin";
}

static int candidates_find(struct candidates *candidates, const struct sv_spawn *spawn)
{
	const char *name = spawn->argv[0], *path = environment_path(spawn->envp);

	if (!name[0])
		return -ENOENT;
	if (strchr(name, '/')) {
		candidates->paths[candidates->count] = strdup(name);
		return candidates->paths[candidates->count] ? (int)++candidates->count : -ENOMEM;
	}
	while (*path && candidates->count < CANDIDATES_MAX) {
		size_t size = strcspn(path, ":");
		char *full = NULL;

		if (asprintf(&full, "%.*s%s%s", (int)size, path, size ? "/" : "./", name) < 0)
			return -ENOMEM;
		/* Only a hint that saves refusals: what is not there now is not tried, and if it
		 * comes, it is not found. */
		if (access(full, F_OK) == 0)
			candidates->paths[candidates->count++] = full;
		else
			free(full);
		path += size + (path[size] == ':');
	}
	return candidates->count ? 0 : -ENOENT;
}

static void order_limits(struct zygote_order *order, const struct policy *policy)
{
	for (size_t i = 0; i < array_size(limit_resources); i++) {
		uint64_t value = policy_limit(policy, limit_resources[i].limit);
		int resource = limit_resources[i].resource;
		struct rlimit now;

		if (value == 0 || getrlimit((__rlimit_resource_t)resource, &now) < 0)
			continue;
		/* Rights only shrink: a limit is never above our own. */
		if (value > now.rlim_max)
			value = now.rlim_max;
		order->limits[resource] = (struct rlimit){ .rlim_cur = value, .rlim_max = value };
		order->limit_set[resource] = true;
	}
}

static int order_descriptors(struct zygote_order *order, const struct sv_spawn *spawn,
			     struct child *child)
{
	int *fds = calloc(3 + spawn->keep_fds_count, sizeof(*fds));
	size_t count = 0;

	if (!fds)
		return -ENOMEM;
	order->fds = fds;
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			fds[count++] = fd;
	for (size_t i = 0; i < spawn->keep_fds_count; i++)
		if (spawn->keep_fds[i] > 2)
			fds[count++] = spawn->keep_fds[i];
	order->fds_count = count;
	for (size_t i = 0; i < count; i++) {
		int r = pty_given(child, fds[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static void order_signals(struct zygote_order *order, const struct sv_spawn *spawn)
{
	struct sigaction action;

	if (spawn->sigmask)
		order->sigmask = *(const sigset_t *)spawn->sigmask;
	else
		pthread_sigmask(SIG_SETMASK, NULL, &order->sigmask);
	sigemptyset(&order->sigignore);
	if (spawn->sigignore) {
		order->sigignore = *(const sigset_t *)spawn->sigignore;
		return;
	}
	for (int signal = 1; signal < NSIG; signal++)
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(&order->sigignore, signal);
}

static int exec_fail(struct sv_error *error, int r, const char *name)
{
	const char *reason = strerror(-r);

	if (r == -ENOENT)
		reason = strchr(name, '/') ? "no such file" : "not found in PATH";
	return stage_fail(error, SV_STAGE_EXEC, r, "cannot run %s: %s", name, reason);
}

/*
 * From the order to a child that is stuck in its first call. The supervisor confines itself while
 * the zygote is at work: the child is served by nobody yet.
 */
static int child_birth(struct sv *sv, const struct zygote_order *order, const char *name,
		       struct zygote_birth *birth, struct sv_error *error)
{
	enum sv_stage stage = SV_STAGE_CLONE;
	int r, confined = 0;

	r = zygote_order_begin(&sv->zygote, order, birth, &stage);
	if (r == 0) {
		confined = engine_confine(sv, error);
		r = zygote_order_finish(&sv->zygote, order, birth, &stage);
	}
	if (r < 0)
		return stage_fail(error, stage, r, "cannot start %s: %s, at stage %s", name,
				  strerror(-r), sv_stage_name(stage));
	if (confined < 0)
		zygote_abandon(birth);
	return confined;
}

static int child_register(struct sv *sv, struct sv_child *child, const struct zygote_birth *birth,
			  struct sv_error *error)
{
	int r;

	child->child.pid = birth->pid;
	child->child.pidfd = birth->pidfd;
	child->child.listener = birth->listener;
	child->next = sv->children;
	sv->children = child;
	r = reception_open(&child->child, &child->child.reception);
	return r < 0 ? stage_fail(error, SV_STAGE_ENGINE, r, "no thread can be started: %s",
				  strerror(-r))
		     : 0;
}

/* The order is complete: clone, serve, and see it run. */
static int child_start(struct sv *sv, struct sv_child *child, const struct zygote_order *order,
		       const char *name, struct sv_error *error)
{
	struct zygote_birth birth;
	int r;

	/* Under the lock: the reaper must not hear of the child's end before it knows the child. */
	pthread_mutex_lock(&sv->lock);
	r = child_birth(sv, order, name, &birth, error);
	if (r == 0) {
		r = child_register(sv, child, &birth, error);
		if (r < 0)
			close(birth.report);
	}
	pthread_mutex_unlock(&sv->lock);
	if (r < 0)
		return r;
	r = zygote_wait_exec(&birth);
	return r < 0 ? exec_fail(error, r, name) : 0;
}

static int spawn_order(struct sv *sv, const struct sv_spawn *spawn, struct sv_child *child,
		       struct zygote_order *order, struct sv_error *error)
{
	int r;

	r = floor_build(child->child.policy, &order->floor);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FLOOR, r, "Landlock refuses the floor: %s",
				  strerror(-r));
	r = check_floor(sv, order->floor, error);
	if (r < 0)
		return r;
	r = filter_build(sysrow_tables, child->child.features, &order->filter);
	if (r < 0)
		return stage_fail(error, SV_STAGE_FILTER, r, "no filter can be made: %s",
				  strerror(-r));
	r = order_descriptors(order, spawn, &child->child);
	if (r < 0)
		return stage_fail(error, SV_STAGE_DESCRIPTORS, r,
				  "descriptors cannot be passed: %s", strerror(-r));
	r = inherit_check(order->fds, order->fds_count, error);
	if (r < 0)
		return r;
	order->argv = spawn->argv;
	order->envp = spawn->envp;
	order->cwd = spawn->cwd;
	order->new_session = spawn->new_session;
	order->sealed = child->child.features & FEATURE_SEALED;
	order->tag = child->child.tag;
	order_limits(order, child->child.policy);
	order_signals(order, spawn);
	return 0;
}

int sv_spawn(struct sv *sv, const struct sv_spawn *spawn, struct sv_child **ret,
	     struct sv_error *error)
{
	struct candidates candidates = { .count = 0 };
	struct zygote_order order = { .floor = -1 };
	struct sv_child *child;
	uint64_t time_ms;
	int r;

	if (spawn->size != sizeof(*spawn) || !spawn->argv || !spawn->argv[0] || !spawn->policy)
		return stage_fail(error, SV_STAGE_NONE, -EINVAL,
				  "a command and a policy are needed");
	r = candidates_find(&candidates, spawn);
	if (r < 0) {
		candidates_free(&candidates);
		return exec_fail(error, r, spawn->argv[0]);
	}
	order.candidates = (const char *const *)candidates.paths;
	pthread_mutex_lock(&sv->spawning);
	child = child_new(sv, spawn);
	r = child ? spawn_order(sv, spawn, child, &order, error)
		  : stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	if (r == 0)
		r = child_start(sv, child, &order, spawn->argv[0], error);
	pthread_mutex_unlock(&sv->spawning);
	candidates_free(&candidates);
	free((void *)order.fds);
	free(order.filter.filter);
	if (order.floor >= 0)
		close(order.floor);
	if (r < 0) {
		if (child)
			events_disown(sv->events, child); /* why it could not run */
		if (child && child->child.listener >= 0)
			sv_child_free(child);
		else if (child)
			child_free(child);
		return r;
	}
	time_ms = policy_limit(child->child.policy, LIMIT_TIME);
	if (spawn->time_ms && (!time_ms || spawn->time_ms < time_ms))
		time_ms = spawn->time_ms;
	if (time_ms) {
		pthread_mutex_lock(&sv->lock);
		child->deadline_ms = engine_now_ms() + time_ms;
		pthread_mutex_unlock(&sv->lock);
	}
	if (time_ms || child->procs)
		reaper_wake(sv);
	*ret = child;
	return 0;
}
