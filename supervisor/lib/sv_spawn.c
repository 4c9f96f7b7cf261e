/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sv_spawn: what the embedder wants of a child, in the engine's terms. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "engine/engine.h"
#include "lib/sv_policy.h"
#include "spawn/execpath.h"
#include "spawn/spawn.h"
#include "tree/tree.h"
#include "common/label.h"
#include "lib/struct_size.h"
#include "policy/binds.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* Has another descriptor been given this number? */
static bool number_taken(const struct sv_spec *spawn, int number)
{
	for (size_t i = 0; i < spawn->fds_count; i++)
		if (spawn->fds[i].number == number)
			return true;
	return false;
}

/* 0 to 2, where an exec would pass them on, and those that are asked for. */
static int spawn_descriptors(const struct sv_spec *spawn, struct spawn_request *request)
{
	size_t most = 3 + spawn->keep_fds_count + spawn->fds_count, count = 0;
	int *fds = calloc(most, sizeof(*fds)), *numbers = calloc(most, sizeof(*numbers));

	request->spec.fds = fds;
	request->spec.numbers = numbers;
	if (!fds || !numbers)
		return -ENOMEM;
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == 0 && !number_taken(spawn, fd))
			fds[count] = numbers[count] = fd, count++;
	for (size_t i = 0; i < spawn->keep_fds_count; i++)
		if (spawn->keep_fds[i] > 2 && !number_taken(spawn, spawn->keep_fds[i]))
			fds[count] = numbers[count] = spawn->keep_fds[i], count++;
	for (size_t i = 0; i < spawn->fds_count; i++) {
		fds[count] = spawn->fds[i].fd;
		numbers[count++] = spawn->fds[i].number;
	}
	request->spec.fds_count = count;
	return 0;
}

static void spawn_signals(const struct sv_spec *spawn, sigset_t *ret_mask, sigset_t *ret_ignore)
{
	struct sigaction action;

	if (spawn->sigmask)
		*ret_mask = *(const sigset_t *)spawn->sigmask;
	else
		pthread_sigmask(SIG_SETMASK, NULL, ret_mask);
	sigemptyset(ret_ignore);
	if (spawn->sigignore) {
		*ret_ignore = *(const sigset_t *)spawn->sigignore;
		return;
	}
	for (int signal = 1; signal < NSIG; signal++)
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(ret_ignore, signal);
}

/* The embedder's, or the command's name as far as it can be one. */
static int spawn_label(const struct sv_spec *spawn, char **ret)
{
	*ret = spawn->label ? strdup(spawn->label) : label_of_name(base_name(spawn->argv[0]));
	return *ret ? label_judge(NULL, *ret) : -ENOMEM;
}

/* As the child names it, where it is whole: views are followed. */
static int spawn_cwd(const struct sv_spec *spawn, char **ret)
{
	char real[PATH_MAX];

	if (!spawn->cwd || spawn->cwd[0] != '/')
		*ret = strdup(spawn->cwd ? spawn->cwd : ".");
	else if (!resolve_view(spawn->policy->policy, spawn->cwd, real, sizeof(real)))
		return -ENAMETOOLONG;
	else
		*ret = strdup(real);
	return *ret ? 0 : -ENOMEM;
}

/* spawn_clear afterwards, also on failure. */
static int spawn_fill(const struct sv_spec *spawn, struct spawn_request *request,
		      struct sv_error *error)
{
	struct sv_spec asked;
	int r = struct_read(&asked, sizeof(asked), STRUCT_FIRST_SIZE(struct sv_spec, adopts),
			    spawn);

	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r,
				  "struct sv_spec is of another version of the library");
	spawn = &asked;
	if (!spawn->argv || !spawn->argv[0] || !spawn->policy)
		return stage_fail(error, SV_STAGE_NONE, -EINVAL,
				  "a command and a policy are needed");
	r = candidates_find(spawn->argv[0], spawn->envp, (char ***)&request->spec.candidates);
	if (r < 0)
		return exec_fail(error, r, spawn->argv[0]);
	r = spawn_label(spawn, (char **)&request->label);
	if (r < 0)
		return stage_fail(error, SV_STAGE_NONE, r,
				  "the label cannot be used: %s; it must be shorter than %d bytes, "
				  "not '.' or '..', and have no '/' and nothing invisible",
				  strerror(-r), PCALL_LABEL_PART_MAX);
	r = spawn_descriptors(spawn, request);
	if (r < 0)
		return stage_fail(error, SV_STAGE_DESCRIPTORS, r, "out of memory");
	spawn_signals(spawn, &request->spec.sigmask, &request->spec.sigignore);
	request->policy = request->granted = spawn->policy->policy;
	request->names = spawn->policy->names;
	request->spec.argv = spawn->argv;
	request->spec.envp = spawn->envp;
	request->cwd_name = spawn->cwd && spawn->cwd[0] == '/' ? spawn->cwd : NULL;
	r = spawn_cwd(spawn, (char **)&request->spec.cwd);
	if (r < 0)
		return stage_fail(error, SV_STAGE_CWD, r, "the directory to start in: %s",
				  strerror(-r));
	request->spec.new_session = spawn->new_session != SV_SESSION_SHARED;
	request->spec.terminal = spawn->new_session == SV_SESSION_TERMINAL;
	request->time_ms = spawn->time_ms;
	request->badge = spawn->badge;
	request->masks = spawn->masks;
	request->masks_count = spawn->masks_count;
	request->revocable = spawn->revocable;
	request->revocable_count = spawn->revocable_count;
	request->survives = spawn->survives;
	request->adopts = spawn->adopts;
	return 0;
}

static void spawn_clear(struct spawn_request *request)
{
	candidates_free((char **)request->spec.candidates);
	free((char *)request->label);
	free((char *)request->spec.cwd);
	free((int *)request->spec.fds);
	free((int *)request->spec.numbers);
}

int sv_spawn(struct sv *sv, const struct sv_spec *spawn, struct sv_child **ret,
	     struct sv_error *error)
{
	struct spawn_request request = { .level = sv->tree.level };
	int r = spawn_fill(spawn, &request, error);

	if (r == 0)
		r = sv->ops->spawn(sv, &request, ret, error);
	spawn_clear(&request);
	return r;
}
