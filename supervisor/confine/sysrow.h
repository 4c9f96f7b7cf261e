/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One row per system call: the one place that says what happens to it. The BPF filter, the
 *dispatcher, the documentation and the tests are derived from the rows.
 *
 * Argument letters (sysrow.args), one per argument, decoded by call/call.c before a handler runs:
 *	i  int, sign-extended from the low half      u  unsigned int, the low half
 *	l  64-bit, signed                            z  64-bit, unsigned (size_t, flags that are
 *long) m  mode_t, low 16 bits                       d  a directory descriptor or AT_FDCWD (as i) f
 *a descriptor (as i)                       o  pointer that results are written to, or that the
 *handler p  path: copied, at most PATH_MAX               reads itself, once, with mem_read (as z)
 *	s  other string: copied, at most 255 bytes   t  pointer or string that may be NULL: as p,
 *but NULL is fine
 */
#ifndef SUPERVISOR_SYSROW_H
#define SUPERVISOR_SYSROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "confine/sysnumbers.h"

struct call;
struct registers;
struct sv_answer;
struct sv_gate;

/* An argument, as its letter says. */
union arg {
	int64_t s;
	uint64_t u;
};

/* Where a call is decided. */
enum tier {
	TIER_REFUSE, /* notification: fails with row->error, whatever the arguments, and is told */
	TIER_ALLOW,  /* kernel: passes, whatever the arguments */
	TIER_ARGS, /* kernel: the first of row->when that holds decides; if none does, it is refused
		      with row->error, or ENOSYS */
	TIER_NOTIFY, /* notification: row->handler, gate or bounded answers */
};

/* What a policy and a machine make of the filter; chosen once per child: see features.h,
 * spawn/child.c.
 */
enum feature {
	FEATURE_SEALED = 1 << 0, /* no new executable memory */
	FEATURE_REMAP = 1 << 1,	 /* the view gives some names another meaning */
	FEATURE_SCOPED =
		1 << 2, /* Landlock bounds signals (ABI 6): kill and its kin need no judge */
	FEATURE_SENDER = 1 << 3, /* it has a socket to send descriptors to us (fd_take.h) */
};

enum when_action {
	WHEN_ALLOW,
	WHEN_REFUSE, /* notification: fails with .error, and is told */
	WHEN_ERROR,  /* with .error, which is what Linux says of it: nothing is kept from anybody */
	WHEN_NOTIFY,
	WHEN_PRETEND, /* answers 0, and does nothing */
	WHEN_AND,     /* and the next one must hold, too: the last of the chain has the action */
};

enum when_test {
	WHEN_ALWAYS,
	WHEN_EQUAL,   /* the argument's low half & mask (0: all bits) == value */
	WHEN_EQUAL64, /* both halves == value */
	WHEN_ANY_BIT, /* the low half & value is not 0 */
};

/* One condition on registers. */
struct when {
	uint8_t arg;
	uint8_t test;	/* enum when_test */
	uint8_t action; /* enum when_action */
	bool lacking;	/* WHEN_REFUSE: as struct sysrow's */
	uint16_t error;
	uint32_t mask;
	uint64_t value;
	uint32_t need;	  /* holds only if the child has all these features */
	uint32_t unless;  /* and none of these */
	const char *what; /* WHEN_REFUSE: is refused, in words */
};

struct sysrow {
	int nr;
	const char *name;
	const char *args;
	enum tier tier;
	uint16_t error;
	const struct when *when; /* ends with a WHEN_ALWAYS, or falls to .error */
	size_t when_count;
	/* Exactly one of these for a row that can notify: */
	struct sv_answer (*handler)(
		struct call *call); /* judges copies, acts, answers: cannot continue */
	struct sv_gate (*gate)(const struct registers *regs); /* judges registers alone */
	struct sv_gate (*bounded)(
		struct call *call); /* reads memory, may continue: .note says what bounds it */
	bool lacking; /* refused as by a kernel that has no such thing: programs go on without */
	bool often;   /* TIER_REFUSE: by the kernel, told to nobody: each program tries it all the
			 time */
	bool looks;   /* changes nothing, and tells nobody but the caller: its reads need no proof
		       * that it still waits; a handler that does more asks call_valid */
	const char *note; /* where we differ from Linux, or why it is so; goes into the manual */
};

