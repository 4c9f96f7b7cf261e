/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the filter answers to calls, written down by hand: a change of a row that changes what a
 * child may do shows here. Every call that is decided by its arguments is here, with the high
 * halves that the kernel does not look at; and every refusal, for filter_refusals.c finds those
 * that could be taken away unseen.
 */
#ifndef TESTS_SIM_VERDICT_CASES_H
#define TESTS_SIM_VERDICT_CASES_H

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "base/fd_sender.h"
#include "sys/rows.h"

struct verdict_case {
	const char *name;
	uint32_t want;
	int nr;
	uint64_t args[6];
};

#define GOES(call, ...)                                \
	{                                              \
#call, SECCOMP_RET_ALLOW, __NR_##call, \
		{                                      \
			__VA_ARGS__                    \
		}                                      \
	}
#define TRAPS(call, ...)                                    \
	{                                                   \
#call, SECCOMP_RET_USER_NOTIF, __NR_##call, \
		{                                           \
			__VA_ARGS__                         \
		}                                           \
	}
#define FAILS(error, call, ...)                                  \
	{                                                        \
#call, SECCOMP_RET_ERRNO | (error), __NR_##call, \
		{                                                \
			__VA_ARGS__                              \
		}                                                \
	}
/* Neither one nor two. */
#define NO_SOCKET(error, ...) \
	FAILS(error, socket, __VA_ARGS__), FAILS(error, socketpair, __VA_ARGS__, POINTER)
#define IDLES(call, ...)                                   \
	{                                                  \
#call, SECCOMP_RET_ERRNO | 0, __NR_##call, \
		{                                          \
			__VA_ARGS__                        \
		}                                          \
	}

#define HIGH	UINT64_C(0x100000000)	     /* what an int argument does not show */
#define HIGHS	UINT64_C(0xffffffff00000000) /* and all of it */
#define MINUS1	UINT64_C(0xffffffff)	     /* (int)-1 as it may arrive */
#define POINTER UINT64_C(0x7ffd12345678)

