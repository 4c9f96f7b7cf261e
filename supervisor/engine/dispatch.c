/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a call, in one order, in one function: call_serve. */
#include "engine/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include "call/answer.h"
#include "call/call.h"
#include "call/fd_take.h"
#include "call/pool.h"
#include "call/tracee.h"
#include "level/requests.h"
#include "sys/rows.h"
#include "tree/child.h"
#include "upcall/upcall.h"

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
	if (began_anew(call))
		return;
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

void call_serve(struct receiver *receiver, const struct seccomp_notif *notification)
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
		answer_send(child->listener, call.id, sv_error(mask_deny(&call)));
	else if (intercept)
		intercept_serve(&call, intercept);
	else if (row)
		row_serve(&call);
	else
		method_serve(&call);
}
