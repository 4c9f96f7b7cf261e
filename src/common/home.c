/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy that hides what is in a home has to find it without the environment's help, too. */
#include "common/home.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	ENTRY_MAX = 16384, /* of the password file */
};

char *home_find(void)
{
	const char *home = getenv("HOME");
	struct passwd entry, *found = NULL;
	cleanup_free char *buffer = NULL;

	if (home && home[0] == '/')
		return strdup(home);
	buffer = malloc(ENTRY_MAX);
	if (!buffer)
		return NULL;
	if (getpwuid_r(getuid(), &entry, buffer, ENTRY_MAX, &found) == 0 && found &&
	    found->pw_dir[0] == '/')
		return strdup(found->pw_dir);
	return strdup("/nonexistent");
}

int home_of_account(char **ret)
{
	cleanup_free char *buffer = malloc(ENTRY_MAX);
	cleanup_file FILE *file = buffer ? fopen("/etc/passwd", "re") : NULL;
	struct passwd entry, *found = NULL;
	int r = 0;

	*ret = NULL;
	if (!file)
		return !buffer || errno == ENOMEM ? -ENOMEM : 0;
	while (r == 0 && (!found || entry.pw_uid != getuid()))
		r = fgetpwent_r(file, &entry, buffer, ENTRY_MAX, &found);
	if (r != 0 || entry.pw_dir[0] != '/')
		return r == 0 || r == ENOENT ? 0 : -r;
	*ret = strdup(entry.pw_dir);
	return *ret ? 0 : -ENOMEM;
}
