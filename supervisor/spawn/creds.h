/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What bounds a level besides its policy, and what a fork of it would be bound by: filters that a
 * program put on itself, groups and capabilities that it gave up. A child of the zygote cannot be
 * given these, so whoever has them gets no child: else it would be a way out of them.
 */
#ifndef SUPERVISOR_BOUNDS_H
#define SUPERVISOR_BOUNDS_H

#include <sys/types.h>

/* 0: the level's task is bounded as the newborn is, which has its filter. -EPERM: differently, or
 * it cannot be told. */
int bounds_same(pid_t level, pid_t newborn);

#endif
