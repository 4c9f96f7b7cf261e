/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's memory, through /proc/TID/mem: a descriptor that stays bound to the memory it was
 * opened for, whatever becomes of the number TID, and that works where process_vm_readv is refused.
 */
#include "call/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "engine/receiver.h"
#include "sys/sysrow.h"
#include "call/caller.h"

typedef ssize_t mem_transfer(int fd, void *buffer, size_t size, off_t offset);

static ssize_t transfer_write(int fd, void *buffer, size_t size, off_t offset)
{
	return pwrite(fd, buffer, size, offset);
}

/* The kernel's own answer to an address in the upper half, which off_t cannot hold. */
static bool address_bad(uint64_t address, size_t size)
{
	return address > (uint64_t)INT64_MAX || size > (uint64_t)INT64_MAX - address;
}

static int mem_transfer_all(struct call *call, uint64_t address, char *buffer, size_t size,
			    mem_transfer *transfer)
{
	bool renewed = false;
	int fd, r;

	if (address_bad(address, size))
		return EFAULT;
	while (size > 0) {
		ssize_t n;

		r = task_mem(call, &fd);
		if (r != 0)
			return r;
		n = transfer(fd, buffer, size, (off_t)address);
		if (n == 0 && !renewed) {
			/* That memory is gone: the task has another since it was remembered. */
			task_forget(call);
			renewed = true;
			continue;
		}
		if (n <= 0)
			return EFAULT;
		buffer += n;
		address += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

int mem_read(struct call *call, uint64_t address, void *to, size_t size)
{
	return mem_transfer_all(call, address, to, size, pread);
}

/*
 * The descriptor writes where the caller itself could not (FOLL_FORCE): into its read-only pages,
 * which are its own. Under `sealed` that would be code. There the kernel's other way is taken,
 * which keeps to what the pages allow.
 */
static int mem_write_sealed(struct call *call, uint64_t address, const char *from, size_t size)
{
	while (size > 0) {
		struct iovec here = { .iov_base = (char *)from, .iov_len = size };
		struct iovec there = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };
		ssize_t n;

		/* By number: it has to be the caller's still. */
		if (!call_valid(call))
			return ESRCH;
		n = process_vm_writev(call->regs.tid, &here, 1, &there, 1, 0);
		if (n <= 0)
			return EFAULT;
		from += n;
		address += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

int mem_write(struct call *call, uint64_t address, const void *from, size_t size)
{
	if (call->regs.child->features & FEATURE_SEALED)
		return mem_write_sealed(call, address, from, size);
	return mem_transfer_all(call, address, (char *)from, size, transfer_write);
}

int mem_string(struct call *call, uint64_t address, char *to, size_t size, size_t *ret_length)
{
	size_t page = 4096, have = 0;

	while (have < size) {
		/* Never past the page: the string may end where the mapping does. Short first: most
		 * paths are. */
		size_t want = page - (size_t)((address + have) % page);
		size_t most = have == 0 ? 256 : page;
		char *end;
		int r;

		if (want > most)
			want = most;
		if (want > size - have)
			want = size - have;
		r = mem_read(call, address + have, to + have, want);
		if (r != 0)
			return r;
		end = memchr(to + have, '\0', want);
		if (end) {
			if (ret_length)
				*ret_length = (size_t)(end - to);
			return 0;
		}
		have += want;
	}
	return ENAMETOOLONG;
}
