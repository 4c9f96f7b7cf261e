/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: ways out that were found by reading the supervisor, and closed. See box.h. */
#include "hostile.h"

#include <dirent.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

/* Does a question about a path end the same whether there is something or not? */
static void ask(const char *what, const char *there, const char *missing, int flags)
{
	int first, second;

	errno = 0;
	if (open(there, flags, 0600) >= 0)
		broke(there);
	first = errno;
	errno = 0;
	if (open(missing, flags, 0600) >= 0)
		broke(missing);
	second = errno;
	if (first != second) {
		broke(what);
		printf("  there: %s, not there: %s\n", strerrorname_np(first),
		       strerrorname_np(second));
	}
}

/* What lies behind a link must not be told before the verdict. */
static void exists_behind_link(void)
{
	NEED(symlink(at("s"), at("w/l")) == 0 && symlink(at("s/dir"), at("w/m")) == 0);
	ask("open", at("w/l/canary"), at("w/l/none"), O_RDONLY);
	ask("open O_CREAT", at("w/l/canary"), at("w/l/none"), O_RDWR | O_CREAT);
	ask("open O_EXCL", at("w/l/canary"), at("w/l/none"), O_RDWR | O_CREAT | O_EXCL);
	ask("open slash", at("w/l/canary/"), at("w/l/none/"), O_RDONLY);
	ask("open below", at("w/l/dir/file"), at("w/l/none/file"), O_RDONLY);
	ask("open nofollow", at("w/l/canary"), at("w/l/none"), O_RDONLY | O_NOFOLLOW);
	ask("open directory", at("w/l/dir"), at("w/l/none"), O_RDONLY | O_DIRECTORY);
}

/* ".." from what may not be looked up is refused whether it is there or not. */
static void exists_before_dotdot(void)
{
	ask("open", at("s/dir/../../w/canary"), at("s/none/../../w/canary"), O_RDONLY);
	ask("open twice", at("s/dir/file/../../../w/canary"), at("s/none/file/../../../w/canary"),
	    O_RDONLY);
	ask("hidden", at("h/canary/../../w/canary"), at("h/none/../../w/canary"), O_RDONLY);
}

/* Started in the supervisor's /proc, under a policy that reads everything. */
static void relative_in_foreign_proc(void)
{
	static const char *const names[] = { "environ", "maps", "mem",	"status", "root/etc/passwd",
					     "fd/0",	"exe",	"task", "." };
	char cwd[PATH_MAX];

	NEED(getcwd(cwd, sizeof(cwd)) && strncmp(cwd, "/proc/", 6) == 0);
	NEED(open("/etc/passwd", O_RDONLY) >= 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		MUST_FAIL(open(names[i], O_RDONLY));
		MUST_FAIL(access(names[i], F_OK));
	}
}

/* bind /all / ro: the machine's processes do not come along. */
static void proc_through_binding(void)
{
	char path[PATH_MAX];
	static const char *const names[] = { "/environ", "/maps", "/mem", "/status", "/cwd", "" };

	NEED(open("/all/etc/passwd", O_RDONLY) >= 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/all/proc/%s%s", getenv("SUP"), names[i]);
		MUST_FAIL(open(path, O_RDONLY));
		MUST_FAIL(access(path, F_OK));
		snprintf(path, sizeof(path), "/all/proc/self%s", names[i]);
		MUST_FAIL(open(path, O_RDONLY));
	}
	MUST_FAIL(open("/all/proc/1/environ", O_RDONLY));
}

/* /mnt is another /proc. */
static void other_proc(void)
{
	MUST_FAIL(open("/mnt/self/comm", O_RDONLY));
	MUST_FAIL(open("/mnt/1/comm", O_RDONLY));
	MUST_FAIL(open("/mnt/version", O_RDONLY));
	MUST_FAIL(open("/mnt", O_RDONLY | O_DIRECTORY));
	MUST_FAIL(access("/mnt/self/fd", F_OK));
}

/* bind /view $X/w, deny write $X/w/dir/hooks: refused by either name, also after a rename. */
static void rename_under_binding(void)
{
	MUST_FAIL(mkdir("/view/dir/hooks", 0755));
	MUST_FAIL(rename("/view/dir", "/view/other"));
	MUST_FAIL(mkdir("/view/other/hooks", 0755));
}

/* The same binding, hide $X/w/secret: no listing by the other name says that it is there. */
static void listing_under_binding(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/view");

	NEED(dir);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, "secret") == 0)
			broke("secret is listed");
	closedir(dir);
	MUST_FAIL(access("/view/secret", F_OK));
	MUST_FAIL(inotify_add_watch(inotify_init(), "/view", IN_CREATE));
}

/* A pseudo-terminal's number outlives it: somebody else gets it. */
static void terminal_number_again(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), fd, number;
	char path[64], text[64] = "";

	NEED(master >= 0 && ioctl(master, TIOCGPTN, &number) == 0);
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	fd = 0;
	NEED(ioctl(master, TIOCSPTLCK, &fd) == 0);
	fd = open(path, O_RDWR | O_NOCTTY);
	NEED(fd >= 0); /* as long as it is ours */
	close(fd);
	close(master);
	NEED((fd = open(at("w/closed"), O_CREAT | O_WRONLY, 0644)) >= 0);
	NEED(write(fd, path, strlen(path)) > 0);
	close(fd);
	for (int i = 0; i < 1000 && !text[0]; i++) {
		fd = open(at("w/taken"), O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
			break;
		close(fd);
		poll(NULL, 0, 10);
	}
	NEED(strncmp(text, path, strlen(path)) == 0);
	MUST_FAIL(open(path, O_RDWR | O_NOCTTY));
	MUST_FAIL(open(path, O_RDONLY | O_NOCTTY));
}

