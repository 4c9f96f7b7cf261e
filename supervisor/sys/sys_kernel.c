/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that the kernel allows at once: they reach nothing but the caller's own memory, tasks and
 * the descriptors that it holds. Holding a descriptor is the right to use it: it was judged when it
 * was opened.
 *
 * Those that nobody retries stand here whatever they do: a notified call that a signal meets before
 * we have received it is aborted with EINTR, and a lost close or fork is never noticed.
 */
#include <errno.h>
#include <linux/mman.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include "confine/sysrow.h"

/* Memory that is merged with that of others tells by its timing what theirs holds. */
static const struct when madvise_when[] = {
	IF_EQUAL(2, MADV_MERGEABLE,
		 LACK(EINVAL, "memory that is merged with that of others (MADV_MERGEABLE)")),
	OTHERWISE(PASS),
};

#define UNSHARE_REFUSED (UINT32_MAX & ~(uint32_t)(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM))

static const struct when unshare_when[] = {
	IF_ANY_BIT(0, UNSHARE_REFUSED, REFUSE(EPERM, "namespaces of its own (unshare)")),
	OTHERWISE(PASS),
};

static const struct when personality_when[] = {
	IF_EQUAL(0, 0xffffffff, PASS), /* asks what it is */
	IF_EQUAL(0, PER_LINUX, PASS),
	IF_EQUAL(0, ADDR_NO_RANDOMIZE, PASS),
};

