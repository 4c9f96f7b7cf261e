/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps stand in tracee.h.
 *
 * Calls are stepped by PTRACE_SYSCALL, not instruction by instruction: a step's SIGTRAP would reset
 * the caller's handler for it where that is blocked. All signals are blocked meanwhile, so that
 * only SIGSTOP and what the kernel forces on a thread come in between; they are passed on.
 *
 * The number of the thread stays its own: it waits in its notification when it is seized, which is
 * asked afterwards, and who is traced does not vanish before we have waited for it.
 */
#include "call/tracee.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"

#define ERESTARTNOINTR                                                             \
	513 /* the kernel's own: the call begins anew, whatever handlers there are \
	     */
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

enum {
	SYSCALL_SIZE = 2, /* bytes of the instruction */
};

/* Its next stop: what waitpid says, or -ESRCH. */
static int tracee_wait(pid_t tid)
{
	int status;
	pid_t r;

	do
		r = waitpid(tid, &status, __WALL | __WNOTHREAD);
	while (r < 0 && errno == EINTR);
	return r == tid && WIFSTOPPED(status) ? status : -ESRCH;
}

/* To its next stop of this kind, past all others. @status: that of the stop it is in. */
static int tracee_run(pid_t tid, int status)
{
	do {
		bool event = status >> 16 || WSTOPSIG(status) == SYSCALL_STOP;
		long signal = event ? 0 : WSTOPSIG(status);

		if (ptrace(PTRACE_SYSCALL, tid, NULL, signal) < 0)
			return -ESRCH;
		status = tracee_wait(tid);
	} while (status >= 0 && WSTOPSIG(status) != SYSCALL_STOP);
	return status;
}

/* One that was killed in its stop is no longer there to be left: its parent is told of its death when
 * we have been. */
static void tracee_detach(pid_t tid)
{
	if (ptrace(PTRACE_DETACH, tid, NULL, NULL) < 0)
		tracee_wait(tid);
}

static void tracee_leave(pid_t tid)
{
	if (tracee_wait(tid) >= 0)
		tracee_detach(tid);
}

/* To its stop after the call, which it is told to begin anew. */
static int tracee_answer(const struct call *call)
{
	struct seccomp_notif_resp response = { .id = call->id, .error = -ERESTARTNOINTR };

	if (ptrace(PTRACE_INTERRUPT, call->regs.tid, NULL, NULL) < 0)
		return -ESRCH;
	return ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? -ESRCH
											  : 0;
}

int tracee_seize(const struct call *call)
{
	const unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;

	return ptrace(PTRACE_SEIZE, call->regs.tid, NULL, options) < 0 ? errno : 0;
}

int tracee_stop(const struct call *call, struct tracee *ret)
{
	int r = tracee_seize(call);

	return r ? r : tracee_stop_seized(call, ret);
}

int tracee_stop_seized(const struct call *call, struct tracee *ret)
{
	uint64_t all = ~UINT64_C(0);
	pid_t tid = call->regs.tid;

	*ret = (struct tracee){ .tid = tid };
	if (tracee_answer(call) < 0) {
		/* it dies, or this is somebody else, who got its number */
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		tracee_leave(tid);
		return ESRCH;
	}
	if (tracee_wait(tid) < 0)
		return ESRCH;
	if (ptrace(PTRACE_GETREGS, tid, NULL, &ret->regs) == 0 &&
	    (long)ret->regs.rax == -ERESTARTNOINTR &&
	    ptrace(PTRACE_GETSIGMASK, tid, sizeof(ret->mask), &ret->mask) == 0 &&
	    ptrace(PTRACE_SETSIGMASK, tid, sizeof(all), &all) == 0)
		return 0;
	tracee_detach(tid);
	return ESRCH;
}

int64_t tracee_call(const struct tracee *tracee, long nr, uint64_t a, uint64_t b, uint64_t c,
		    uint64_t d)
{
	struct user_regs_struct regs = tracee->regs;
	int status = SYSCALL_STOP << 8;

	regs.rip -= SYSCALL_SIZE;
	regs.rax = (unsigned long)nr;
	regs.orig_rax = ~0ul; /* in no call: nothing is begun anew */
	regs.rdi = a;
	regs.rsi = b;
	regs.rdx = c;
	regs.r10 = d;
	regs.r8 = ~0ul; /* mmap's descriptor: none */
	regs.r9 = 0;
	if (ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs) < 0)
		return -ESRCH;
	for (int stops = 0; stops < 2 && status >= 0; stops++)
		status = tracee_run(tracee->tid, status);
	if (status < 0 || ptrace(PTRACE_GETREGS, tracee->tid, NULL, &regs) < 0)
		return -ESRCH;
	/* another thread may have put something else in the place of the instruction */
	return regs.rip == tracee->regs.rip && (long)regs.orig_rax == nr ? (int64_t)regs.rax : -EIO;
}

static void tracee_go(const struct tracee *tracee, struct user_regs_struct regs)
{
	regs.orig_rax = ~0ul; /* in no call */
	ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs);
	ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(tracee->mask), &tracee->mask);
	tracee_detach(tracee->tid);
}

void tracee_again(const struct tracee *tracee)
{
	struct user_regs_struct regs = tracee->regs;

	regs.rip -= SYSCALL_SIZE;
	regs.rax = regs.orig_rax;
	tracee_go(tracee, regs);
}

void tracee_return(const struct tracee *tracee, int64_t result)
{
	struct user_regs_struct regs = tracee->regs;

	regs.rax = (unsigned long)result;
	tracee_go(tracee, regs);
}
