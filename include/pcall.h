/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pcall.h: calls to one's parent.
 *
 * A process that runs under a supervisor can call what the supervisors above it have defined, by
 * name: methods. Each has a number in the calling process, found without a call in a symbol table
 * that is mapped when the library is loaded. Link with libpcall; a program in any other language
 * does without: the number is passed to syscall(2), or a carrier with it; see pcall_method(3).
 *
 * Results are 0 or positive, or a negative errno; errno itself is not touched. All functions may be
 * called from any thread; none may be called from a signal handler but pcall itself.
 */
#ifndef PCALL_H
#define PCALL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Numbers below are system calls; from here up, methods. */
#define PCALL_BASE 0x100000

/* Bytes that a message can have, and as many its answer. */
#define PCALL_MESSAGE_MAX 0x100000

/**
 * pcall_method - the number of a method
 * @name: "camera.frame"
 *
 * Makes no call. The number holds for this process and those that it forks; a program that it
 * executes looks it up again. -ENOENT: no supervisor above offers it to this process (or there is
 * none); -EINVAL: @name is NULL or longer than 63 bytes.
 */
int pcall_method(const char *name);

/* What there is to look up: the names by their order; NULL behind the last. Lives as long as the
 * process. */
const char *pcall_method_name(unsigned int index);

/**
 * pcall - call a method, or make a system call
 * @method: from pcall_method
 * @...: up to six words: integers of the size of a long, or pointers
 *
 * Returns what the method does: 0 or positive, a new descriptor for methods that give one, or a
 * negative errno: -ENOSYS no such method, -EACCES refused, -ETIMEDOUT the supervisor did not answer
 * in time, -EINTR a signal came before the call was taken, and the method's own. A negative @method
 * is given back as it is: what pcall_method returned need not be looked at first.
 */
long pcall(int method, ...);

/**
 * pcall_message - call a method with bytes in and bytes out
 * @in: may be NULL if in_size is 0; only read during the call
 * @out: room for the answer; may be NULL if out_size is 0
 *
 * Returns how many bytes the method put into out, at most out_size, or a negative errno (-EMSGSIZE:
 * in is longer than PCALL_MESSAGE_MAX or than the method has room for; or its answer is longer than
 * that or out_size, and was dropped).
 */
long pcall_message(int method, const void *in, size_t in_size, void *out, size_t out_size);

/* How a call reaches who answers it. */
enum pcall_tier {
	PCALL_TIER_NOTIFICATION = 1 /* the caller traps, its supervisor is woken */
};

struct pcall_info {
	size_t size;	    /* sizeof(struct pcall_info), set by the caller */
	const char *label;  /* "browser/tab7/pdf", as the supervisors named it; lives as long as the
			       process */
	unsigned int depth; /* 1: right under the outermost supervisor */
	unsigned int methods; /* how many this process can look up */
	enum pcall_tier tier;
};

/* Where this process stands. 0, -ENOTCONN: it is in no tree; -EINVAL: size is of another version.
 */
int pcall_inside(struct pcall_info *ret);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
