/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls everything that names a path, in every form, with every kind of path, and prints what came
 * of it: one line per call, with the errno and a digest of the directory after it. Run natively and
 * boxed, the lines must be the same.
 *
 * Works in the current directory, which it needs to write to; each call has a fresh tree in it.
 * With an argument, only calls whose name holds that text are made.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utime.h>

#ifndef __NR_fchmodat2 /* Linux 6.6 */
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat /* Linux 6.13 */
#define __NR_setxattrat	   463
#define __NR_getxattrat	   464
#define __NR_listxattrat   465
#define __NR_removexattrat 466
#endif

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *only;
static char top[PATH_MAX];
static char tree[PATH_MAX + 16];
static char buffer[65536];

static void need(int ok, const char *what)
{
	if (ok)
		return;
	printf("cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
	close(fd);
}

static int tree_used = 1; /* something succeeded in it */

/* A fresh tree, entered; the one there is, if nothing has changed it. */
static void tree_make(void)
{
	static unsigned int n;
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!tree_used)
		return;
	tree_used = 0;
	snprintf(tree, sizeof(tree), "%s/t%u", top, ++n);
	need(mkdir(tree, 0755) == 0 && chdir(tree) == 0, "make a tree");
	need(mkdir("d", 0755) == 0 && mkdir("d/sub", 0755) == 0 && mkdir("e", 0755) == 0, "mkdir");
	make_file("f", "text");
	make_file("g", "other");
	make_file("d/file", "file");
	need(symlink("f", "l") == 0 && symlink("d", "ld") == 0 &&
		     symlink("none", "dangling") == 0 && symlink("loop", "loop") == 0,
	     "symlink");
	need(mkfifo("fifo", 0644) == 0, "mkfifo");
	snprintf(address.sun_path, sizeof(address.sun_path), "sock");
	need(mknod("sock", S_IFSOCK | 0644, 0) == 0, "make a socket");
}

