/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a call, in one order, in one function: call_serve. */
#include "engine/dispatch.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <sys/syscall.h>
#include "call/answer.h"
#include "call/call.h"
#include "call/fd_take.h"
#include "call/pool.h"
#include "call/tracee.h"
#include "engine/carrier.h"
#include "level/requests.h"
#include "sys/rows.h"
#include "tree/child.h"
#include "tree/tree.h"
#include "upcall/upcall.h"

/* A handler that found that it has to begin anew has no answer. */
static void begin_anew(struct call *call)
{
	int r = fd_take_again(call, NULL);

	if (r != 0)
		answer_send(call->regs.child->listener, call->id, sv_answer_error(r));
}

/* The strings first: whoever handles the call sees the copies that it goes on with. */
static void intercept_serve(struct call *call, const struct intercept *intercept)
{
	int r = call_copy_strings(call);

	if (r != 0)
		answer_send(call->regs.child->listener, call->id, answer_fail(call, r));
	else
		calls_serve(call, intercept->method, intercept);
}

static void method_serve(struct call *call)
{
	const struct child *child = call->regs.child;
	unsigned int slot = (unsigned int)(call->regs.nr - PCALL_BASE);
	const struct method *method = table_method(child->table, slot);
	struct sv_answer answer;

	if (method) {
		calls_serve(call, method, NULL);
		return;
	}
	call->anew = true;
	answer = builtin_serve(call, slot);
	if (fd_take_wished(call)) {
		begin_anew(call);
		return;
	}
	fd_take_done(call);
	answer_send(child->listener, call->id, answer);
}

/* What its level, or one above, has taken away. */
static int mask_deny(struct call *call)
{
	const struct registers *regs = &call->regs;
	unsigned int slot = (unsigned int)(regs->nr - PCALL_BASE);
	const struct method *method = call->row ? NULL : table_method(regs->child->table, slot);
	char object[PCALL_NAME_MAX + 32];

	if (method)
		return registers_deny(regs, VERB_METHOD, method->name, EACCES);
	snprintf(object, sizeof(object), "%s, which was taken away",
		 call->row ? call->row->name : "a method");
	return registers_deny(regs, VERB_NONE, object, call->row ? EPERM : EACCES);
}

/* Who intercepts it first. Of a newborn's calls no level hears but of its exec. */
static const struct intercept *call_intercept(struct child *child, const struct sysrow *row)
{
	if (!row || (child_is_newborn(child) && row->nr != SYS_execve))
		return NULL;
	return table_intercept(child->table, row->nr);
}

/* Decode, judge, act, answer. */
static void call_serve(struct receiver *receiver, const struct seccomp_notif *notification)
{
	struct child *child = receiver->child;
	int nr = notification->data.nr, index = mask_index(nr);
	const struct sysrow *row = sysrow_find(nr);
	struct call call = {
		.regs.child = child,
		.id = notification->id,
		.row = row,
		.receiver = receiver,
	};
	const struct intercept *intercept = call_intercept(child, row);

	if (tracee_passes(child, notification))
		return;
	call.looks = row && row->looks && !intercept;
	registers_decode(&call.regs, notification, row ? row->args : "zzzzzz");
	if (calls_return(&call))
		return;
	if (index >= 0 && mask_has(&child->masked, index))
		answer_send(child->listener, call.id, sv_answer_error(mask_deny(&call)));
	else if (intercept)
		intercept_serve(&call, intercept);
	else if (!row)
		method_serve(&call);
	else if (!row_serve(&call))
		begin_anew(&call);
}

/*
 * What is neither a system call that we know nor a method: the words for it, or NULL. What came by
 * another entry of the kernel's has numbers of its own, so nobody may look at them before.
 */
static const char *call_unknown(const struct seccomp_data *data)
{
	if (data->arch != AUDIT_ARCH_X86_64)
		return "a system call of 32-bit programs";
	if (data->nr >= (int)X32_BIT)
		return "a system call of x32 programs";
	if (data->nr < PCALL_BASE && !sysrow_find(data->nr))
		return "a system call that is not known";
	return NULL;
}

static void unknown_refuse(const struct receiver *receiver, const char *what)
{
	const struct seccomp_notif *notification = &receiver->notification;
	struct registers regs = { .child = receiver->child,
				  .tid = (pid_t)notification->pid,
				  .nr = -1 };
	char object[64];

	snprintf(object, sizeof(object), "%s: %d", what, notification->data.nr);
	answer_send(receiver->child->listener, notification->id,
		    sv_answer_error(registers_refuse(&regs, object, NULL, true, ENOSYS)));
}

static void receiver_serve(struct receiver *receiver)
{
	struct seccomp_notif *notification = &receiver->notification;
	const char *unknown = call_unknown(&notification->data);
	int listener = receiver->child->listener;
	int error;

	child_wake_reaper(receiver->child);
	if (unknown) {
		unknown_refuse(receiver, unknown);
		return;
	}
	error = carrier_unpack(receiver, receiver->child, notification);
	if (!table_passes(receiver->child->table, notification->data.nr))
		wake_cpu_received(&receiver->wake, listener, (pid_t)notification->pid);
	if (error)
		answer_send(listener, notification->id, sv_answer_error(error));
	else
		call_serve(receiver, notification);
	wake_cpu_answered(&receiver->wake, listener);
}

/* A call of the child's that was forwarded elsewhere. */
static void receiver_climb(struct receiver *receiver, struct climb *climb)
{
	call_finish(call_of_climb(climb), sv_answer_forward(), receiver);
}

/* What nobody came for. */
static void receiver_sweep(struct receiver *receiver)
{
	fd_inbox_sweep(receiver->child->inbox);
	calls_sweep(receiver->child);
}

const struct pool_ops dispatch_ops = {
	.serve = receiver_serve,
	.climb = receiver_climb,
	.sweep = receiver_sweep,
};

bool dispatch_tick(struct child *child)
{
	bool now = false, some = fd_inbox_keeps(child->inbox, &now) | calls_keep(child, &now);

	if (now)
		reception_sweep(child->reception);
	return reception_tick(child->reception, some);
}
