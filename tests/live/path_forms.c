/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every call with every kind of path, and with addresses that are none. */
#include "path_calls.h"
#include "new_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utime.h>

static int watcher; /* an inotify descriptor */
static struct stat st;
static struct statfs fs;
static const struct timespec omit[2] = {
	{0,  UTIME_OMIT},
	   { 0, UTIME_OMIT}
};
static const struct timespec bad_times[2] = {
	{0,  2000000000},
	   { 0, UTIME_OMIT}
};
static const struct timeval bad_tv[2] = {
	{0,  2000000},
	{ 0, 0      }
};
static const struct utimbuf old = { 1, 2 };
static struct handle handle;
static char buffer[65536];

/*
 * One form of a call. The path goes to where P stands. Those that begin with bad_ fail for another
 * reason than the path, and are not made with paths that are bad, too: which is seen first may
 * differ.
 */
#define FORM(name, expression)                 \
	static long form_##name(const char *P) \
	{                                      \
		return expression;             \
	}
#define FORMS_READING(X)                                                                        \
	X(stat, syscall(SYS_stat, P, &st))                                                      \
	X(lstat, syscall(SYS_lstat, P, &st))                                                    \
	X(fstatat, syscall(SYS_newfstatat, AT_FDCWD, P, &st, 0))                                \
	X(fstatat_nofollow, syscall(SYS_newfstatat, AT_FDCWD, P, &st, AT_SYMLINK_NOFOLLOW))     \
	X(fstatat_empty, syscall(SYS_newfstatat, AT_FDCWD, P, &st, AT_EMPTY_PATH))              \
	X(bad_fstatat_flags, syscall(SYS_newfstatat, AT_FDCWD, P, &st, 0x10))                   \
	X(statx, syscall(SYS_statx, AT_FDCWD, P, 0, 0x7ff, buffer))                             \
	X(statx_nofollow, syscall(SYS_statx, AT_FDCWD, P, AT_SYMLINK_NOFOLLOW, 0x7ff, buffer))  \
	X(bad_statx_mask, syscall(SYS_statx, AT_FDCWD, P, 0, 0x80000000u, buffer))              \
	X(bad_statx_sync, syscall(SYS_statx, AT_FDCWD, P, 0x6000, 0x7ff, buffer))               \
	X(access, syscall(SYS_access, P, F_OK))                                                 \
	X(bad_access_mode, syscall(SYS_access, P, 8))                                           \
	X(faccessat2_nofollow, syscall(SYS_faccessat2, AT_FDCWD, P, F_OK, AT_SYMLINK_NOFOLLOW)) \
	X(faccessat2_eaccess, syscall(SYS_faccessat2, AT_FDCWD, P, F_OK, AT_EACCESS))           \
	X(bad_faccessat2_flags, syscall(SYS_faccessat2, AT_FDCWD, P, F_OK, 0x800))              \
	X(readlink, syscall(SYS_readlink, P, buffer, 4096))                                     \
	X(readlink_one, syscall(SYS_readlink, P, buffer, 1))                                    \
	X(bad_readlink_zero, syscall(SYS_readlink, P, buffer, 0))                               \
	X(readlinkat, syscall(SYS_readlinkat, AT_FDCWD, P, buffer, 4096))                       \
	X(statfs, syscall(SYS_statfs, P, &fs))                                                  \
	X(chdir, syscall(SYS_chdir, P))                                                         \
	X(open_path, closed(open(P, O_PATH | O_CLOEXEC)))                                       \
	X(open_path_nofollow, closed(open(P, O_PATH | O_NOFOLLOW | O_CLOEXEC)))                 \
	X(listxattr, syscall(SYS_listxattr, P, buffer, 0) * 0)                                  \
	X(name_to_handle,                                                                       \
	  (handle.size = 0, syscall(SYS_name_to_handle_at, AT_FDCWD, P, &handle, buffer, 0)))
