/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller that is made to do a few system calls of ours before its own: by ptrace, between the
 * answer "begin anew" to its call and that beginning. Its signals wait meanwhile, its registers are
 * what they were, and its call comes again as a new notification.
 *
 * The calls run in the caller, under its filter, with memory and descriptors that its other threads
 * share: whatever they do must be nothing that the caller could not do by itself.
 *
 * Where a level wants to see such a call, it is notified, and goes on at once: it is the root's. A
 * program that has filters of its own might be killed by them for a call that it did not make: it
 * is made to do none, but the one that it makes itself.
 */
#ifndef SUPERVISOR_TRACEE_H
#define SUPERVISOR_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct call;
struct child;
struct seccomp_notif;

struct tracee {
	struct tracee *next; /* of the child's; see tracee_passes */
	struct child *child;
	pid_t tid;
	long nr;		      /* what it is made to do; -1: nothing. By the child's lock */
	uint64_t word[6];	      /* and with what */
	struct user_regs_struct regs; /* as its call left them, or as its new program begins */
	uint64_t at;		      /* an instruction that calls the kernel */
	uint64_t mask;		      /* signals that it blocks */
};

/*
 * Stops the caller, which is to do the calls that @made names. 0: its call is answered, and
 * tracee_again or tracee_return has to follow. An errno: it is not stopped, and its call waits as
 * before; ESRCH: it dies; EOPNOTSUPP: it has a filter of its own; EPERM: it is traced.
 */
int tracee_stop(const struct call *call, const int *made, size_t count, struct tracee *ret);
/* What to say of such an error. */
const char *tracee_why(int error);
/* Is one of the calls a level's to see? Then somebody else has to receive it: see
 * receiver_pass_lead. */
bool tracee_is_seen(const struct child *child, const int *made, size_t count);
/* For who receives: is this what somebody is made to do, to the last word? It goes on. Another
 * thread may have the stopped one run something else, and its calls are judged as all others. */
bool tracee_passes(struct child *child, const struct seccomp_notif *notification);
/* How many filters a thread has; -1: nobody knows. */
int tracee_filters(pid_t tid);
/*
 * The same in two steps, for who has something to do in between while the call still waits. After
 * the first nobody else can trace the caller, and the second has to follow; it fails with ESRCH
 * alone.
 */
int tracee_seize(const struct call *call, const int *made, size_t count);
int tracee_stop_seized(const struct call *call, struct tracee *ret);
/* One system call. Its result, or -ESRCH: the caller dies; -EIO: it was not this one that was made,
 * for another thread has changed the program meanwhile. */
int64_t tracee_call(struct tracee *tracee, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
/* The same with all six words; the fifth of the other is no descriptor, and the sixth 0. */
int64_t tracee_call6(struct tracee *tracee, long nr, const uint64_t word[6]);
/* Copies memory of the stopped caller's, all of it: out of it, or into it. */
bool tracee_read(const struct tracee *tracee, void *ours, uint64_t theirs, size_t size);
bool tracee_write(const struct tracee *tracee, const void *ours, uint64_t theirs, size_t size);
/*
 * execveat of a descriptor, of who is the first of its process. 0: it has become another program,
 * and stands before that one's first instruction: .regs are as it begins, and .at has to be found
 * before it can be made to do more. tracee_begin follows. Else what the call fails with, or -ESRCH.
 * @empty: where it has an empty string.
 */
int64_t tracee_exec(struct tracee *tracee, int fd, uint64_t empty, uint64_t argv, uint64_t envp);
/* The new program is let go, with .regs. */
void tracee_begin(struct tracee *tracee);
/* It is let go, and dies. */
void tracee_kill(struct tracee *tracee);
/* It is let go, and its own call has this result. */
void tracee_return(struct tracee *tracee, int64_t result);
/* Its own call begins anew, and it is let go. */
void tracee_again(struct tracee *tracee);

#endif
