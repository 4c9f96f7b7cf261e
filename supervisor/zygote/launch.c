/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The zygote's program is part of this library, byte by byte: whoever has the library has the
 * program that belongs to it, wherever it is built, installed or copied, and no file can take its
 * place. It is executed out of a sealed memfd. Where the machine lets no memfd be executed
 * (vm.memfd_noexec=2, 6.3), the installed copy is, if it is the same byte by byte.
 *
 * It begins with nothing of ours: another memory, an empty environment, no descriptor but the two
 * of enum launch_fd, in their numbers. All signals are blocked; it sees to the rest itself.
 *
 * The way there is vfork's, with a stack of its own: our memory, however large, is neither copied
 * nor shared for longer than it takes.
 */
#include "zygote/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "base/clone.h"
#include "zygote/image.h"

#ifndef MFD_EXEC /* 6.3 */
#define MFD_EXEC 0x0010U
#endif

enum {
	STACK_SIZE = 16384,
};

/* What both see: the new process runs in our memory until its exec, while we wait. */
struct start {
	const int *fds;
	int program;
	int error; /* of the exec */
};

static int memfd_open(void)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("pcall-zygote", flags | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("pcall-zygote", flags);
	return fd < 0 ? -errno : fd;
}

/* Nobody changes it any more, not even who has it open. */
static int image_open(int *ret_fd)
{
	cleanup_fd int fd = memfd_open();
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, zygote_image, zygote_image_size);
	if (n < 0)
		return -errno;
	if ((size_t)n != zygote_image_size)
		return -ENOMEM;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* The installed copy. -ENOENT: there is none of this version. */
static int installed_open(int *ret_fd)
{
	cleanup_fd int fd = open(zygote_path, O_RDONLY | O_CLOEXEC);
	void *text;
	bool same;

	if (fd < 0)
		return -ENOENT;
	text = mmap(NULL, zygote_image_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return -errno;
	same = lseek(fd, 0, SEEK_END) == (off_t)zygote_image_size &&
	       memcmp(text, zygote_image, zygote_image_size) == 0;
	munmap(text, zygote_image_size);
	if (!same)
		return -ENOENT;
	*ret_fd = steal_fd(&fd);
	return 0;
}

/* Out of the way of the numbers that are to be filled. Its own table: nothing to be undone. */
static int fd_raise(int fd)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, LAUNCH_FDS);
}

/* The new process, until it has the program. No call that a sanitizer would take for ours. */
__attribute__((no_sanitize_address, no_sanitize_thread)) static int start_run(void *data)
{
	struct start *start = data;
	const char *const argv[] = { "pcall-zygote", NULL }, *const envp[] = { NULL };
	int program = fd_raise(start->program), fds[LAUNCH_FDS], i;

	for (i = 0; i < LAUNCH_FDS; i++)
		fds[i] = fd_raise(start->fds[i]);
	for (i = 0; i < LAUNCH_FDS; i++)
		if (syscall(SYS_dup2, fds[i], i) < 0)
			break;
	if (i == LAUNCH_FDS && program >= 0 &&
	    syscall(SYS_close_range, LAUNCH_FDS, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH);
	start->error = errno;
	syscall(SYS_exit_group, 1);
	return 1;
}

static int program_start(struct start *start, pid_t *ret_pid, int *ret_pidfd)
{
	char stack[STACK_SIZE] __attribute__((aligned(16), uninitialized));
	int pidfd = -1;
	pid_t pid;

	start->error = 0;
	pid = clone_sharing(start_run, stack + sizeof(stack),
			    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, start, &pidfd);
	if (pid < 0)
		return -errno;
	if (start->error) {
		close(pidfd);
		waitpid(pid, NULL, __WALL);
		return -start->error;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

static int launch_from(int (*program_open)(int *ret_fd), const int *fds, pid_t *ret_pid,
		       int *ret_pidfd)
{
	cleanup_fd int program = -1;
	int r = program_open(&program);
	struct start start = { .fds = fds, .program = program };

	return r < 0 ? r : program_start(&start, ret_pid, ret_pidfd);
}

int launch(const int fds[LAUNCH_FDS], pid_t *ret_pid, int *ret_pidfd)
{
	sigset_t all, before;
	int r;

	/* Nothing is to reach it before it has seen to its signals. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = launch_from(image_open, fds, ret_pid, ret_pidfd);
	if (r == -EACCES || r == -EPERM || r == -ENOSYS) {
		r = launch_from(installed_open, fds, ret_pid, ret_pidfd);
		if (r == -ENOENT)
			r = -EACCES;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}
