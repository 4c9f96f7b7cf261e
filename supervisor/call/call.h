/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One call of a child, from its receipt to its answer.
 *
 * The order is always the same: receive, find the row, decode the registers by the row's letters,
 * copy the strings once, judge, act, answer. Handlers see copies only.
 */
#ifndef SUPERVISOR_CALL_H
#define SUPERVISOR_CALL_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "call/answer.h"
#include "confine/sysrow.h"
#include "judge/verdict.h"

struct child;
struct receiver;
struct sv_call;
struct sysrow;
struct task;

/* All that a gate gets to see: nothing that the child could still change. */
struct registers {
	struct child *child;
	pid_t tid;
	int nr;
	union arg arg[6];
};

struct call {
	struct registers regs;
	uint64_t id; /* the notification's */
	const struct sysrow *row;
	struct receiver *receiver; /* this thread's caches: tasks, the umask it has now */
	struct task *task;	   /* the caller; call_task() fills it in */
	const char *path[2]; /* the arguments 'p', 't' and 's', in their order; NULL where a 't' was
				NULL */
	bool copied;	     /* .path is filled in */
	bool looks; /* nothing but an answer comes of what is read of the caller: see memory.c */
	bool anew;  /* who serves it sees to it that it can begin anew: see fd_take.h */
	struct sv_call *held; /* as whom it goes from level to level; NULL: no level has it */
};

/* The argument as a signed or unsigned number. */
static inline int arg_int(const struct call *call, unsigned int i)
{
	return (int)call->regs.arg[i].s;
}

static inline uint64_t arg_u64(const struct call *call, unsigned int i)
{
	return call->regs.arg[i].u;
}

struct seccomp_notif;

/* The registers as the letters of a row say. */
void registers_decode(struct registers *regs, const struct seccomp_notif *notification,
		      const char *letters);
/* Copies the strings that its row names, once. 0 or the errno that the child gets. */
int call_copy_strings(struct call *call);

/* Is this call still waiting, so that its thread id still means the caller? One system call. */
bool call_valid(const struct call *call);

/*
 * The answer for a result of ours: r > 0 is the errno to show; r < 0 is a failure of ours, logged
 * and shown as EIO (ENOMEM stays).
 */
struct sv_answer answer_fail(struct call *call, int r);

/* What of an errno that a system call made on behalf of the child gave us may be shown: itself,
 * mostly. */
int child_errno(int error);

/*
 * Tells of a refusal and returns the errno for it, @error. @object is the canonical name or
 * address,
 * @as_given what the child wrote (or NULL).
 */
int call_deny(struct call *call, struct verdict verdict, enum verb verb, int error,
	      const char *object, const char *as_given);

/* The same for a gate or where there is no rule to name: always @error. */
int registers_deny(const struct registers *regs, enum verb verb, const char *object, int error);

/* The same of what no line of a policy can allow. @why: a reason, or NULL; @lacking: as struct
 * sysrow's. */
int registers_refuse(const struct registers *regs, const char *object, const char *why,
		     bool lacking, int error);

/* The same by a rule; NULL: none allows it. */
int registers_deny_rule(const struct registers *regs, const struct rule *rule, enum verb verb,
			const char *object, int error);

/* Continues with a process or thread of the child's; @error for any other. */
struct sv_gate gate_owned(const struct registers *regs, pid_t pid, int error);

/* Tells people of something that the supervisor could not do, or would not do for a reason of its
 * own. */
void call_fault(struct call *call, const char *text);

#endif
