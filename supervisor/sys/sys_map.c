/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that becomes code. Without `sealed` the kernel decides alone, and at no cost.
 *
 * Under `sealed`, MDWE (set at the child's birth, for good) keeps memory that is or was writable
 * from becoming code. Three ways lead around it, and are shut here:
 *  - code that is shared: mremap gives shared pages a second address, which may be made writable
 *    while the first one runs. Code is private, then; libraries always are.
 *  - a file, or a memfd, that the child wrote: path/exec_integrity.c judges the object.
 *  - a child of an executable stack, which the kernel makes without asking MDWE: sys_exec.c.
 *
 * The gate judges the object of a descriptor, and the kernel takes the descriptor again when the
 * call goes on. In between nobody may put another object under its number: only tasks that share
 * the caller's table of descriptors could. Under `sealed` that is threads of its process alone
 * (clone with CLONE_FILES and without CLONE_THREAD is refused), so a process with one thread, which
 * waits for us, cannot be raced, and in one that has several nothing is mapped as code from a file:
 * a program loads what it needs before it starts threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/memfd.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "tree/child.h"
#include "path/exec_integrity.h"
#include "confine/sysrow.h"
#include "common/cleanup.h"

/* Linux 6.3 */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* One thread, that is the caller: 1. More: 0. Gone, or not to be told: a negative errno. */
static int task_alone(pid_t tid)
{
	char status[2048];
	ssize_t n = proc_task_read(tid, "status", status, sizeof(status));
	uint64_t threads;

	if (n < 0)
		return (int)n;
	return proc_number(status, "\nThreads:", 10, &threads) ? threads == 1 : -ESRCH;
}

/*
 * mmap(address, size, protection, flags, fd, offset): private, of a file, as code. By number: if
 * our answer finds the caller still waiting, it was the caller that we looked at.
 */
static struct sv_gate gate_mmap(const struct registers *regs)
{
	const struct child *child = regs->child;
	/* First: whoever is alone and waits for us stays so. */
	int alone = task_alone(regs->tid);
	char path[48], name[PATH_MAX];
	struct verdict verdict;
	cleanup_fd int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", regs->tid, (int)regs->arg[4].s);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return gate_error(errno == ENOENT ? EBADF : EACCES);
	code_name(fd, name, sizeof(name));
	verdict = code_judge(child, fd, name);
	if (alone <= 0)
		verdict = (struct verdict){ DECISION_DENY, policy_sealed(child->policy) };
	if (verdict.decision == DECISION_ALLOW)
		return gate_continue();
	return gate_error(registers_deny_rule(regs, verdict.rule, VERB_EXEC, name, EACCES));
}

/*
 * memfd_create(name, flags). Landlock does not bound the execution of memfds: the seal does.
 * Kernels before 6.3 do not know it: there a memfd is made without, and execveat of what has no
 * name is refused by its handler alone.
 */
static struct sv_answer sys_memfd_create(struct call *call)
{
	unsigned int flags = (unsigned int)arg_u64(call, 1);
	int fd;

	fd = (int)syscall(__NR_memfd_create, call->path[0],
			  ((flags & ~MFD_EXEC) | MFD_NOEXEC_SEAL | MFD_CLOEXEC));
	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(__NR_memfd_create, call->path[0], flags | MFD_CLOEXEC);
	if (fd < 0)
		return sv_answer_error(child_errno(errno));
	return sv_answer_fd(fd, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

static const struct when mmap_when[] = {
	OTHERWISE(PASS, .unless = FEATURE_SEALED),
	IF_MASKED(2, PROT_EXEC, 0, PASS),
	/* empty for ever: MDWE lets nobody write there */
	IF_MASKED(3, MAP_TYPE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS, PASS),
	IF_MASKED(3, MAP_TYPE, MAP_PRIVATE, NOTIFY),
};

/* The high half is no flag: the kernel takes the low one. CLONE_NEWTIME cannot be said here: its
 * bit is in the signal. */
static const struct when clone_when[] = {
	IF_ANY_BIT(0,
		   CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
			   CLONE_NEWPID | CLONE_NEWNET,
		   REFUSE(EPERM, "namespaces of its own (clone)")),
	IF_MASKED(0, CLONE_FILES | CLONE_THREAD, CLONE_FILES,
		  REFUSE(EPERM, "descriptors shared with another process, under sealed"),
		  .need = FEATURE_SEALED),
	OTHERWISE(PASS),
};

const struct sysrow map_rows[] = {
	ROW(mmap, "zziifz", WHEN(mmap_when), .gate = gate_mmap, .error = EACCES,
	    .note = "sealed: the kernel refuses pages that are or become both writable and "
		    "executable "
		    "(MDWE); code is private, and of files that exec rules name or of libraries "
		    "that "
		    "may be read, not to be written and not changed since the start, and only "
		    "while "
		    "the process has one thread; else EACCES"),
	HANDLED(memfd_create, "su", "memory files cannot be executed (MFD_NOEXEC_SEAL)"),
	ALLOWED(mprotect, "zzi", "sealed: what was not executable cannot become it (MDWE)"),
	ALLOWED(pkey_mprotect, "zzii", "as mprotect"),
	ROW(clone, "uzooz", WHEN(clone_when),
	    .note = "new namespaces: EPERM; sealed: descriptors shared with another process: "
		    "EPERM"),
	ROWS_END,
};
