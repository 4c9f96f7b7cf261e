/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A receiver that slept was woken on its caller's CPU. That it slept shows where its CPU is another
 * than before; where it is the same, what is remembered of the caller still holds, mostly.
 */
#include "call/wake_cpu.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* Linux 6.6 */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum {
	COMPANY = 64, /* calls after one who had called before comes back */
	SPREAD = 32,  /* one of so many calls in company is answered apart whatever we know */
};

void wake_cpu_wait(struct wake_cpu *wake)
{
	wake->before = sched_getcpu();
}

bool wake_cpu_decide(struct wake_cpu *wake, pid_t tid, int cpu)
{
	unsigned int slot = (unsigned int)tid % WAKE_CPU_CALLERS;
	bool known = wake->callers[slot].tid == tid;

	if (!known || cpu != wake->before) {
		wake->callers[slot].tid = tid;
		wake->callers[slot].cpu = cpu;
	}
	if (known && tid != wake->last)
		wake->company = COMPANY;
	wake->last = tid;
	if (wake->company > 0) {
		wake->company--;
		wake->turn++;
		if (wake->turn % SPREAD == 0)
			return true;
	}
	return wake->callers[slot].cpu != cpu;
}

void wake_cpu_received(struct wake_cpu *wake, int listener, pid_t tid)
{
	uint64_t flags = 0;

	wake->apart = wake_cpu_decide(wake, tid, sched_getcpu()) &&
		      ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) == 0;
}

void wake_cpu_answered(struct wake_cpu *wake, int listener)
{
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;

	if (wake->apart)
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	wake->apart = false;
}
