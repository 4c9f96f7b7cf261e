/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths that a command may mean. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spawn/execpath.h"

enum {
	CANDIDATES_MAX = 256,
};

void candidates_free(char **candidates)
{
	for (size_t i = 0; candidates && candidates[i]; i++)
		free(candidates[i]);
	free(candidates);
}

static const char *environment_path(const char *const *envp)
{
	for (size_t i = 0; envp && envp[i]; i++)
		if (strncmp(envp[i], "PATH=", 5) == 0)
			return envp[i] + 5;
	return "/usr/local/bin:/usr/bin:/bin";
}

/* In each directory of PATH. */
static int candidates_search(const char *name, const char *path, char **ret)
{
	size_t count = 0;

	while (*path && count < CANDIDATES_MAX) {
		size_t size = strcspn(path, ":");
		char *full = NULL;

		if (asprintf(&full, "%.*s%s%s", (int)size, path, size ? "/" : "./", name) < 0)
			return -ENOMEM;
		/* Only a hint that saves refusals: what is not there now is not tried, and if it
		 * comes, it is not found. */
		if (access(full, F_OK) == 0)
			ret[count++] = full;
		else
			free(full);
		path += size + (path[size] == ':');
	}
	return count ? 0 : -ENOENT;
}

int candidates_find(const char *name, const char *const *envp, char ***ret)
{
	char **candidates;
	int r = 0;

	if (!name[0])
		return -ENOENT;
	candidates = calloc(CANDIDATES_MAX + 1, sizeof(*candidates));
	if (!candidates)
		return -ENOMEM;
	if (strchr(name, '/')) {
		candidates[0] = strdup(name);
		r = candidates[0] ? 0 : -ENOMEM;
	} else {
		r = candidates_search(name, environment_path(envp), candidates);
	}
	if (r < 0)
		candidates_free(candidates);
	else
		*ret = candidates;
	return r;
}
