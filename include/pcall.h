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

/** PCALL_BASE - numbers below are system calls; from here up, methods */
#define PCALL_BASE 0x100000

/** PCALL_MESSAGE_MAX - bytes that a message can have, and as many its answer */
#define PCALL_MESSAGE_MAX 0x100000

/**
 * pcall_method() - the number of a method
 * @name: "camera.frame"
 *
 * Makes no call. The number holds for this process and those that it forks; a program that it
 * executes looks it up again.
 *
 * Context: any thread.
 * Return: the number; -ENOENT: no supervisor above offers it to this process (or there is none);
 *	-EINVAL: @name is NULL or longer than 63 bytes.
 */
int pcall_method(const char *name);

/**
 * pcall_method_name() - what there is to look up
 * @index: from 0 on, by the order of the names
 *
 * Context: any thread.
 * Return: a name, which lives as long as the process; NULL behind the last.
 */
const char *pcall_method_name(unsigned int index);

/**
 * pcall() - call a method, or make a system call
 * @method: from pcall_method(); a negative one is given back as it is, so what that returned need
 *	not be looked at first
 * @...: up to six words: integers of the size of a long, or pointers
 *
 * Context: any thread; a signal handler, too.
 * Return: what the method does: 0 or positive, a new descriptor for methods that give one; -ENOSYS:
 *	no such method; -EACCES: refused; -ETIMEDOUT: the supervisor did not answer in time; -EINTR:
 *	a signal came before the call was taken; and the method's own.
 */
long pcall(int method, ...);

/**
 * pcall_message() - call a method with bytes in and bytes out
 * @method: as of pcall()
 * @in: only read during the call; may be NULL if @in_size is 0
 * @in_size: bytes of it, at most PCALL_MESSAGE_MAX
 * @out: room for the answer; may be NULL if @out_size is 0
 * @out_size: bytes of it
 *
 * Context: any thread.
 * Return: how many bytes the method put into @out; -EMSGSIZE: @in is longer than PCALL_MESSAGE_MAX
 *	or than the method has room for, or its answer is longer than that or @out_size, and was
 *	dropped; or as pcall().
 */
long pcall_message(int method, const void *in, size_t in_size, void *out, size_t out_size);

/**
 * enum pcall_tier - how a call reaches who answers it
 * @PCALL_TIER_NOTIFICATION: the caller traps, and its supervisor is woken
 */
enum pcall_tier { PCALL_TIER_NOTIFICATION = 1 };

/**
 * struct pcall_info - where a process stands
 * @size: sizeof(struct pcall_info), set by the caller; afterwards how much of it the library knows,
 *	where that is less
 * @label: "browser/tab7/pdf", as the supervisors named it; lives as long as the process
 * @depth: 1: right under the outermost supervisor
 * @methods: how many this process can look up
 * @tier: how its calls go
 */
struct pcall_info {
	size_t size;
	const char *label;
	unsigned int depth;
	unsigned int methods;
	enum pcall_tier tier;
};

/**
 * pcall_inside() - where this process stands
 * @ret: filled in
 *
 * Context: any thread.
 * Return: 0; -ENOTCONN: it is in no tree; -EINVAL: @ret has a size that no version had.
 */
int pcall_inside(struct pcall_info *ret);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
