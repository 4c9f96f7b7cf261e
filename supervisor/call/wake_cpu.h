/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On which CPU a caller is answered.
 *
 * SYNC_WAKE_UP takes the receiver to its caller's CPU, and whoever is answered to the receiver's.
 * With one caller both are the same. With several it is wrong for those whose calls waited while
 * another was served: they would all come to run on one CPU, while others idle. So a receiver
 * remembers where it met each caller, and answers one that was elsewhere without SYNC_WAKE_UP: it
 * is woken where it was. Callers that share a CPU are now and then answered so, too: the scheduler
 * then finds one of them another, if there is an idle one.
 *
 * All of it is guesses, and about speed only.
 */
#ifndef CALL_WAKE_CPU_H
#define CALL_WAKE_CPU_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	WAKE_CPU_CALLERS = 64,
};

/* What one receiver knows. All zero to begin with. */
struct wake_cpu {
	struct {
		pid_t tid; /* 0: the slot is free */
		int cpu;
	} callers[WAKE_CPU_CALLERS]; /* by thread id, direct-mapped */
	int before;		     /* our CPU before we waited */
	pid_t last;		     /* who called last */
	unsigned int company;	     /* calls for which there still is more than one caller */
	unsigned int turn;	     /* counts calls in company */
	bool apart;		     /* this caller is answered where it was */
};

void wake_cpu_wait(struct wake_cpu *wake);

/* A call came: decides how it is answered. wake_cpu_answered is to follow. */
void wake_cpu_received(struct wake_cpu *wake, int listener, pid_t tid);
void wake_cpu_answered(struct wake_cpu *wake, int listener);

/* The decision: is it answered where it was? @cpu: ours, now. */
bool wake_cpu_decide(struct wake_cpu *wake, pid_t tid, int cpu);

#endif
