/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * execve and execveat. The kernel reads the path again, so a verdict here is an answer to people
 * and to honest programs; what bounds a path that is swapped in between is the floor: Landlock lets
 * nothing be executed but what the policy's exec rules start from (DESIGN.md, The hard calls).
 * Files that never had a name do not run: memfds are sealed against it. What has lost its name runs
 * where that name would.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"
#include "path/exec_integrity.h"
#include "tree/level.h"
#include "engine/receiver.h"
#include "sys/sysrow.h"
#include "path/resolve.h"
#include "common/cleanup.h"

enum {
	HEAD_SIZE = 256,      /* BINPRM_BUF_SIZE: what the kernel looks at */
	INTERPRETERS_MAX = 5, /* as exec_binprm */
};

/* The first bytes of the file, for its kind. */
static int file_head(const struct place *place, char head[HEAD_SIZE + 1])
{
	char buffer[PROC_FD_MAX];
	cleanup_fd int fd = -1;
	struct stat st;
	ssize_t n;

	if (fstat(place->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? ELOOP : EACCES;
	fd = open(proc_fd_path(place->fd, buffer), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* Who holds a lease on it is about to write it, or may. */
	if (fd < 0)
		return errno == EAGAIN ? ETXTBSY : child_errno(errno);
	n = pread(fd, head, HEAD_SIZE, 0);
	if (n < 0)
		return child_errno(errno);
	memset(head + n, 0, (size_t)(HEAD_SIZE + 1 - n));
	return 0;
}

/* The interpreter of a #! line, in place. NULL: there is none. */
static char *script_interpreter(char head[HEAD_SIZE + 1])
{
	char *start, *end;

	if (head[0] != '#' || head[1] != '!')
		return NULL;
	head[strcspn(head, "\n")] = '\0';
	start = head + 2 + strspn(head + 2, " \t");
	end = start + strcspn(start, " \t");
	*end = '\0';
	return *start ? start : NULL;
}

/* 32-bit programs would enter the kernel by a door that the filter keeps shut. */
static int check_machine(struct call *call, const char head[HEAD_SIZE + 1])
{
	const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head;

	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
		return 0;
	if (elf->e_ident[EI_CLASS] == ELFCLASS64 && elf->e_machine == EM_X86_64)
		return 0;
	call_fault(call, "only 64-bit x86 programs can be run: this one is for another machine; "
			 "use its 64-bit build");
	return ENOEXEC;
}

/* An executable stack is made by the kernel at execve, and no MDWE is asked. */
static bool wants_code_on_stack(const struct place *place, const char head[HEAD_SIZE + 1])
{
	const Elf64_Ehdr *elf = (const Elf64_Ehdr *)head;
	char buffer[PROC_FD_MAX];
	cleanup_fd int fd = -1;
	Elf64_Phdr segment;

	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	fd = open(proc_fd_path(place->fd, buffer), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	for (unsigned int i = 0; i < elf->e_phnum; i++) {
		off_t at = (off_t)(elf->e_phoff + (uint64_t)i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return true;
		if (segment.p_type == PT_GNU_STACK)
			return segment.p_flags & PF_X;
	}
	return false; /* none says so: this kernel then makes none */
}

/* `sealed`: what runs was there when the child was made, and makes no code of data. */
static int check_sealed(struct call *call, const struct place *place,
			const char head[HEAD_SIZE + 1])
{
	const struct child *child = call->regs.child;
	struct verdict sealed = { DECISION_DENY, policy_sealed(child->policy) };
	struct stat st;

	if (!(child->features & FEATURE_SEALED))
		return 0;
	if (fstat(place->fd, &st) == 0 && code_is_old(child, &st) &&
	    !wants_code_on_stack(place, head))
		return 0;
	return call_deny(call, sealed, VERB_EXEC, EACCES, place->name, place->given);
}

/* One file that is to be executed: the program, or an interpreter. */
static int check_file(struct call *call, int dirfd, const char *path, unsigned int flags,
		      char head[HEAD_SIZE + 1])
{
	struct place place = PLACE_INIT;
	int r;

	r = view_lookup_at(call, dirfd, path, flags, RIGHT_EXEC, &place);
	if (r == 0 && !view_is_kernels(call, dirfd, path, flags, &place)) {
		call_fault(call, "the kernel cannot execute a file through a binding: allow exec "
				 "of its real name, and use that");
		r = EACCES;
	}
	if (r == 0)
		r = file_head(&place, head);
	if (r == 0)
		r = check_machine(call, head);
	if (r == 0)
		r = check_sealed(call, &place, head);
	place_deinit(&place);
	return r;
}

static struct sv_gate bounded_exec(struct call *call, int dirfd, const char *path,
				   unsigned int flags)
{
	char head[HEAD_SIZE + 1], interpreter[HEAD_SIZE + 1];
	char *next;
	int r;

	r = check_file(call, dirfd, path, flags, head);
	for (int depth = 0; r == 0 && (next = script_interpreter(head)); depth++) {
		memcpy(interpreter, next, strlen(next) + 1);
		r = depth == INTERPRETERS_MAX
			    ? ELOOP
			    : check_file(call, AT_FDCWD, interpreter, VIEW_FOLLOW, head);
	}
	if (r == 0)
		r = level_execs(call);
	if (r != 0)
		return gate_error(r > 0 ? r : EIO);
	/* What is remembered of the task is void once it execs. */
	task_forget(call);
	return gate_continue();
}

/* execve(path, argv, envp) */
static struct sv_gate sys_execve(struct call *call)
{
	return bounded_exec(call, AT_FDCWD, call->path[0], VIEW_FOLLOW);
}

/* execveat(dirfd, path, argv, envp, flags) */
static struct sv_gate sys_execveat(struct call *call)
{
	int flags = arg_int(call, 4);

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return gate_error(EINVAL);
	return bounded_exec(call, arg_int(call, 0), call->path[0],
			    (flags & AT_EMPTY_PATH ? VIEW_EMPTY : 0) |
				    (flags & AT_SYMLINK_NOFOLLOW ? 0 : VIEW_FOLLOW));
}

static const char exec_note[] = "bounded: the path is read again by the kernel; Landlock executes "
				"nothing outside the exec rules";

const struct sysrow exec_rows[] = {
	ROW(execve, "poo", .tier = TIER_NOTIFY, .bounded = sys_execve, .note = exec_note),
	ROW(execveat, "dpooi", .tier = TIER_NOTIFY, .bounded = sys_execveat, .note = exec_note),
	ROWS_END,
};
