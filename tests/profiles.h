/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The profile of a container that a test runs under: what is lost there has to be allowed by name.
 */
#ifndef TESTS_PROFILES_H
#define TESTS_PROFILES_H

#include <stdlib.h>
#include <string.h>
#include "supervisor.h"

/* For sv_options.degraded: Docker's list of 2021 knows no Landlock. */
static inline unsigned int profile_degraded(void)
{
	const char *profile = getenv("PCALL_TEST_PROFILE");

	return profile && strcmp(profile, "docker-2021") == 0 ? SV_DEGRADE_LANDLOCK : 0;
}

#endif