#define FORMS_WRITING(X)                                                                          \
	X(access_r, syscall(SYS_access, P, R_OK))                                                 \
	X(access_w, syscall(SYS_access, P, W_OK))                                                 \
	X(access_rw, syscall(SYS_faccessat, AT_FDCWD, P, R_OK | W_OK))                            \
	X(open_read, closed(open(P, O_RDONLY | O_NONBLOCK | O_CLOEXEC)))                          \
	X(open_write, closed(open(P, O_WRONLY | O_NONBLOCK | O_CLOEXEC)))                         \
	X(open_create, closed(open(P, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666)))          \
	X(open_excl, closed(open(P, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666)))                \
	X(open_trunc, closed(open(P, O_RDWR | O_TRUNC | O_NONBLOCK | O_CLOEXEC)))                 \
	X(open_directory, closed(open(P, O_RDONLY | O_DIRECTORY | O_CLOEXEC)))                    \
	X(open_nofollow, closed(open(P, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)))         \
	X(bad_open_directory, closed(open(P, O_RDWR | O_CREAT | O_DIRECTORY | O_CLOEXEC, 0666)))  \
	X(open_tmpfile, closed(open(P, O_RDWR | O_TMPFILE | O_CLOEXEC, 0666)))                    \
	X(mkdir, syscall(SYS_mkdir, P, 0777))                                                     \
	X(mkdir_bits, syscall(SYS_mkdir, P, 07777))                                               \
	X(mknod, syscall(SYS_mknod, P, 0666, 0))                                                  \
	X(mknod_fifo, syscall(SYS_mknodat, AT_FDCWD, P, S_IFIFO | 0666, 0))                       \
	X(bad_mknod_device, syscall(SYS_mknod, P, S_IFCHR | 0666, 0x103))                         \
	X(bad_mknod_directory, syscall(SYS_mknod, P, S_IFDIR | 0666, 0))                          \
	X(bad_mknod_link, syscall(SYS_mknod, P, S_IFLNK | 0666, 0))                               \
	X(symlink, syscall(SYS_symlink, "any text", P))                                           \
	X(bad_symlink_empty, syscall(SYS_symlinkat, "", AT_FDCWD, P))                             \
	X(symlink_target, syscall(SYS_symlink, P, "new"))                                         \
	X(link_from, syscall(SYS_link, P, "new"))                                                 \
	X(link_to, syscall(SYS_link, "f", P))                                                     \
	X(link_to_slash, syscall(SYS_link, P, "new/"))                                            \
	X(linkat_follow, syscall(SYS_linkat, AT_FDCWD, P, AT_FDCWD, "new", AT_SYMLINK_FOLLOW))    \
	X(bad_linkat_flags, syscall(SYS_linkat, AT_FDCWD, P, AT_FDCWD, "new", 0x10))              \
	X(rename_from, syscall(SYS_rename, P, "new"))                                             \
	X(rename_from_over, syscall(SYS_rename, P, "g"))                                          \
	X(rename_from_empty, syscall(SYS_rename, P, "e"))                                         \
	X(rename_from_slash, syscall(SYS_rename, P, "new/"))                                      \
	X(rename_from_in, syscall(SYS_rename, P, "d/sub/new"))                                    \
	X(rename_to, syscall(SYS_rename, "f", P))                                                 \
	X(rename_directory_to, syscall(SYS_renameat, AT_FDCWD, "d", AT_FDCWD, P))                 \
	X(rename_noreplace, syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, P, RENAME_NOREPLACE)) \
	X(rename_noreplace_from,                                                                  \
	  syscall(SYS_renameat2, AT_FDCWD, P, AT_FDCWD, "new", RENAME_NOREPLACE))                 \
	X(rename_exchange, syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, P, RENAME_EXCHANGE))   \
	X(bad_rename_flags, syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, P, 3))                \
	X(unlink, syscall(SYS_unlink, P))                                                         \
	X(unlinkat, syscall(SYS_unlinkat, AT_FDCWD, P, 0))                                        \
	X(unlinkat_directory, syscall(SYS_unlinkat, AT_FDCWD, P, AT_REMOVEDIR))                   \
	X(bad_unlinkat_flags, syscall(SYS_unlinkat, AT_FDCWD, P, 1))                              \
	X(rmdir, syscall(SYS_rmdir, P))                                                           \
	X(chmod, syscall(SYS_chmod, P, 0711))                                                     \
	X(fchmodat, syscall(SYS_fchmodat, AT_FDCWD, P, 01711))                                    \
	X(fchmodat2_nofollow, syscall(__NR_fchmodat2, AT_FDCWD, P, 0711, AT_SYMLINK_NOFOLLOW))    \
	X(bad_fchmodat2_flags, syscall(__NR_fchmodat2, AT_FDCWD, P, 0711, 1))                     \
	X(chown, syscall(SYS_chown, P, -1, -1))                                                   \
	X(chown_other, syscall(SYS_chown, P, 12345, -1))                                          \
	X(lchown, syscall(SYS_lchown, P, getuid(), getgid()))                                     \
	X(fchownat, syscall(SYS_fchownat, AT_FDCWD, P, -1, -1, AT_SYMLINK_NOFOLLOW))              \
	X(bad_fchownat_flags, syscall(SYS_fchownat, AT_FDCWD, P, -1, -1, 1))                      \
	X(utime, syscall(SYS_utime, P, NULL))                                                     \
	X(utime_old, syscall(SYS_utime, P, &old))                                                 \
	X(utimes, syscall(SYS_utimes, P, NULL))                                                   \
	X(bad_utimes_bad, syscall(SYS_utimes, P, bad_tv))                                         \
	X(futimesat, syscall(SYS_futimesat, AT_FDCWD, P, NULL))                                   \
	X(utimensat, syscall(SYS_utimensat, AT_FDCWD, P, NULL, 0))                                \
	X(utimensat_nofollow, syscall(SYS_utimensat, AT_FDCWD, P, NULL, AT_SYMLINK_NOFOLLOW))     \
	X(bad_utimensat_omit, syscall(SYS_utimensat, AT_FDCWD, P, omit, 0))                       \
	X(bad_utimensat_bad, syscall(SYS_utimensat, AT_FDCWD, P, bad_times, 0))                   \
	X(bad_utimensat_flags, syscall(SYS_utimensat, AT_FDCWD, P, NULL, 1))                      \
	X(truncate, syscall(SYS_truncate, P, 2))                                                  \
	X(truncate_longer, syscall(SYS_truncate, P, 200))                                         \
	X(bad_truncate_negative, syscall(SYS_truncate, P, -1))                                    \
	X(setxattr, syscall(SYS_setxattr, P, "user.x", "abc", 3, 0))                              \
	X(setxattr_replace, syscall(SYS_setxattr, P, "user.x", "abc", 3, 2))                      \
	X(bad_setxattr_flags, syscall(SYS_setxattr, P, "user.x", "abc", 3, 4))                    \
	X(bad_setxattr_name, syscall(SYS_setxattr, P, "", "abc", 3, 0))                           \
	X(bad_setxattr_prefix, syscall(SYS_setxattr, P, "nothing.x", "abc", 3, 0))                \
	X(bad_setxattr_size, syscall(SYS_setxattr, P, "user.x", "abc", 65537, 0))                 \
	X(lsetxattr, syscall(SYS_lsetxattr, P, "user.x", "abc", 3, 0))                            \
	X(getxattr, syscall(SYS_getxattr, P, "user.x", buffer, 100))                              \
	X(lgetxattr, syscall(SYS_lgetxattr, P, "user.x", buffer, 0))                              \
	X(removexattr, syscall(SYS_removexattr, P, "user.x"))                                     \
	X(lremovexattr, syscall(SYS_lremovexattr, P, "user.x"))                                   \
	X(inotify, syscall(SYS_inotify_add_watch, watcher, P, IN_MODIFY))                         \
	X(inotify_nofollow,                                                                       \
	  syscall(SYS_inotify_add_watch, watcher, P, IN_MODIFY | IN_DONT_FOLLOW))                 \
	X(inotify_directory, syscall(SYS_inotify_add_watch, watcher, P, IN_MODIFY | IN_ONLYDIR))  \
	X(bad_inotify_none, syscall(SYS_inotify_add_watch, watcher, P, 0))

