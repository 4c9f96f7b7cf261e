/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The homes that the password file knows, and what a start somewhere would give away of them. */
#include "program/homes.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "common/pattern.h"

enum {
	ENTRY_MAX = 16384, /* of the password file */
};

typedef bool home_choice(const struct passwd *entry, const void *data);

/* Of the first entry that is chosen. */
static int home_choose(home_choice *chosen, const void *data, char **ret)
{
	cleanup_free char *buffer = malloc(ENTRY_MAX);
	cleanup_file FILE *file = buffer ? fopen("/etc/passwd", "re") : NULL;
	struct passwd entry, *found = NULL;
	int r = 0;

	*ret = NULL;
	if (!file)
		return !buffer || errno == ENOMEM ? -ENOMEM : 0;
	/* a line of another database (+NAME) has neither home nor shell */
	while (r == 0 &&
	       (!found || !entry.pw_dir || entry.pw_dir[0] != '/' || !chosen(&entry, data)))
		r = fgetpwent_r(file, &entry, buffer, ENTRY_MAX, &found);
	if (r != 0)
		return r == ENOENT ? 0 : -r;
	*ret = strdup(entry.pw_dir);
	return *ret ? 0 : -ENOMEM;
}

static bool is_own(const struct passwd *entry, const void *data)
{
	return entry->pw_uid == *(const uid_t *)data;
}

int home_of_account(char **ret)
{
	uid_t uid = getuid();

	return home_choose(is_own, &uid, ret);
}

struct asked_home {
	const char *path;
	const char *known; /* whose secrets are hidden; NULL: none */
	home_lived_in *lived_in;
};

/* Whoever cannot log in has left nothing of his own there: /var/www is www-data's home. */
static bool logs_in(const struct passwd *entry)
{
	const char *shell = entry->pw_shell ? strrchr(entry->pw_shell, '/') : NULL;

	return !shell || (strcmp(shell, "/nologin") != 0 && strcmp(shell, "/false") != 0);
}

/* Is the path in what a home keeps out of sight, as ~/.ssh? */
static bool is_out_of_sight(const char *path, const char *home)
{
	return path_is_in(path, home) && strncmp(path + strlen(home), "/.", 2) == 0;
}

static bool is_others(const struct passwd *entry, const void *data)
{
	const struct asked_home *asked = data;
	cleanup_free char *real = logs_in(entry) ? realpath(entry->pw_dir, NULL) : NULL;

	if (!real || strcmp(real, "/") == 0)
		return false;
	if (is_out_of_sight(asked->path, real))
		return !asked->known || strcmp(asked->known, real) != 0;
	return path_is_in(real, asked->path) && asked->lived_in(real);
}

int home_exposed(const char *path, const char *known, home_lived_in *lived_in, char **ret)
{
	cleanup_free char *own = known ? realpath(known, NULL) : NULL;
	struct asked_home asked = { path, own, lived_in };
	int r = home_choose(is_others, &asked, ret);
	cleanup_free char *real = *ret ? realpath(*ret, NULL) : NULL;

	if (real && is_out_of_sight(path, real)) {
		free(*ret);
		*ret = strdup(path);
		return *ret ? r : -ENOMEM;
	}
	return r;
}
