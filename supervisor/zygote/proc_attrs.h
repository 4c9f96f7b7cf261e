/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a process has by prctl and personality that a fork passes on and nobody else can see or set:
 * a level tells of itself, and its child takes it on before its exec. A level that lies gains what
 * a child of the zygote has anyway.
 */
#ifndef SUPERVISOR_TRAITS_H
#define SUPERVISOR_TRAITS_H

#include <stdint.h>

struct traits {
	uint32_t known;	      /* 0: what one has is right; else a bit for each that is meant */
	uint32_t set;	      /* of these: it has it */
	uint64_t timer_slack; /* ns; 0: as it is */
};

/* Of the calling thread. */
struct traits traits_tell(void);

/* 0, or a negative errno: something that takes away could not be taken on. */
int traits_take(const struct traits *traits);

#endif
