/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A system call as the kernel takes it: no errno, no cancellation, nothing of libc. */
#ifndef SHIM_RAW_H
#define SHIM_RAW_H

/* Returns what the kernel does: negative errno for a failure. */
static inline long raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* An address that the kernel gave. */
static inline void *raw_pointer(long address)
{
	return (void *)address; // NOLINT(performance-no-int-to-ptr)
}

#endif
