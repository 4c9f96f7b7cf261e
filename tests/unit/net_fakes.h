/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the copying and judging of addresses and messages asks of the engine, played: the caller is
 * this very process, whose memory and descriptors are at hand. Included once, by a program's only
 * file.
 */
#ifndef TESTS_NET_FAKES_H
#define TESTS_NET_FAKES_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"
#include "call/memory.h"
#include "net/hostnames.h"
#include "call/pool.h"
#include "call/caller.h"
#include "path/resolve.h"

static struct child fake_child;
static struct call fake_call = { .regs.child = &fake_child };
static char fake_denied[512]; /* the object of the last refusal */

/*
 * Addresses of the caller's may be anything, and a call that is refused where this runs in a box
 * (process_vm_readv) would not do: a memory file takes the bytes, or says EFAULT. The calls are the
 * kernel's own on the caller's side, where a sanitizer would look for bounds that a caller need not
 * keep.
 */
int mem_read(struct call *call, uint64_t address, void *to, size_t size)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);
	bool done = fd >= 0 && syscall(SYS_pwrite64, fd, address, size, 0L) == (ssize_t)size &&
		    pread(fd, to, size, 0) == (ssize_t)size;

	close(fd);
	return done ? 0 : EFAULT;
}

int mem_write(struct call *call, uint64_t address, const void *from, size_t size)
{
	int fd = memfd_create("fake", MFD_CLOEXEC);
	bool done = fd >= 0 && pwrite(fd, from, size, 0) == (ssize_t)size &&
		    syscall(SYS_pread64, fd, address, size, 0L) == (ssize_t)size;

	close(fd);
	return done ? 0 : EFAULT;
}

int fd_take(struct call *call, int fd, int *ret_fd)
{
	*ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return *ret_fd < 0 ? EBADF : 0;
}

int fd_give_all(struct call *call, const int *numbers, size_t count, int *ret_fds)
{
	for (size_t i = 0; i < count; i++) {
		int r = fd_take(call, numbers[i], &ret_fds[i]);

		if (r != 0) {
			while (i-- > 0)
				close(ret_fds[i]);
			return r;
		}
	}
	return 0;
}

int task_tgid(struct call *call, pid_t *ret_tgid)
{
	*ret_tgid = getpid();
	return 0;
}

int call_deny(struct call *call, struct verdict verdict, enum verb verb, int error,
	      const char *object, const char *as_given)
{
	snprintf(fake_denied, sizeof(fake_denied), "%s %s", verb_name(verb), object);
	return error;
}

int registers_deny(const struct registers *regs, enum verb verb, const char *object, int error)
{
	snprintf(fake_denied, sizeof(fake_denied), "%s %s", verb_name(verb), object);
	return error;
}

int child_errno(int error)
{
	return error;
}

int view_lookup_at(struct call *call, int dirfd, const char *path, unsigned int flags,
		   unsigned int rights, struct place *ret)
{
	ret->fd = openat(dirfd, path, O_PATH | O_CLOEXEC);
	return ret->fd < 0 ? errno : 0;
}

void place_deinit(struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	place->fd = -1;
}

#endif
