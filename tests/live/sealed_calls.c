/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sealed child must not be able to do: make code of data. Prints a line per attempt, "call
 * errno". */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE /* Linux 6.3 */
#define PR_SET_MDWE 65
#endif

static int code(int x)
{
	return x * 3 + 1;
}

static void tell(const char *what, long r)
{
	printf("%s %s\n", what, r < 0 ? strerrorname_np(errno) : "ok");
}

int main(void)
{
	struct stat st;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	tell("stat", syscall(SYS_stat, "/", &st));
	tell("stat-into-code", syscall(SYS_stat, "/", (void *)code));
	tell("mmap-write-exec", (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	tell("mprotect-exec", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	tell("mdwe-off", prctl(PR_SET_MDWE, 0, 0, 0, 0));
	printf("code %d\n", code(2));
	return 0;
}
