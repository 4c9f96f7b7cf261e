/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that is linked with an executable stack, and runs code there. */
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const unsigned char answer[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	volatile unsigned char stack[sizeof(answer)];
	const volatile void *address = stack;
	int (*function)(void);

	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = answer[i];
	memcpy(&function, &address, sizeof(function));
	if (function() == 42)
		puts("code on the stack");
	return 0;
}
