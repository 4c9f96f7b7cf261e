/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order for a child, as bytes. The layout stands in the header. */
#include "zygote/order.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/cleanup.h"

/* The kernel's bounds: one string (MAX_ARG_STRLEN), and all of them (3/4 of _STK_LIM). */
#define STRING_MAX (32u * 4096)
#define ORDER_MAX  (6u << 20)

/* Adds up what the strings of a list take. */
static int list_measure(const char *const *list, uint32_t *ret_count, size_t *size)
{
	uint32_t count = 0;

	for (; list && list[count]; count++) {
		size_t length = strnlen(list[count], STRING_MAX);

		if (length == STRING_MAX)
			return -E2BIG;
		*size += sizeof(uint64_t) + length + 1;
		if (*size > ORDER_MAX)
			return -E2BIG;
	}
	*size += sizeof(uint64_t);
	*ret_count = count;
	return 0;
}

/* Where the packer stands: entries of lists grow from the front, strings behind all lists. */
struct packer {
	char *base;
	size_t entry, string;
};

static struct wire_list list_put(struct packer *packer, const char *const *list, uint32_t count)
{
	struct wire_list ret = { .offset = (uint32_t)packer->entry, .count = count };
	uint64_t *entries = (uint64_t *)(packer->base + packer->entry);

	for (uint32_t i = 0; i < count; i++) {
		size_t size = strlen(list[i]) + 1;

		entries[i] = packer->string;
		memcpy(packer->base + packer->string, list[i], size);
		packer->string += size;
	}
	entries[count] = 0;
	packer->entry += (count + 1) * sizeof(uint64_t);
	return ret;
}

static struct wire_list bytes_put(struct packer *packer, const void *from, size_t size,
				  uint32_t count)
{
	struct wire_list ret = { .offset = (uint32_t)packer->entry, .count = count };

	if (size)
		memcpy(packer->base + packer->entry, from, size);
	packer->entry += (size + 7) & ~(size_t)7;
	return ret;
}

static void head_put(struct wire_order *head, const struct zygote_order *order)
{
	head->flags = (order->spec.new_session ? WIRE_SESSION : 0) |
		      (order->spec.terminal ? WIRE_TERMINAL : 0) |
		      (order->sealed ? WIRE_SEALED : 0) | (order->floor >= 0 ? WIRE_FLOOR : 0) |
		      (order->inbox >= 0 ? WIRE_SENDER : 0);
	head->tag = order->tag;
	head->group = order->spec.group ? order->spec.group : getpgrp();
	head->traits = order->spec.traits;
	head->umask = order->spec.umask ? (int32_t)*order->spec.umask : -1;
	memcpy(&head->sigmask, &order->spec.sigmask, sizeof(head->sigmask));
	memcpy(&head->sigignore, &order->spec.sigignore, sizeof(head->sigignore));
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++) {
		if (!order->limit_set[i])
			continue;
		head->limit_set |= 1u << i;
		head->limits[i] = order->limits[i];
	}
}