/* The same whatever the features. */
static const struct verdict_case always[] = {
	/* Never notified: nobody retries them. */
	GOES(close, 3),
	GOES(close, MINUS1),
	GOES(dup, 1),
	GOES(dup2, 1, 2),
	GOES(dup3, 1, 2, O_CLOEXEC),
	GOES(fork),
	GOES(vfork),
	GOES(exit, 1),
	GOES(exit_group, 1),
	GOES(futex, POINTER, 128, 1),
	GOES(munmap, POINTER, 4096),
	GOES(rt_sigreturn),
	GOES(wait4, MINUS1),
	GOES(waitid, 3, 5),
	GOES(restart_syscall),

	/* Descriptors and memory. */
	GOES(read, 0, POINTER, 1),
	GOES(write, 1, POINTER, 1),
	GOES(pread64, 0, POINTER, 1, 0),
	GOES(pwritev2, 1, POINTER, 1),
	GOES(fstat, 0, POINTER),
	GOES(fstatfs, 0, POINTER),
	GOES(lseek, 0, 0, 2),
	GOES(ftruncate, 3, 0),
	GOES(fallocate, 3, 0, 0, 1),
	GOES(flock, 3, 2),
	GOES(fsync, 3),
	GOES(pipe, POINTER),
	GOES(pipe2, POINTER, 0),
	GOES(splice, 3, 0, 4, 0, 1),
	GOES(sendfile, 3, 4, 0, 1),
	GOES(copy_file_range, 3, 0, 4, 0, 1),
	GOES(vmsplice, 3, POINTER, 1),
	GOES(epoll_wait, 3, POINTER, 1),
	GOES(epoll_ctl, 3, 1, 4, POINTER),
	GOES(poll, POINTER, 1),
	GOES(eventfd2, 0, 0),
	GOES(inotify_init1, 0),
	GOES(inotify_rm_watch, 3, 1),
	GOES(io_setup, 1, POINTER),
	GOES(io_submit, POINTER, 1, POINTER),
	GOES(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MINUS1),
	GOES(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 3),
	GOES(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, MINUS1),
	GOES(mmap, 0, 4096, PROT_NONE, 0, 3),
	GOES(mprotect, POINTER, 4096, PROT_READ),
	GOES(mremap, POINTER, 4096, 8192, 1),
	GOES(brk, 0),
	GOES(madvise, POINTER, 4096, MADV_DONTNEED),
	GOES(madvise, POINTER, 4096, MADV_FREE),
	GOES(madvise, POINTER, 4096, MADV_UNMERGEABLE),
	FAILS(EINVAL, madvise, POINTER, 4096, MADV_MERGEABLE),
	FAILS(EINVAL, madvise, POINTER, 4096, MADV_MERGEABLE | HIGH),
	FAILS(EINVAL, madvise, POINTER, 4096, MADV_MERGEABLE | HIGHS),
	FAILS(EPERM, userfaultfd, 1),
	FAILS(ENOSYS, memfd_secret, 0),
	TRAPS(memfd_create, POINTER, 1),
	GOES(mseal, POINTER, 4096),

	/* Tasks and namespaces. */
	GOES(clone, 17),
	GOES(clone, CLONE_VM | CLONE_VFORK | 17),
	GOES(clone, 0x3d0f00), /* pthread_create */
	GOES(clone, CLONE_UNTRACED | 17),
	GOES(clone, CLONE_VM),
	GOES(clone, CLONE_PIDFD | 17),
	GOES(clone, HIGHS | 17),
	GOES(clone, (HIGH * CLONE_NEWUSER) | 17), /* the high half is no flag */
	FAILS(EPERM, clone, CLONE_NEWUSER | 17),
	FAILS(EPERM, clone, CLONE_NEWNS | 17),
	FAILS(EPERM, clone, CLONE_NEWPID | 17),
	FAILS(EPERM, clone, CLONE_NEWNET | 17),
	FAILS(EPERM, clone, CLONE_NEWIPC | 17),
	FAILS(EPERM, clone, CLONE_NEWUTS | 17),
	FAILS(EPERM, clone, CLONE_NEWCGROUP | 17),
	FAILS(EPERM, clone, CLONE_NEWUSER | CLONE_UNTRACED | 17),
	FAILS(EPERM, clone, HIGHS | CLONE_NEWUSER | 17),
	FAILS(EPERM, clone, MINUS1),
	FAILS(ENOSYS, clone3, POINTER, 88),
	GOES(unshare, CLONE_FILES),
	GOES(unshare, CLONE_FS),
	GOES(unshare, CLONE_SYSVSEM),
	GOES(unshare, CLONE_FILES | CLONE_FS | CLONE_SYSVSEM),
	GOES(unshare, 0),
	GOES(unshare, HIGH), /* EINVAL by the kernel */
	FAILS(EPERM, unshare, CLONE_NEWUSER),
	FAILS(EPERM, unshare, CLONE_NEWNS),
	FAILS(EPERM, unshare, CLONE_NEWNS | CLONE_FS),
	FAILS(EPERM, unshare, 0x80), /* CLONE_NEWTIME */
	FAILS(EPERM, unshare, HIGH | CLONE_NEWNET),
	FAILS(EPERM, setns, 3, 0),
	GOES(personality, MINUS1),
	GOES(personality, 0),
	GOES(personality, 0x0040000),
	GOES(personality, HIGHS | MINUS1),
	FAILS(EPERM, personality, 0x0400000), /* READ_IMPLIES_EXEC */
	FAILS(EPERM, personality, 0x0440000),
	FAILS(EPERM, personality, 8), /* PER_LINUX32 */
	FAILS(EPERM, personality, HIGH | 0x0400000),
	GOES(setsid),
	GOES(setpgid, 0, 0),
	TRAPS(setuid, 0),
	TRAPS(setgid, 0),
	TRAPS(setreuid, 0, 0),
	TRAPS(setregid, 0, 0),
	TRAPS(setresuid, 0, 0, 0),
	TRAPS(setresgid, 0, 0, 0),
	TRAPS(setfsuid, 0),
	TRAPS(setfsgid, 0),
	TRAPS(setgroups, 0, 0),
	TRAPS(capget, POINTER, POINTER),
	TRAPS(tkill, 1, 9),
	TRAPS(tgkill, 1, 1, 9),
	TRAPS(rt_sigqueueinfo, 1, 9, POINTER),
	TRAPS(rt_tgsigqueueinfo, 1, 1, 9, POINTER),
	TRAPS(fcntl, 3, F_SETOWN, 1),
	TRAPS(fcntl, 3, HIGH | F_SETOWN, 1),
	TRAPS(fcntl, 3, F_SETOWN_EX, POINTER),
	TRAPS(fcntl, 3, HIGHS | F_SETOWN_EX, POINTER),
	TRAPS(fcntl, 3, F_SETSIG, 9),
	TRAPS(fcntl, 3, F_SETLEASE, F_WRLCK),
	TRAPS(fcntl, 3, HIGH | F_SETLEASE, F_WRLCK),
	TRAPS(fcntl, 3, F_NOTIFY, 1),
	TRAPS(fcntl, 3, 1040, 0), /* F_SETDELEG */
	TRAPS(fcntl, 3, 5000, 0),
	GOES(fcntl, 3, F_GETFL, 0),
	GOES(fcntl, 3, F_DUPFD_CLOEXEC, 10),
	GOES(fcntl, 3, F_SETLK, POINTER),
	FAILS(EPERM, ioctl, 3, FIOSETOWN, POINTER),
	FAILS(EPERM, ioctl, 3, SIOCSPGRP, POINTER),
	GOES(clock_gettime, 1, POINTER),
	GOES(clock_gettime, HIGH | 3, POINTER),
	GOES(clock_gettime, (~3U << 3 | 3), POINTER), /* of descriptor 3 */
	TRAPS(clock_gettime, (~1U << 3 | 2), POINTER),
	TRAPS(clock_gettime, HIGHS | (uint32_t)(~1U << 3 | 6), POINTER),
	TRAPS(clock_getres, (uint32_t)(~1U << 3), POINTER),
	TRAPS(clock_nanosleep, (~1U << 3 | 2), 0, POINTER, POINTER),
	TRAPS(timer_create, (~1U << 3 | 2), POINTER, POINTER),
	GOES(futex, POINTER, 0, 1),
	GOES(futex, POINTER, 129, 1),
	GOES(futex, POINTER, 0x189, 1),
	TRAPS(futex, POINTER, 6, 0),
	TRAPS(futex, POINTER, 0x86, 0),
	TRAPS(futex, POINTER, HIGH | 0x108, 0),
	TRAPS(futex, POINTER, 11, 0),
	TRAPS(futex, POINTER, 12, 0),
	TRAPS(futex, POINTER, 13, 0),
	TRAPS(fgetxattr, 3, POINTER, POINTER, 8),
	TRAPS(flistxattr, 3, POINTER, 8),
	GOES(arch_prctl, 0x1002, POINTER),
	GOES(rseq, POINTER, 32),
	GOES(membarrier, 0),
	GOES(futex_waitv, POINTER, 1),
	GOES(futex_wake, POINTER, 1, 1, 2),
	GOES(landlock_create_ruleset, 0, 0, 1),
	GOES(getrandom, POINTER, 8, 0),
	GOES(timer_create, 0, POINTER, POINTER),
	GOES(setitimer, 0, POINTER, 0),

	/* Others' tasks. */
	GOES(getpgid, 0),
	GOES(getpgid, HIGHS),
	TRAPS(getpgid, 1),
	TRAPS(getpgid, MINUS1),
	GOES(getsid, 0),
	TRAPS(getsid, 1),
	GOES(sched_getaffinity, 0, 8, POINTER),
	TRAPS(sched_getaffinity, 1, 8, POINTER),
	GOES(sched_setaffinity, 0, 8, POINTER),
	TRAPS(sched_setaffinity, 1, 8, POINTER),
	GOES(sched_setscheduler, 0, 0, POINTER),
	TRAPS(sched_setscheduler, 1, 0, POINTER),
	GOES(sched_getscheduler, 0),
	TRAPS(sched_getscheduler, 1),
	GOES(sched_setparam, 0, POINTER),
	TRAPS(sched_setparam, 1, POINTER),
	GOES(sched_getparam, HIGH, POINTER),
	TRAPS(sched_getparam, HIGH | 1, POINTER),
	GOES(sched_setattr, 0, POINTER, 0),
	TRAPS(sched_setattr, 1, POINTER, 0),
	GOES(sched_getattr, 0, POINTER, 48, 0),
	TRAPS(sched_getattr, 1, POINTER, 48, 0),
	GOES(sched_rr_get_interval, 0, POINTER),
	TRAPS(sched_rr_get_interval, 1, POINTER),
	GOES(getpriority, PRIO_PROCESS, 0),
	TRAPS(getpriority, PRIO_PROCESS, 1),
	TRAPS(getpriority, PRIO_PGRP, 0),
	TRAPS(getpriority, PRIO_USER, 0),
	GOES(setpriority, PRIO_PROCESS, 0, 5),
	GOES(setpriority, HIGH | PRIO_PROCESS, HIGHS, 5),
	TRAPS(setpriority, PRIO_PROCESS, 1, 5),
	TRAPS(setpriority, PRIO_PGRP, 0, 5),
	TRAPS(setpriority, HIGH | PRIO_PGRP, 0, 5),
	TRAPS(setpriority, PRIO_USER, 0, 5),
	GOES(ioprio_set, 1, 0, 0),
	TRAPS(ioprio_set, 1, 1, 0),
	TRAPS(ioprio_set, 2, 0, 0),
	TRAPS(ioprio_set, 3, 0, 0),
	GOES(ioprio_get, 1, 0),
	TRAPS(ioprio_get, 1, 1),
	TRAPS(ioprio_get, 3, 0),
	GOES(setrlimit, RLIMIT_NOFILE, POINTER),
	GOES(setrlimit, RLIMIT_CORE, POINTER),
	FAILS(EPERM, setrlimit, RLIMIT_LOCKS, POINTER),
	FAILS(EPERM, setrlimit, HIGH | RLIMIT_LOCKS, POINTER),
	GOES(getrlimit, RLIMIT_LOCKS, POINTER),
	GOES(prlimit64, 0, RLIMIT_NOFILE, 0, POINTER),
	GOES(prlimit64, 0, RLIMIT_NOFILE, POINTER, POINTER),
	GOES(prlimit64, HIGHS, HIGH | RLIMIT_NOFILE, POINTER, POINTER),
	TRAPS(prlimit64, 0, RLIMIT_LOCKS, POINTER, 0),
	TRAPS(prlimit64, 0, HIGH | RLIMIT_LOCKS, POINTER, 0),
	TRAPS(prlimit64, 1, RLIMIT_NOFILE, 0, POINTER),
	TRAPS(prlimit64, MINUS1, RLIMIT_NOFILE, 0, POINTER),
	TRAPS(prlimit64, HIGH | 1, RLIMIT_LOCKS, POINTER, 0),
	TRAPS(pidfd_open, 1, 0),
	TRAPS(kcmp, 1, 2, 0, 0, 0),
	TRAPS(landlock_restrict_self, 3, 0),
	GOES(get_robust_list, 0, POINTER, POINTER),
	FAILS(EPERM, get_robust_list, 1, POINTER, POINTER),
	GOES(move_pages, 0, 1, POINTER),
	FAILS(EPERM, move_pages, 1, 1, POINTER),
	GOES(migrate_pages, 0, 1, POINTER),
	FAILS(EPERM, migrate_pages, 1, 1, POINTER),
	FAILS(EPERM, migrate_pages, HIGH | 1, 1, POINTER),
	FAILS(EPERM, pidfd_getfd, 3, 3, 0),
	FAILS(EPERM, ptrace, 0),
	FAILS(EPERM, ptrace, 16, 1),
	FAILS(EPERM, process_vm_readv, 1),
	FAILS(EPERM, process_vm_writev, 1),
	FAILS(ENOSYS, process_madvise, 3),
	FAILS(EPERM, process_mrelease, 3),

	/* Names. */
	TRAPS(open, POINTER, 0),
	TRAPS(openat, 0xffffff9c, POINTER, 0),
	TRAPS(openat2, 0xffffff9c, POINTER, POINTER, 24),
	TRAPS(creat, POINTER, 0600),
	TRAPS(stat, POINTER, POINTER),
	TRAPS(lstat, POINTER, POINTER),
	TRAPS(newfstatat, 0xffffff9c, POINTER, POINTER, 0),
	TRAPS(statx, 0xffffff9c, POINTER, 0),
	TRAPS(statfs, POINTER, POINTER),
	TRAPS(access, POINTER, 0),
	TRAPS(faccessat, 0xffffff9c, POINTER, 0),
	TRAPS(faccessat2, 0xffffff9c, POINTER, 0),
	TRAPS(readlink, POINTER, POINTER, 1),
	TRAPS(readlinkat, 3, POINTER, POINTER, 1),
	TRAPS(mkdir, POINTER, 0700),
	TRAPS(mkdirat, 3, POINTER, 0700),
	TRAPS(mknod, POINTER, 0),
	TRAPS(mknodat, 3, POINTER, 0),
	TRAPS(rename, POINTER, POINTER),
	TRAPS(renameat, 3, POINTER, 3, POINTER),
	TRAPS(renameat2, 3, POINTER, 3, POINTER, 0),
	TRAPS(link, POINTER, POINTER),
	TRAPS(linkat, 3, POINTER, 3, POINTER, 0),
	TRAPS(symlink, POINTER, POINTER),
	TRAPS(symlinkat, POINTER, 3, POINTER),
	TRAPS(unlink, POINTER),
	TRAPS(unlinkat, 3, POINTER, 0),
	TRAPS(rmdir, POINTER),
	TRAPS(chmod, POINTER, 0),
	TRAPS(fchmod, 3, 0),
	TRAPS(fchmodat, 3, POINTER, 0),
	TRAPS(fchmodat2, 3, POINTER, 0, 0),
	TRAPS(chown, POINTER, 0, 0),
	TRAPS(lchown, POINTER, 0, 0),
	TRAPS(fchown, 3, 0, 0),
	TRAPS(fchownat, 3, POINTER, 0, 0, 0),
	TRAPS(utime, POINTER, 0),
	TRAPS(utimes, POINTER, 0),
	TRAPS(futimesat, 3, POINTER, 0),
	TRAPS(utimensat, 3, 0, 0, 0),
	TRAPS(truncate, POINTER, 0),
	TRAPS(setxattr, POINTER, POINTER),
	TRAPS(lsetxattr, POINTER, POINTER),
	TRAPS(fsetxattr, 3, POINTER),
	TRAPS(setxattrat, 3, POINTER),
	TRAPS(getxattr, POINTER, POINTER),
	TRAPS(lgetxattr, POINTER, POINTER),
	TRAPS(getxattrat, 3, POINTER),
	TRAPS(listxattr, POINTER, POINTER),
	TRAPS(llistxattr, POINTER, POINTER),
	TRAPS(listxattrat, 3, POINTER),
	TRAPS(removexattr, POINTER, POINTER),
	TRAPS(lremovexattr, POINTER, POINTER),
	TRAPS(fremovexattr, 3, POINTER),
	TRAPS(removexattrat, 3, POINTER),
	TRAPS(getdents, 3, POINTER, 1),
	TRAPS(getdents64, 3, POINTER, 1),
	TRAPS(chdir, POINTER),
	TRAPS(fchdir, 3),
	TRAPS(umask, 022),
	TRAPS(inotify_add_watch, 3, POINTER, 1),
	TRAPS(name_to_handle_at, 3, POINTER),
	TRAPS(execve, POINTER, POINTER, POINTER),
	TRAPS(execveat, 3, POINTER, POINTER, POINTER, 0),
	FAILS(EPERM, open_by_handle_at, 3, POINTER, 0),
	FAILS(ENOSYS, file_getattr, 3, POINTER),
	FAILS(ENOSYS, file_setattr, 3, POINTER),
	FAILS(EPERM, fanotify_init, 0, 0),
	FAILS(EPERM, fanotify_mark, 3, 0),
	FAILS(ENOSYS, cachestat, 3),
	FAILS(ENOSYS, uselib, POINTER),

	/* Sockets. */
	GOES(socket, AF_UNIX, SOCK_STREAM, 0),
	GOES(socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	GOES(socket, AF_UNIX, SOCK_SEQPACKET, 0),
	GOES(socket, AF_INET, SOCK_STREAM, 0),
	GOES(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP),
	TRAPS(socket, AF_INET, SOCK_DGRAM, 0),
	TRAPS(socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP),
	GOES(socket, AF_INET6, SOCK_STREAM, 0),
	GOES(socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	TRAPS(socket, AF_INET6, SOCK_DGRAM, 0),
	TRAPS(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	GOES(socket, HIGHS | AF_INET, HIGH | SOCK_STREAM, HIGH),
	GOES(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
	GOES(socket, AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE),
	NO_SOCKET(EPROTONOSUPPORT, AF_NETLINK, SOCK_RAW, 4), /* NETLINK_SOCK_DIAG */
	NO_SOCKET(EPROTONOSUPPORT, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
	NO_SOCKET(EPROTONOSUPPORT, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT),
	NO_SOCKET(EPROTONOSUPPORT, AF_NETLINK, SOCK_RAW, HIGH | NETLINK_NETFILTER),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, SOCK_STREAM, IPPROTO_MPTCP),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET6, SOCK_STREAM, HIGH | IPPROTO_MPTCP),
	NO_SOCKET(EPERM, AF_INET, SOCK_RAW, IPPROTO_ICMP),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, SOCK_RAW, 0),
	NO_SOCKET(EACCES, AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
	NO_SOCKET(EACCES, AF_INET6, SOCK_DGRAM, 58), /* ICMPv6 */
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, SOCK_STREAM, IPPROTO_SCTP),
	NO_SOCKET(ESOCKTNOSUPPORT, AF_INET, SOCK_SEQPACKET, 0),
	NO_SOCKET(EPERM, AF_INET, SOCK_PACKET, 0x300),
	NO_SOCKET(ESOCKTNOSUPPORT, AF_INET6, SOCK_PACKET, 0x103),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, HIGH | SOCK_RAW, HIGH),
	NO_SOCKET(ESOCKTNOSUPPORT, AF_INET, SOCK_DCCP, 33),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET, SOCK_STREAM, 262), /* MPTCP */
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, 263),
	NO_SOCKET(EINVAL, AF_INET6, SOCK_RAW, 1000),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, MINUS1),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM | 0x10, 0),
	NO_SOCKET(EINVAL, AF_UNIX, 0x100 | SOCK_STREAM, 0),
	NO_SOCKET(EINVAL, AF_INET, 11, 0),
	NO_SOCKET(EINVAL, AF_ALG, 15, 0),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, 265),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, 275),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, 300),
	NO_SOCKET(EINVAL, AF_INET, SOCK_STREAM, 350),
	NO_SOCKET(EINVAL, AF_INET6, SOCK_STREAM, 400),
	NO_SOCKET(EINVAL, AF_INET, SOCK_RAW, HIGH | 512),
	NO_SOCKET(EAFNOSUPPORT, 46, 15, 0),
	NO_SOCKET(EAFNOSUPPORT, 63, 11, 0),
	NO_SOCKET(EAFNOSUPPORT, 1000, 15, 0),
	NO_SOCKET(EPERM, AF_PACKET, SOCK_RAW, 0x300),
	NO_SOCKET(EAFNOSUPPORT, AF_VSOCK, SOCK_STREAM, 0),
	NO_SOCKET(EAFNOSUPPORT, AF_ALG, SOCK_SEQPACKET, 0),
	NO_SOCKET(EAFNOSUPPORT, AF_BLUETOOTH, SOCK_RAW, 1),
	NO_SOCKET(EPERM, 44, SOCK_RAW, 0), /* AF_XDP */
	NO_SOCKET(EAFNOSUPPORT, AF_KEY, SOCK_RAW, 2),
	NO_SOCKET(EAFNOSUPPORT, AF_SMC, SOCK_STREAM, 0),
	NO_SOCKET(EAFNOSUPPORT, AF_TIPC, SOCK_STREAM, 0),
	NO_SOCKET(EAFNOSUPPORT, AF_QIPCRTR, SOCK_DGRAM, 0),
	NO_SOCKET(EAFNOSUPPORT, AF_UNSPEC, SOCK_STREAM, 0),
	NO_SOCKET(EAFNOSUPPORT, MINUS1, SOCK_STREAM, 0),
	/* Each number of three must be right. */
	NO_SOCKET(EAFNOSUPPORT, AF_VSOCK, SOCK_STREAM, IPPROTO_TCP),
	NO_SOCKET(EAFNOSUPPORT, AF_VSOCK, SOCK_DGRAM, IPPROTO_UDP),
	NO_SOCKET(EPERM, AF_INET, SOCK_RAW, IPPROTO_TCP),
	NO_SOCKET(EPERM, AF_INET, SOCK_RAW, IPPROTO_UDP),
	NO_SOCKET(EPROTONOSUPPORT, AF_INET6, SOCK_RAW, 0),
	NO_SOCKET(EPERM, AF_INET6, SOCK_RAW, IPPROTO_TCP),
	NO_SOCKET(EPERM, AF_INET6, SOCK_RAW, IPPROTO_UDP),
	NO_SOCKET(ESOCKTNOSUPPORT, AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE),
	NO_SOCKET(EPROTONOSUPPORT, AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC),
	NO_SOCKET(ESOCKTNOSUPPORT, AF_NETLINK, SOCK_SEQPACKET, NETLINK_GENERIC),
	GOES(socketpair, AF_UNIX, SOCK_STREAM, 0, POINTER),
	GOES(socketpair, AF_INET, SOCK_STREAM, 0, POINTER), /* which has none: EOPNOTSUPP */
	GOES(getsockopt, 3, SOL_SOCKET, SO_ERROR, POINTER, POINTER),
	GOES(getsockopt, 3, IPPROTO_TCP, SO_PEERCRED, POINTER, POINTER),
	TRAPS(getsockopt, 3, SOL_SOCKET, SO_PEERCRED, POINTER, POINTER),
	TRAPS(getsockopt, 3, HIGH | SOL_SOCKET, HIGH | SO_PEERCRED, POINTER, POINTER),
	FAILS(ENOPROTOOPT, getsockopt, 3, SOL_SOCKET, 77, POINTER, POINTER), /* SO_PEERPIDFD */
	FAILS(ENOPROTOOPT, setsockopt, 3, SOL_SOCKET, 76, POINTER, 4),	     /* SO_PASSPIDFD */
	TRAPS(setsockopt, 3, SOL_SOCKET, SO_PASSCRED, POINTER, 4),
	GOES(setsockopt, 3, SOL_SOCKET, SO_REUSEADDR, POINTER, 4),
	GOES(setsockopt, 3, SOL_SOCKET, SO_KEEPALIVE, POINTER, 4),
	GOES(setsockopt, 3, IPPROTO_TCP, 1, POINTER, 4),	  /* TCP_NODELAY */
	GOES(setsockopt, 3, IPPROTO_TCP, IP_OPTIONS, POINTER, 4), /* the same number elsewhere */
	GOES(setsockopt, 3, IPPROTO_TCP, 31, POINTER, 4),
	TRAPS(setsockopt, 3, IPPROTO_TCP, 32, POINTER, 4),
	TRAPS(setsockopt, 3, HIGH | SOL_SOCKET, HIGHS | 81, POINTER, 4), /* of a later kernel */
	TRAPS(setsockopt, 3, IPPROTO_IP, SO_REUSEADDR, POINTER, 4),
	TRAPS(setsockopt, 3, IPPROTO_IP, SO_SNDTIMEO, POINTER, 4),
	TRAPS(setsockopt, 3, IPPROTO_IP, SO_ATTACH_FILTER, POINTER, 4),
	TRAPS(setsockopt, 3, IPPROTO_IPV6, SO_DETACH_FILTER, POINTER,
	      4), /* joins an anycast group */
	TRAPS(setsockopt, 3, IPPROTO_IP, IP_ADD_MEMBERSHIP, POINTER, 8),
	TRAPS(setsockopt, 3, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, POINTER, 12),
	TRAPS(setsockopt, 3, IPPROTO_IP, MCAST_JOIN_GROUP, POINTER, 136),
	TRAPS(setsockopt, 3, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, POINTER, 264),
	TRAPS(setsockopt, 3, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, POINTER, 20),
	GOES(setsockopt, 3, SOL_SOCKET, SO_RCVTIMEO, POINTER, 16),
	GOES(setsockopt, 3, SOL_SOCKET, SO_ATTACH_FILTER, POINTER, 16),
	GOES(setsockopt, 3, IPPROTO_IPV6, IPV6_V6ONLY, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, SOL_SOCKET, SO_ATTACH_BPF, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, HIGH | SOL_SOCKET, HIGHS | SO_ATTACH_BPF, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, SOL_SOCKET, SO_BINDTODEVICE, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, SOL_SOCKET, 62, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IP, IP_OPTIONS, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IP, IP_TRANSPARENT, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, HIGH | IPPROTO_IP, IP_TRANSPARENT, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, IPV6_TRANSPARENT, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, IPV6_RTHDR, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, 5, POINTER, 4), /* IPV6_2292RTHDR */
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, IPV6_2292PKTOPTIONS, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, IPV6_IPSEC_POLICY, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IPV6, IPV6_XFRM_POLICY, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IP, IP_IPSEC_POLICY, POINTER, 4),
	FAILS(EPERM, setsockopt, 3, IPPROTO_IP, IP_XFRM_POLICY, POINTER, 4),
	FAILS(ENOPROTOOPT, setsockopt, 3, IPPROTO_UDP, UDP_ENCAP, POINTER, 4),
	TRAPS(connect, 3, POINTER, 16),
	TRAPS(bind, 3, POINTER, 16),
	TRAPS(listen, 3, 1),
	GOES(accept4, 3, 0, 0, 0),
	GOES(recvmsg, 3, POINTER, 0),
	GOES(sendto, 3, POINTER, 1, 0, 0, 0),
	GOES(sendto, 3, POINTER, 1, 0, 0, 16),
	TRAPS(sendto, 3, POINTER, 1, 0, POINTER, 16),
	TRAPS(sendto, 3, POINTER, 1, 0, HIGH, 16), /* a pointer whose low half is 0 */
	TRAPS(sendto, 3, POINTER, 1, 0, 1, 16),
	FAILS(EOPNOTSUPP, sendto, 3, POINTER, 1, MSG_FASTOPEN, POINTER, 16),
	FAILS(EOPNOTSUPP, sendto, 3, POINTER, 1, MSG_FASTOPEN, 0, 0),
	FAILS(EOPNOTSUPP, sendto, 3, POINTER, 1, HIGH | MSG_FASTOPEN | MSG_NOSIGNAL, POINTER, 16),
	TRAPS(sendmsg, 3, POINTER, 0),
	TRAPS(sendmmsg, 3, POINTER, 1, 0),

	/* ioctl. */
	GOES(ioctl, 0, TCGETS, POINTER),
	GOES(ioctl, 0, HIGH | TCGETS, POINTER),
	GOES(ioctl, 0, TCSETS, POINTER),
	GOES(ioctl, 0, TCSETSW, POINTER),
	GOES(ioctl, 0, TCGETS2, POINTER),
	GOES(ioctl, 0, TIOCGWINSZ, POINTER),
	GOES(ioctl, 0, TIOCSWINSZ, POINTER),
	GOES(ioctl, 0, TIOCGPGRP, POINTER),
	GOES(ioctl, 0, TIOCSPGRP, POINTER),
	GOES(ioctl, 0, TCXONC, TCOON),
	TRAPS(ioctl, 0, TCXONC, TCOOFF),
	TRAPS(ioctl, 0, HIGH | TCXONC, TCOOFF),
	GOES(ioctl, 0, TCXONC, HIGH | TCOOFF), /* means nothing */
	GOES(ioctl, 0, TIOCSCTTY, 0),
	GOES(ioctl, 0, TIOCNOTTY, 0),
	GOES(ioctl, 0, TIOCGPTN, POINTER),
	GOES(ioctl, 0, TIOCSPTLCK, POINTER),
	GOES(ioctl, 0, TIOCGPTPEER, 0),
	GOES(ioctl, 0, FIONREAD, POINTER),
	GOES(ioctl, 0, FIONBIO, POINTER),
	GOES(ioctl, 0, FIOCLEX, 0),
	GOES(ioctl, 0, FICLONE, 4),
	GOES(ioctl, 0, FICLONERANGE, POINTER),
	GOES(ioctl, 0, FS_IOC_GETFLAGS, POINTER),
	GOES(ioctl, 0, BLKGETSIZE64, POINTER),
	GOES(ioctl, 0, SIOCGIFCONF, POINTER),
	GOES(ioctl, 0, SIOCGIFINDEX, POINTER),
	FAILS(EPERM, ioctl, 0, TIOCSTI, POINTER),
	FAILS(EPERM, ioctl, 0, HIGH | TIOCSTI, POINTER),
	FAILS(EPERM, ioctl, 0, HIGHS | TIOCSTI, POINTER),
	FAILS(EPERM, ioctl, HIGHS, UINT64_C(0x8000000000000000) | TIOCSTI, POINTER),
	FAILS(EPERM, ioctl, 0, TIOCLINUX, POINTER),
	FAILS(EPERM, ioctl, 0, HIGHS | TIOCLINUX, POINTER),
	FAILS(EPERM, ioctl, 0, TIOCCONS, 0),
	FAILS(EPERM, ioctl, 0, TIOCSETD, POINTER),
	FAILS(EPERM, ioctl, 0, HIGH | TIOCSETD, POINTER),
	FAILS(EPERM, ioctl, 0, TIOCEXCL, 0),
	FAILS(EPERM, ioctl, 0, FS_IOC_SETFLAGS, POINTER),
	FAILS(EPERM, ioctl, 0, FS_IOC_FSSETXATTR, POINTER),
	FAILS(EPERM, ioctl, 0, FIDEDUPERANGE, POINTER),
	FAILS(EPERM, ioctl, 3, SECCOMP_IOCTL_NOTIF_RECV, POINTER),
	FAILS(EPERM, ioctl, 3, SECCOMP_IOCTL_NOTIF_SEND, POINTER),
	FAILS(EPERM, ioctl, 3, HIGH | SECCOMP_IOCTL_NOTIF_SEND, POINTER),
	FAILS(EPERM, ioctl, 3, SECCOMP_IOCTL_NOTIF_ID_VALID, POINTER),
	FAILS(EPERM, ioctl, 3, SECCOMP_IOCTL_NOTIF_ADDFD, POINTER),
	FAILS(EPERM, ioctl, 3, 0x40082104, 1), /* SET_FLAGS */
	FAILS(ENOTTY, ioctl, 0, 0),
	FAILS(ENOTTY, ioctl, 0, MINUS1),
	FAILS(ENOTTY, ioctl, 0, HIGH *TCGETS), /* the command in the high half is none */
	FAILS(ENOTTY, ioctl, 0, 0x5480),
	FAILS(ENOTTY, ioctl, 0, 0x4b46),     /* KDGKBENT */
	FAILS(ENOTTY, ioctl, 0, 0x5600),     /* VT_OPENQRY */
	FAILS(ENOTTY, ioctl, 0, 0xd0009411), /* BTRFS_IOC_TREE_SEARCH */
	FAILS(ENOTTY, ioctl, 0, 0x82307201), /* VFAT_IOCTL_READDIR_BOTH */
	FAILS(ENOTTY, ioctl, 0, FITRIM, POINTER),
	FAILS(ENOTTY, ioctl, 0, FIFREEZE),
	FAILS(ENOTTY, ioctl, 0, SIOCSIFADDR, POINTER),
	FAILS(ENOTTY, ioctl, 0, 0x89e0), /* SIOCUNIXFILE */
	FAILS(ENOTTY, ioctl, 0, SIOCGSKNS),
	FAILS(ENOTTY, ioctl, 0, 0xff04),     /* PIDFD_GET_MNT_NAMESPACE */
	FAILS(ENOTTY, ioctl, 0, 0xb701),     /* NS_GET_USERNS */
	FAILS(ENOTTY, ioctl, 0, 0x400454ca), /* TUNSETIFF */

	/* prctl and seccomp. */
	GOES(prctl, PR_SET_NAME, POINTER),
	GOES(prctl, HIGH | PR_SET_NAME, POINTER),
	GOES(prctl, PR_SET_PDEATHSIG, 9),
	GOES(prctl, PR_SET_NO_NEW_PRIVS, 1),
	GOES(prctl, PR_CAPBSET_READ, 0),
	GOES(prctl, PR_SET_CHILD_SUBREAPER, 1),
	GOES(prctl, PR_SET_VMA, 0, POINTER),
	GOES(prctl, 65, 1), /* PR_SET_MDWE */
	GOES(prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, POINTER),
	GOES(prctl, PR_GET_DUMPABLE),
	GOES(prctl, PR_SET_DUMPABLE, 1),
	IDLES(prctl, PR_SET_DUMPABLE, 0),
	IDLES(prctl, HIGH | PR_SET_DUMPABLE, 0),
	IDLES(prctl, HIGHS | PR_SET_DUMPABLE, 0),
	FAILS(EINVAL, prctl, PR_SET_DUMPABLE, 2),
	FAILS(EINVAL, prctl, PR_SET_DUMPABLE, HIGH),
	FAILS(EINVAL, prctl, PR_SET_DUMPABLE, HIGH | 1),
	FAILS(EINVAL, prctl, PR_SET_PTRACER, MINUS1),
	FAILS(EINVAL, prctl, HIGH | PR_SET_PTRACER, MINUS1),
	FAILS(EINVAL, prctl, PR_SET_SYSCALL_USER_DISPATCH, 1),
	FAILS(EINVAL, prctl, HIGH | PR_SET_SYSCALL_USER_DISPATCH, 1),
	FAILS(EINVAL, prctl, 67, 1), /* PR_SET_MEMORY_MERGE */
	FAILS(EINVAL, prctl, PR_MCE_KILL, 1),
	FAILS(EINVAL, prctl, 0),
	FAILS(EINVAL, prctl, MINUS1),
	FAILS(EINVAL, prctl, 9999),
	FAILS(EPERM, prctl, PR_SET_MM, 1),
	FAILS(EPERM, prctl, HIGH | PR_SET_MM, 1),
	FAILS(EPERM, prctl, PR_SCHED_CORE, 1),
	GOES(seccomp, SECCOMP_SET_MODE_FILTER, 0, POINTER),
	GOES(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, POINTER),
	GOES(seccomp, SECCOMP_SET_MODE_STRICT, 0, 0),
	GOES(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, POINTER),
	GOES(seccomp, SECCOMP_GET_NOTIF_SIZES, 0, POINTER),
	TRAPS(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, POINTER),
	TRAPS(seccomp, SECCOMP_SET_MODE_FILTER, HIGHS | SECCOMP_FILTER_FLAG_NEW_LISTENER, POINTER),
	TRAPS(seccomp, HIGH | SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, POINTER),
	TRAPS(seccomp, SECCOMP_SET_MODE_FILTER,
	      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
		      SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
	      POINTER),
	TRAPS(seccomp, SECCOMP_SET_MODE_FILTER, MINUS1, POINTER),
	FAILS(EINVAL, seccomp, 4, 0, POINTER),

	/* Ways around, and the machine. */
	FAILS(ENOSYS, io_uring_setup, 1, POINTER),
	FAILS(ENOSYS, io_uring_enter, 3),
	FAILS(ENOSYS, io_uring_register, 3),
	FAILS(EPERM, bpf, 0, POINTER, 8),
	FAILS(EACCES, perf_event_open, POINTER, 0),
	FAILS(EPERM, keyctl, 0),
	FAILS(EPERM, add_key, POINTER),
	FAILS(EPERM, request_key, POINTER),
	FAILS(ENOSYS, shmget, 0, 1, 0),
	FAILS(ENOSYS, shmat, 0),
	FAILS(ENOSYS, semget, 0, 1, 0),
	FAILS(ENOSYS, semop, 0),
	FAILS(ENOSYS, msgget, 0, 0),
	FAILS(ENOSYS, msgsnd, 0),
	FAILS(EACCES, mq_open, POINTER),
	FAILS(EACCES, mq_unlink, POINTER),
	FAILS(ENOSYS, mq_timedsend, 3),
	FAILS(EPERM, mount, POINTER, POINTER),
	FAILS(EPERM, umount2, POINTER),
	FAILS(EPERM, pivot_root, POINTER, POINTER),
	FAILS(EPERM, chroot, POINTER),
	FAILS(EPERM, open_tree, 3, POINTER),
	FAILS(EPERM, open_tree_attr, 3, POINTER),
	FAILS(EPERM, move_mount, 3, POINTER),
	FAILS(EPERM, fsopen, POINTER),
	FAILS(EPERM, fsconfig, 3),
	FAILS(EPERM, fsmount, 3),
	FAILS(EPERM, fspick, 3),
	FAILS(EPERM, mount_setattr, 3),
	FAILS(ENOSYS, statmount, POINTER),
	FAILS(ENOSYS, listmount, POINTER),
	FAILS(EPERM, quotactl, 0),
	FAILS(EPERM, quotactl_fd, 3),
	FAILS(EPERM, syslog, 3),
	FAILS(EPERM, acct, POINTER),
	FAILS(EPERM, swapon, POINTER),
	FAILS(EPERM, swapoff, POINTER),
	FAILS(EPERM, reboot, 0xfee1dead),
	FAILS(EPERM, sethostname, POINTER),
	FAILS(EPERM, settimeofday, POINTER),
	FAILS(EPERM, clock_settime, 0),
	FAILS(EPERM, iopl, 3),
	FAILS(EPERM, ioperm, 0),
	FAILS(EPERM, modify_ldt, 0),
	FAILS(EPERM, init_module, POINTER),
	FAILS(EPERM, finit_module, 3),
	FAILS(EPERM, delete_module, POINTER),
	FAILS(EPERM, kexec_load, POINTER),
	FAILS(EPERM, kexec_file_load, 3),
	FAILS(EPERM, vhangup),
	FAILS(ENOSYS, _sysctl, POINTER),
	FAILS(ENOSYS, lsm_set_self_attr, 0),
	FAILS(ENOSYS, vserver),
	FAILS(EPERM, setdomainname, POINTER),
	FAILS(ENOSYS, set_thread_area, POINTER),
	FAILS(ENOSYS, get_thread_area, POINTER),
	FAILS(ENOSYS, lookup_dcookie, 0),
	FAILS(ENOSYS, lsm_get_self_attr, 0),
	FAILS(ENOSYS, lsm_list_modules, POINTER),
	FAILS(ENOSYS, shmdt, POINTER),
	FAILS(ENOSYS, shmctl, 0),
	FAILS(ENOSYS, semtimedop, 0),
	FAILS(ENOSYS, semctl, 0),
	FAILS(ENOSYS, msgrcv, 0),
	FAILS(ENOSYS, msgctl, 0),
	FAILS(ENOSYS, mq_timedreceive, 3),
	FAILS(ENOSYS, mq_notify, 3),
	FAILS(ENOSYS, mq_getsetattr, 3),
	FAILS(ENOSYS, ustat, 0),
	FAILS(ENOSYS, sysfs, 1),
	FAILS(ENOSYS, create_module, POINTER),
	FAILS(ENOSYS, get_kernel_syms, POINTER),
	FAILS(ENOSYS, query_module, POINTER),
	FAILS(ENOSYS, nfsservctl, 0),
	FAILS(ENOSYS, getpmsg),
	FAILS(ENOSYS, putpmsg),
	FAILS(ENOSYS, afs_syscall),
	FAILS(ENOSYS, tuxcall),
	FAILS(ENOSYS, security),

	/* What carries a parent-call is told from what does not behind the filter. */
	TRAPS(epoll_ctl_old),
	TRAPS(epoll_ctl_old, 3, 1, 4, POINTER, 0, 0x8021000000000000),
	TRAPS(epoll_ctl_old, HIGHS, HIGHS, HIGHS, HIGHS, HIGHS, HIGHS),
	TRAPS(epoll_wait_old, 3, POINTER, 1, MINUS1),
	TRAPS(epoll_wait_old, 0x8021000000000000, POINTER),
};

