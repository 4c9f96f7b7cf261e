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
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "tree/child.h"

#define ERESTARTNOINTR                                                             \
	513 /* the kernel's own: the call begins anew, whatever handlers there are \
	     */
#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

enum {
	SYSCALL_SIZE = 2,   /* bytes of the instruction */
	STATUS_SIZE = 4096, /* of /proc/TID/status, as far as it is of use */
};

int tracee_filters(pid_t tid)
{
	char text[STATUS_SIZE] __attribute__((uninitialized));
	uint64_t count;

	return proc_task_read(tid, "status", text, sizeof(text)) > 0 &&
			       proc_number(text, "\nSeccomp_filters:", 10, &count) /* 5.9 */
		       ? (int)count
		       : -1;
}

/* Might a filter of the program's own meet one of the calls? */
static bool may_be_filtered(const struct call *call, const int *made, size_t count)
{
	bool other = false;

	for (size_t i = 0; i < count; i++)
		other |= made[i] != call->regs.nr;
	return other && tracee_filters(call->regs.tid) != call->regs.child->filters;
}

bool tracee_is_seen(const struct child *child, const int *made, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (child->seen[made[i] / 64] >> made[i] % 64 & 1)
			return true;
	return false;
}

const char *tracee_why(int error)
{
	switch (error) {
	case EOPNOTSUPP: return "the program has a seccomp filter of its own";
	case EBUSY: return "another than the first thread of its process runs it";
	case EPERM: return "the program is traced";
	case EAGAIN: return "all threads that serve it are busy";
	}
	return "out of memory";
}

static void tracee_link(struct tracee *tracee)
{
	struct child *child = tracee->child;

	child_lock_take(&child->lock);
	tracee->next = child->tracees;
	child->tracees = tracee;
	child_lock_give(&child->lock);
}

static void tracee_unlink(struct tracee *tracee)
{
	struct child *child = tracee->child;
	struct tracee *before;

	child_lock_take(&child->lock);
	before = child->tracees;
	if (before == tracee) {
		child->tracees = tracee->next;
	} else {
		while (before->next != tracee)
			before = before->next;
		before->next = tracee->next;
	}
	child_lock_give(&child->lock);
}

static void words_of(const struct user_regs_struct *regs, uint64_t ret[6])
{
	memcpy(ret,
	       (const uint64_t[]){ regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 },
	       6 * sizeof(*ret));
}

/* @regs: those of the call; NULL: it does nothing for us any more. */
static void tracee_does(struct tracee *tracee, const struct user_regs_struct *regs)
{
	child_lock_take(&tracee->child->lock);
	tracee->nr = regs ? (long)regs->rax : -1;
	if (regs)
		words_of(regs, tracee->word);
	child_lock_give(&tracee->child->lock);
}

static bool tracee_is_doing(const struct tracee *tracee, const struct seccomp_notif *notification)
{
	return tracee->tid == (pid_t)notification->pid && tracee->nr == notification->data.nr &&
	       memcmp(tracee->word, notification->data.args, sizeof(tracee->word)) == 0;
}

bool tracee_passes(struct child *child, const struct seccomp_notif *notification)
{
	struct seccomp_notif_resp go = { .id = notification->id,
					 .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	bool is = false;

	if (!atomic_load_explicit(&child->tracees, memory_order_acquire))
		return false;
	child_lock_take(&child->lock);
	for (const struct tracee *tracee = child->tracees; tracee; tracee = tracee->next)
		is |= tracee_is_doing(tracee, notification);
	child_lock_give(&child->lock);
	if (is)
		ioctl(child->listener, SECCOMP_IOCTL_NOTIF_SEND, &go);
	return is;
}

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

/* One that was killed in its stop is no longer there to be left: its parent is told of its death
 * when we have been. */
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

int tracee_seize(const struct call *call, const int *made, size_t count)
{
	const unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
	int error = 0;

	if (may_be_filtered(call, made, count))
		error = EOPNOTSUPP;
	else if (ptrace(PTRACE_SEIZE, call->regs.tid, NULL, options) < 0)
		error = errno;
	/* Of who is dying the kernel says what would mean something else. */
	return error && !call_valid(call) ? ESRCH : error;
}

int tracee_stop(const struct call *call, const int *made, size_t count, struct tracee *ret)
{
	int r = tracee_seize(call, made, count);

	return r ? r : tracee_stop_seized(call, ret);
}

int tracee_stop_seized(const struct call *call, struct tracee *ret)
{
	uint64_t all = ~UINT64_C(0);
	pid_t tid = call->regs.tid;

	*ret = (struct tracee){ .tid = tid, .child = call->regs.child, .nr = -1 };
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
	    ptrace(PTRACE_SETSIGMASK, tid, sizeof(all), &all) == 0) {
		ret->at = ret->regs.rip - SYSCALL_SIZE;
		tracee_link(ret);
		return 0;
	}
	tracee_detach(tid);
	return ESRCH;
}

