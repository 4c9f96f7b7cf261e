/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entry of 32-bit programs, int 0x80. A kernel without it (CONFIG_IA32_EMULATION off,
 * ia32_emulation=0, some virtual machines) raises SIGSEGV.
 */
#ifndef TESTS_I386_H
#define TESTS_I386_H

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* getpid by int 0x80. */
static inline long i386_getpid(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* Does this kernel have the entry? A process of its own tries it. */
static inline bool i386_there(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(i386_getpid() != getpid());
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

#endif