/* A file that was deleted is opened again as it is held, and no wider. */
static void deleted_file_wider(void)
{
	char path[64];
	int file = open(at("w/canary"), O_RDONLY), pair[2];

	NEED(file >= 0 && unlink(at("w/canary")) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	NEED(open(path, O_RDONLY) >= 0);
	MUST_FAIL(open(path, O_RDWR));
	MUST_FAIL(open(path, O_WRONLY));
	MUST_FAIL(truncate(path, 1));
	NEED(pipe(pair) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pair[0]);
	MUST_FAIL(open(path, O_WRONLY | O_NONBLOCK));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pair[1]);
	MUST_FAIL(open(path, O_RDONLY | O_NONBLOCK));
}

/* The kernel writes core files by itself, where the process stands. */
static void core_file(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	int status;
	pid_t pid;

	NEED(chdir(at("r")) == 0);
	setrlimit(RLIMIT_CORE, &limit);
	pid = fork();
	if (pid == 0)
		abort();
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	if (WCOREDUMP(status) && access("core", F_OK) == 0)
		broke("a core file");
}

/* What is no file is refused before it is opened: a FIFO would hold up who opens it. */
static void exec_of_no_file(void)
{
	static const char *const names[] = { "w/fifo", "w/dir", "w/sock" };
	char *const argv[] = { (char[]){ "x" }, NULL };

	for (size_t i = 0; i < COUNT(names); i++)
		MUST_FAIL_WITH(execv(at(names[i]), argv), EACCES);
	MUST_FAIL_WITH(execv("/dev/null", argv), EACCES);
}

/* bind /view $X/w: the kernel would look for the program under the name that the child says. */
static void exec_through_binding(void)
{
	char *const argv[] = { (char[]){ "x" }, NULL };

	NEED(access("/view/prog", F_OK) == 0);
	MUST_FAIL_WITH(execv("/view/prog", argv), EACCES);
}

/* read $X/s except $X/s/dir, bind /view $X/s/dir rw: what the one line takes away no call gets by
 * the other, whatever it does. */
static void verbs_through_binding(void)
{
	struct timespec now[2] = {
		{0,  UTIME_NOW},
		  { 0, UTIME_NOW}
	};

	MUST_FAIL(open("/view/file", O_RDONLY));
	MUST_FAIL(open("/view/file", O_WRONLY));
	MUST_FAIL(open("/view/new", O_WRONLY | O_CREAT, 0600));
	MUST_FAIL(truncate("/view/file", 0));
	MUST_FAIL(chmod("/view/file", 0600));
	MUST_FAIL(utimensat(AT_FDCWD, "/view/file", now, 0));
	MUST_FAIL(chown("/view/file", getuid(), getgid()));
	MUST_FAIL(setxattr("/view/file", "user.a", "b", 1, 0));
	MUST_FAIL(mkdir("/view/new", 0755));
	MUST_FAIL(mknod("/view/new", S_IFIFO | 0600, 0));
	MUST_FAIL(symlink("x", "/view/new"));
	MUST_FAIL(link("/view/file", "/view/new"));
	MUST_FAIL(rename("/view/file", "/view/new"));
	MUST_FAIL(unlink("/view/file"));
	MUST_FAIL(rmdir("/view"));
}

/* dev $X/w/gain: nothing that lies beneath what is moved there may be opened as a device. */
static void rename_gains(void)
{
	NEED(mkdir(at("w/tree"), 0755) == 0 && mkdir(at("w/tree/below"), 0755) == 0);
	NEED(rename(at("w/tree"), at("w/other")) == 0);
	MUST_FAIL_WITH(rename(at("w/other"), at("w/gain")), EXDEV);
	NEED(mkdir(at("w/gain"), 0755) == 0);
	MUST_FAIL_WITH(rename(at("w/other/below"), at("w/gain/below")), EXDEV);
	MUST_FAIL_WITH(syscall(SYS_renameat2, AT_FDCWD, at("w/gain"), AT_FDCWD, at("w/other"), 2),
		       EXDEV);
	MUST_FAIL_WITH(link(at("w/canary"), at("w/gain/canary")), EXDEV);
}

static const struct hostile_attack attacks[] = {
	{"exists_behind_link",	exists_behind_link	   },
	{ "exists_before_dotdot",	  exists_before_dotdot    },
	{ "relative_in_foreign_proc", relative_in_foreign_proc},
	{ "proc_through_binding",	  proc_through_binding    },
	{ "other_proc",		other_proc		   },
	{ "rename_under_binding",	  rename_under_binding    },
	{ "listing_under_binding",	   listing_under_binding	 },
	{ "terminal_number_again",	   terminal_number_again	 },
	{ "deleted_file_wider",	deleted_file_wider	   },
	{ "core_file",		       core_file		 },
	{ "exec_of_no_file",	     exec_of_no_file	     },
	{ "verbs_through_binding",	   verbs_through_binding	 },
	{ "rename_gains",		  rename_gains	       },
	{ "exec_through_binding",	  exec_through_binding    },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