static const struct verdict_case scoped[] = {
	GOES(kill, 0, 9),
	GOES(kill, MINUS1, 9),
	TRAPS(kill, 1, 9),
	GOES(pidfd_send_signal, 3, 9, 0, 0),
};

static const struct verdict_case unscoped[] = {
	TRAPS(kill, 0, 9),
	TRAPS(kill, MINUS1, 9),
	TRAPS(kill, 1, 9),
	TRAPS(pidfd_send_signal, 3, 9, 0, 0),
};

static const struct verdict_case remapped[] = {
	TRAPS(getcwd, POINTER, 4096),
};

static const struct verdict_case unmapped[] = {
	GOES(getcwd, POINTER, 4096),
};

/* What may become code, and who shares its descriptors. */
static const struct verdict_case sealed[] = {
	TRAPS(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 3),
	TRAPS(mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE, 3),
	TRAPS(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, 3),
	TRAPS(mmap, 0, 4096, HIGHS | PROT_EXEC, HIGHS | MAP_PRIVATE, 3),
	FAILS(EACCES, mmap, 0, 4096, PROT_EXEC, MAP_SHARED, 3),
	FAILS(EACCES, mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, MINUS1),
	FAILS(EACCES, mmap, 0, 4096, PROT_EXEC, MAP_SHARED_VALIDATE, 3),
	FAILS(EACCES, mmap, 0, 4096, PROT_EXEC, 0, 3),
	FAILS(EACCES, mmap, 0, 4096, PROT_EXEC, MAP_ANONYMOUS, 3),
	FAILS(EACCES, mmap, 0, 4096, HIGHS | PROT_EXEC, HIGHS | MAP_SHARED, 3),
	FAILS(EPERM, clone, CLONE_FILES | 17),
	FAILS(EPERM, clone, CLONE_FILES | CLONE_VM | CLONE_FS | CLONE_SIGHAND | 17),
	FAILS(EPERM, clone, HIGHS | CLONE_FILES | CLONE_VM | CLONE_VFORK | 17),
};

