/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Methods that every child has: its symbol table, where it stands, and what makes it a level. */
#include "level/requests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"
#include "level/level.h"
#include "tree/table.h"
#include "call/memory.h"
#include "common/pcall-wire.h"

/* () */
static struct sv_answer builtin_symbols(struct call *call)
{
	int fd = table_symbols(call->regs.child->table);

	/* A copy is sent: the table keeps its own. */
	if (fd >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? sv_answer_error(ENOMEM) : sv_answer_fd(fd, O_CLOEXEC);
}

/* (struct wire_inside *ret, size) */
static struct sv_answer builtin_inside(struct call *call)
{
	const struct child *child = call->regs.child;
	uint64_t size = arg_u64(call, 1);
	struct wire_inside inside = {
		.depth = child->depth,
		.methods = (uint32_t)child->table->count,
		.flags = getsid(call->regs.tid) != getsid(0) ? WIRE_INSIDE_SESSION : 0,
	};
	int r;

	if (size < sizeof(inside.size))
		return sv_answer_error(EINVAL);
	if (size > sizeof(inside))
		size = sizeof(inside);
	inside.size = (uint32_t)size;
	snprintf(inside.label, sizeof(inside.label), "%s", child->label);
	r = mem_write(call, arg_u64(call, 0), &inside, (size_t)size);
	return r ? sv_answer_error(r) : sv_answer_value(0);
}

struct sv_answer builtin_serve(struct call *call, unsigned int slot)
{
	switch (slot) {
	case PCALL_SLOT_SYMBOLS: return builtin_symbols(call);
	case PCALL_SLOT_INSIDE: return builtin_inside(call);
	}
	if (slot < PCALL_SLOT_FIRST)
		return level_serve(call, slot);
	return sv_answer_error(ENOSYS);
}