#define ROW(call, args_, ...)                                                  \
	{                                                                      \
		.nr = __NR_##call, .name = #call, .args = (args_), __VA_ARGS__ \
	}
/* As HANDLED, and .looks. */
#define LOOKS(call, args_, note_)                                                       \
	{                                                                               \
		.nr = __NR_##call, .name = #call, .args = (args_), .tier = TIER_NOTIFY, \
		.handler = sys_##call, .looks = true, .note = (note_)                   \
	}
#define HANDLED(call, args_, note_)                                                     \
	{                                                                               \
		.nr = __NR_##call, .name = #call, .args = (args_), .tier = TIER_NOTIFY, \
		.handler = sys_##call, .note = (note_)                                  \
	}
/* Conditions: IF_EQUAL(1, TIOCSTI, REFUSE(EPERM)), OTHERWISE(PASS). */
#define IF_EQUAL(arg_, value_, ...)                                               \
	{                                                                         \
		.arg = (arg_), .test = WHEN_EQUAL, .value = (value_), __VA_ARGS__ \
	}
#define IF_EQUAL64(arg_, value_, ...)                                               \
	{                                                                           \
		.arg = (arg_), .test = WHEN_EQUAL64, .value = (value_), __VA_ARGS__ \
	}
#define IF_MASKED(arg_, mask_, value_, ...)                                                        \
	{                                                                                          \
		.arg = (arg_), .test = WHEN_EQUAL, .mask = (mask_), .value = (value_), __VA_ARGS__ \
	}
#define IF_ANY_BIT(arg_, bits_, ...)                                               \
	{                                                                          \
		.arg = (arg_), .test = WHEN_ANY_BIT, .value = (bits_), __VA_ARGS__ \
	}
#define OTHERWISE(...)                           \
	{                                        \
		.test = WHEN_ALWAYS, __VA_ARGS__ \
	}
#define PASS		      .action = WHEN_ALLOW
#define NOTIFY		      .action = WHEN_NOTIFY
#define PRETEND		      .action = WHEN_PRETEND
#define REFUSE(error_, what_) .action = WHEN_REFUSE, .error = (error_), .what = (what_)
#define LACK(error_, what_)   REFUSE(error_, what_), .lacking = true
#define AS_LINUX(error_)      .action = WHEN_ERROR, .error = (error_)
#define AND		      .action = WHEN_AND

#define ALLOWED(call, args_, note_)                                                    \
	{                                                                              \
		.nr = __NR_##call, .name = #call, .args = (args_), .tier = TIER_ALLOW, \
		.note = (note_)                                                        \
	}
#define REFUSED(call, args_, error_, note_)                                             \
	{                                                                               \
		.nr = __NR_##call, .name = #call, .args = (args_), .tier = TIER_REFUSE, \
		.error = (error_), .note = (note_)                                      \
	}
#define LACKING(call, args_, error_, note_)                                             \
	{                                                                               \
		.nr = __NR_##call, .name = #call, .args = (args_), .tier = TIER_REFUSE, \
		.error = (error_), .lacking = true, .note = (note_)                     \
	}
#define WHEN(list) .tier = TIER_ARGS, .when = (list), .when_count = sizeof(list) / sizeof((list)[0])
#define ROWS_END         \
	{                \
		.nr = -1 \
	}

/* Above the highest number of the rows; a test walks them. */
#define SYSROW_NUMBERS 512

/* The rows, as those are given them who stand below them: see sys/rows.h. */
struct rows {
	const struct sysrow *(*find)(int nr);
	bool (*notifiable)(int nr);
};

#endif