static uint32_t digest_add(uint32_t digest, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	while (size--)
		digest = (digest ^ *p++) * 16777619u;
	return digest;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static uint32_t digest_directory(uint32_t digest, int at, const char *name);

static uint32_t digest_entry(uint32_t digest, int at, const char *name)
{
	char target[256] = "";
	uint64_t size;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return digest_add(digest, "?", 1);
	size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	digest = digest_add(digest, name, strlen(name));
	digest = digest_add(digest, &st.st_mode, sizeof(st.st_mode));
	digest = digest_add(digest, &st.st_nlink, sizeof(st.st_nlink));
	digest = digest_add(digest, &size, sizeof(size));
	if (S_ISLNK(st.st_mode) && readlinkat(at, name, target, sizeof(target)) > 0)
		digest = digest_add(digest, target, sizeof(target));
	return S_ISDIR(st.st_mode) ? digest_directory(digest, at, name) : digest;
}

static uint32_t digest_directory(uint32_t digest, int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n;
	struct dirent **entries;

	if (fd < 0)
		return digest_add(digest, "!", 1);
	n = scandirat(fd, ".", &entries, NULL, by_name);
	for (int i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			digest = digest_entry(digest, fd, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	close(fd);
	return digest;
}

static const char *error_name(long result)
{
	return result < 0 ? strerrorname_np(errno) : "ok";
}

/* "stat(d/../f) = ok 12345678" */
static void report(const char *name, const char *path, long result)
{
	const char *error = error_name(result);
	int fd;

	printf("%s(", name);
	for (size_t i = 0; path[i] != '\0' && i < 40; i++)
		printf(path[i] > ' ' || path[i] == ' ' ? "%c" : "\\x%02x", path[i] & 0xff);
	if (strlen(path) > 40)
		printf("... %zu bytes", strlen(path));
	printf(") = %s", error);
	if (result >= 0) {
		fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		printf(" %08x", digest_directory(2166136261u, fd, "."));
		close(fd);
		tree_used = 1;
	}
	putchar('\n');
}

/* Results that are descriptors or depend on the machine count as 0. */
static long closed(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}

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
static struct {
	uint32_t size;
	int32_t type;
	unsigned char bytes[128];
} handle;

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

struct form {
	const char *name;
	long (*call)(const char *path);
	int writes;
};

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
	"none/../f",
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

static void run_forms(void)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		for (size_t j = 0; j < COUNT(paths); j++) {
			long result;

			if (only && !strstr(forms[i].name, only))
				continue;
			if (forms[i].writes && paths[j][0] == '/')
				continue;
			if (form_differs(forms[i].name, paths[j]))
				continue;
			if (strncmp(forms[i].name, "bad_", 4) == 0 && strlen(paths[j]) >= PATH_MAX)
				continue;
			tree_make();
			errno = 0;
			result = forms[i].call(paths[j]);
			report(forms[i].name, paths[j], result);
			tree_used = tree_used && (forms[i].writes || forms[i].call == form_chdir);
		}
	}
}

/* Directory descriptors of all kinds. No O_PATH ones of links: the box cannot give them. */
enum {
	AT_CWD,
	AT_DIRECTORY,
	AT_PATH,
	AT_FILE,
	AT_PATH_FILE,
	AT_DELETED,
	AT_PIPE,
	AT_NONE,
	AT_CLOSED,
	AT_FIFO,
	AT_KINDS,
};

static const char *const at_names[AT_KINDS] = {
	"cwd", "directory", "path", "file", "path-file", "deleted", "pipe", "-1", "999", "fifo",
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
 * name. O_PATH: what the box gives instead is open (ADDFD takes no O_PATH descriptor). The calls on
 * attributes differ among themselves about the current directory (Linux 6.18). O_CREAT: as in
 * form_differs.
 */
static int at_differs(const char *form, const char *path, size_t kind)
{
	int itself = !path || path[0] == '\0';

	return (kind == AT_DELETED && (itself || path[0] == '.')) ||
	       ((kind == AT_PATH || kind == AT_PATH_FILE) && itself) ||
	       (kind == AT_CWD && strstr(form, "removexattrat")) ||
	       (strcmp(form, "at_openat_create") == 0 && path && path[0] == '.');
}

static void run_at(void)
{
	int fds[AT_KINDS];
	char text[64];

	for (size_t i = 0; i < COUNT(at_forms); i++) {
		for (size_t j = 0; j < COUNT(at_paths) * AT_KINDS; j++) {
			const char *path = at_paths[j / AT_KINDS];
			size_t kind = j % AT_KINDS;
			long result;

			if (only && !strstr(at_forms[i].name, only))
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

static void run_fd(void)
{
	int fds[AT_KINDS];

	for (size_t i = 0; i < COUNT(fd_forms); i++) {
		for (size_t kind = AT_DIRECTORY; kind < AT_KINDS; kind++) {
			long result;

			if (only && !strstr(fd_forms[i].name, only))
				continue;
			if (kind == AT_PATH || kind == AT_PATH_FILE)
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

/* Addresses that are not there, or end too early. */
static void run_addresses(void)
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
			if (only && !strstr(forms[i].name, only))
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

/* Names for files that have none. */
static void run_unnamed(void)
{
	char path[64];
	int fd, memory;

	tree_make();
	fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (fd < 0) {
		report("tmpfile", ".", fd);
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("tmpfile", "chmod", fchmod(fd, 0644));
	report("tmpfile", "follow", linkat(AT_FDCWD, path, AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0666);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("tmpfile", "exclusive", linkat(AT_FDCWD, path, AT_FDCWD, "new3", AT_SYMLINK_FOLLOW));
	close(fd);
	fd = open("g", O_RDWR | O_CLOEXEC);
	unlink("g");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report("deleted", "link", linkat(AT_FDCWD, path, AT_FDCWD, "new4", AT_SYMLINK_FOLLOW));
	report("deleted", "stat", stat(path, &st));
	report("deleted", "chmod", chmod(path, 0600));
	report("deleted", "truncate", truncate(path, 1));
	report("deleted", "utimensat", utimensat(AT_FDCWD, path, NULL, 0));
	close(fd);
	memory = memfd_create("memory", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	report("memory", "fchmod", fchmod(memory, 0600));
	report("memory", "stat", stat(path, &st));
	report("memory", "truncate", truncate(path, 100));
	report("memory", "link", linkat(AT_FDCWD, path, AT_FDCWD, "new5", AT_SYMLINK_FOLLOW));
	close(memory);
}

/* The box has no capabilities: neither has the native run. Refused where there is none to drop. */
static void capabilities_drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	syscall(SYS_capset, &header, none);
}

int main(int argc, char *argv[])
{
	capabilities_drop();
	only = argc > 1 ? argv[1] : NULL;
	need(getcwd(top, sizeof(top)) != NULL, "tell where this is");
	umask(027);
	watcher = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	need(watcher >= 0, "make an inotify descriptor");
	value.address = (uint64_t)(uintptr_t) "";
	paths_make();
	run_forms();
	run_at();
	run_fd();
	run_addresses();
	if (!only || strcmp(only, "unnamed") == 0)
		run_unnamed();
	return 0;
}
