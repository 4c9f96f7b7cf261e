/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's memory, by the kernel's own way between processes: process_vm_readv and
 * process_vm_writev, which keep to what the pages allow. /proc/TID/mem does not: it reads PROT_NONE
 * and writes code (FOLL_FORCE), which is why nobody here opens it for contents.
 *
 * Both take a number. It means the caller as long as the call waits for its answer, so a write asks
 * before and a read afterwards whether it still does: what was read of somebody else is never
 * handed on, nor acted upon.
 */
#include "call/memory.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include "tree/child.h"
#include "call/call.h"

typedef ssize_t mem_transfer(pid_t tid, const struct iovec *here, unsigned long here_count,
			     const struct iovec *there, unsigned long there_count,
			     unsigned long flags);

static int transfer_error(void)
{
	return errno == ESRCH || errno == EPERM ? errno : EFAULT;
}

static int transfer_all(pid_t tid, uint64_t address, char *buffer, size_t size,
			mem_transfer *transfer)
{
	while (size > 0) {
		struct iovec here = { .iov_base = buffer, .iov_len = size };
		struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };
		ssize_t n = transfer(tid, &here, 1, &there, 1, 0);

		if (n <= 0)
			return n < 0 ? transfer_error() : EFAULT;
		buffer += n;
		address += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

/* Reads that nothing but an answer to the caller comes of need no proof: it would get none. */
static int read_confirm(const struct call *call)
{
	return call->looks || call_valid(call) ? 0 : ESRCH;
}

int mem_read(struct call *call, uint64_t address, void *to, size_t size)
{
	int r = transfer_all(call->regs.tid, address, to, size, process_vm_readv);

	return r ? r : read_confirm(call);
}

int mem_write_waiting(const struct child *child, uint64_t id, pid_t tid, uint64_t address,
		      const void *from, size_t size)
{
	if (ioctl(child->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
		return ESRCH;
	return transfer_all(tid, address, (char *)from, size, process_vm_writev);
}

int mem_write(struct call *call, uint64_t address, const void *from, size_t size)
{
	return mem_write_waiting(call->regs.child, call->id, call->regs.tid, address, from, size);
}

/* Never past a page: the string may end where the mapping does. Short first: most paths are. */
static size_t string_step(uint64_t address, size_t have, size_t size)
{
	size_t page = 4096, want = page - (size_t)((address + have) % page);
	size_t most = have == 0 ? 256 : page;

	if (want > most)
		want = most;
	return want < size - have ? want : size - have;
}

int mem_string(struct call *call, uint64_t address, char *to, size_t size, size_t *ret_length)
{
	size_t have = 0;

	while (have < size) {
		size_t want = string_step(address, have, size);
		int r = transfer_all(call->regs.tid, address + have, to + have, want,
				     process_vm_readv);
		char *end;

		if (r != 0)
			return r;
		end = memchr(to + have, '\0', want);
		if (end) {
			if (ret_length)
				*ret_length = (size_t)(end - to);
			return read_confirm(call);
		}
		have += want;
	}
	return ENAMETOOLONG;
}
