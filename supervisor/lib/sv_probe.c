/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this machine offers and lacks: each need of the engine is tried, none is concluded from a
 * version.
 *
 * All probes that need another process have the same one (lib/patient.h). Where a probe fails its
 * fact says what is lost, and what helps. In a tree the supervisor above starts what we ask for:
 * nothing of ours is needed then.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/fd_sender.h"
#include "base/inside.h"
#include "base/landlock.h"
#include "base/procfs.h"
#include "common/cleanup.h"
#include "common/pcall-wire.h"
#include "lib/patient.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
#ifndef PIDFD_THREAD /* 6.9 */
#define PIDFD_THREAD O_EXCL
#endif

struct probe {
	struct sv_fact *facts;
	size_t count, max;
	struct patient patient;
};

static void tell(struct probe *probe, const char *name, enum sv_fact_status status,
		 const char *effect, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

static void tell(struct probe *probe, const char *name, enum sv_fact_status status,
		 const char *effect, const char *remedy, const char *format, ...)
{
	struct sv_fact *fact;
	va_list args;

	if (probe->count == probe->max)
		return;
	fact = &probe->facts[probe->count++];
	fact->name = name;
	fact->status = status;
	snprintf(fact->effect, sizeof(fact->effect), "%s", effect);
	snprintf(fact->remedy, sizeof(fact->remedy), "%s", remedy);
	va_start(args, format);
	vsnprintf(fact->fact, sizeof(fact->fact), format, args);
	va_end(args);
}

static void probe_kernel(struct probe *probe)
{
	struct utsname u;

	uname(&u);
	if (!strcmp(u.machine, "x86_64"))
		tell(probe, "kernel", SV_FACT_GOOD, "", "", "Linux %.64s, %.16s", u.release,
		     u.machine);
	else
		tell(probe, "kernel", SV_FACT_MISSING,
		     "system calls have other numbers there: nothing can run",
		     "use an x86-64 machine", "Linux %.64s, %.16s", u.release, u.machine);
}

static void probe_notification(struct probe *probe)
{
	static const char effect[] = "no call of a command can be answered: nothing can run";

	if (probe->patient.answer >= 0)
		tell(probe, "notification", SV_FACT_GOOD, "", "",
		     "seccomp tells calls, WAIT_KILLABLE_RECV");
	else if (probe->patient.answer == -EBUSY)
		tell(probe, "notification", SV_FACT_MISSING,
		     "the kernel allows one listener in a chain of processes",
		     "start pcall-run outside the program that supervises this one",
		     "this process is supervised by a seccomp listener already");
	else if (probe->patient.answer == -EINVAL || probe->patient.answer == -ENOSYS)
		tell(probe, "notification", SV_FACT_MISSING, effect,
		     "use Linux 5.19 or newer with CONFIG_SECCOMP_FILTER",
		     "seccomp has no notification with WAIT_KILLABLE_RECV");
	else
		tell(probe, "notification", SV_FACT_MISSING, effect,
		     "in a container: allow seccomp(2) and prctl(2) in its seccomp profile",
		     "seccomp: %s", strerror(-probe->patient.answer));
}

/* Can a command be made to send a descriptor? It has to be traced, and to have a number for that.
 */
static int probe_sending(const struct probe *probe)
{
	struct rlimit limit;

	if (probe->patient.sent < 0)
		return EPROTO;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max <= FD_SENDER)
		return EMFILE;
	return ptrace(PTRACE_SEIZE, probe->patient.pid, NULL, NULL) < 0 ? errno : 0;
}

/* The listener by pidfd_getfd, which needs the rights of a debugger: as reaching a command's
 * descriptors does. Or it is sent, where a container's profile refuses that call. */
static void probe_descriptors(struct probe *probe)
{
	int error;

	if (probe->patient.answer < 0 || probe->patient.pidfd < 0)
		return;
	probe->patient.listener =
		syscall(SYS_pidfd_getfd, probe->patient.pidfd, probe->patient.answer, 0);
	error = errno;
	if (probe->patient.listener >= 0) {
		tell(probe, "descriptors", SV_FACT_GOOD, "", "",
		     "pidfd_getfd reaches those of a child");
	} else if (fd_sender_needed() && probe_sending(probe) == 0) {
		probe->patient.listener = probe->patient.sent;
		probe->patient.sent = -1;
		tell(probe, "descriptors", SV_FACT_DEGRADED,
		     "a command is stopped by ptrace to send each that is needed: a judged call on "
		     "a socket takes several times as long; 4095 descriptors at most; none of "
		     "who is traced in the box, or has a seccomp filter of its own",
		     "in a container: allow pidfd_getfd(2), or add the capability SYS_PTRACE",
		     "pidfd_getfd: %s; children send theirs", strerror(error));
	} else {
		tell(probe, "descriptors", SV_FACT_MISSING,
		     "the listener of a command cannot be had: nothing can run",
		     fd_sender_needed()
			     ? "in a container: allow pidfd_getfd(2) or ptrace(2) and 4096 "
			       "descriptors, or add the capability SYS_PTRACE"
			     : "use Linux 5.6 or newer",
		     "pidfd_getfd: %s", strerror(error));
	}
}

