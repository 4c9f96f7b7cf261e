/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: reaches for what it may not have by every name that it could have. See box.h. */
#include "hostile.h"
#include "new_calls.h"

#include <dirent.h>
#include <linux/fs.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <utime.h>

static char buffer[65536];

static const char *supervisor(const char *below)
{
	static char path[8][PATH_MAX];
	static unsigned int n;

	snprintf(path[n % 8], PATH_MAX, "/proc/%s%s", getenv("SUP"), below);
	return path[n++ % 8];
}

static const char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer) - 1);

	buffer[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return buffer;
}

static void *thread_self(void *data)
{
	char want[64], link[64] = "";

	snprintf(want, sizeof(want), "%d/task/%d", getpid(), (int)syscall(SYS_gettid));
	*(bool *)data = readlink("/proc/thread-self", link, sizeof(link) - 1) > 0 &&
			strcmp(want, link) == 0;
	snprintf(want, sizeof(want), "\nPid:\t%d\n", (int)syscall(SYS_gettid));
	*(bool *)data &= strstr(read_text("/proc/thread-self/status"), want) != NULL;
	return NULL;
}

/* Is every process that /proc shows one of ours? */
static void foreign_processes(pid_t child)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	NEED(dir);
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid() &&
		    atoi(entry->d_name) != child)
			broke(entry->d_name);
	closedir(dir);
}

