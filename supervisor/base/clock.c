/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

static uint64_t read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

uint64_t clock_coarse_ms(void)
{
	return read_ns(CLOCK_MONOTONIC_COARSE) / 1000000;
}

uint64_t clock_real_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

struct timespec clock_until(unsigned int ms)
{
	uint64_t end = clock_real_ns() + ms * UINT64_C(1000000);

	return (struct timespec){ (time_t)(end / 1000000000), (long)(end % 1000000000) };
}
