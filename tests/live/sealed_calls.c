/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a sealed child must not be able to do: make code of data. Without arguments it prints a line
 * per attempt, "call errno". With: "fd N" maps a descriptor, "map FILE" a file, "thread FILE" a
 * file while another thread is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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

static void map(const char *what, int fd)
{
	tell(what, (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static void *wait_for_end(void *data)
{
	(void)data;
	pause();
	return NULL;
}

static int map_this(const char *how, const char *what)
{
	pthread_t thread;

	if (strcmp(how, "fd") == 0) {
		map("fd", atoi(what));
		return 0;
	}
	if (strcmp(how, "thread") == 0)
		pthread_create(&thread, NULL, wait_for_end, NULL);
	map(how, open(what, O_RDONLY | O_CLOEXEC));
	return 0;
}

int main(int argc, char **argv)
{
	struct stat st;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc > 2)
		return map_this(argv[1], argv[2]);
	tell("stat", syscall(SYS_stat, "/", &st));
	tell("stat-into-code", syscall(SYS_stat, "/", (void *)code));
	tell("mmap-write-exec", (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	tell("mprotect-exec", mprotect(page, 4096, PROT_READ | PROT_EXEC));
	tell("mdwe-off", prctl(PR_SET_MDWE, 0, 0, 0, 0));
	printf("code %d\n", code(2));
	return 0;
}
