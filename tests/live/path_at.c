/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls with a descriptor of every kind. */
#include "path_calls.h"
#include "new_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static struct stat st;
static struct statfs fs;
static struct handle handle;
static char buffer[65536];

/* Directory descriptors of all kinds. */
enum {
	AT_CWD,
	AT_DIRECTORY,
	AT_PATH,
	AT_FILE,
	AT_PATH_FILE,
	AT_PATH_LINK,
	AT_DELETED,
	AT_PIPE,
	AT_NONE,
	AT_CLOSED,
	AT_FIFO,
	AT_KINDS,
};

static const char *const at_names[AT_KINDS] = {
	"cwd",	   "directory", "path", "file", "path-file", "path-link",
	"deleted", "pipe",	"-1",	"999",	"fifo",
};

static void at_open(int fds[AT_KINDS])
{
	int pipes[2];

	need(pipe2(pipes, O_CLOEXEC) == 0 && mkdir("gone", 0755) == 0, "make descriptors");
	fds[AT_CWD] = AT_FDCWD;
	fds[AT_DIRECTORY] = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds[AT_PATH] = open("d", O_PATH | O_CLOEXEC);
	fds[AT_FILE] = open("f", O_RDWR | O_CLOEXEC);
	fds[AT_PATH_FILE] = open("f", O_PATH | O_CLOEXEC);
	fds[AT_PATH_LINK] = open("l", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	fds[AT_DELETED] = open("gone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds[AT_PIPE] = pipes[1];
	fds[AT_NONE] = -1;
	fds[AT_CLOSED] = 999;
	fds[AT_FIFO] = open("fifo", O_RDWR | O_CLOEXEC);
	close(pipes[0]);
	need(rmdir("gone") == 0, "remove a directory");
}

static void at_close(const int fds[AT_KINDS])
{
	for (int i = 1; i < AT_KINDS; i++)
		if (fds[i] >= 0 && fds[i] != 999)
			close(fds[i]);
}

#define AT_FORM(name, expression)                   \
	static long at_##name(int D, const char *P) \
	{                                           \
		return expression;                  \
	}
#define AT_FORMS(X)                                                                             \
	X(fstatat, syscall(SYS_newfstatat, D, P, &st, 0))                                       \
	X(fstatat_empty, syscall(SYS_newfstatat, D, P, &st, AT_EMPTY_PATH))                     \
	X(statx_empty, syscall(SYS_statx, D, P, AT_EMPTY_PATH, 0x7ff, buffer))                  \
	X(faccessat2, syscall(SYS_faccessat2, D, P, F_OK, 0))                                   \
	X(faccessat2_empty, syscall(SYS_faccessat2, D, P, R_OK, AT_EMPTY_PATH))                 \
	X(readlinkat, syscall(SYS_readlinkat, D, P, buffer, 4096))                              \
	X(openat, closed(openat(D, P, O_RDONLY | O_NONBLOCK | O_CLOEXEC)))                      \
	X(openat_create, closed(openat(D, P, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666))) \
	X(mkdirat, syscall(SYS_mkdirat, D, P, 0777))                                            \
	X(mknodat, syscall(SYS_mknodat, D, P, 0666, 0))                                         \
	X(symlinkat, syscall(SYS_symlinkat, "text", D, P))                                      \
	X(linkat, syscall(SYS_linkat, D, P, AT_FDCWD, "new", 0))                                \
	X(linkat_to, syscall(SYS_linkat, AT_FDCWD, "f", D, P, 0))                               \
	X(renameat, syscall(SYS_renameat, D, P, AT_FDCWD, "new"))                               \
	X(renameat_to, syscall(SYS_renameat, AT_FDCWD, "f", D, P))                              \
	X(unlinkat, syscall(SYS_unlinkat, D, P, 0))                                             \
	X(unlinkat_directory, syscall(SYS_unlinkat, D, P, AT_REMOVEDIR))                        \
	X(fchmodat, syscall(SYS_fchmodat, D, P, 0711))                                          \
	X(fchmodat2_empty, syscall(__NR_fchmodat2, D, P, 0711, AT_EMPTY_PATH))                  \
	X(fchownat, syscall(SYS_fchownat, D, P, -1, -1, 0))                                     \
	X(fchownat_empty, syscall(SYS_fchownat, D, P, -1, -1, AT_EMPTY_PATH))                   \
	X(futimesat, syscall(SYS_futimesat, D, P, NULL))                                        \
	X(utimensat, syscall(SYS_utimensat, D, P, NULL, 0))                                     \
	X(utimensat_empty, syscall(SYS_utimensat, D, P, NULL, AT_EMPTY_PATH))                   \
	X(setxattrat, syscall(__NR_setxattrat, D, P, 0, "user.x", &value, sizeof(value)))       \
	X(setxattrat_empty,                                                                     \
	  syscall(__NR_setxattrat, D, P, AT_EMPTY_PATH, "user.x", &value, sizeof(value)))       \
	X(setxattrat_size, syscall(__NR_setxattrat, D, P, 0, "user.x", &value, 8))              \
	X(getxattrat, syscall(__NR_getxattrat, D, P, 0, "user.x", &value, sizeof(value)))       \
	X(listxattrat_empty, syscall(__NR_listxattrat, D, P, AT_EMPTY_PATH, buffer, 100) * 0)   \
	X(removexattrat_empty, syscall(__NR_removexattrat, D, P, AT_EMPTY_PATH, "user.x"))      \
	X(name_to_handle_empty,                                                                 \
	  (handle.size = 0, syscall(SYS_name_to_handle_at, D, P, &handle, buffer, AT_EMPTY_PATH)))

static struct {
	uint64_t address;
	uint32_t size, flags;
} value = { 0, 0, 0 };

AT_FORMS(AT_FORM)

static const struct {
	const char *name;
	long (*call)(int dirfd, const char *path);
} at_forms[] = {
#define AT_ROW(name, expression) { "at_" #name, at_##name },
	AT_FORMS(AT_ROW)
};

static const char *const at_paths[] = { "file", "none", "", ".", "..", "sub/", NULL };

/*
 * Where the box differs, and why. A removed directory: the kernel knows it by itself, we by its
 * name. The calls on attributes differ among themselves about the current directory (Linux 6.18).
 * O_CREAT: as in form_differs.
 */
static int at_differs(const char *form, const char *path, size_t kind)
{
	int itself = !path || path[0] == '\0';

	return (kind == AT_DELETED && (itself || path[0] == '.')) ||
	       (kind == AT_CWD && strstr(form, "removexattrat")) ||
	       (strcmp(form, "at_openat_create") == 0 && path && path[0] == '.');
}

void run_at(void)
{
	int fds[AT_KINDS];
	char text[64];

	value.address = (uint64_t)(uintptr_t) "";
	for (size_t i = 0; i < COUNT(at_forms); i++) {
		for (size_t j = 0; j < COUNT(at_paths) * AT_KINDS; j++) {
			const char *path = at_paths[j / AT_KINDS];
			size_t kind = j % AT_KINDS;
			long result;

			if (!asked_for(at_forms[i].name))
				continue;
			if (at_differs(at_forms[i].name, path, kind))
				continue;
			tree_make();
			at_open(fds);
			errno = 0;
			result = at_forms[i].call(fds[kind], path);
			snprintf(text, sizeof(text), "%s, %s", at_names[kind],
				 path ? path : "NULL");
			report(at_forms[i].name, text, result);
			at_close(fds);
		}
	}
}

/* Calls on a descriptor alone. */
#define FD_FORM(name, expression, writes) \
	static long fd_##name(int D)      \
	{                                 \
		return expression;        \
	}
#define FD_FORMS(X)                                                             \
	X(fstat, syscall(SYS_fstat, D, &st), 0)                                 \
	X(fstatfs, syscall(SYS_fstatfs, D, &fs), 0)                             \
	X(fchmod, syscall(SYS_fchmod, D, 0711), 1)                              \
	X(fchown, syscall(SYS_fchown, D, -1, -1), 1)                            \
	X(ftruncate, syscall(SYS_ftruncate, D, 2), 1)                           \
	X(futimens, syscall(SYS_utimensat, D, NULL, NULL, 0), 1)                \
	X(fsetxattr, syscall(SYS_fsetxattr, D, "user.x", "abc", 3, 0), 1)       \
	X(fgetxattr, syscall(SYS_fgetxattr, D, "user.x", buffer, 100), 0)       \
	X(flistxattr, syscall(SYS_flistxattr, D, buffer, 100) * 0, 0)           \
	X(fremovexattr, syscall(SYS_fremovexattr, D, "user.x"), 1)              \
	X(fchdir, syscall(SYS_fchdir, D), 0)                                    \
	X(getdents, syscall(SYS_getdents, D, buffer, 4096) > 0 ? 0 : -1, 0)     \
	X(getdents64, syscall(SYS_getdents64, D, buffer, 4096) > 0 ? 0 : -1, 0) \
	X(getdents64_small, syscall(SYS_getdents64, D, buffer, 8), 0)           \
	X(getdents64_null, syscall(SYS_getdents64, D, NULL, 4096), 0)           \
	X(inotify, syscall(SYS_inotify_add_watch, D, "f", IN_MODIFY), 0)

FD_FORMS(FD_FORM)

static const struct {
	const char *name;
	long (*call)(int fd);
	int writes;
} fd_forms[] = {
#define FD_ROW(name, expression, writes) { "fd_" #name, fd_##name, writes },
	FD_FORMS(FD_ROW)
};

void run_fd(void)
{
	int fds[AT_KINDS];

	for (size_t i = 0; i < COUNT(fd_forms); i++) {
		for (size_t kind = AT_DIRECTORY; kind < AT_KINDS; kind++) {
			long result;

			if (!asked_for(fd_forms[i].name))
				continue;
			/* What a descriptor only reads is not changed by it, and has no name to
			 * judge. */
			if (kind == AT_DELETED && fd_forms[i].writes)
				continue;
			tree_make();
			at_open(fds);
			errno = 0;
			result = fd_forms[i].call(fds[kind]);
			report(fd_forms[i].name, at_names[kind], result);
			at_close(fds);
		}
	}
}