static const struct verdict_case unsealed[] = {
	GOES(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 3),
	GOES(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, MINUS1),
	GOES(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	     MINUS1),
	GOES(clone, CLONE_FILES | 17),
};

/* Where descriptors are sent: only there the sender's number is another than all others. */
static const struct verdict_case sender[] = {
	GOES(sendmsg, FD_SENDER, POINTER, 0),
	GOES(sendmsg, HIGHS | FD_SENDER, POINTER, 0),
	TRAPS(sendmsg, FD_SENDER - 1, POINTER, 0),
	TRAPS(sendmsg, FD_SENDER + 1, POINTER, 0),
	IDLES(close, FD_SENDER),
	IDLES(close, HIGHS | FD_SENDER),
	GOES(close, FD_SENDER - 1),
	GOES(close_range, 3, FD_SENDER - 1),
	TRAPS(close_range, 3, FD_SENDER),
	TRAPS(close_range, 3, HIGHS | FD_SENDER),
	TRAPS(close_range, 3, FD_SENDER + 1),
	TRAPS(close_range, 3, 1 << 20),
	TRAPS(close_range, 3, MINUS1),
};

static const struct verdict_case senderless[] = {
	TRAPS(sendmsg, FD_SENDER, POINTER, 0),
	GOES(close, FD_SENDER),
	GOES(close_range, 3, FD_SENDER),
	GOES(close_range, 3, MINUS1),
};

