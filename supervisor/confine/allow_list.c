/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of calls, to a filter. */
#include "confine/allow_list.h"

#include <errno.h>
#include <linux/audit.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/cleanup.h"

#define NUMBERS_MAX 512
#define PROGRAM_MAX 1024
#define X32_BIT	    0x40000000u

struct builder {
	struct sock_filter program[PROGRAM_MAX];
	size_t count;
	unsigned short starts[NUMBERS_MAX]; /* where runs of numbers with one kind begin */
	unsigned int kinds[NUMBERS_MAX];
	size_t runs;
	const struct allow_list *list;
};

/* The allowed in a table of numbers, then as runs. */
static void runs_find(struct builder *builder)
{
	unsigned char kind[NUMBERS_MAX] = { 0 };

	for (size_t i = 0; i < builder->list->group_count; i++) {
		const struct allow_group *group = &builder->list->groups[i];

		for (const short *number = group->numbers; *number >= 0; number++)
			kind[*number] = (unsigned char)group->kind;
	}
	for (size_t i = 0; i < NUMBERS_MAX; i++) {
		if (i > 0 && kind[i] == kind[i - 1])
			continue;
		builder->starts[builder->runs] = (unsigned short)i;
		builder->kinds[builder->runs++] = kind[i];
	}
}

static void emit(struct builder *builder, const struct sock_filter *code, size_t count)
{
	for (size_t i = 0; i < count; i++, builder->count++)
		if (builder->count < PROGRAM_MAX)
			builder->program[builder->count] = code[i];
}

/* The runs from first on, as a tree: lower numbers follow, higher ones are jumped to. */
static int emit_runs(struct builder *builder, size_t first, size_t count)
{
	size_t half = count / 2, at = builder->count, left;
	int r;

	if (count == 1) {
		const struct allow_kind *kind = &builder->list->kinds[builder->kinds[first]];

		emit(builder, kind->code, kind->count);
		return 0;
	}
	emit(builder, &(struct sock_filter)JUMP(BPF_JGE, builder->starts[first + half], 0, 0), 1);
	r = emit_runs(builder, first, half);
	if (r < 0)
		return r;
	left = builder->count - at - 1;
	if (left > 255 || at >= PROGRAM_MAX)
		return -E2BIG;
	builder->program[at].jt = (unsigned char)left;
	return emit_runs(builder, first + half, count - half);
}

static int program_build(struct builder *builder)
{
	const struct sock_filter head[] = {
		LOAD(arch),
		JUMP(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		JUMP(BPF_JGE, X32_BIT, 0, 1),
		RETURN(SECCOMP_RET_KILL_PROCESS),
	};
	int r;

	runs_find(builder);
	emit(builder, head, array_size(head));
	r = emit_runs(builder, 0, builder->runs);
	return r == 0 && builder->count > PROGRAM_MAX ? -E2BIG : r;
}

int allow_list_install(const struct allow_list *list)
{
	struct builder builder = { .list = list };
	struct sock_fprog program = { .filter = builder.program };
	long r = program_build(&builder);

	if (r < 0)
		return (int)r;
	program.len = (unsigned short)builder.count;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
		return -errno;
	/* SPEC_ALLOW: before 5.16 a filter else slows the whole process down; we run no foreign
	 * code */
	r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
	if (r < 0)
		return -errno;
	return r > 0 ? -EBUSY : 0; /* a thread that has a filter of its own */
}