const struct sysrow kernel_rows[] = {
	/* Descriptors. */
	ALLOWED(read, "foz", NULL),
	ALLOWED(write, "foz", NULL),
	ALLOWED(pread64, "fozl", NULL),
	ALLOWED(pwrite64, "fozl", NULL),
	ALLOWED(readv, "foz", NULL),
	ALLOWED(writev, "foz", NULL),
	ALLOWED(preadv, "fozzz", NULL),
	ALLOWED(pwritev, "fozzz", NULL),
	ALLOWED(preadv2, "fozzzi", NULL),
	ALLOWED(pwritev2, "fozzzi", NULL),
	ALLOWED(fstat, "fo", "a descriptor that is held may be looked at"),
	ALLOWED(fstatfs, "fo", "as fstat"),
	ALLOWED(lseek, "fli", NULL),
	ALLOWED(dup, "f", NULL),
	ALLOWED(dup2, "ff", NULL),
	ALLOWED(dup3, "ffi", NULL),
	ALLOWED(pipe, "o", NULL),
	ALLOWED(pipe2, "oi", NULL),
	ALLOWED(flock, "fu", NULL),
	ALLOWED(fsync, "f", NULL),
	ALLOWED(fdatasync, "f", NULL),
	ALLOWED(sync, "", "the whole machine's: it makes neighbours slower, and does nothing else"),
	ALLOWED(syncfs, "f", NULL),
	ALLOWED(sync_file_range, "fllu", NULL),
	ALLOWED(ftruncate, "fl", "a descriptor that is open for writing: that was judged"),
	ALLOWED(fallocate, "fill", "as ftruncate"),
	ALLOWED(fadvise64, "fzzi", NULL),
	ALLOWED(readahead, "flz", NULL),
	ALLOWED(sendfile, "ffoz", NULL),
	ALLOWED(splice, "fofozu", NULL),
	ALLOWED(tee, "ffzu", NULL),
	ALLOWED(vmsplice, "fozu", NULL),
	ALLOWED(copy_file_range, "fofozu", NULL),
	ALLOWED(poll, "oui", NULL),
	ALLOWED(ppoll, "ouooz", NULL),
	ALLOWED(select, "ioooo", NULL),
	ALLOWED(pselect6, "iooooo", NULL),
	ALLOWED(epoll_create, "i", NULL),
	ALLOWED(epoll_create1, "i", NULL),
	ALLOWED(epoll_ctl, "fifo", NULL),
	ALLOWED(epoll_wait, "foii", NULL),
	ALLOWED(epoll_pwait, "foiioz", NULL),
	ALLOWED(epoll_pwait2, "foiooz", NULL),
	ALLOWED(eventfd, "u", NULL),
	ALLOWED(eventfd2, "ui", NULL),
	ALLOWED(signalfd, "foz", NULL),
	ALLOWED(signalfd4, "fozi", NULL),
	ALLOWED(timerfd_create, "ii", NULL),
	ALLOWED(timerfd_settime, "fioo", NULL),
	ALLOWED(timerfd_gettime, "fo", NULL),
	ALLOWED(inotify_init, "", "names are judged where they are watched"),
	ALLOWED(inotify_init1, "i", "as inotify_init"),
	ALLOWED(inotify_rm_watch, "fi", NULL),
	ALLOWED(io_setup, "uo",
		"works on descriptors that are held; the machine's aio-max-nr is everybody's"),
	ALLOWED(io_destroy, "z", NULL),
	ALLOWED(io_submit, "zlo",
		"its operations read, write, sync and poll; none takes a name or an address"),
	ALLOWED(io_cancel, "zoo", NULL),
	ALLOWED(io_getevents, "zlloo", NULL),
	ALLOWED(io_pgetevents, "zllooo", NULL),

	/* Sockets: what is said to whom is judged in connect, bind, listen and the send calls. */
	ALLOWED(accept, "foo", "from whom is the peer's business; where one listens was judged"),
	ALLOWED(accept4, "fooi", "as accept"),
	ALLOWED(recvfrom, "fozioo", NULL),
	ALLOWED(recvmsg, "foi",
		"descriptors that a peer hands over are used as they are: so far goes the rule "
		"that let it be met"),
	ALLOWED(recvmmsg, "fouuo", "as recvmsg"),
	ALLOWED(shutdown, "fi", NULL),

	/* Memory. What becomes code is in sys_map.c. */
	ALLOWED(pkey_alloc, "uz", NULL),
	ALLOWED(pkey_free, "i", NULL),
	ALLOWED(munmap, "zz", NULL),
	ALLOWED(mremap, "zzzzz", NULL),
	ALLOWED(remap_file_pages, "zzzzz", NULL),
	ALLOWED(brk, "z", NULL),
	ALLOWED(msync, "zzi", NULL),
	ALLOWED(mincore, "zzo", "the kernel answers only for files that the caller could write"),
	ROW(madvise, "zzi", WHEN(madvise_when),
	    .note = "MADV_MERGEABLE: EINVAL, as on a kernel without it"),
	ALLOWED(mlock, "zz", NULL),
	ALLOWED(mlock2, "zzi", NULL),
	ALLOWED(munlock, "zz", NULL),
	ALLOWED(mlockall, "i", NULL),
	ALLOWED(munlockall, "", NULL),
	ALLOWED(mseal, "zzz", NULL),
	ALLOWED(map_shadow_stack, "zzu", NULL),
	ALLOWED(mbind, "zzzozu", NULL),
	ALLOWED(set_mempolicy, "ioz", NULL),
	ALLOWED(get_mempolicy, "oozzz", NULL),
	ALLOWED(set_mempolicy_home_node, "zzzz", NULL),
	ALLOWED(membarrier, "iui", NULL),

	/* Tasks of one's own; clone is in sys_map.c. */
	ALLOWED(fork, "", NULL),
	ALLOWED(vfork, "", NULL),
	ALLOWED(exit, "i", NULL),
	ALLOWED(exit_group, "i", NULL),
	ALLOWED(wait4, "ioio", NULL),
	ALLOWED(waitid, "iioio", NULL),
	ROW(unshare, "z", WHEN(unshare_when),
	    .note = "CLONE_FILES, CLONE_FS and CLONE_SYSVSEM only; others: EPERM"),
	ROW(personality, "u", WHEN(personality_when), .error = EPERM,
	    .note = "PER_LINUX and ADDR_NO_RANDOMIZE only: others change what is executable"),
	ALLOWED(set_tid_address, "o", NULL),
	ALLOWED(set_robust_list, "oz", NULL),
	ALLOWED(futex_waitv, "ouuoi", NULL),
	ALLOWED(futex_wake, "ozii", NULL),
	ALLOWED(futex_wait, "ozzuoi", NULL),
	ALLOWED(futex_requeue, "ouii", NULL),
	ALLOWED(rseq, "ouiu", NULL),
	ALLOWED(arch_prctl, "iz", "speaks of the caller's registers only"),
	ALLOWED(uretprobe, "", "made by a tracer's trampoline; SIGILL from anywhere else"),
	ALLOWED(uprobe, "", "as uretprobe"),
	ALLOWED(sched_yield, "", NULL),
	ALLOWED(sched_get_priority_max, "i", NULL),
	ALLOWED(sched_get_priority_min, "i", NULL),
	ALLOWED(getcpu, "ooo", NULL),
	ALLOWED(restart_syscall, "", NULL),
	ALLOWED(landlock_create_ruleset, "ozu", "a child may bound itself further"),
	ALLOWED(landlock_add_rule, "fiou", "as landlock_create_ruleset"),

	/* Who one is. The kernel grants no change that takes a capability. */
	ALLOWED(getpid, "", NULL),
	ALLOWED(gettid, "", NULL),
	ALLOWED(getppid, "", "of the first process: a number that means nothing to it"),
	ALLOWED(getpgrp, "", NULL),
	ALLOWED(setsid, "", NULL),
	ALLOWED(setpgid, "ii",
		"the kernel allows one's own processes and groups of one's own session"),
	ALLOWED(getuid, "", NULL),
	ALLOWED(getgid, "", NULL),
	ALLOWED(geteuid, "", NULL),
	ALLOWED(getegid, "", NULL),
	ALLOWED(getresuid, "ooo", NULL),
	ALLOWED(getresgid, "ooo", NULL),
	ALLOWED(getgroups, "io", NULL),
	ALLOWED(capset, "oo", "of itself, and only less"),
	ALLOWED(uname, "o", NULL),
	ALLOWED(getrlimit, "uo", NULL),
	ALLOWED(getrusage, "io", NULL),
	ALLOWED(sysinfo, "o", NULL),
	ALLOWED(times, "o", NULL),

	/* Signals to oneself, time. */
	ALLOWED(rt_sigaction, "iooz", NULL),
	ALLOWED(rt_sigprocmask, "iooz", NULL),
	ALLOWED(rt_sigreturn, "", NULL),
	ALLOWED(rt_sigpending, "oz", NULL),
	ALLOWED(rt_sigtimedwait, "oooz", NULL),
	ALLOWED(rt_sigsuspend, "oz", NULL),
	ALLOWED(sigaltstack, "oo", NULL),
	ALLOWED(pause, "", NULL),
	ALLOWED(nanosleep, "oo", NULL),
	ALLOWED(alarm, "u", NULL),
	ALLOWED(getitimer, "io", NULL),
	ALLOWED(setitimer, "ioo", NULL),
	ALLOWED(timer_settime, "iioo", NULL),
	ALLOWED(timer_gettime, "io", NULL),
	ALLOWED(timer_getoverrun, "i", NULL),
	ALLOWED(timer_delete, "i", NULL),
	ALLOWED(time, "o", NULL),
	ALLOWED(gettimeofday, "oo", NULL),
	ALLOWED(adjtimex, "o", "to ask; the kernel demands CAP_SYS_TIME of changes"),
	ALLOWED(clock_adjtime, "io", "as adjtimex"),
	ALLOWED(getrandom, "ozu", NULL),
	ROWS_END,
};
