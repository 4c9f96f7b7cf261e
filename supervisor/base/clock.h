/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clocks that limits and waits are kept by, and that events are dated by. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC. */
uint64_t clock_ns(void);
uint64_t clock_ms(void);
/* The same to a tick, which costs less. */
uint64_t clock_coarse_ms(void);
/* CLOCK_REALTIME. */
uint64_t clock_real_ns(void);
/* When so many ms will have passed, for those who wait by CLOCK_REALTIME. */
struct timespec clock_until(unsigned int ms);

#endif
