/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in sealed_page.h. */
#include "own/sealed_page.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "call/tracee.h"
#include "common/cleanup.h"
#include "confine/sysnumbers.h"
#include "tree/child.h"

/* Linux 5.1 */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
/* Linux 6.3 */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Linux 6.11: struct procmap_query of linux/fs.h. */
struct memory_query {
	uint64_t size, flags, address;
	uint64_t start, end, rights, page_size, offset, inode;
	uint32_t device_major, device_minor;
	uint32_t name_size, build_id_size;
	uint64_t name, build_id;
};

#define MEMORY_QUERY _IOWR('f', 17, struct memory_query)

enum {
	PAGE_BYTES = 4096,
	MEMORY_READABLE = 1,
	MEMORY_SHARED = 8,
};

static struct sealed_page *page_free(struct sealed_page *page)
{
	if (page->ours != MAP_FAILED)
		munmap(page->ours, SEALED_SIZE);
	if (page->memfd >= 0)
		close(page->memfd);
	sealed_lock_deinit(&page->lock);
	free(page);
	return NULL;
}

LOCK_UNPROVEN void sealed_page_free(struct child *child)
{
	if (child->sealed)
		page_free(child->sealed);
}

/* Where programs have nothing, and for each child somewhere else. */
static uint64_t place_choose(void)
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint64_t)(uintptr_t)&random / PAGE_BYTES;
	return UINT64_C(0x300000000000) + (random % (1 << 28)) * PAGE_BYTES;
}

/* After the last mapping that may be written there is none but ours, for good. */
static int page_open(struct sealed_page *page)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
	struct stat st;

	page->memfd = (int)syscall(SYS_memfd_create, "pcall-sealed",
				   MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (page->memfd < 0 || ftruncate(page->memfd, SEALED_SIZE) < 0)
		return errno;
	page->ours = mmap(NULL, SEALED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, page->memfd, 0);
	/* No copy of us, as the one that reads policies, has it. */
	if (page->ours == MAP_FAILED || madvise(page->ours, SEALED_SIZE, MADV_DONTFORK) < 0 ||
	    fcntl(page->memfd, F_ADD_SEALS, seals) < 0 || fstat(page->memfd, &st) < 0)
		return errno;
	page->inode = st.st_ino;
	page->device = st.st_dev;
	page->at = place_choose();
	return 0;
}

static struct sealed_page *page_new(void)
{
	struct sealed_page *page = calloc(1, sizeof(*page));
	int r;

	if (!page)
		return NULL;
	page->memfd = -1;
	page->ours = MAP_FAILED;
	sealed_lock_init(&page->lock);
	r = page_open(page);
	if (r == EINVAL) /* a kernel before 6.3 has no mseal either */
		atomic_store(&page->lacking, true);
	else if (r != 0)
		return page_free(page);
	return page;
}

int sealed_page_get(struct child *child, struct sealed_page **ret)
{
	struct sealed_page *page;

	child_lock_take(&child->lock);
	if (!child->sealed)
		child->sealed = page_new();
	page = child->sealed;
	child_lock_give(&child->lock);
	if (!page)
		return ENOMEM;
	if (atomic_load(&page->lacking))
		return EOPNOTSUPP;
	*ret = page;
	return 0;
}

/* What the process has at this address. 0 or an errno: ENOENT, nothing. */
static int memory_look(const struct sealed_page *page, pid_t tid, struct memory_query *ret)
{
	char path[32];
	cleanup_fd int maps = -1;

	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	maps = open(path, O_RDONLY | O_CLOEXEC);
	if (maps < 0)
		return errno;
	*ret = (struct memory_query){ .size = sizeof(*ret), .address = page->at };
	return ioctl(maps, MEMORY_QUERY, ret) < 0 ? errno : 0;
}

bool sealed_page_is_there(const struct sealed_page *page, pid_t tid)
{
	struct memory_query found;

	return memory_look(page, tid, &found) == 0;
}

/* It cannot change any more: is it what it is to be? */
static int page_prove(const struct sealed_page *page, pid_t tid)
{
	struct memory_query found;
	int r = memory_look(page, tid, &found);

	if (r != 0)
		return r;
	return found.start == page->at && found.end == page->at + SEALED_SIZE &&
			       found.offset == 0 && found.inode == page->inode &&
			       makedev(found.device_major, found.device_minor) == page->device &&
			       found.rights == (MEMORY_READABLE | MEMORY_SHARED)
		       ? 0
		       : EFAULT;
}

static int page_map(const struct sealed_page *page, struct tracee *tracee, int64_t fd)
{
	const uint64_t word[6] = {
		page->at, SEALED_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, (uint64_t)fd, 0,
	};
	int64_t r = tracee_call6(tracee, SYS_mmap, word);

	tracee_call(tracee, SYS_close, (uint64_t)fd, 0, 0, 0);
	/* Another thread has been made to meanwhile: what is there is looked at in either case. */
	if (r == (int64_t)page->at || r == -EEXIST)
		return 0;
	return r < 0 && r > -PAGE_BYTES ? (int)-r : EFAULT;
}

int sealed_page_enter(struct sealed_page *page, struct tracee *tracee, int64_t fd)
{
	int r = fd < 0 ? 0 : page_map(page, tracee, fd);
	int64_t sealed;

	if (r != 0)
		return r;
	sealed = tracee_call(tracee, __NR_mseal, page->at, SEALED_SIZE, 0, 0);
	r = sealed < 0 ? (int)-sealed : page_prove(page, tracee->tid);
	/* Profiles of containers say EPERM of what they do not know, and the query is younger. */
	if (r != ENOSYS && r != EPERM && r != ENOTTY)
		return r;
	atomic_store(&page->lacking, true);
	return EOPNOTSUPP;
}
