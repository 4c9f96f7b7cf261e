/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The supervisor's own filter: the calls that serving children takes, by groups that say what for.
 *
 * To allow one more, add it to its group. What is in no group fails with EPERM; what no supervisor
 * does by mistake ends it, and with it the tree.
 */
#include "confine/self_filter.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "confine/allow_list.h"

/* Numbers that the headers of Debian 12 (6.1) do not have: fchmodat2 (6.6), the xattrat family
 * (6.13). */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define NR_SETXATTRAT	 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_GETATTR	 468 /* 6.17 */
#define NR_FILE_SETATTR	 469

/* As libc forks. */
#define FORK_FLAGS (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD)

enum verdict_kind {
	PERM, /* EPERM */
	ALLOW,
	KILL,
	NOSYS,	 /* ENOSYS, where libc then goes another way */
	THREADS, /* clone: of threads; and a fork, of who reads a policy, under this filter and more
		  */
	NO_CODE, /* mmap, mprotect: nothing executable */
	BINDS_ITSELF, /* prctl: a thread's name; to die with the parent, to gain nothing by exec */
	LOCAL_ONLY,   /* socket: AF_UNIX, and the kernel's answers about those */
	UNSHARE_FS,   /* unshare: a thread's umask and cwd */
	NO_LISTENER,  /* seccomp: the sizes of notifications; a filter, as one more */
	NO_INJECTION, /* ioctl: nothing that types on a terminal */
	TRACE_FEW,    /* ptrace: what has a child send a descriptor (call/tracee.c) */
	KINDS,
};

/* clang-format off */
static const struct allow_group groups[] = {
	/* memory: heap, stacks, order of a child */
	{ ALLOW, NUMBERS(SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_membarrier, SYS_memfd_create) },
	{ NO_CODE, NUMBERS(SYS_mmap, SYS_mprotect) },
	/* threads of our own */
	{ ALLOW, NUMBERS(SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address, SYS_exit,
			 SYS_exit_group, SYS_sched_yield, SYS_getcpu, SYS_restart_syscall) },
	{ THREADS, NUMBERS(SYS_clone) },
	{ NOSYS, NUMBERS(SYS_clone3) }, /* its flags are in memory */
	{ BINDS_ITSELF, NUMBERS(SYS_prctl) },
	{ UNSHARE_FS, NUMBERS(SYS_unshare) },
	/* who we are, and who is asking */
	{ ALLOW, NUMBERS(SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
			 SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_capget, SYS_getpgid, SYS_getpgrp, SYS_getsid,
			 SYS_setpgid, SYS_uname, SYS_sysinfo, SYS_getrandom, SYS_umask) },
	/* signals: ours, and those passed on to children */
	{ ALLOW, NUMBERS(SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending,
			 SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
			 SYS_sigaltstack, SYS_pause, SYS_kill, SYS_tkill, SYS_tgkill, SYS_signalfd4) },
	/* waiting and time */
	{ ALLOW, NUMBERS(SYS_wait4, SYS_waitid, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_epoll_create1,
			 SYS_epoll_ctl, SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_eventfd2,
			 SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
			 SYS_time, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_setitimer,
			 SYS_getitimer, SYS_alarm, SYS_times, SYS_getrusage) },
	/* children: their memory, descriptors, limits, schedule */
	{ ALLOW, NUMBERS(SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open, SYS_pidfd_getfd,
			 SYS_pidfd_send_signal, SYS_prlimit64, SYS_getrlimit, SYS_setrlimit, SYS_kcmp, SYS_getpriority,
			 SYS_setpriority, SYS_ioprio_get, SYS_ioprio_set, SYS_sched_getaffinity,
			 SYS_sched_setaffinity, SYS_sched_getattr, SYS_sched_setattr, SYS_sched_getparam,
			 SYS_sched_setparam, SYS_sched_getscheduler, SYS_sched_setscheduler,
			 SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_rr_get_interval) },
	{ TRACE_FEW, NUMBERS(SYS_ptrace) },
	/* a child's floor and its listener; a thread that binds a socket to a path confines itself more */
	{ ALLOW, NUMBERS(SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self) },
	{ NO_LISTENER, NUMBERS(SYS_seccomp) },
	/* descriptors */
	{ ALLOW, NUMBERS(SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv,
			 SYS_pwritev, SYS_preadv2, SYS_pwritev2, SYS_lseek, SYS_close, SYS_close_range, SYS_dup, SYS_dup2,
			 SYS_dup3, SYS_fcntl, SYS_flock, SYS_fsync, SYS_fdatasync, SYS_sync_file_range, SYS_syncfs,
			 SYS_ftruncate, SYS_fallocate, SYS_fadvise64, SYS_sendfile, SYS_splice, SYS_tee,
			 SYS_copy_file_range, SYS_pipe, SYS_pipe2, SYS_getdents, SYS_getdents64, SYS_fstat,
			 SYS_fstatfs, SYS_fchmod, SYS_fchown, SYS_fchdir, SYS_fsetxattr, SYS_fgetxattr,
			 SYS_flistxattr, SYS_fremovexattr) },
	{ NO_INJECTION, NUMBERS(SYS_ioctl) },
	/* paths */
	{ ALLOW, NUMBERS(SYS_open, SYS_openat, SYS_openat2, SYS_creat, SYS_stat, SYS_lstat, SYS_newfstatat, SYS_statx,
			 SYS_access, SYS_faccessat, SYS_faccessat2, SYS_readlink, SYS_readlinkat, SYS_getcwd, SYS_chdir,
			 SYS_mkdir, SYS_mkdirat, SYS_mknod, SYS_mknodat, SYS_rmdir, SYS_unlink, SYS_unlinkat,
			 SYS_rename, SYS_renameat, SYS_renameat2, SYS_link, SYS_linkat, SYS_symlink, SYS_symlinkat,
			 SYS_chmod, SYS_fchmodat, SYS_fchmodat2, SYS_chown, SYS_lchown, SYS_fchownat, SYS_truncate,
			 SYS_utime, SYS_utimes, SYS_futimesat, SYS_utimensat, SYS_statfs, SYS_name_to_handle_at,
			 SYS_setxattr, SYS_lsetxattr, SYS_getxattr, SYS_lgetxattr, SYS_listxattr, SYS_llistxattr,
			 SYS_removexattr, SYS_lremovexattr, NR_SETXATTRAT, NR_SETXATTRAT + 1, NR_SETXATTRAT + 2,
			 NR_REMOVEXATTRAT, NR_FILE_GETATTR, NR_FILE_SETATTR, SYS_inotify_init1, SYS_inotify_add_watch,
			 SYS_inotify_rm_watch) },
	/* sockets: those of children, and those to the zygote and to helpers */
	{ ALLOW, NUMBERS(SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
			 SYS_sendmmsg, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_getsockname, SYS_getpeername,
			 SYS_getsockopt, SYS_setsockopt, SYS_shutdown, SYS_socketpair) },
	{ LOCAL_ONLY, NUMBERS(SYS_socket) },
	/* the workers' ring, made when there is first something for it to do */
	{ ALLOW, NUMBERS(SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register) },
	/* never, not even by mistake */
	{ KILL, NUMBERS(SYS_execve, SYS_execveat, SYS_uselib, SYS_mount, SYS_umount2, SYS_pivot_root,
			SYS_chroot, SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
			SYS_mount_setattr, SYS_setns, SYS_init_module, SYS_finit_module, SYS_delete_module,
			SYS_kexec_load, SYS_kexec_file_load, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
			SYS_reboot, SYS_swapon, SYS_swapoff, SYS_iopl, SYS_ioperm, SYS_open_by_handle_at) },
};

