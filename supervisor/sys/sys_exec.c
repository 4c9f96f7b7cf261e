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
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "call/call.h"
#include "call/exec_fd.h"
#include "call/tracee.h"
#include "tree/child.h"
#include "tree/tree.h"
#include "path/binding.h"
#include "path/exec_integrity.h"
#include "tree/level.h"
#include "call/caller.h"
#include "confine/sysrow.h"
#include "path/resolve.h"
#include "common/cleanup.h"

enum {
	HEAD_SIZE = 256,      /* BINPRM_BUF_SIZE: what the kernel looks at */
	INTERPRETERS_MAX = 5, /* as exec_binprm */
};

/* The first bytes of the file, for its kind. */
static int file_head(struct place *place, char head[HEAD_SIZE + 1])
{
	char buffer[PROC_FD_MAX];
	const struct stat *st = place_stat(place);
	cleanup_fd int fd = -1;
	ssize_t n;

	if (!st)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return S_ISLNK(st->st_mode) ? ELOOP : EACCES;
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

/* A file that is to be executed, and what its #! line says, in place. */
struct file {
	char head[HEAD_SIZE + 1];
	char *interpreter, *argument; /* NULL: there is none */
};

static void script_parse(struct file *file)
{
	char *at = file->head + 2, *end;

	if (file->head[0] != '#' || file->head[1] != '!')
		return;
	at[strcspn(at, "\n")] = '\0';
	at += strspn(at, " \t");
	for (end = at + strlen(at); end > at && strchr(" \t", end[-1]);)
		*--end = '\0';
	if (!*at)
		return;
	file->interpreter = at;
	at += strcspn(at, " \t");
	if (!*at)
		return;
	*at++ = '\0';
	file->argument = at + strspn(at, " \t");
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

/* The files of one execution: the program, or a script and its interpreters. */
struct execution {
	struct file files[INTERPRETERS_MAX + 1];
	unsigned int count;
	int fd;	      /* the last one, O_PATH */
	bool by_view; /* one of them the kernel does not find by its path */
};

static int check_file(struct call *call, int dirfd, const char *path, unsigned int flags,
		      struct execution *execution)
{
	struct file *file = &execution->files[execution->count];
	struct place place = PLACE_INIT;
	int r;

	*file = (struct file){ .interpreter = NULL };
	r = view_lookup_at(call, dirfd, path, flags, RIGHT_EXEC, &place);
	if (r == 0)
		r = file_head(&place, file->head);
	if (r == 0)
		r = check_machine(call, file->head);
	if (r == 0)
		r = check_sealed(call, &place, file->head);
	if (r == 0) {
		execution->by_view |= !view_is_kernels(call, dirfd, path, flags, &place);
		if (path[0] == '/')
			view_entered(call->regs.child, place.name);
		execution->count++;
		if (execution->fd >= 0)
			close(execution->fd);
		execution->fd = steal_fd(&place.fd);
		script_parse(file);
	}
	place_deinit(&place);
	return r;
}

static int check_files(struct call *call, int dirfd, const char *path, unsigned int flags,
		       struct execution *execution)
{
	int r = check_file(call, dirfd, path, flags, execution);

	while (r == 0 && (path = execution->files[execution->count - 1].interpreter))
		r = execution->count > INTERPRETERS_MAX
			    ? ELOOP
			    : check_file(call, AT_FDCWD, path, VIEW_FOLLOW, execution);
	return r;
}

/* Each interpreter before what it interprets, as the kernel has them. */
static void add_words(const struct execution *execution, struct exec_fd *exec)
{
	for (unsigned int i = execution->count - 1; i-- > 0;) {
		const struct file *script = &execution->files[i];

		exec->words[exec->count++] = script->interpreter;
		if (script->argument)
			exec->words[exec->count++] = script->argument;
	}
	if (exec->count)
		exec->words[exec->count++] = exec->name;
}

static int exec_by_view(struct call *call, const struct execution *execution)
{
	char buffer[PROC_FD_MAX], text[PATH_MAX + 128];
	struct exec_fd exec = { .name = call->path[0] };
	cleanup_fd int fd = -1;
	int r = EACCES;

	if (call->regs.nr != SYS_execve) {
		call_fault(call, "execveat does not lead through a view: use execve");
		return r;
	}
	fd = open(proc_fd_path(execution->fd, buffer), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return child_errno(errno);
	exec.fd = fd;
	add_words(execution, &exec);
	r = exec_fd_answer(call, &exec);
	if (r == 0 || r == ESRCH)
		return r;
	snprintf(text, sizeof(text), "%s is in a view, and cannot be executed: %s", exec.name,
		 tracee_why(r));
	call_fault(call, text);
	return EACCES;
}

static struct sv_gate bounded_exec(struct call *call, int dirfd, const char *path,
				   unsigned int flags)
{
	struct execution execution = { .fd = -1 };
	int r = check_files(call, dirfd, path, flags, &execution);

	if (r == 0)
		r = call->regs.child->tree->ops->execs(call);
	if (r == 0 && execution.by_view)
		r = exec_by_view(call, &execution);
	if (execution.fd >= 0)
		close(execution.fd);
	if (r != 0)
		return gate_error(r > 0 ? r : EIO);
	/* What is remembered of the task is void once it execs. */
	task_forget(call);
	return execution.by_view ? gate_answered() : gate_continue();
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
