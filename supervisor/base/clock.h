/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock that limits and waits are kept by. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, in ms. */
uint64_t clock_ms(void);

#endif
