/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: has calls read and write its memory where it could not itself. Natively all of it is
 * EFAULT; a supervisor that reaches its child's memory as a debugger does reads and writes there.
 */
#include "hostile.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum {
	PAGE = 4096,
	LENGTH_AT = 56, /* of the length in a struct mmsghdr */
};

/* A message of no bytes, in the program's text; what stands where its length goes is no zero. */
__attribute__((section(".text#"), aligned(8))) static const unsigned char code[PAGE] = {
	[LENGTH_AT] = 0x5a,
	0x5a,
	0x5a,
	0x5a,
};

static bool code_changed(void)
{
	const volatile unsigned char *p = code;

	for (size_t i = 0; i < sizeof(code); i++)
		if (p[i] != (i >= LENGTH_AT && i < LENGTH_AT + 4 ? 0x5a : 0))
			return true;
	return false;
}

/* A pair of sockets of which the first takes no more. */
static void full_pair(int pair[2])
{
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	while (send(pair[0], "x", 1, MSG_DONTWAIT) == 1)
		;
	NEED(errno == EAGAIN);
}

/* sendmmsg that has to wait: its length is written when it is sent, into the code. */
static void late_length(void)
{
	int pair[2];
	pid_t pid;

	full_pair(pair);
	pid = fork();
	if (pid == 0) {
		char byte;

		/* Long enough for the call to wait; if it does not yet, its length is written
		 * early. */
		poll(NULL, 0, 300);
		while (recv(pair[1], &byte, 1, MSG_DONTWAIT) >= 0)
			;
		_exit(0);
	}
	MUST_FAIL_WITH(syscall(SYS_sendmmsg, pair[0], code, 1, 0), EFAULT);
	NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
	if (code_changed())
		broke("code was changed");
}

/* Every call that writes a result, to a page that may not be written. */
static void results_into(void *to)
{
	socklen_t size = 64;
	int fd, pair[2];

	MUST_FAIL_WITH(syscall(SYS_stat, at("w"), to), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_lstat, at("w"), to), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_newfstatat, AT_FDCWD, at("w"), to, 0), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_statx, AT_FDCWD, at("w"), 0, 0xfff, to), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_statfs, at("w"), to), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_readlink, "/proc/self/cwd", to, 64), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_getcwd, to, 4096), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_prlimit64, getpid(), RLIMIT_NOFILE, NULL, to), EFAULT);
	MUST_FAIL_WITH(syscall(SYS_capget, (uint32_t[]){ 0x20080522, 0 }, to), EFAULT);
	NEED((fd = open(".", O_RDONLY | O_DIRECTORY)) >= 0);
	MUST_FAIL_WITH(syscall(SYS_getdents64, fd, to, 512), EFAULT);
	close(fd);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	MUST_FAIL_WITH(syscall(SYS_getsockopt, pair[0], SOL_SOCKET, SO_PEERCRED, to, &size),
		       EFAULT);
}

static void results(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(page != MAP_FAILED);
	results_into((void *)(uintptr_t)code);
	if (code_changed())
		broke("code was changed");
	memset(page, 0, PAGE);
	NEED(mprotect(page, PAGE, PROT_READ) == 0);
	results_into(page);
	for (size_t i = 0; i < PAGE; i++)
		if (page[i])
			broke("a page that may only be read was changed");
}

/* Every kind of argument, from a page that may not be read. */
static void arguments(void)
{
	static const char *const names[] = { "canary", "secret" };
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stat st;
	int pair[2];

	NEED(page != MAP_FAILED);
	for (size_t i = 0; i < COUNT(names); i++) {
		memset(page, 0, PAGE);
		strcpy(page, names[i]);
		NEED(mprotect(page, PAGE, PROT_NONE) == 0);
		MUST_FAIL_WITH(syscall(SYS_stat, page, &st), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_access, page, F_OK), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_open, page, O_RDONLY), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_open, page, O_RDWR | O_CREAT, 0600), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_mkdir, page, 0700), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_unlink, page), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_rename, "dir", page), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_symlink, page, "link"), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_chdir, page), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_execve, page, NULL, NULL), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_utimensat, AT_FDCWD, "canary", page, 0), EFAULT);
		MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, "canary", page, 24), EFAULT);
		MUST_FAIL_WITH(setxattr("canary", page, "x", 1, 0), EFAULT);
		NEED(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED(mprotect(page, PAGE, PROT_NONE) == 0);
	MUST_FAIL_WITH(sendmsg(pair[0],
			       &(struct msghdr){
				       .msg_iov = &(struct iovec){page, 4},
					      .msg_iovlen = 1
	      },
			       0),
		       EFAULT);
	MUST_FAIL_WITH(sendmsg(pair[0], (struct msghdr *)page, 0), EFAULT);
	MUST_FAIL_WITH(connect(pair[0], (struct sockaddr *)page, 16), EFAULT);
}

static const struct hostile_attack attacks[] = {
	{"late_length", late_length},
	{ "results",    results    },
	{ "arguments",  arguments	 },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
