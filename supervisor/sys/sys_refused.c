/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that no child makes. The error is what programs take best: ENOSYS where they have another
 * way for older kernels, EPERM where an unprivileged process gets it anyway.
 */
#include <errno.h>
#include "call/answer.h"
#include "confine/sysrow.h"

static const char NOT_BUILT[] = "as on a kernel that was built without it";
static const char LONG_GONE[] = "does not exist in Linux any more";
static const char PRIVILEGED[] = "takes a capability that no child has";
static const char SHARED_IPC[] =
	"System V IPC is one space for all processes of a user: sandboxes would meet there";
static const char SHARED_QUEUE[] =
	"message queues are one space for all processes: sandboxes would meet there";
static const char MOUNTS[] = "the floor and all names rest on the mounts being what they are";

/* What carries a parent-call never gets here: see engine/carrier.c. */
static struct sv_gate carries_nothing(const struct registers *regs)
{
	(void)regs;
	return gate_error(ENOSYS);
}

#define CARRIES(call)                                                     \
	ROW(call, "zzzzzz", .tier = TIER_NOTIFY, .gate = carries_nothing, \
	    .note = "carries parent-calls; else it does not exist, as in Linux")

const struct sysrow refused_rows[] = {
	/* The flags of clone3 are in memory; the C library makes do with clone. */
	ROW(clone3, "oz", .tier = TIER_REFUSE, .error = ENOSYS, .lacking = true, .often = true,
	    .note = "its flags are in memory, where no filter sees them; libraries fall back to "
		    "clone"),
	REFUSED(setns, "fi", EPERM, "a child stays in its namespaces"),
	REFUSED(ptrace, "zzzz", EPERM, "a traced task's calls would be its tracer's to change"),
	REFUSED(process_vm_readv, "iozozz", EPERM, "memory of other processes"),
	REFUSED(process_vm_writev, "iozozz", EPERM, "memory of other processes"),
	LACKING(process_madvise, "foziu", ENOSYS,
		"memory of other processes; libraries fall back to madvise"),
	REFUSED(process_mrelease, "fu", EPERM, "memory of other processes"),
	REFUSED(pidfd_getfd, "ffu", EPERM, "descriptors of other processes: the listener is one"),
	REFUSED(userfaultfd, "i", EPERM, "would let a child hold up whoever reads its memory"),
	LACKING(memfd_secret, "u", ENOSYS, "memory that the supervisor cannot read"),
	REFUSED(modify_ldt, "ioz", EPERM, "16-bit code and its history of holes"),
	LACKING(set_thread_area, "o", ENOSYS, "for 32-bit programs"),
	LACKING(get_thread_area, "o", ENOSYS, "for 32-bit programs"),

	/* Ways around the table. */
	LACKING(io_uring_setup, "uo", ENOSYS, "its operations pass by seccomp; programs fall back"),
	LACKING(io_uring_enter, "fuuuoz", ENOSYS, "an inherited ring, too"),
	LACKING(io_uring_register, "fuou", ENOSYS, "an inherited ring, too"),
	REFUSED(bpf, "iou", EPERM, "code in the kernel"),
	REFUSED(perf_event_open, "oiifz", EACCES,
		"watches other processes and the kernel; EACCES as perf_event_paranoid gives it"),
	REFUSED(fanotify_init, "uu", EPERM, "opens files of others' doing"),
	REFUSED(fanotify_mark, "fuzdp", EPERM, "as fanotify_init"),
	REFUSED(open_by_handle_at, "foi", EPERM, "opens without a name to judge"),
	LACKING(file_getattr, "dpozu", ENOSYS, "programs fall back to ioctl on a descriptor"),
	LACKING(file_setattr, "dpozu", ENOSYS, "as FS_IOC_SETFLAGS, which is refused"),
	LACKING(lookup_dcookie, "zoz", ENOSYS, LONG_GONE),
	LACKING(cachestat, "foou", ENOSYS, "tells what others have read of a file"),
	LACKING(lsm_get_self_attr, "uoou", ENOSYS, NOT_BUILT),
	LACKING(lsm_set_self_attr, "uouu", ENOSYS,
		"would change the security module's hold on the child"),
	LACKING(lsm_list_modules, "oou", ENOSYS, NOT_BUILT),

	/* Spaces that are shared with neighbours. */
	REFUSED(shmget, "izi", ENOSYS, SHARED_IPC),
	REFUSED(shmat, "ioi", ENOSYS, SHARED_IPC),
	REFUSED(shmdt, "o", ENOSYS, SHARED_IPC),
	REFUSED(shmctl, "iio", ENOSYS, SHARED_IPC),
	REFUSED(semget, "iii", ENOSYS, SHARED_IPC),
	REFUSED(semop, "ioz", ENOSYS, SHARED_IPC),
	REFUSED(semtimedop, "iouo", ENOSYS, SHARED_IPC),
	REFUSED(semctl, "iiiz", ENOSYS, SHARED_IPC),
	REFUSED(msgget, "ii", ENOSYS, SHARED_IPC),
	REFUSED(msgsnd, "iozi", ENOSYS, SHARED_IPC),
	REFUSED(msgrcv, "iozli", ENOSYS, SHARED_IPC),
	REFUSED(msgctl, "iio", ENOSYS, SHARED_IPC),
	REFUSED(mq_open, "simo", EACCES, SHARED_QUEUE),
	REFUSED(mq_unlink, "s", EACCES, SHARED_QUEUE),
	REFUSED(mq_timedsend, "fozuo", ENOSYS, SHARED_QUEUE),
	REFUSED(mq_timedreceive, "fozoo", ENOSYS, SHARED_QUEUE),
	REFUSED(mq_notify, "fo", ENOSYS, SHARED_QUEUE),
	REFUSED(mq_getsetattr, "foo", ENOSYS, SHARED_QUEUE),
	REFUSED(add_key, "ssozi", EPERM, "keyrings are shared by a user's processes"),
	REFUSED(request_key, "sssi", EPERM, "as add_key; it may run a program outside"),
	REFUSED(keyctl, "izzzz", EPERM, "as add_key"),

	/* Mounts. */
	REFUSED(mount, "ppszo", EPERM, MOUNTS),
	REFUSED(umount2, "pi", EPERM, MOUNTS),
	REFUSED(pivot_root, "pp", EPERM, MOUNTS),
	REFUSED(chroot, "p", EPERM, MOUNTS),
	REFUSED(open_tree, "dpu", EPERM, MOUNTS),
	REFUSED(open_tree_attr, "dpuoz", EPERM, MOUNTS),
	REFUSED(move_mount, "dpdpu", EPERM, MOUNTS),
	REFUSED(fsopen, "su", EPERM, MOUNTS),
	REFUSED(fsconfig, "fusoi", EPERM, MOUNTS),
	REFUSED(fsmount, "fuu", EPERM, MOUNTS),
	REFUSED(fspick, "dpu", EPERM, MOUNTS),
	REFUSED(mount_setattr, "dpuoz", EPERM, MOUNTS),
	LACKING(statmount, "oozu", ENOSYS,
		"tells mounts that the child has no name for; libraries fall back to mountinfo"),
	LACKING(listmount, "oozu", ENOSYS, "as statmount"),
	LACKING(ustat, "uo", ENOSYS, "of a device by its number: without a name to judge"),
	LACKING(sysfs, "izz", ENOSYS, LONG_GONE),
	REFUSED(quotactl, "upuo", EPERM, "of other users, by the name of a device"),
	REFUSED(quotactl_fd, "fuuo", EPERM, "as quotactl"),

	/* The machine. */
	REFUSED(syslog, "ioi", EPERM, "the kernel's log"),
	REFUSED(acct, "t", EPERM, PRIVILEGED),
	REFUSED(swapon, "pi", EPERM, PRIVILEGED),
	REFUSED(swapoff, "p", EPERM, PRIVILEGED),
	REFUSED(reboot, "iiuo", EPERM, PRIVILEGED),
	REFUSED(settimeofday, "oo", EPERM, PRIVILEGED),
	REFUSED(clock_settime, "io", EPERM, PRIVILEGED),
	REFUSED(sethostname, "oi", EPERM, PRIVILEGED),
	REFUSED(setdomainname, "oi", EPERM, PRIVILEGED),
	REFUSED(iopl, "u", EPERM, PRIVILEGED),
	REFUSED(ioperm, "zzi", EPERM, PRIVILEGED),
	REFUSED(vhangup, "", EPERM, PRIVILEGED),
	REFUSED(init_module, "ozs", EPERM, PRIVILEGED),
	REFUSED(finit_module, "fsi", EPERM, PRIVILEGED),
	REFUSED(delete_module, "su", EPERM, PRIVILEGED),
	REFUSED(kexec_load, "zzoz", EPERM, PRIVILEGED),
	REFUSED(kexec_file_load, "ffzoz", EPERM, PRIVILEGED),

	/* Numbers without a call. */
	LACKING(_sysctl, "o", ENOSYS, LONG_GONE),
	LACKING(uselib, "p", ENOSYS, LONG_GONE),
	LACKING(create_module, "sz", ENOSYS, LONG_GONE),
	LACKING(get_kernel_syms, "o", ENOSYS, LONG_GONE),
	LACKING(query_module, "siozo", ENOSYS, LONG_GONE),
	LACKING(nfsservctl, "ioo", ENOSYS, LONG_GONE),
	LACKING(getpmsg, "", ENOSYS, LONG_GONE),
	LACKING(putpmsg, "", ENOSYS, LONG_GONE),
	LACKING(afs_syscall, "", ENOSYS, LONG_GONE),
	LACKING(tuxcall, "", ENOSYS, LONG_GONE),
	LACKING(security, "", ENOSYS, LONG_GONE),
	CARRIES(epoll_ctl_old),
	CARRIES(epoll_wait_old),
	LACKING(vserver, "", ENOSYS, LONG_GONE),
	ROWS_END,
};