FORMS_READING(FORM)
FORMS_WRITING(FORM)

#define READING(name, expression) { #name, form_##name, 0 },
#define WRITING(name, expression) { #name, form_##name, 1 },
static const struct form forms[] = { FORMS_READING(READING) FORMS_WRITING(WRITING) };

static char name255[256], name256[257], deep256[260], path4095[4096], path4096[4097];

/* Relative ones are made for calls that change something, absolute ones are not. */
static const char *const paths[] = {
	"f",
	"d",
	"l",
	"ld",
	"dangling",
	"loop",
	"fifo",
	"sock",
	"none",
	"e",
	"d/file",
	"d/none",
	"d/sub",
	"none/x",
	"f/x",
	"l/x",
	"ld/file",
	"ld/none",
	"dangling/x",
	"loop/x",
	"fifo/x",
	"f/",
	"d/",
	"l/",
	"ld/",
	"dangling/",
	"loop/",
	"none/",
	"fifo/",
	"e/",
	"e//",
	"f/.",
	"d/.",
	"ld/.",
	"none/.",
	"e/.",
	"f/..",
	"d/..",
	"ld/..",
	"none/..",
	"e/..",
	"dangling/..",
	".",
	"..",
	"./",
	"../",
	"./f",
	".//f",
	".//none",
	"d//file",
	"d/./file",
	"d/../f",
	"ld/../f",
	"ld/../none",
	"f/../f",
	"f/../ld/file",
	"none/../f",
	"none/../ld",
	"none/../ld/file",
	"dangling/../ld/file",
	"d/sub/../file",
	"d/../d/../none",
	"",
	" ",
	"a\nb",
	"\xff\xfe",
	"...",
	"d/...",
	"none//",
	"ld//file",
	name255,
	name256,
	deep256,
	path4095,
	path4096,
	"/",
	"//",
	"/.",
	"/..",
	"///..//",
	"/none-such",
	"/none-such/x",
	"/proc/self",
	"/proc/self/",
	"/proc/self/none",
	"/proc/thread-self",
	"/proc/self/fd/0",
	"/proc/self/cwd",
	"/proc/self/cwd/f",
	"/proc/self/cwd/none",
	"/proc/self/root",
	"/proc/self/exe",
	"/proc/self/fd/999",
	"/proc/0",
	"/proc/999999999",
};

