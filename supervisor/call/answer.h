/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a call comes to, by value.
 *
 * There are two types, and the difference is rule R3. A struct sv_answer is the result of a handler
 * that may have read the caller's memory: it has no way to say "continue". A struct sv_gate is the
 * result of a gate, which sees registers only; it may let the kernel go on with the call.
 */
#ifndef SUPERVISOR_ANSWER_H
#define SUPERVISOR_ANSWER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include "supervisor.h"

/* struct sv_answer: sv_answer_value, sv_error, sv_fd, sv_answer_forward; sv_answer_later: a worker
 * answers. */

struct sv_gate {
	int error;     /* 0: the kernel goes on with the call */
	bool answered; /* it has its answer */
};

static inline struct sv_gate gate_continue(void)
{
	return (struct sv_gate){ .error = 0 };
}

static inline struct sv_gate gate_error(int error)
{
	return (struct sv_gate){ .error = error };
}

/* A bounded call that something else has answered. */
static inline struct sv_gate gate_answered(void)
{
	return (struct sv_gate){ .answered = true };
}

/* Sends an answer for a notification of this child. -ENOENT: the caller is gone, which is fine. */
int answer_send(int listener, uint64_t id, struct sv_answer answer);
int gate_send(int listener, uint64_t id, struct sv_gate gate);

/* The two halves of a descriptor's: what ADDFD is asked, and what follows when that said r. */
struct seccomp_notif_addfd answer_add(uint64_t id, struct sv_answer answer);
int answer_added(int listener, uint64_t id, struct sv_answer answer, int r);

#endif
