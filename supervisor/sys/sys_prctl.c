/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a task makes of itself: prctl by its option, seccomp by its flags, and Landlock. What is not
 * listed is EINVAL, as on an older kernel.
 *
 * A listener of its own nobody gets, for ever: a task whose supervisor has died could let its calls
 * go on past our filter (R8). Asking for one is notified, for people to hear of it; where nobody
 * listens any more, the kernel's answer is ENOSYS.
 */
#include <errno.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include "call/call.h"
#include "confine/sysrow.h"
#include "tree/child.h"

/* Linux 6.3 */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
/* Linux 6.4 */
#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

static const struct when prctl_when[] = {
	IF_EQUAL(0, PR_SET_NAME, PASS),
	IF_EQUAL(0, PR_GET_NAME, PASS),
	IF_EQUAL(0, PR_SET_VMA, PASS),
	IF_EQUAL(0, PR_SET_PDEATHSIG, PASS),
	IF_EQUAL(0, PR_GET_PDEATHSIG, PASS),
	IF_EQUAL(0, PR_CAPBSET_READ, PASS),

	/* The memory of a task that is not dumpable cannot be read, and all its mediated calls
	 * would fail. So it stays dumpable: what this would keep away, other processes, does not
	 * reach it anyway. */
	IF_EQUAL(0, PR_SET_DUMPABLE, AND),
	IF_EQUAL64(1, 0, PRETEND),
	IF_EQUAL(0, PR_SET_DUMPABLE, AND),
	IF_EQUAL64(1, 1, PASS),
	IF_EQUAL(0, PR_GET_DUMPABLE, PASS),

	IF_EQUAL(0, PR_SET_NO_NEW_PRIVS, PASS),
	IF_EQUAL(0, PR_GET_NO_NEW_PRIVS, PASS),
	IF_EQUAL(0, PR_SET_SECCOMP, PASS),
	IF_EQUAL(0, PR_GET_SECCOMP, PASS),
	IF_EQUAL(0, PR_SET_KEEPCAPS, PASS),
	IF_EQUAL(0, PR_GET_KEEPCAPS, PASS),
	IF_EQUAL(0, PR_CAPBSET_DROP, PASS),
	IF_EQUAL(0, PR_CAP_AMBIENT, PASS),
	IF_EQUAL(0, PR_SET_SECUREBITS, PASS),
	IF_EQUAL(0, PR_GET_SECUREBITS, PASS),
	IF_EQUAL(0, PR_SET_CHILD_SUBREAPER, PASS),
	IF_EQUAL(0, PR_GET_CHILD_SUBREAPER, PASS),
	IF_EQUAL(0, PR_SET_TIMERSLACK, PASS),
	IF_EQUAL(0, PR_GET_TIMERSLACK, PASS),
	IF_EQUAL(0, PR_SET_TIMING, PASS),
	IF_EQUAL(0, PR_GET_TIMING, PASS),
	IF_EQUAL(0, PR_SET_TSC, PASS),
	IF_EQUAL(0, PR_GET_TSC, PASS),
	IF_EQUAL(0, PR_SET_THP_DISABLE, PASS),
	IF_EQUAL(0, PR_GET_THP_DISABLE, PASS),
	IF_EQUAL(0, PR_SET_SPECULATION_CTRL, PASS),
	IF_EQUAL(0, PR_GET_SPECULATION_CTRL, PASS),
	IF_EQUAL(0, PR_SET_MDWE, PASS),
	IF_EQUAL(0, PR_GET_MDWE, PASS),
	IF_EQUAL(0, PR_GET_TID_ADDRESS, PASS),
	IF_EQUAL(0, PR_GET_AUXV, PASS),
	IF_EQUAL(0, PR_MCE_KILL_GET, PASS),
	IF_EQUAL(0, PR_TASK_PERF_EVENTS_DISABLE, PASS),
	IF_EQUAL(0, PR_TASK_PERF_EVENTS_ENABLE, PASS),

	/* Would change what /proc says of the program, and where its memory is; or speaks of other
	   processes. */
	IF_EQUAL(0, PR_SET_MM, REFUSE(EPERM, "where its own memory is said to be (PR_SET_MM)")),
	IF_EQUAL(0, PR_SCHED_CORE, REFUSE(EPERM, "who shares a core (PR_SCHED_CORE)")),
};

static const struct when seccomp_when[] = {
	IF_ANY_BIT(1, SECCOMP_FILTER_FLAG_NEW_LISTENER, NOTIFY),
	IF_EQUAL(0, SECCOMP_SET_MODE_FILTER, PASS),
	IF_EQUAL(0, SECCOMP_SET_MODE_STRICT, PASS),
	IF_EQUAL(0, SECCOMP_GET_ACTION_AVAIL, PASS),
	IF_EQUAL(0, SECCOMP_GET_NOTIF_SIZES, PASS),
};

/* seccomp(operation, flags with NEW_LISTENER, ...): a chain of filters has one listener. */
static struct sv_answer sys_seccomp(struct call *call)
{
	return sv_answer_error(registers_deny(&call->regs, VERB_NONE,
					      "a listener for the calls of others", EBUSY));
}

/* landlock_restrict_self(ruleset, flags): what it bounds nobody can tell, so no level of this child
 * gets children from now on, which would not be bound. */
static struct sv_gate gate_restrict(const struct registers *regs)
{
	atomic_store(&regs->child->restricted, true);
	return gate_continue();
}

const struct sysrow prctl_rows[] = {
	ROW(prctl, "izzzz", WHEN(prctl_when), .error = EINVAL, .lacking = true,
	    .note = "PR_SET_DUMPABLE to 0 is answered 0 and not done; PTRACER, "
		    "SYSCALL_USER_DISPATCH, MEMORY_MERGE and unknown "
		    "options: EINVAL; MM, SCHED_CORE: EPERM"),
	ROW(seccomp, "uuo", WHEN(seccomp_when), .error = EINVAL, .lacking = true,
	    .handler = sys_seccomp,
	    .note = "own filters are fine: they only take away; a listener: EBUSY, as there can be "
		    "but one"),
	ROW(landlock_restrict_self, "fu", .tier = TIER_NOTIFY, .gate = gate_restrict,
	    .note = "a child may bound itself further; it then has no children of its own"),
	ROWS_END,
};