static void paths_make(void)
{
	memset(name255, 'n', 255);
	memset(name256, 'n', 256);
	snprintf(deep256, sizeof(deep256), "d/%s", name256);
	for (size_t i = 0; i < 4094; i += 2)
		memcpy(path4095 + i, "./", 2);
	path4095[4094] = 'f';
	for (size_t i = 0; i < 4094; i += 2)
		memcpy(path4096 + i, "./", 2);
	memcpy(path4096 + 4094, "ff", 2);
}

/*
 * Where the box differs, and why. O_PATH of what cannot be opened without an effect or not at all;
 * O_CREAT of what ends in a slash or a dot fails in any case, not always with the same errno.
 */
static int form_differs(const char *form, const char *path)
{
	size_t size = strlen(path);
	int ends = size > 0 && (path[size - 1] == '/' || path[size - 1] == '.');

	if (strncmp(form, "open_path", 9) == 0)
		return strstr("fifo sock", path) != NULL || strstr(path, "/fd/") ||
		       (strcmp(form, "open_path_nofollow") == 0 &&
			(strncmp(path, "/proc/", 6) == 0 || strstr("l ld dangling loop", path)));
	if (strcmp(form, "open_create") == 0 || strcmp(form, "open_excl") == 0 ||
	    strcmp(form, "bad_mknod_device") == 0)
		return ends && size > 1;
	return 0;
}

void run_forms(void)
{
	paths_make();
	watcher = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	need(watcher >= 0, "make an inotify descriptor");
	for (size_t i = 0; i < COUNT(forms); i++) {
		for (size_t j = 0; j < COUNT(paths); j++) {
			if (!asked_for(forms[i].name))
				continue;
			if (forms[i].writes && paths[j][0] == '/')
				continue;
			if (form_differs(forms[i].name, paths[j]))
				continue;
			if (strncmp(forms[i].name, "bad_", 4) == 0 && strlen(paths[j]) >= PATH_MAX)
				continue;
			tree_make();
			errno = 0;
			report(forms[i].name, paths[j], forms[i].call(paths[j]));
		}
	}
}

void run_addresses(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		const char *name;
		const char *path;
	} bad[] = {
		{"NULL",	  NULL		       },
		{ "low",		 (char *)1		   },
		{ "kernel",	    (char *)0xffffffff80000000},
		{ "top",		 (char *)-1		    },
		{ "noncanonical", (char *)0x8000000000000000},
		{ "page end",     pages + 4094		   },
		{ "unterminated", pages + 4095	       },
		{ "forbidden",    pages + 4096		    },
	};

	need(pages != MAP_FAILED, "map");
	memcpy(pages + 4094, "f", 2);
	munmap(pages + 4096, 4096);
	for (size_t i = 0; i < COUNT(forms); i++) {
		for (size_t j = 0; j < COUNT(bad); j++) {
			if (!asked_for(forms[i].name))
				continue;
			if (strncmp(forms[i].name, "bad_", 4) == 0)
				continue;
			tree_make();
			pages[4095] = strcmp(bad[j].name, "unterminated") ? '\0' : 'x';
			errno = 0;
			report(forms[i].name, bad[j].name, forms[i].call(bad[j].path));
		}
	}
	tree_make();
	report("stat_to", "NULL", syscall(SYS_stat, "f", NULL));
	report("statx_to", "NULL", syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, NULL));
	report("readlink_to", "NULL", syscall(SYS_readlink, "l", NULL, 10));
	report("utimensat_from", "bad", syscall(SYS_utimensat, AT_FDCWD, "f", 1, 0));
	report("setxattr_from", "bad", syscall(SYS_setxattr, "f", "user.x", 1, 3, 0));
	report("setxattr_name", "bad", syscall(SYS_setxattr, "f", 1, "abc", 3, 0));
	report("getcwd_to", "NULL", syscall(SYS_getcwd, NULL, 4096));
	report("getcwd_to", "small", syscall(SYS_getcwd, buffer, 3));
	munmap(pages, 4096);
}
