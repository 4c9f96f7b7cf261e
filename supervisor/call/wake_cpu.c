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

void near_wait(struct near *near)
{
	near->before = sched_getcpu();
}

bool near_decide(struct near *near, pid_t tid, int cpu)
{
	unsigned int slot = (unsigned int)tid % NEAR_CALLERS;
	bool known = near->callers[slot].tid == tid;

	if (!known || cpu != near->before) {
		near->callers[slot].tid = tid;
		near->callers[slot].cpu = cpu;
	}
	if (known && tid != near->last)
		near->company = COMPANY;
	near->last = tid;
	if (near->company > 0) {
		near->company--;
		near->turn++;
		if (near->turn % SPREAD == 0)
			return true;
	}
	return near->callers[slot].cpu != cpu;
}

void near_received(struct near *near, int listener, pid_t tid)
{
	uint64_t flags = 0;

	near->apart = near_decide(near, tid, sched_getcpu()) &&
		      ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) == 0;
}

void near_answered(struct near *near, int listener)
{
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;

	if (near->apart)
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	near->apart = false;
}
