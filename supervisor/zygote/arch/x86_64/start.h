/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the kernel enters the program: nothing is on the stack that it needs. */
#ifndef ZYGOTE_START_H
#define ZYGOTE_START_H

#define START(function)                       \
	__asm__(".globl _start\n"             \
		"_start:\n"                   \
		"	xor %ebp, %ebp\n"           \
		"	and $-16, %rsp\n"           \
		"	call " #function "\n" \
		"	hlt\n")

#endif
