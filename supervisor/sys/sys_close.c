/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * close and close_range. They are the kernel's, but where a child has a sender (call/fd_take.h):
 * programs that close all that they do not know would close it as well, and nobody could give it
 * back. There close(sender) does nothing, and a range ends below it. Who loses it in another way
 * (close-on-exec) loses what needs it, and no more.
 */
#include <errno.h>
#include "call/call.h"
#include "call/fd_take.h"
#include "call/tracee.h"
#include "call/pool.h"
#include "confine/sysrow.h"
#include "tree/child.h"

/* Above the numbers that a child can have, but for the sender's. */
#define BEYOND 0xfffff000u
_Static_assert(FD_SENDER == 0xfff, "BEYOND and FD_SENDER are two halves of all numbers");

/*
 * close_range(first, last, flags). It has to be the caller's own call, with another last number: so
 * it is made to do it before the answer. Where it cannot be made to (it is traced), it closes
 * the sender, too: nothing but registers decided.
 */
static struct sv_answer sys_close_range(struct call *call)
{
	static const int made[] = { __NR_close_range };
	uint64_t first = arg_u64(call, 0);
	struct tracee tracee;
	int r;

	if (first > arg_u64(call, 1))
		return sv_answer_error(EINVAL);
	if (first >= FD_SENDER)
		return sv_answer_value(0);
	r = tracee_is_seen(call->regs.child, made, 1) && !receiver_pass_lead(call->receiver)
		    ? EAGAIN
		    : tracee_stop(call, made, 1, &tracee);
	if (r == ESRCH)
		return sv_answer_error(r);
	if (r != 0) {
		gate_send(call->regs.child->listener, call->id, gate_continue());
		return sv_answer_later();
	}
	tracee_return(&tracee, tracee_call(&tracee, __NR_close_range, first, FD_SENDER - 1,
					   arg_u64(call, 2), 0));
	return sv_answer_later();
}

static const struct when close_when[] = {
	IF_EQUAL(0, FD_SENDER, PRETEND, .need = FEATURE_SENDER),
	OTHERWISE(PASS),
};

static const struct when close_range_when[] = {
	IF_EQUAL(1, FD_SENDER, NOTIFY, .need = FEATURE_SENDER),
	IF_ANY_BIT(1, BEYOND, NOTIFY, .need = FEATURE_SENDER),
	OTHERWISE(PASS),
};

const struct sysrow close_rows[] = {
	ROW(close, "f", WHEN(close_when),
	    .note = "where pidfd_getfd is refused to us: 4095 stays open, and the answer is 0"),
	ROW(close_range, "uuu", WHEN(close_range_when), .handler = sys_close_range,
	    .note = "where pidfd_getfd is refused to us: 4095 stays open"),
	ROWS_END,
};
