/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handing a descriptor to a caller, without a second CPU.
 *
 * ADDFD wakes the caller, which takes the descriptor and wakes us, and both sleep in between. What
 * SYNC_WAKE_UP is for the rest of a notification there is not for this: where another CPU idles,
 * the scheduler wakes it for either of them, which takes a virtual machine 50 to 300 µs. So for
 * the time of ADDFD the caller may run on our CPU only. It is inside its call all that time and
 * cannot see it.
 *
 * That costs five short system calls, and is of no use where all CPUs are busy. So both ways are
 * measured while they are used, and the better one is taken.
 */
#ifndef SUPERVISOR_HANDOVER_H
#define SUPERVISOR_HANDOVER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "call/answer.h"

struct call;
struct child;

enum handover_way {
	HANDOVER_BOUND, /* the caller is bound to our CPU */
	HANDOVER_FREE,
	HANDOVER_WAYS,
};

/* What one receiver has measured. All zero to begin with. */
struct handover {
	enum handover_way way; /* the one in use */
	bool trial;	       /* of the other, for a short while */
	unsigned int count;    /* in this run */
	uint64_t sum_ns;
	uint64_t mean_ns[HANDOVER_WAYS]; /* of the last run; 0: none yet */
	unsigned int vain;		 /* handovers to come that do not ask for it */
};

/* What one more handover took, in nanoseconds: is the other way worth a trial, or the better one?
 */
void handover_measured(struct handover *handover, uint64_t ns);

/* answer_send by the receiver that has the call. */
int call_answer(const struct call *call, struct sv_answer answer);

#endif
