/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time that nobody sets: for how long, never when. */
#ifndef TESTS_STOPWATCH_H
#define TESTS_STOPWATCH_H

#include <stdint.h>
#include <time.h>

static inline int64_t stopwatch_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline double stopwatch_seconds(void)
{
	return (double)stopwatch_ns() / 1e9;
}

#endif