/* To its stop behind the call. 0 or -ESRCH; @ret_regs: as they are then. */
static int tracee_step(struct tracee *tracee, long nr, const uint64_t word[6],
		       struct user_regs_struct *ret_regs)
{
	struct user_regs_struct regs = tracee->regs;
	int status = SYSCALL_STOP << 8;

	regs.rip = tracee->at;
	regs.rax = (unsigned long)nr;
	regs.orig_rax = ~0ul; /* in no call: nothing is begun anew */
	regs.rdi = word[0];
	regs.rsi = word[1];
	regs.rdx = word[2];
	regs.r10 = word[3];
	regs.r8 = word[4];
	regs.r9 = word[5];
	if (ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs) < 0)
		return -ESRCH;
	tracee_does(tracee, &regs);
	for (int stops = 0; stops < 2 && status >= 0; stops++)
		status = tracee_run(tracee->tid, status);
	tracee_does(tracee, NULL);
	return status < 0 || ptrace(PTRACE_GETREGS, tracee->tid, NULL, ret_regs) < 0 ? -ESRCH : 0;
}

/* Another thread may have put something else in the place of the instruction, which loaded other
 * words: the kernel leaves them as it found them. */
static int64_t result_of(const struct tracee *tracee, long nr, const uint64_t word[6],
			 const struct user_regs_struct *regs)
{
	uint64_t made[6];

	words_of(regs, made);
	return regs->rip == tracee->at + SYSCALL_SIZE && (long)regs->orig_rax == nr &&
			       memcmp(made, word, sizeof(made)) == 0
		       ? (int64_t)regs->rax
		       : -EIO;
}

int64_t tracee_call(struct tracee *tracee, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t word[6] = { a, b, c, d, ~UINT64_C(0) /* mmap's descriptor: none */, 0 };

	return tracee_call6(tracee, nr, word);
}

int64_t tracee_call6(struct tracee *tracee, long nr, const uint64_t word[6])
{
	struct user_regs_struct regs;

	return tracee_step(tracee, nr, word, &regs) < 0 ? -ESRCH
							: result_of(tracee, nr, word, &regs);
}

bool tracee_read(const struct tracee *tracee, void *ours, uint64_t theirs, size_t size)
{
	const struct iovec local = { ours, size }, remote = { (void *)theirs, size };

	return process_vm_readv(tracee->tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

bool tracee_write(const struct tracee *tracee, const void *ours, uint64_t theirs, size_t size)
{
	const struct iovec local = { (void *)ours, size }, remote = { (void *)theirs, size };

	return process_vm_writev(tracee->tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

int64_t tracee_exec(struct tracee *tracee, int fd, uint64_t empty, uint64_t argv, uint64_t envp)
{
	const uint64_t word[6] = { (uint64_t)fd, empty, argv, envp, AT_EMPTY_PATH, 0 };
	struct user_regs_struct regs;

	if (tracee_step(tracee, SYS_execveat, word, &regs) < 0)
		return -ESRCH;
	/* Where it failed it is where it was. */
	if (regs.rip == tracee->at + SYSCALL_SIZE)
		return result_of(tracee, SYS_execveat, word, &regs) < 0 ? (int64_t)regs.rax : -EIO;
	tracee->regs = regs;
	return 0;
}

static void tracee_go(struct tracee *tracee, struct user_regs_struct regs)
{
	tracee_unlink(tracee);
	regs.orig_rax = ~0ul; /* in no call */
	ptrace(PTRACE_SETREGS, tracee->tid, NULL, &regs);
	ptrace(PTRACE_SETSIGMASK, tracee->tid, sizeof(tracee->mask), &tracee->mask);
	tracee_detach(tracee->tid);
}

void tracee_begin(struct tracee *tracee)
{
	tracee_go(tracee, tracee->regs);
}

void tracee_kill(struct tracee *tracee)
{
	kill(tracee->tid, SIGKILL);
	tracee_go(tracee, tracee->regs);
}

void tracee_again(struct tracee *tracee)
{
	struct user_regs_struct regs = tracee->regs;

	regs.rip -= SYSCALL_SIZE;
	regs.rax = regs.orig_rax;
	tracee_go(tracee, regs);
}

void tracee_return(struct tracee *tracee, int64_t result)
{
	struct user_regs_struct regs = tracee->regs;

	regs.rax = (unsigned long)result;
	tracee_go(tracee, regs);
}
