/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's affinity is borrowed for the time of ADDFD. What has to stay true:
 *  - It ends as it was. A mask that was never set follows the CPUs that there are (hotplug,
 *    cpusets), so it is given back as "all" where that comes to what it was, and else bit by bit.
 *  - It ends as somebody else set it meanwhile: what is not as we left it is left alone. One task
 *    of the child that sets another's is let through by us (sys_task.c), and may set just what we
 *    did: then nothing is borrowed until that has settled.
 *  - Whose number it is. A caller that was killed could have lost its number to another task of
 *    the same user by the time we use it, which takes the numbers to come round in a microsecond:
 *    that task then has the caller's affinity.
 * Whatever fails: ADDFD works without.
 */
#include "call/fd_send.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "tree/child.h"
#include "call/call.h"
#include "call/caller.h"
#include "call/pool.h"
#include "common/cleanup.h"

enum {
	CPUS_MAX = 1024, /* more of them, and nothing is borrowed */
	CPU_WORD = 64,

	RUN = 512,  /* handovers before the other way is tried */
	TRIAL = 32, /* handovers of a trial, and of the first run */
	RATIO = 2,  /* a trial ends when it has cost as many times as much */
	VAIN = 64,  /* handovers that do not ask again, where nothing was to be borrowed */

	/* What takes longer was held up by other programs, whichever way it went. */
	SAMPLE_MAX_NS = 400000,
};

struct cpus {
	uint64_t word[CPUS_MAX / CPU_WORD];
};

/* Glibc's are for cpu_set_t, and the kernel's answer has its own size. */
static bool cpus_get(pid_t tid, struct cpus *ret)
{
	memset(ret, 0, sizeof(*ret));
	return syscall(SYS_sched_getaffinity, tid, sizeof(*ret), ret) > 0;
}

static bool cpus_set(pid_t tid, const struct cpus *cpus)
{
	return syscall(SYS_sched_setaffinity, tid, sizeof(*cpus), cpus) == 0;
}

static bool cpus_equal(const struct cpus *a, const struct cpus *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool cpus_one(unsigned int cpu, struct cpus *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (cpu >= CPUS_MAX)
		return false;
	ret->word[cpu / CPU_WORD] = (uint64_t)1 << cpu % CPU_WORD;
	return true;
}

static bool cpus_have(const struct cpus *cpus, unsigned int cpu)
{
	return cpus->word[cpu / CPU_WORD] >> cpu % CPU_WORD & 1;
}

/* A loan of a caller's affinity. */
struct loan {
	struct cpus before, here;
};

/* Only of a caller that may run here, and elsewhere. */
static bool loan_take(pid_t tid, struct loan *loan)
{
	int cpu = sched_getcpu();

	return cpu >= 0 && cpus_one((unsigned int)cpu, &loan->here) &&
	       cpus_get(tid, &loan->before) && cpus_have(&loan->before, (unsigned int)cpu) &&
	       !cpus_equal(&loan->before, &loan->here) && cpus_set(tid, &loan->here);
}

static void loan_return(pid_t tid, const struct loan *loan)
{
	struct cpus all, now;

	memset(&all, 0xff, sizeof(all));
	if (!cpus_get(tid, &now) || !cpus_equal(&now, &loan->here))
		return;
	if (!cpus_set(tid, &all) || !cpus_get(tid, &now) || !cpus_equal(&now, &loan->before))
		cpus_set(tid, &loan->before);
}

void handover_measured(struct handover *handover, uint64_t ns)
{
	enum handover_way other = handover->way == HANDOVER_BOUND ? HANDOVER_FREE : HANDOVER_BOUND;
	bool over;

	handover->sum_ns += ns < SAMPLE_MAX_NS ? ns : SAMPLE_MAX_NS;
	handover->count++;
	if (handover->trial)
		over = handover->count == TRIAL ||
		       handover->sum_ns > RATIO * TRIAL * handover->mean_ns[other];
	else
		over = handover->count == (handover->mean_ns[other] ? RUN : TRIAL);
	if (!over)
		return;
	handover->mean_ns[handover->way] = handover->sum_ns / handover->count;
	handover->sum_ns = 0;
	handover->count = 0;
	handover->trial = !handover->trial;
	if (handover->trial || handover->mean_ns[other] <= handover->mean_ns[handover->way])
		handover->way = other;
}

/* Not for a while after one of whom there was nothing to borrow. */
static bool handover_borrows(struct handover *handover, pid_t tid, struct loan *loan)
{
	if (handover->vain > 0) {
		handover->vain--;
		return false;
	}
	if (loan_take(tid, loan))
		return true;
	handover->vain = VAIN;
	return false;
}

/* SECCOMP_IOCTL_NOTIF_ADDFD: the caller's new descriptor, or a negative errno. */
static int handover_fd(struct handover *handover, const struct child *child, pid_t tid,
		       struct seccomp_notif_addfd *add)
{
	struct loan loan __attribute__((uninitialized));
	uint64_t begin = clock_ns();
	bool taken = handover->way == HANDOVER_BOUND && affinity_settled(child) &&
		     handover_borrows(handover, tid, &loan);
	int fd = ioctl(child->listener, SECCOMP_IOCTL_NOTIF_ADDFD, add);
	int r = fd < 0 ? -errno : fd;

	if (taken)
		loan_return(tid, &loan);
	handover_measured(handover, clock_ns() - begin);
	return r;
}

int call_answer(const struct call *call, struct sv_answer answer)
{
	const struct child *child = call->regs.child;
	struct seccomp_notif_addfd add;

	if (answer.kind != SV_ANSWER_FD || !call->receiver || call->receiver->wake.apart)
		return answer_send(child->listener, call->id, answer);
	add = answer_add(call->id, answer);
	return answer_added(child->listener, call->id, answer,
			    handover_fd(&call->receiver->handover, child, call->regs.tid, &add));
}