static int memfd_fill(const void *from, size_t size, int *ret_fd)
{
	cleanup_fd int fd = memfd_create("order", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, from, size);
	if (n < 0)
		return -errno;
	if ((size_t)n != size)
		return -ENOMEM;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int wire_pack(const struct zygote_order *order, int *ret_fd, uint32_t *ret_size)
{
	size_t fds_size = order->spec.fds_count * sizeof(int32_t), strings = 0, lists, size;
	size_t filter_size = order->filter.len * sizeof(struct sock_filter);
	uint32_t argc = 0, envc = 0, paths = 0;
	cleanup_free char *base = NULL;
	struct packer packer;
	struct wire_order *head;
	int r;

	if (order->spec.fds_count > FDPASS_MAX - WIRE_FD_FIXED - 1)
		return -E2BIG;
	if ((r = list_measure(order->spec.argv, &argc, &strings)) < 0 ||
	    (r = list_measure(order->spec.envp, &envc, &strings)) < 0 ||
	    (r = list_measure(order->spec.candidates, &paths, &strings)) < 0)
		return r;
	if (argc == 0 || paths == 0)
		return -EINVAL;

	lists = sizeof(*head) + (argc + envc + paths + 3) * sizeof(uint64_t) +
		((fds_size + 7) & ~(size_t)7) + ((filter_size + 7) & ~(size_t)7);
	/* the offsets are counted in both terms, which is some bytes too many and never too few */
	size = lists + strings;
	base = calloc(1, size);
	if (!base)
		return -ENOMEM;

	head = (struct wire_order *)base;
	head_put(head, order);
	packer = (struct packer){ .base = base, .entry = sizeof(*head), .string = lists };
	head->argv = list_put(&packer, order->spec.argv, argc);
	head->envp = list_put(&packer, order->spec.envp, envc);
	head->candidates = list_put(&packer, order->spec.candidates, paths);
	head->fds = bytes_put(&packer, order->spec.numbers ? order->spec.numbers : order->spec.fds,
			      fds_size, (uint32_t)order->spec.fds_count);
	head->filter = bytes_put(&packer, order->filter.filter, filter_size, order->filter.len);

	size = packer.string;
	r = memfd_fill(base, size, ret_fd);
	if (r == 0)
		*ret_size = (uint32_t)size;
	return r;
}

/* Does the list lie inside the order? */
static bool list_fits(struct wire_list list, size_t entry, uint32_t size)
{
	return list.offset % 4 == 0 && list.offset <= size &&
	       list.count <= (size - list.offset) / entry;
}

/* Offsets become pointers. The last byte of the order is a NUL, so that every string ends inside.
 */
static int list_relocate(char *base, uint32_t size, struct wire_list list, char *const **ret)
{
	uint64_t *entries = (uint64_t *)(base + list.offset);

	if (list.offset % sizeof(uint64_t) || list.count == UINT32_MAX ||
	    !list_fits((struct wire_list){ list.offset, list.count + 1 }, sizeof(uint64_t), size))
		return -EPROTO;
	for (uint32_t i = 0; i < list.count; i++) {
		if (entries[i] >= size)
			return -EPROTO;
		entries[i] += (uintptr_t)base;
	}
	if (entries[list.count])
		return -EPROTO;
	*ret = (char *const *)entries;
	return 0;
}

/* What is mapped at @base, if all of it lies within. */
static int order_look(char *base, uint32_t size, struct wire_view *ret)
{
	struct wire_order *head = (struct wire_order *)base;
	int r;

	if (base[size - 1])
		return -EPROTO;
	if (!list_fits(head->fds, sizeof(int32_t), size) ||
	    !list_fits(head->filter, sizeof(struct sock_filter), size))
		return -EPROTO;
	if ((r = list_relocate(base, size, head->argv, &ret->argv)) < 0 ||
	    (r = list_relocate(base, size, head->envp, &ret->envp)) < 0 ||
	    (r = list_relocate(base, size, head->candidates, &ret->candidates)) < 0)
		return r;
	ret->head = head;
	ret->fds = (const int32_t *)(base + head->fds.offset);
	ret->filter = (const struct sock_filter *)(base + head->filter.offset);
	return 0;
}

int wire_unpack(int fd, uint32_t size, struct wire_view *ret)
{
	char *base;
	int r;

	if (size <= sizeof(struct wire_order))
		return -EPROTO;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	r = order_look(base, size, ret);
	if (r < 0)
		munmap(base, size);
	return r;
}

int wire_receive(int socket, struct wire_incoming *ret, size_t most, int flags)
{
	return fdpass_receive(socket, &ret->message, sizeof(ret->message), most, flags, &ret->with);
}

void birth_report(int report, enum sv_stage stage, pid_t pid, int error, int pidfd)
{
	struct zygote_report message = { .stage = stage, .error = error, .value = pid };

	/* an engine that does not get this sees the report hang up */
	fdpass_send(report, &message, sizeof(message), &pidfd, pidfd >= 0, MSG_DONTWAIT);
}
