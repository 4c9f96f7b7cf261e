/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of a task of a child's, as /proc/TID/status tells. */
#ifndef SUPERVISOR_SIGNALS_H
#define SUPERVISOR_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Bit n - 1 is signal n. */
struct signals {
	pid_t tgid;
	uint64_t own;	 /* pending for this thread */
	uint64_t shared; /* pending for whichever thread of the process takes it first */
	uint64_t blocked;
	uint64_t ignored;
};

/* From the text of a status file. False: a line is missing. */
bool signals_parse(const char *status, struct signals *ret);
/* 0, or a negative errno; -ESRCH when the task is gone. */
int signals_read(pid_t tid, struct signals *ret);

#endif
