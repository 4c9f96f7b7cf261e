/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What reading a policy's text takes: files that are opened for reading, names, memory, and one
 * descriptor to say what was found.
 */
#include "confine/reader_filter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "common/cleanup.h"
#include "confine/allow_list.h"

#include <errno.h>

#define CHANGES (O_ACCMODE | O_CREAT | O_TRUNC)

enum reader_kind {
	PERM,
	ALLOW,
	NO_CODE,     /* mprotect: nothing executable */
	OWN_DATA,    /* mmap: nothing executable, nothing that others see change */
	OPEN_READ,   /* open: for reading */
	OPENAT_READ, /* openat: the same */
	ANSWER,	     /* write: to the socket */
	FLAGS_ONLY,  /* fcntl: what a descriptor is */
	KINDS,
};

/* clang-format off */
static const struct allow_group groups[] = {
	/* memory */
	{ ALLOW, NUMBERS(SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_getrandom) },
	{ NO_CODE, NUMBERS(SYS_mprotect) },
	{ OWN_DATA, NUMBERS(SYS_mmap) },
	/* files and names */
	{ OPEN_READ, NUMBERS(SYS_open) },
	{ OPENAT_READ, NUMBERS(SYS_openat) },
	{ FLAGS_ONLY, NUMBERS(SYS_fcntl) },
	{ ALLOW, NUMBERS(SYS_read, SYS_pread64, SYS_lseek, SYS_close, SYS_fstat, SYS_stat, SYS_lstat, SYS_newfstatat,
			 SYS_statx, SYS_access, SYS_faccessat, SYS_faccessat2, SYS_readlink, SYS_readlinkat, SYS_getcwd,
			 SYS_getdents64) },
	/* what it answers, and its end */
	{ ANSWER, NUMBERS(SYS_write) },
	{ ALLOW, NUMBERS(SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall) },
	/* names are followed with fewer capabilities than files were read with */
	{ ALLOW, NUMBERS(SYS_capget, SYS_capset) },
};

int confine_reader(int socket)
{
	const struct allow_kind kinds[KINDS] = {
		[PERM] = CODE(ERROR(EPERM)),
		[ALLOW] = CODE(PASS),
		[NO_CODE] = CODE(LOAD(args[2]), JUMP(BPF_JSET, PROT_EXEC, 1, 0), PASS, ERROR(EPERM)),
		[OWN_DATA] = CODE(LOAD(args[2]), JUMP(BPF_JSET, PROT_EXEC, 3, 0), LOAD(args[3]),
				  JUMP(BPF_JSET, MAP_SHARED, 1, 0), PASS, ERROR(EPERM)),
		[OPEN_READ] = CODE(LOAD(args[1]), JUMP(BPF_JSET, CHANGES, 1, 0), PASS, ERROR(EPERM)),
		[OPENAT_READ] = CODE(LOAD(args[2]), JUMP(BPF_JSET, CHANGES, 1, 0), PASS, ERROR(EPERM)),
		[ANSWER] = CODE(LOAD(args[0]), JUMP(BPF_JEQ, (unsigned int)socket, 0, 1), PASS, ERROR(EPERM)),
		[FLAGS_ONLY] = CODE(LOAD(args[1]), JUMP(BPF_JEQ, F_GETFL, 2, 0), JUMP(BPF_JEQ, F_GETFD, 1, 0),
				    JUMP(BPF_JEQ, F_SETFD, 0, 1), PASS, ERROR(EPERM)),
	};
	/* clang-format on */
	const struct allow_list list = { groups, array_size(groups), kinds };

	return allow_list_install(&list);
}
