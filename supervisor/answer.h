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

#include <stdint.h>

enum answer_kind {
	ANSWER_VALUE,
	ANSWER_ERROR,
	ANSWER_FD,
	ANSWER_LATER, /* a worker answers; nothing is sent now */
};

struct sv_answer {
	enum answer_kind kind;
	int error;	    /* ANSWER_ERROR: positive */
	int fd;		    /* ANSWER_FD: ours; closed once the child has its own */
	unsigned int flags; /* ANSWER_FD: O_CLOEXEC or 0 */
	int64_t value;	    /* ANSWER_VALUE */
};

static inline struct sv_answer sv_value(int64_t value)
{
	return (struct sv_answer){ .kind = ANSWER_VALUE, .value = value };
}

static inline struct sv_answer sv_error(int error)
{
	return (struct sv_answer){ .kind = ANSWER_ERROR, .error = error };
}

/* The child gets a copy of fd as its lowest free number; fd itself is closed. */
static inline struct sv_answer sv_fd(int fd, unsigned int flags)
{
	return (struct sv_answer){ .kind = ANSWER_FD, .fd = fd, .flags = flags };
}

static inline struct sv_answer sv_later(void)
{
	return (struct sv_answer){ .kind = ANSWER_LATER };
}

struct sv_gate {
	int error; /* 0: the kernel goes on with the call */
};

static inline struct sv_gate gate_continue(void)
{
	return (struct sv_gate){ .error = 0 };
}

static inline struct sv_gate gate_error(int error)
{
	return (struct sv_gate){ .error = error };
}

#endif