/* One round trip, and what is read of the caller's memory in the midst of it. */
static void probe_memory(struct probe *probe)
{
	char byte;
	struct iovec here = { .iov_base = &byte, .iov_len = 1 };
	/* The patient is a fork of us: this function's text is at the same place. */
	struct iovec there = { .iov_base = (void *)(uintptr_t)&probe_memory, .iov_len = 1 };

	if (probe->patient.pid <= 0)
		return;
	if (process_vm_readv(probe->patient.pid, &here, 1, &there, 1, 0) == 1)
		tell(probe, "memory", SV_FACT_GOOD, "", "",
		     "process_vm_readv reaches that of a child");
	else
		tell(probe, "memory", SV_FACT_MISSING,
		     "the arguments of calls cannot be read: nothing can run",
		     "allow ptrace access to children (Yama's ptrace_scope 0 or 1), and "
		     "process_vm_readv(2) where a container refuses it",
		     "process_vm_readv: %s", strerror(errno));
}

static void probe_wake_up(struct probe *probe)
{
	if (probe->patient.listener < 0)
		return;
	if (ioctl(probe->patient.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0)
		tell(probe, "wake-up", SV_FACT_GOOD, "", "",
		     "SYNC_WAKE_UP: caller and answerer share a CPU");
	else
		tell(probe, "wake-up", SV_FACT_DEGRADED,
		     "a call that is judged takes about four times as long",
		     "use Linux 6.6 or newer", "no SYNC_WAKE_UP");
}

static void probe_round_trip(struct probe *probe)
{
	struct pollfd p = { .fd = probe->patient.listener, .events = POLLIN };

	if (probe->patient.listener < 0)
		return;
	if (poll(&p, 1, 2000) == 1 && patient_answer(&probe->patient))
		tell(probe, "round-trip", SV_FACT_GOOD, "", "", "a call was told and answered");
	else
		tell(probe, "round-trip", SV_FACT_MISSING,
		     "calls are not answered: nothing can run", "", "no answer: %s",
		     strerror(errno));
}

static void probe_spellings(struct probe *probe)
{
	static const char remedy[] =
		"in a container: allow epoll_ctl_old(2) and epoll_wait_old(2), "
		"by which they are carried, in its seccomp profile";
	struct spellings spellings;

	if (probe->patient.listener < 0 || !patient_spellings(&probe->patient, &spellings))
		return;
	if (spellings.carrier == ANSWER && spellings.number == ANSWER)
		tell(probe, "methods", SV_FACT_GOOD, "", "",
		     "calls reach us by carrier and by number");
	else if (spellings.carrier == ANSWER)
		tell(probe, "methods", SV_FACT_NOTE,
		     "a program that calls a method by its number, without libpcall, gets this "
		     "error",
		     "call by a carrier: see pcall_method(3)",
		     "calls reach us by carrier; numbers of methods: %s",
		     strerror(-spellings.number));
	else if (spellings.number == ANSWER && spellings.carrier != -ENOSYS)
		tell(probe, "methods", SV_FACT_NOTE, "", "",
		     "calls reach us by number; carriers: %s", strerror(-spellings.carrier));
	else
		tell(probe, "methods", SV_FACT_DEGRADED,
		     "commands can call no method, and pcall-run inside pcall-run cannot run",
		     remedy, "calls do not reach us: %s", strerror(-spellings.carrier));
}

static void probe_threads(struct probe *probe)
{
	cleanup_fd int fd = syscall(SYS_pidfd_open, gettid(), PIDFD_THREAD);

	if (fd >= 0)
		tell(probe, "threads", SV_FACT_GOOD, "", "", "pidfd_open takes threads");
	else
		tell(probe, "threads", SV_FACT_DEGRADED, "a thread is pinned by its process",
		     "use Linux 6.9 or newer", "pidfd_open takes no threads");
}

static void probe_yama(struct probe *probe)
{
	cleanup_fd int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
	char value = '?';

	if (fd < 0) {
		tell(probe, "yama", SV_FACT_GOOD, "", "", "absent");
		return;
	}
	if (read(fd, &value, 1) != 1)
		value = '?';
	if (value == '0' || value == '1')
		tell(probe, "yama", SV_FACT_GOOD, "", "", "ptrace_scope is %c", value);
	else
		tell(probe, "yama", SV_FACT_MISSING,
		     "processes may not look into their children: nothing can run",
		     value == '2' ? "as root: sysctl kernel.yama.ptrace_scope=1"
				  : "boot with kernel.yama.ptrace_scope=1: 3 cannot be undone",
		     "ptrace_scope is %c", value);
}

static void probe_landlock(struct probe *probe)
{
	int abi = landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 0)
		tell(probe, "landlock", SV_FACT_DEGRADED,
		     "a program that is swapped while it is started is not stopped by the kernel",
		     "boot with landlock in lsm=; in a container: allow "
		     "landlock_create_ruleset(2), "
		     "landlock_add_rule(2) and landlock_restrict_self(2); or run with "
		     "--allow-degraded=landlock",
		     "absent: %s", strerror(errno));
	else if (abi < 6)
		tell(probe, "landlock", SV_FACT_DEGRADED,
		     "no scopes: signals and abstract sockets are judged by the supervisor alone",
		     "use Linux 6.12 or newer, or run with --allow-degraded=scopes", "ABI %d", abi);
	else
		tell(probe, "landlock", SV_FACT_GOOD, "", "", "ABI %d", abi);
}