static const struct allow_kind kinds[KINDS] = {
	[PERM] = CODE(ERROR(EPERM)),
	[ALLOW] = CODE(PASS),
	[KILL] = CODE(RETURN(SECCOMP_RET_KILL_PROCESS)),
	[NOSYS] = CODE(ERROR(ENOSYS)),
	[THREADS] = CODE(LOAD(args[0]), JUMP(BPF_JSET, CLONE_THREAD, 1, 0), JUMP(BPF_JEQ, FORK_FLAGS, 0, 1), PASS,
			 ERROR(EPERM)),
	[NO_CODE] = CODE(LOAD(args[2]), JUMP(BPF_JSET, PROT_EXEC, 1, 0), PASS, ERROR(EPERM)),
	[BINDS_ITSELF] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, PR_SET_NAME, 2, 0), JUMP(BPF_JEQ, PR_SET_PDEATHSIG, 1, 0),
			      JUMP(BPF_JEQ, PR_SET_NO_NEW_PRIVS, 0, 1), PASS, ERROR(EPERM)),
	[LOCAL_ONLY] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, AF_UNIX, 3, 0), JUMP(BPF_JEQ, AF_NETLINK, 0, 3),
			    LOAD(args[2]), JUMP(BPF_JEQ, NETLINK_SOCK_DIAG, 0, 1), PASS, ERROR(EPERM)),
	[UNSHARE_FS] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, CLONE_FS, 0, 1), PASS, ERROR(EPERM)),
	[NO_LISTENER] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, SECCOMP_GET_NOTIF_SIZES, 3, 0),
			     JUMP(BPF_JEQ, SECCOMP_SET_MODE_FILTER, 0, 3), LOAD(args[1]),
			     JUMP(BPF_JEQ, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0, 1), PASS,
			     ERROR(EPERM)),
	[TRACE_FEW] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, PTRACE_SEIZE, 7, 0), JUMP(BPF_JEQ, PTRACE_INTERRUPT, 6, 0),
			   JUMP(BPF_JEQ, PTRACE_GETREGS, 5, 0), JUMP(BPF_JEQ, PTRACE_SETREGS, 4, 0),
			   JUMP(BPF_JEQ, PTRACE_GETSIGMASK, 3, 0), JUMP(BPF_JEQ, PTRACE_SETSIGMASK, 2, 0),
			   JUMP(BPF_JEQ, PTRACE_SYSCALL, 1, 0), JUMP(BPF_JEQ, PTRACE_DETACH, 0, 1), PASS,
			   RETURN(SECCOMP_RET_KILL_PROCESS)),
	[NO_INJECTION] = CODE(LOAD(args[1]), JUMP(BPF_JEQ, TIOCSTI, 2, 0), JUMP(BPF_JEQ, TIOCLINUX, 1, 0), PASS,
			      ERROR(EPERM)),
};
/* clang-format on */

int confine_filter(void)
{
	static const struct allow_list list = { groups, array_size(groups), kinds };

	return allow_list_install(&list);
}

#ifdef __SANITIZE_ADDRESS__
/*
 * The leak checker traces the process at its end, which the filter rightly refuses; a confined
 * process is not checked. The sanitizer asks by this name.
 */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0; /* the filter refuses this, too */
}
#endif