static void b01(void)
{
	static const char *const below[] = { "",	  "/environ",	  "/mem",  "/fd",
					     "/root",	  "/cwd",	  "/exe",  "/maps",
					     "/status",	  "/task",	  "/fd/0", "/fdinfo/0",
					     "/root/etc", "/../1/environ" };
	char want[64], link[64] = "";
	pthread_t thread;
	bool right = false;
	struct stat st;
	pid_t child;
	int pair[2];

	snprintf(want, sizeof(want), "\nPid:\t%d\n", getpid());
	NEED(strstr(read_text("/proc/self/status"), want));
	NEED(readlink("/proc/self", link, sizeof(link) - 1) > 0 && atoi(link) == getpid());
	NEED(pthread_create(&thread, NULL, thread_self, &right) == 0);
	pthread_join(thread, NULL);
	NEED(right);
	NEED(pipe(pair) == 0 && write(pair[1], "mine", 4) == 4 && dup2(pair[0], 63) == 63);
	NEED(strcmp(read_text("/dev/fd/63"), "mine") == 0);
	NEED(write(pair[1], "again", 5) == 5 && dup2(pair[0], 0) == 0);
	NEED(strcmp(read_text("/dev/stdin"), "again") == 0);
	for (size_t i = 0; i < COUNT(below); i++) {
		MUST_FAIL_WITH(open(supervisor(below[i]), O_RDONLY), ENOENT);
		MUST_FAIL_WITH(open(supervisor(below[i]), O_PATH | O_NOFOLLOW), ENOENT);
		MUST_FAIL_WITH(lstat(supervisor(below[i]), &st), ENOENT);
		MUST_FAIL_WITH(access(supervisor(below[i]), F_OK), ENOENT);
		MUST_FAIL_WITH(readlink(supervisor(below[i]), buffer, 100), ENOENT);
	}
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	foreign_processes(child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Reads through a path that goes on to s/canary. */
static void through(const char *magic)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", magic, at("s/canary"));
	MUST_FAIL(open(path, O_RDONLY));
	MUST_FAIL(open(path, O_PATH));
	MUST_FAIL(stat(path, &st));
	MUST_FAIL(truncate(path, 0));
}

static void b02(void)
{
	char path[PATH_MAX], target[PATH_MAX];
	int fd = open(at("w/dir"), O_RDONLY | O_DIRECTORY), file = open(at("r/file"), O_RDONLY);
	const char *const roots[] = { "/proc/self/root", "/proc/thread-self/root",
				      "/proc/self/root/proc/self/root", path };

	NEED(fd >= 0 && file >= 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/root", getpid(), getpid());
	for (size_t i = 0; i < COUNT(roots); i++)
		through(roots[i]);
	MUST_FAIL(open("/proc/self/cwd/../s/canary", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d/../../s/canary", fd);
	MUST_FAIL(open(path, O_RDONLY));
	NEED(symlink("/proc/self/root", at("w/root")) == 0);
	through(at("w/root"));
	NEED(symlink("/proc/self/cwd", at("w/cwd")) == 0);
	MUST_FAIL(open(at("w/cwd/../s/canary"), O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	MUST_FAIL(open(path, O_WRONLY));
	MUST_FAIL(open(path, O_RDWR | O_TRUNC));
	MUST_FAIL(truncate(path, 0));
	MUST_FAIL(chmod(path, 0777));
	NEED(symlink(path, at("w/file")) == 0);
	MUST_FAIL(open(at("w/file"), O_WRONLY));
	fd = open("/proc/self/ns/mnt", O_RDONLY);
	NEED(fd >= 0);
	MUST_FAIL(setns(fd, 0));
	MUST_FAIL(ioctl(fd, NS_GET_USERNS));
	MUST_FAIL(open("/proc/self/exe", O_WRONLY));
	MUST_FAIL(open("/proc/1/root/etc/passwd", O_RDONLY));
	/* The same for a link that is held: no way on from it. */
	fd = open("/proc/self", O_PATH | O_NOFOLLOW);
	if (fd >= 0) {
		MUST_FAIL(openat(fd, "environ", O_RDONLY));
		MUST_FAIL(openat(fd, "cwd", O_RDONLY));
		MUST_FAIL(openat(fd, "fd/0", O_PATH));
		MUST_FAIL(readlinkat(fd, "exe", target, sizeof(target)));
	}
}

static void b03(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} handle = { .handle.handle_bytes = 128 };
	int mount, fd, r = open(at("r/file"), O_RDONLY);
	char path[64];

	NEED(r >= 0);
	MUST_FAIL(link(at("s/canary"), at("w/x1")));
	MUST_FAIL(link(at("h/canary"), at("w/x1")));
	MUST_FAIL(link(at("r/file"), at("w/x2")));
	MUST_FAIL(linkat(r, "", AT_FDCWD, at("w/x3"), AT_EMPTY_PATH));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r);
	MUST_FAIL(linkat(AT_FDCWD, path, AT_FDCWD, at("w/x4"), AT_SYMLINK_FOLLOW));
	MUST_FAIL(rename(at("r/file"), at("w/x6")));
	MUST_FAIL(syscall(SYS_renameat2, AT_FDCWD, at("w/canary"), AT_FDCWD, at("s/canary"),
			  RENAME_EXCHANGE));
	MUST_FAIL(rename(at("s/dir"), at("w/x7")));
	NEED(symlink(at("s/canary"), at("w/l")) == 0 && symlink(at("s"), at("w/ld")) == 0 &&
	     symlink(at("s/made"), at("w/lm")) == 0);
	MUST_FAIL(open(at("w/l"), O_RDONLY));
	MUST_FAIL(open(at("w/l"), O_PATH));
	MUST_FAIL(open(at("w/l"), O_WRONLY | O_TRUNC));
	MUST_FAIL(open(at("w/lm"), O_WRONLY | O_CREAT, 0666));
	MUST_FAIL(open(at("w/ld/canary"), O_RDONLY));
	MUST_FAIL(open(at("w/ld/new"), O_WRONLY | O_CREAT, 0666));
	MUST_FAIL(mkdir(at("w/ld/new"), 0777));
	MUST_FAIL(unlink(at("w/ld/canary")));
	MUST_FAIL(truncate(at("w/l"), 0));
	MUST_FAIL(chmod(at("w/l"), 0777));
	MUST_FAIL(opendir(at("w/ld")) ? 0 : -1);
	MUST_FAIL(linkat(AT_FDCWD, at("w/l"), AT_FDCWD, at("w/x8"), AT_SYMLINK_FOLLOW));
	MUST_FAIL(open(at("r"), O_TMPFILE | O_RDWR, 0600));
	fd = open(at("w"), O_TMPFILE | O_RDWR, 0600);
	NEED(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST_FAIL(linkat(AT_FDCWD, path, AT_FDCWD, at("s/made"), AT_SYMLINK_FOLLOW));
	MUST_FAIL(linkat(AT_FDCWD, path, AT_FDCWD, at("w/ld/made"), AT_SYMLINK_FOLLOW));
	MUST_FAIL(name_to_handle_at(AT_FDCWD, at("s/canary"), &handle.handle, &mount, 0));
	MUST_FAIL(open_by_handle_at(AT_FDCWD, &handle.handle, O_RDONLY));
	MUST_FAIL(rename(at("s/canary"), at("w/x5")));
}

/* A path of @size bytes to s/canary. */
static const char *long_path(size_t size)
{
	static char path[PATH_MAX + 16];
	const char *end = at("s/canary");
	size_t n = size - strlen(end);

	memset(path, '/', n);
	memcpy(path + n, end, strlen(end) + 1);
	return path;
}

static void b04(void)
{
	static const char *const forms[] = {
		"//s//canary",
		"./s/./canary",
		"w/../s/canary",
		"w/dir/../../s/canary",
		"s/canary/",
		"s/../s/canary",
		"s/canary/.",
		"w/dir/./..//../s//canary",
		"../../../../../../../../../..",
		"s/dir/..//canary",
	};
	char name[300], path[PATH_MAX + 300];
	struct stat st;
	char *page;
	int fd, gone;

	for (size_t i = 0; i < COUNT(forms) && i != 8; i++) {
		MUST_FAIL(open(at(forms[i]), O_RDONLY));
		MUST_FAIL(stat(at(forms[i]), &st));
	}
	snprintf(path, sizeof(path), "/../../..%s", at("s/canary"));
	MUST_FAIL(open(path, O_RDONLY));
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	snprintf(path, sizeof(path), "%s/%s", at("w"), name);
	MUST_FAIL_WITH(open(path, O_WRONLY | O_CREAT, 0600), ENAMETOOLONG);
	path[strlen(path) - 1] = '\0';
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	NEED(fd >= 0);
	MUST_FAIL(open(long_path(4095), O_RDONLY));
	MUST_FAIL_WITH(open(long_path(4096), O_RDONLY), ENAMETOOLONG);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
	memset(page, '/', 4096);
	MUST_FAIL_WITH(open(page + 4000, O_RDONLY), EFAULT);
	memcpy(page + 4096 - strlen(at("s/canary")), at("s/canary"), strlen(at("s/canary")));
	MUST_FAIL_WITH(open(page + 4096 - strlen(at("s/canary")), O_RDONLY), EFAULT);
	MUST_FAIL_WITH(open((const char *)-1L, O_RDONLY), EFAULT);
	MUST_FAIL_WITH(open((const char *)0x8000000000000000, O_RDONLY), EFAULT);
	snprintf(path, sizeof(path), "%s/s\n\033[2Jcanary\xff\xfe", getenv("X"));
	MUST_FAIL(open(path, O_RDONLY));
	fd = open(at("w/canary"), O_RDONLY);
	NEED(fd >= 0);
	MUST_FAIL_WITH(openat(fd, "../../s/canary", O_RDONLY), ENOTDIR);
	NEED(mkdir(at("w/gone"), 0755) == 0);
	gone = open(at("w/gone"), O_RDONLY | O_DIRECTORY);
	NEED(gone >= 0 && rmdir(at("w/gone")) == 0);
	MUST_FAIL(openat(gone, "../../s/canary", O_RDONLY));
	MUST_FAIL(openat(gone, "../s/canary", O_RDONLY));
	/* What a deleted directory's name looks like may be made. */
	NEED(mkdir(at("w/gone (deleted)"), 0755) == 0 &&
	     symlink(at("s/canary"), at("w/gone (deleted)/c")) == 0);
	MUST_FAIL(openat(gone, "c", O_RDONLY));
	MUST_FAIL(open(at("s"), O_PATH | O_NOFOLLOW) >= 0
			  ? open(at("s/canary"), O_PATH | O_NOFOLLOW)
			  : -1);
}

static void b05(void)
{
	int w = open(at("w"), O_RDONLY | O_DIRECTORY), path = open(at("w/dir"), O_RDONLY);
	struct stat st;

	NEED(w >= 0);
	NEED(path >= 0);
	NEED(chdir(at("w")) == 0);
	MUST_FAIL(openat(w, at("s/canary"), O_RDONLY));
	MUST_FAIL(openat(w, "../s/canary", O_RDONLY));
	MUST_FAIL(openat(path, "../../s/canary", O_RDONLY));
	MUST_FAIL(open("../s/canary", O_RDONLY));
	MUST_FAIL(openat(-1, at("s/canary"), O_RDONLY));
	MUST_FAIL_WITH(openat(-1, "canary", O_RDONLY), EBADF);
	MUST_FAIL(fstatat(w, "../s/canary", &st, 0));
	MUST_FAIL(fstatat(w, at("s/canary"), &st, AT_EMPTY_PATH));
	MUST_FAIL(linkat(w, "../s/canary", w, "x", 0));
	MUST_FAIL(renameat(w, "canary", w, "../s/new"));
	MUST_FAIL(unlinkat(w, "../s/canary", 0));
	MUST_FAIL(mkdirat(w, "../s/new", 0777));
	/* Where one stands is no right: s by a descriptor that somebody gave us. */
	NEED(fchdir(20) == 0);
	MUST_FAIL(open("canary", O_RDONLY));
	MUST_FAIL(open(".", O_RDONLY));
	MUST_FAIL(openat(20, "canary", O_RDONLY));
	MUST_FAIL(openat(20, "new", O_WRONLY | O_CREAT, 0666));
	MUST_FAIL(unlinkat(20, "canary", 0));
	MUST_FAIL(syscall(SYS_getdents64, 20, buffer, sizeof(buffer)));
	MUST_FAIL(open("/proc/self/fd/20/canary", O_RDONLY));
	MUST_FAIL(open("/proc/self/fd/20", O_RDONLY));
	MUST_FAIL(open("/proc/self/fd/21", O_RDONLY));
	MUST_FAIL(fchmod(21, 0777));
	MUST_FAIL(fsetxattr(21, "user.x", "x", 1, 0));
	MUST_FAIL(futimens(21, NULL));
	MUST_FAIL(linkat(21, "", AT_FDCWD, at("w/x"), AT_EMPTY_PATH));
}

#define RAW(call, ...) syscall(__NR_##call, __VA_ARGS__)

static void siblings_look(const char *s)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} handle = { .handle.handle_bytes = 128 };
	struct open_how {
		unsigned long flags, mode, resolve;
	} how = { 0 };
	unsigned long args[2] = { (unsigned long)buffer, 100 };
	int mount;

	MUST_FAIL(RAW(open, s, O_RDONLY, 0));
	MUST_FAIL(RAW(openat, AT_FDCWD, s, O_RDONLY, 0));
	MUST_FAIL(RAW(openat2, AT_FDCWD, s, &how, sizeof(how)));
	MUST_FAIL(RAW(stat, s, buffer));
	MUST_FAIL(RAW(lstat, s, buffer));
	MUST_FAIL(RAW(newfstatat, AT_FDCWD, s, buffer, 0));
	MUST_FAIL(RAW(statx, AT_FDCWD, s, 0, 0xfff, buffer));
	MUST_FAIL(RAW(statfs, s, buffer));
	MUST_FAIL(RAW(access, s, F_OK));
	MUST_FAIL(RAW(faccessat, AT_FDCWD, s, F_OK));
	MUST_FAIL(RAW(faccessat2, AT_FDCWD, s, F_OK, 0));
	MUST_FAIL(RAW(readlink, s, buffer, 100));
	MUST_FAIL(RAW(readlinkat, AT_FDCWD, s, buffer, 100));
	MUST_FAIL(RAW(getxattr, s, "user.x", buffer, 100));
	MUST_FAIL(RAW(lgetxattr, s, "user.x", buffer, 100));
	MUST_FAIL(RAW(listxattr, s, buffer, 100));
	MUST_FAIL(RAW(llistxattr, s, buffer, 100));
	MUST_FAIL(RAW(getxattrat, AT_FDCWD, s, 0, "user.x", args, sizeof(args)));
	MUST_FAIL(RAW(listxattrat, AT_FDCWD, s, 0, buffer, 100));
	MUST_FAIL(RAW(inotify_add_watch, inotify_init(), s, IN_ALL_EVENTS));
	MUST_FAIL(RAW(fanotify_init, 0, 0));
	MUST_FAIL(RAW(name_to_handle_at, AT_FDCWD, s, &handle, &mount, 0));
	MUST_FAIL(RAW(file_getattr, AT_FDCWD, s, buffer, 24, 0));
	MUST_FAIL(RAW(statmount, args, buffer, 100, 0));
	MUST_FAIL(RAW(listmount, args, buffer, 1, 0));
	MUST_FAIL(RAW(chdir, s));
	MUST_FAIL(RAW(execve, s, NULL, NULL));
	MUST_FAIL(RAW(execveat, AT_FDCWD, s, NULL, NULL, 0));
	MUST_FAIL(RAW(uselib, s));
}

static void siblings_change(const char *s)
{
	unsigned long args[2] = { (unsigned long)"v", 1 };
	const char *new = at("s/new"), *mine = at("w/canary");

	MUST_FAIL(RAW(creat, s, 0666));
	MUST_FAIL(RAW(open, new, O_CREAT | O_WRONLY, 0666));
	MUST_FAIL(RAW(truncate, s, 0));
	MUST_FAIL(RAW(chmod, s, 0777));
	MUST_FAIL(RAW(fchmodat, AT_FDCWD, s, 0777));
	MUST_FAIL(RAW(fchmodat2, AT_FDCWD, s, 0777, 0));
	MUST_FAIL(RAW(chown, s, -1, -1));
	MUST_FAIL(RAW(lchown, s, -1, -1));
	MUST_FAIL(RAW(fchownat, AT_FDCWD, s, -1, -1, 0));
	MUST_FAIL(RAW(utime, s, NULL));
	MUST_FAIL(RAW(utimes, s, NULL));
	MUST_FAIL(RAW(futimesat, AT_FDCWD, s, NULL));
	MUST_FAIL(RAW(utimensat, AT_FDCWD, s, NULL, 0));
	MUST_FAIL(RAW(setxattr, s, "user.x", "v", 1, 0));
	MUST_FAIL(RAW(lsetxattr, s, "user.x", "v", 1, 0));
	MUST_FAIL(RAW(setxattrat, AT_FDCWD, s, 0, "user.x", args, sizeof(args)));
	MUST_FAIL(RAW(removexattr, s, "user.x"));
	MUST_FAIL(RAW(lremovexattr, s, "user.x"));
	MUST_FAIL(RAW(removexattrat, AT_FDCWD, s, 0, "user.x"));
	MUST_FAIL(RAW(file_setattr, AT_FDCWD, s, args, 24, 0));
	MUST_FAIL(RAW(mkdir, new, 0777));
	MUST_FAIL(RAW(mkdirat, AT_FDCWD, at("s/new2"), 0777));
	MUST_FAIL(RAW(mknod, at("s/new3"), S_IFIFO | 0666, 0));
	MUST_FAIL(RAW(mknodat, AT_FDCWD, at("s/new4"), S_IFREG | 0666, 0));
	MUST_FAIL(RAW(symlink, "x", at("s/new5")));
	MUST_FAIL(RAW(symlinkat, "x", AT_FDCWD, at("s/new6")));
	MUST_FAIL(RAW(link, mine, at("s/new7")));
	MUST_FAIL(RAW(linkat, AT_FDCWD, mine, AT_FDCWD, at("s/new8"), 0));
	MUST_FAIL(RAW(rename, s, at("w/got")));
	MUST_FAIL(RAW(renameat, AT_FDCWD, mine, AT_FDCWD, at("s/new9")));
	MUST_FAIL(RAW(renameat2, AT_FDCWD, at("w/dir"), AT_FDCWD, at("s/new10"), 0));
	MUST_FAIL(RAW(rmdir, at("s/dir")));
	MUST_FAIL(RAW(unlinkat, AT_FDCWD, s, 0));
	MUST_FAIL(RAW(unlink, s));
	MUST_FAIL(RAW(acct, s));
	MUST_FAIL(RAW(swapon, s, 0));
	MUST_FAIL(RAW(quotactl_fd, 0, 0, 0, 0));
	MUST_FAIL(RAW(mount, s, at("w/dir"), NULL, 4096, NULL));
	MUST_FAIL(RAW(chroot, at("s")));
}

static void run_other(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execl(at("s/prog"), "prog", NULL);
		_exit(41);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 41)
		broke("ran a program of s");
}

static void b06(void)
{
	run_other();
	siblings_look(at("h/canary"));
	siblings_look(at("s/canary"));
	siblings_change(at("s/canary"));
}

static void b07(void)
{
	static const unsigned char capability[20] = { 1, 0, 0, 2, 0xff, 0xff, 0xff, 0xff };
	struct stat st;
	int fd;

	MUST_FAIL(mknod(at("w/null"), S_IFCHR | 0666, makedev(1, 3)));
	MUST_FAIL(mknod(at("w/mem"), S_IFCHR | 0666, makedev(1, 1)));
	MUST_FAIL(mknod(at("w/disk"), S_IFBLK | 0666, makedev(8, 0)));
	MUST_FAIL(mknodat(AT_FDCWD, at("w/white"), S_IFCHR, makedev(0, 0)));
	MUST_FAIL(mknod(at("w/suid"), S_IFREG | 06755, 0));
	MUST_FAIL(chmod(at("w/canary"), 04755));
	MUST_FAIL(chmod(at("w/canary"), 02755));
	MUST_FAIL(syscall(__NR_fchmodat2, AT_FDCWD, at("w/canary"), 06755, 0));
	fd = open(at("w/new"), O_CREAT | O_RDWR, 06755);
	NEED(fd >= 0);
	MUST_FAIL(fchmod(fd, 06755));
	MUST_FAIL(fstat(fd, &st) == 0 && st.st_mode & 06000 ? 0 : -1);
	fd = (int)syscall(SYS_creat, at("w/new2"), 06755);
	MUST_FAIL(fstat(fd, &st) == 0 && st.st_mode & 06000 ? 0 : -1);
	MUST_FAIL(setxattr(at("w/canary"), "security.capability", capability, 20, 0));
	MUST_FAIL(fsetxattr(fd, "security.capability", capability, 20, 0));
	MUST_FAIL(setxattr(at("w/canary"), "trusted.x", "x", 1, 0));
	MUST_FAIL(chown(at("w/canary"), 65534, -1));
}

static void b08(void)
{
	static const char *const devices[] = { "/dev/mem",	   "/dev/kmsg", "/dev/watchdog",
					       "/dev/port",	   "/dev/tty0", "/dev/console",
					       "/dev/uinput",	   "/dev/fuse", "/dev/kvm",
					       "/dev/loop-control" };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	for (size_t i = 0; i < COUNT(devices); i++) {
		MUST_FAIL(open(devices[i], O_RDWR | O_NONBLOCK));
		MUST_FAIL(open(devices[i], O_RDONLY | O_NONBLOCK));
		MUST_FAIL(open(devices[i], O_WRONLY | O_NONBLOCK));
	}
	MUST_FAIL(open(at("s/fifo"), O_RDWR | O_NONBLOCK));
	MUST_FAIL(open(at("s/fifo"), O_RDONLY | O_NONBLOCK));
	MUST_FAIL(open(at("s/sock"), O_PATH));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", at("s/sock"));
	MUST_FAIL(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	NEED(symlink(at("s/sock"), at("w/ls")) == 0 && symlink(at("s/fifo"), at("w/lf")) == 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", at("w/ls"));
	MUST_FAIL(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	MUST_FAIL(open(at("w/lf"), O_RDWR | O_NONBLOCK));
	/* A terminal of the user's that is none of ours. */
	if (getenv("PTS") && getenv("PTS")[0]) {
		MUST_FAIL(open(getenv("PTS"), O_RDWR | O_NOCTTY));
		MUST_FAIL(open(getenv("PTS"), O_RDONLY | O_NOCTTY));
	}
}

static void b09(void)
{
	int fd;

	/* No writing to .git/hooks, wherever. */
	NEED(mkdir(at("w/a"), 0755) == 0 && mkdir(at("w/a/.git"), 0755) == 0);
	MUST_FAIL(mkdir(at("w/a/.git/hooks"), 0755));
	MUST_FAIL(open(at("w/a/.git/hooks/pre-commit"), O_CREAT | O_WRONLY, 0755));
	NEED(mkdir(at("w/hooks"), 0755) == 0);
	fd = open(at("w/hooks/pre-commit"), O_CREAT | O_WRONLY, 0755);
	NEED(fd >= 0);
	MUST_FAIL(rename(at("w/hooks"), at("w/a/.git/hooks")));
	MUST_FAIL(link(at("w/hooks/pre-commit"), at("w/a/.git/hooks")));
	MUST_FAIL(symlink(at("w/hooks"), at("w/a/.git/hooks")));
	NEED(mkdir(at("w/b"), 0755) == 0 && mkdir(at("w/b/hooks"), 0755) == 0);
	MUST_FAIL(rename(at("w/b"), at("w/.git")));
	NEED(mkdir(at("w/.git"), 0755) == 0 || errno == EEXIST);
	MUST_FAIL(syscall(SYS_renameat2, AT_FDCWD, at("w/b"), AT_FDCWD, at("w/.git"),
			  RENAME_EXCHANGE));
	MUST_FAIL(rename(at("w/.git"), at("w/.tig")));
	/* Nor to w/own.policy, which is not there yet. */
	MUST_FAIL(open(at("w/own.policy"), O_CREAT | O_WRONLY, 0644));
	MUST_FAIL(mkdir(at("w/own.policy"), 0755));
	MUST_FAIL(symlink("canary", at("w/own.policy")));
	MUST_FAIL(rename(at("w/canary"), at("w/own.policy")));
	MUST_FAIL(link(at("w/canary"), at("w/own.policy")));
	fd = open(at("w"), O_TMPFILE | O_RDWR, 0644);
	NEED(fd >= 0);
	MUST_FAIL(linkat(fd, "", AT_FDCWD, at("w/own.policy"), AT_EMPTY_PATH));
	MUST_FAIL(rename(at("w"), at("v")));
}

static const struct hostile_attack attacks[] = {
	{"b01",	 b01},
	{ "b02", b02},
	{ "b03", b03},
	{ "b04", b04},
	{ "b05", b05},
	{ "b06", b06},
	{ "b07", b07},
	{ "b08", b08},
	{ "b09", b09},
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