static void probe_uring(struct probe *probe)
{
	struct io_uring_params params = { 0 };
	cleanup_fd int fd = syscall(SYS_io_uring_setup, 2, &params);

	if (fd >= 0)
		tell(probe, "io_uring", SV_FACT_GOOD, "", "", "allowed");
	else
		tell(probe, "io_uring", SV_FACT_NOTE,
		     "each call that may block takes a thread of ours while it does; nothing is "
		     "weaker",
		     "sysctl kernel.io_uring_disabled=0, or the container's seccomp profile",
		     "io_uring_setup: %s", strerror(errno));
}

/* Are we filtered ourselves? Then every call of a command is, too. */
static void probe_container(struct probe *probe)
{
	bool docker = access("/.dockerenv", F_OK) == 0,
	     podman = access("/run/.containerenv", F_OK) == 0;
	char status[8192];
	uint64_t mode = 0;

	if (proc_read("/proc/self/status", status, sizeof(status)) > 0)
		proc_number(status, "\nSeccomp:", 10, &mode);
	if (mode == 0 && !docker && !podman)
		tell(probe, "container", SV_FACT_GOOD, "", "", "none seen");
	else
		tell(probe, "container", SV_FACT_NOTE,
		     mode ? "what it refuses is refused to commands as well" : "", "", "%s%s",
		     docker   ? "Docker"
		     : podman ? "Podman"
			      : "of some kind",
		     mode ? ", with a seccomp filter on this process" : "");
}

static void probe_user(struct probe *probe)
{
	if (geteuid() == 0)
		tell(probe, "user", SV_FACT_NOTE,
		     "commands get no capability, but own what root owns",
		     "run as an ordinary user where you can", "root");
	else
		tell(probe, "user", SV_FACT_GOOD, "", "", "uid %u; no privilege is needed",
		     (unsigned int)geteuid());
}

/* In a tree. Its root was asked for the same where it was started. */
static int probe_inside(struct probe *probe, const struct wire_inside *inside)
{
	probe_kernel(probe);
	tell(probe, "tree", SV_FACT_GOOD, "", "",
	     "inside one, at depth %u: the supervisor above starts what is asked for",
	     inside->depth);
	probe_user(probe);
	return (int)probe->count;
}

int sv_probe(struct sv_fact *facts, size_t max)
{
	/* In the order of reading; each leaves in the probe what later ones use. */
	static void (*const probes[])(struct probe * probe) = {
		probe_kernel,  probe_notification, probe_descriptors, probe_memory,
		probe_wake_up, probe_round_trip,   probe_spellings,   probe_threads,
		probe_yama,    probe_landlock,	   probe_uring,	      probe_container,
		probe_user,
	};
	struct probe probe = { .facts = facts, .max = max };
	struct wire_inside inside;

	if (inside_where(&inside))
		return probe_inside(&probe, &inside);
	patient_start(&probe.patient);
	for (size_t i = 0; i < array_size(probes); i++)
		probes[i](&probe);
	patient_end(&probe.patient);
	return (int)probe.count;
}
