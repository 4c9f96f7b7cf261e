/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What hostile programs share: they try, count what did not fail, and say so by their exit status.
 * $X in the environment is the world (box.h), $SUP the supervisor's process.
 */
#ifndef TESTS_ATTACK_HOSTILE_H
#define TESTS_ATTACK_HOSTILE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "box.h"
#include "stopwatch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int broken;

/* It did not fail: we are out, or know what we should not. */
static inline void broke(const char *what)
{
	if (broken++ < 20)
		printf("BROKE %s\n", what);
}

#define MUST_FAIL(call)                \
	do {                           \
		errno = 0;             \
		if ((long)(call) >= 0) \
			broke(#call);  \
	} while (0)

#define MUST_FAIL_WITH(call, error)                                                     \
	do {                                                                            \
		errno = 0;                                                              \
		if ((long)(call) >= 0 || errno != (error)) {                            \
			broke(#call);                                                   \
			printf("  errno %s, not %s\n", strerrorname_np(errno), #error); \
		}                                                                       \
	} while (0)

/* Whatever comes of it. */
#define TRY(call)                     \
	do {                          \
		if ((long)(call) < 0) \
			errno = 0;    \
	} while (0)

#define NEED(call)                                                         \
	do {                                                               \
		if (!(call)) {                                             \
			printf("cannot %s: %s\n", #call, strerror(errno)); \
			exit(HOSTILE_UNFIT);                               \
		}                                                          \
	} while (0)

/* A path of the world: the last eight are kept. */
static inline const char *at(const char *below)
{
	static _Thread_local char paths[8][PATH_MAX];
	static _Thread_local unsigned int n;
	char *path = paths[n++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", getenv("X"), below);
	return path;
}

static inline bool is_canary(int fd)
{
	char text[64] = "";

	return fd >= 0 && pread(fd, text, sizeof(text) - 1, 0) > 0 && strstr(text, "CANARY");
}

static inline int hostile_end(void)
{
	fflush(NULL);
	return broken ? HOSTILE_BROKE : HOSTILE_REFUSED;
}

struct hostile_attack {
	const char *name;
	void (*run)(void);
};

static inline int hostile_main(const struct hostile_attack *attacks, size_t count, int argc,
			       char **argv)
{
	for (size_t i = 0; argc > 1 && i < count; i++)
		if (strcmp(attacks[i].name, argv[1]) == 0) {
			attacks[i].run();
			return hostile_end();
		}
	return HOSTILE_UNFIT;
}

#endif
