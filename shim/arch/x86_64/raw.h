/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A system call as the kernel takes it: no errno, no cancellation, nothing of libc. */
#ifndef SHIM_RAW_H
#define SHIM_RAW_H

/* Returns what the kernel does: negative errno for a failure. */
static inline long raw_call(long number, const long words[6])
{
	register long d __asm__("r10");
	register long e __asm__("r8");
	register long f __asm__("r9");
	long ret;

	d = words[3];
	e = words[4];
	f = words[5];
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(number), "D"(words[0]), "S"(words[1]), "d"(words[2]), "r"(d), "r"(e),
			   "r"(f)
			 : "rcx", "r11", "memory");
	return ret;
}

/* An address that the kernel gave. */
static inline void *raw_pointer(long address)
{
	return (void *)address; // NOLINT(performance-no-int-to-ptr)
}

#endif
