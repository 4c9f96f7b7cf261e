/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a new child shares the machine: as a fork of its level would have. */
#ifndef SUPERVISOR_SCHEDULE_H
#define SUPERVISOR_SCHEDULE_H

#include <sys/types.h>

/*
 * Gives @to the nice value, scheduling policy, CPUs, I/O priority, timer slack and OOM score
 * adjustment of @from. Both wait in a notification: neither changes meanwhile. 0 or -errno.
 */
int schedule_inherit(pid_t from, pid_t to);

#endif