/* All of them, and which children they are about: those that have all of the first features and
 * none of the second. */
static const struct verdict_group {
	const struct verdict_case *cases;
	size_t count;
	unsigned int need, unless;
} verdict_groups[] = {
	{always,	  sizeof(always) / sizeof(always[0]),	      0,		 0		   },
	{ scoped,	  sizeof(scoped) / sizeof(scoped[0]),	      FEATURE_SCOPED, 0		},
	{ unscoped,   sizeof(unscoped) / sizeof(unscoped[0]),	    0,	       FEATURE_SCOPED},
	{ remapped,   sizeof(remapped) / sizeof(remapped[0]),	    FEATURE_REMAP,  0	     },
	{ unmapped,   sizeof(unmapped) / sizeof(unmapped[0]),	    0,	       FEATURE_REMAP },
	{ sealed,	  sizeof(sealed) / sizeof(sealed[0]),	      FEATURE_SEALED, 0		},
	{ unsealed,   sizeof(unsealed) / sizeof(unsealed[0]),	    0,	       FEATURE_SEALED},
	{ sender,	  sizeof(sender) / sizeof(sender[0]),	      FEATURE_SENDER, 0		},
	{ senderless, sizeof(senderless) / sizeof(senderless[0]), 0,		     FEATURE_SENDER},
};

static inline bool verdict_group_holds(const struct verdict_group *group, unsigned int features)
{
	return (features & group->need) == group->need && (features & group->unless) == 0;
}

#endif
