/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All tables of rows, and the row of a number.
 *
 * A table stands in the file of the handlers that it names. To add one: declare it here, list it
 * here.
 */
#include "sys/rows.h"

#include <errno.h>
#include <pthread.h>
#include "call/answer.h"
#include "call/call.h"
#include "call/fd_send.h"
#include "call/fd_take.h"
#include "common/cleanup.h"
#include "confine/decide.h"
#include "tree/child.h"

/* Decided in the kernel. */
extern const struct sysrow attr_rows[], close_rows[], dir_rows[], exec_rows[], identity_rows[],
	ioctl_rows[], kernel_rows[];
extern const struct sysrow map_rows[], message_rows[], net_rows[], open_rows[], path_rows[],
	prctl_rows[];
extern const struct sysrow refused_rows[], socket_rows[], stat_rows[], task_rows[], watch_rows[];
extern const struct sysrow xattr_rows[];

const struct sysrow *const sysrow_tables[] = {
	attr_rows,   close_rows,   dir_rows,  exec_rows,  identity_rows, ioctl_rows, kernel_rows,
	map_rows,    message_rows, net_rows,  open_rows,  path_rows,	 prctl_rows, refused_rows,
	socket_rows, stat_rows,	   task_rows, watch_rows, xattr_rows,	 NULL,
};

/* Where each number's row is: made once from constants, constant since. */
static const struct sysrow *row_of[SYSROW_NUMBERS];
static pthread_once_t row_of_once = PTHREAD_ONCE_INIT;

static void row_of_make(void)
{
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			if (row->nr < SYSROW_NUMBERS)
				row_of[row->nr] = row;
}

const struct sysrow *sysrow_find(int nr)
{
	pthread_once(&row_of_once, row_of_make);
	return nr >= 0 && nr < SYSROW_NUMBERS ? row_of[nr] : NULL;
}

/*
 * Calls that nobody tries again. A signal between the trap and its receipt makes a notified call
 * fail with EINTR although it did not run: these would be lost.
 */
static const short never[] = {
	__NR_close,
	__NR_close_range,
	__NR_dup,
	__NR_dup2,
	__NR_dup3,
	__NR_fork,
	__NR_vfork,
	__NR_clone,
	__NR_clone3,
	__NR_exit,
	__NR_exit_group,
	__NR_futex,
	__NR_mmap,
	__NR_munmap,
	__NR_mremap,
	__NR_mprotect,
	__NR_madvise,
	__NR_brk,
	__NR_rt_sigreturn,
	__NR_rt_sigaction,
	__NR_rt_sigprocmask,
	__NR_wait4,
	__NR_waitid,
	__NR_restart_syscall,
	__NR_set_robust_list,
	__NR_sigaltstack,
	__NR_arch_prctl,
	__NR_set_tid_address,
	__NR_rseq,
	__NR_sched_yield,
	__NR_membarrier,
	__NR_rt_sigsuspend,
	__NR_pause,
	__NR_rt_sigpending,
	__NR_gettid,
	/* By this a newborn tells which number its listener has: nobody could answer it yet. */
	__NR_write,
};

bool notifiable(int nr)
{
	if (!sysrow_find(nr))
		return false;
	for (size_t i = 0; i < array_size(never); i++)
		if (never[i] == nr)
			return false;
	return true;
}

const struct rows sysrows = { .find = sysrow_find, .notifiable = notifiable };

static struct sv_answer call_handle(struct call *call)
{
	int r = call->copied ? 0 : call_copy_strings(call);

	return r != 0 ? answer_fail(call, r) : call->row->handler(call);
}

static bool bounded_answer(struct call *call)
{
	int r = call->copied ? 0 : call_copy_strings(call);
	struct sv_gate gate = r != 0 ? gate_error(r) : call->row->bounded(call);

	if (fd_take_wished(call))
		return false;
	fd_take_done(call);
	if (!gate.answered)
		gate_send(call->regs.child->listener, call->id, gate);
	return true;
}

static bool handler_answer(struct call *call)
{
	struct sv_answer answer = call_handle(call);

	if (fd_take_wished(call))
		return false;
	fd_take_done(call);
	call_answer(call, answer);
	return true;
}

/* By the row's own handler. */
static bool row_answer(struct call *call)
{
	const struct sysrow *row = call->row;
	int listener = call->regs.child->listener;

	call->anew = true;
	if (row->handler)
		return handler_answer(call);
	if (row->bounded)
		return bounded_answer(call);
	if (row->gate)
		gate_send(listener, call->id, row->gate(&call->regs));
	else
		answer_send(listener, call->id, sv_answer_error(ENOSYS));
	return true;
}

/* What it is called: in the row's words, or by its name, and the argument that it was refused for.
 */
static int row_refuse(struct call *call, const struct refusal *refusal)
{
	const struct sysrow *row = call->row;
	const char *why = row->tier == TIER_REFUSE ? row->note : NULL;
	char object[64];

	if (refusal->arg < 0)
		snprintf(object, sizeof(object), "%s", row->name);
	else
		snprintf(object, sizeof(object), "%s %#llx", row->name,
			 (unsigned long long)call->regs.arg[refusal->arg].u);
	return registers_refuse(&call->regs, refusal->what ? refusal->what : object, why,
				refusal->lacking, refusal->error);
}

bool row_serve(struct call *call)
{
	int listener = call->regs.child->listener;
	struct refusal refusal;

	switch (row_decide(call->row, call->regs.arg, call->regs.child->features, &refusal)) {
	case DECIDED_NOTIFY: return row_answer(call);
	case DECIDED_ALLOW: gate_send(listener, call->id, gate_continue()); break;
	case DECIDED_PRETEND: answer_send(listener, call->id, sv_answer_value(0)); break;
	case DECIDED_ERROR: answer_send(listener, call->id, sv_answer_error(refusal.error)); break;
	case DECIDED_REFUSE:
		answer_send(listener, call->id, sv_answer_error(row_refuse(call, &refusal)));
		break;
	}
	return true;
}
