/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy that hides what is in a home has to find it without the environment's help, too. */
#include "policy/policy.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	ENTRY_MAX = 16384, /* of the password file */
};

char *policy_home(void)
{
	const char *home = getenv("HOME");

	return home && home[0] == '/' ? strdup(home) : policy_home_of_account();
}

char *policy_home_of_account(void)
{
	struct passwd entry, *found = NULL;
	cleanup_free char *buffer = malloc(ENTRY_MAX);

	if (!buffer)
		return NULL;
	if (getpwuid_r(getuid(), &entry, buffer, ENTRY_MAX, &found) == 0 && found &&
	    found->pw_dir[0] == '/')
		return strdup(found->pw_dir);
	return strdup("/nonexistent");
}
