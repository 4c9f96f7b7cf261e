/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller that is made to do a few system calls of ours before its own: by ptrace, between the
 * answer "begin anew" to its call and that beginning. Its signals wait meanwhile, its registers are
 * what they were, and its call comes again as a new notification.
 *
 * The calls run in the caller, under its filter, with memory and descriptors that its other threads
 * share: whatever they do must be nothing that the caller could not do by itself.
 */
#ifndef SUPERVISOR_TRACEE_H
#define SUPERVISOR_TRACEE_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct call;

struct tracee {
	pid_t tid;
	struct user_regs_struct regs; /* as its call left them */
	uint64_t mask;		      /* signals that it blocks */
};

/*
 * Stops the caller. 0: its call is answered, and tracee_again has to follow. An errno: it is not
 * stopped, and its call waits as before; ESRCH: it dies.
 */
int tracee_stop(const struct call *call, struct tracee *ret);
/*
 * The same in two steps, for who has something to do in between while the call still waits. After
 * the first nobody else can trace the caller, and the second has to follow; it fails with ESRCH
 * alone.
 */
int tracee_seize(const struct call *call);
int tracee_stop_seized(const struct call *call, struct tracee *ret);
/* One system call. Its result, or -ESRCH: the caller dies. */
int64_t tracee_call(const struct tracee *tracee, long nr, uint64_t a, uint64_t b, uint64_t c,
		    uint64_t d);
/* It is let go, and its own call has this result. */
void tracee_return(const struct tracee *tracee, int64_t result);
/* Its own call begins anew, and it is let go. */
void tracee_again(const struct tracee *tracee);

#endif
