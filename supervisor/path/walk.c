/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The walk. Links are spliced into the rest of the path, ".." takes a component off what is done,
 * and the parts of /proc that mean something else to every process are put in the caller's terms.
 */
#include "path/walk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "tree/child.h"
#include "call/caller.h"
#include "path/binding.h"
#include "path/held.h"

enum {
	LINKS_MAX = 40, /* as the kernel's MAXSYMLINKS */
};

/* What a step of the walk says. */
enum step {
	STEP_ON,   /* the component is dealt with */
	STEP_PUSH, /* it is an ordinary name */
	STEP_STOP, /* walk->error says why, or the object is pinned */
};

static enum step walk_stop(struct walk *walk, int error)
{
	walk->error = error;
	return STEP_STOP;
}

static enum step walk_push(struct walk *walk, const char *name)
{
	size_t size = strlen(name);

	if (walk->length + 1 + size >= sizeof(walk->done)) {
		walk->overlong = true;
		return walk_stop(walk, ENAMETOOLONG);
	}
	walk->done[walk->length] = '/';
	memcpy(walk->done + walk->length + 1, name, size + 1);
	walk->length += 1 + size;
	return STEP_ON;
}

/* Puts the component at which the walk stops into the name that is judged; what stopped it stays
 * said. */
static void walk_push_judged(struct walk *walk, const char *component)
{
	int error = walk->error;

	walk_push(walk, component);
	walk->error = error;
}

/* Puts text before the rest. */
static enum step walk_splice(struct walk *walk, const char *text)
{
	size_t size = strlen(text), rest = strlen(walk->rest);

	if (++walk->links > LINKS_MAX)
		return walk_stop(walk, ELOOP);
	if (walk->resolve & RESOLVE_NO_SYMLINKS)
		return walk_stop(walk, ELOOP);
	if (size == 0)
		return walk_stop(walk, ENOENT);
	if (size + 1 + rest >= sizeof(walk->rest))
		return walk_stop(walk, ENAMETOOLONG);
	memmove(walk->rest + size + 1, walk->rest, rest + 1);
	memcpy(walk->rest, text, size);
	walk->rest[size] = '/';
	if (rest == 0)
		walk->rest[size] = '\0';
	if (text[0] == '/') {
		if (walk->resolve & RESOLVE_BENEATH)
			return walk_stop(walk, EXDEV);
		/* Linux compares with a root that it has not looked at yet. */
		if (walk->resolve & RESOLVE_NO_XDEV && !walk->rooted)
			return walk_stop(walk, EXDEV);
		walk->length = walk->floor;
		walk->done[walk->length] = '\0';
	}
	return STEP_ON;
}

/* Takes the next component off the rest. False: there is none. *ret_last: nothing but slashes
 * follows. */
static bool walk_next(struct walk *walk, char component[NAME_MAX + 2], bool *ret_last)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t size = strcspn(start, "/");
	char *after = start + size;

	if (size == 0) {
		walk->rest[0] = '\0';
		return false;
	}
	snprintf(component, NAME_MAX + 2, "%.*s", (int)(size > NAME_MAX + 1 ? NAME_MAX + 1 : size),
		 start);
	*ret_last = after[strspn(after, "/")] == '\0';
	if (*ret_last && *after == '/')
		walk->directory = true;
	memmove(walk->rest, after, strlen(after) + 1);
	return true;
}

static bool walk_real(const struct walk *walk, const char *name, char *ret, size_t size)
{
	return view_real(walk->call, name[0] ? name : "/", ret, size);
}

/* May the caller look at this name at all? (R7: also on the way to somewhere else.) */
static bool walk_may_pass(const struct walk *walk)
{
	const char *name = walk->length ? walk->done : "/";
	char real[PATH_MAX] __attribute__((uninitialized));

	return walk_real(walk, name, real, sizeof(real)) &&
	       view_judge(walk->call, name, real, RIGHT_STAT).decision == DECISION_ALLOW;
}

/* "." and ".." are looked up in a directory, which takes search permission on it. 0, or an errno.
 */
static int walk_search(const char *real)
{
	struct stat st;

	if (lstat(real, &st) < 0)
		return errno;
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	return syscall(SYS_faccessat2, AT_FDCWD, real, X_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0
		       ? errno
		       : 0;
}

/* "x/.", at the end: in between, the kernel looks for itself. */
static enum step walk_stay(struct walk *walk)
{
	char real[PATH_MAX] __attribute__((uninitialized));

	walk->directory = true;
	if (walk_real(walk, walk->done, real, sizeof(real)) && walk_search(real) == EACCES)
		return walk_stop(walk, EACCES);
	return STEP_ON;
}

static enum step walk_up(struct walk *walk)
{
	char real[PATH_MAX] __attribute__((uninitialized));
	char *slash;
	int error;

	if (!walk_may_pass(walk)) {
		walk->refused = true;
		return STEP_STOP;
	}
	if (!walk_real(walk, walk->done, real, sizeof(real)))
		return walk_stop(walk, ENAMETOOLONG);
	error = walk_search(real);
	if (error)
		return walk_stop(walk, error);
	if (walk->length <= walk->floor) {
		if (walk->resolve & RESOLVE_BENEATH)
			return walk_stop(walk, EXDEV);
		return STEP_ON; /* ".." of the root is the root */
	}
	slash = strrchr(walk->done, '/');
	walk->length = (size_t)(slash - walk->done);
	*slash = '\0';
	return STEP_ON;
}

/* Is text a decimal number without sign or leading zeros? */
static bool is_number(const char *text, long *ret)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && text[1] != '\0'))
		return false;
	errno = 0;
	*ret = strtol(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret <= INT32_MAX;
}

/* In /proc itself: self is the caller, and no processes exist but the child's own. */
static enum step proc_root(struct walk *walk, const char *component, bool follow)
{
	bool thread = strcmp(component, "thread-self") == 0;
	char text[64];
	pid_t tgid;
	long pid;

	if (thread || strcmp(component, "self") == 0) {
		if (!follow)
			return STEP_PUSH;
		if (task_tgid(walk->call, &tgid) != 0)
			return walk_stop(walk, ENOENT);
		if (thread)
			snprintf(text, sizeof(text), "%d/task/%d", tgid, walk->call->regs.tid);
		else
			snprintf(text, sizeof(text), "%d", tgid);
		return walk_splice(walk, text);
	}
	if (is_number(component, &pid) && !child_owns(walk->call->regs.child, (pid_t)pid)) {
		walk->foreign = true;
		return walk_stop(walk, ENOENT);
	}
	return STEP_PUSH;
}

/*
 * A magic link of a process on the way to somewhere else: it leads where the text says, seen
 * through the child's view.
 */
static enum step proc_link(struct walk *walk, const char *path)
{
	char target[PATH_MAX], name[PATH_MAX];
	int error = link_text(path, target, sizeof(target));
	struct stat st;

	if (walk->resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS))
		return walk_stop(walk, ELOOP);
	if (walk->resolve & RESOLVE_NO_XDEV)
		return walk_stop(walk, EXDEV);
	if (error)
		return walk_stop(walk, error);
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return walk_stop(walk, ENOTDIR);
	if (target[0] != '/' || !view_visible(walk->call, target, name, sizeof(name)))
		return walk_stop(walk, ENOENT);
	return walk_splice(walk, name);
}

/* Pins what a magic link of a process leads to: the very object, whatever its text says. */
static enum step proc_pin(struct walk *walk, const char *path, pid_t pid)
{
	if (walk->resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS))
		return walk_stop(walk, ELOOP);
	if (walk->resolve & RESOLVE_NO_XDEV)
		return walk_stop(walk, EXDEV);
	walk->pinned = open(path, O_PATH | O_CLOEXEC);
	if (walk->pinned < 0)
		return walk_stop(walk, errno == EMFILE ? ENOMEM : errno);
	/* The number was the child's process before; is it still, now that something is pinned by
	 * it? */
	if (!child_owns(walk->call->regs.child, pid)) {
		walk->foreign = true;
		return walk_stop(walk, ENOENT);
	}
	return STEP_ON;
}

/*
 * /proc/PID/fd/N, cwd, exe or root as the last component: judged by its name if it has one, else as
 * path/held.h says. @descriptor: it is one of the first.
 */
static enum step proc_object(struct walk *walk, const char *path, pid_t pid, bool descriptor)
{
	char target[PATH_MAX], name[PATH_MAX], buffer[PROC_FD_MAX];

	if (proc_pin(walk, path, pid) == STEP_STOP)
		return STEP_STOP;
	if (descriptor)
		walk->pinned_mode = held_link_mode(path);
	if (link_text(proc_fd_path(walk->pinned, buffer), target, sizeof(target)))
		return walk_stop(walk, ENAMETOOLONG);
	walk->kind = held_name(walk->call, walk->pinned, target, name, sizeof(name), &walk->lost);
	if (walk->kind == PLACE_NAMED || walk->lost)
		walk->length = (size_t)snprintf(walk->done, sizeof(walk->done), "%s",
						strcmp(name, "/") ? name : "");
	else
		walk_push(walk, strrchr(path, '/') + 1);
	return STEP_STOP;
}

/*
 * /proc/PID/ns/NAME: a namespace. It has no name but the link's, and is judged by that. To have one
 * open gives nothing but its number: setns is refused, its ioctls are unknown.
 */
static enum step proc_namespace(struct walk *walk, const char *path, bool last, pid_t pid)
{
	if (proc_pin(walk, path, pid) == STEP_STOP)
		return STEP_STOP;
	if (!last || walk->directory) {
		close(walk->pinned);
		walk->pinned = -1;
		return walk_stop(walk, ENOTDIR);
	}
	walk_push(walk, strrchr(path, '/') + 1);
	return STEP_STOP;
}

/* In /proc/PID or /proc/PID/task/TID and below. @below: what follows the process. */
static enum step proc_process(struct walk *walk, pid_t pid, const char *below,
			      const char *component, bool last, bool follow)
{
	char path[PATH_MAX + NAME_MAX + 2];
	bool descriptor;
	struct stat st;
	long number;

	if (strncmp(below, "/task/", 6) == 0) {
		below = strchr(below + 6, '/');
		if (!below)
			below = "";
	}
	if (!follow || strcmp(component, ".") == 0)
		return STEP_PUSH;
	snprintf(path, sizeof(path), "%s/%s", walk->done, component);
	descriptor = strcmp(below, "/fd") == 0 && is_number(component, &number);
	if (descriptor ||
	    (below[0] == '\0' && (!strcmp(component, "cwd") || !strcmp(component, "exe") ||
				  !strcmp(component, "root"))))
		return last && !walk->directory ? proc_object(walk, path, pid, descriptor)
						: proc_link(walk, path);
	if (strcmp(below, "/ns") == 0)
		return proc_namespace(walk, path, last, pid);
	if (strcmp(below, "/map_files") == 0) /* takes a capability that no child has */
		return walk_stop(walk, lstat(path, &st) < 0 ? errno : EPERM);
	return STEP_PUSH;
}

static enum step proc_step(struct walk *walk, const char *component, bool last, bool follow)
{
	const char *process = walk->done + strlen("/proc");
	char *end;
	long pid;

	if (process[0] == '\0')
		return proc_root(walk, component, follow);
	pid = strtol(process + 1, &end, 10);
	if (end == process + 1 || (*end != '\0' && *end != '/'))
		return STEP_PUSH; /* /proc/sys and the like */
	return proc_process(walk, (pid_t)pid, end, component, last, follow);
}

static bool in_proc(const struct walk *walk)
{
	return strncmp(walk->done, "/proc", 5) == 0 &&
	       (walk->done[5] == '\0' || walk->done[5] == '/');
}

/* An ordinary component: a link, which is spliced in, or a name. */
static enum step walk_name(struct walk *walk, const char *component, bool last)
{
	char real[PATH_MAX] __attribute__((uninitialized));
	char target[PATH_MAX] __attribute__((uninitialized));
	size_t before = walk->length;
	int error;

	if (walk_push(walk, component) == STEP_STOP)
		return STEP_STOP;
	if (last && !walk->follow && !walk->directory)
		return STEP_ON;
	if (!walk_real(walk, walk->done, real, sizeof(real)))
		return walk_stop(walk, ENAMETOOLONG);
	error = link_text(real, target, sizeof(target));
	if (error == EINVAL || (error == ENOENT && last))
		return STEP_ON; /* no link: an object, or the name of one to be made */
	if (error)
		return walk_stop(walk, error);
	if (!walk_may_pass(walk)) {
		walk->refused = true;
		return STEP_STOP;
	}
	link_guess(walk->call, walk->done);
	walk->length = before;
	walk->done[before] = '\0';
	return walk_splice(walk, target);
}

/* The mount that the name so far is on; 0 if that cannot be seen. */
static uint64_t walk_mount(const struct walk *walk)
{
	char real[PATH_MAX] __attribute__((uninitialized));
	struct statx st;

	if (!walk_real(walk, walk->done, real, sizeof(real)) ||
	    statx(AT_FDCWD, real, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0)
		return 0;
	return st.stx_mnt_id;
}

/* What is not there is on no other mount, and is told by the kernel. */
static bool walk_crosses(const struct walk *walk)
{
	uint64_t mount = walk->resolve & RESOLVE_NO_XDEV ? walk_mount(walk) : 0;

	return mount != 0 && mount != walk->mount;
}

static enum step walk_component(struct walk *walk, const char *component, bool last)
{
	enum step step;

	if (strlen(component) > NAME_MAX)
		return walk_stop(walk, ENAMETOOLONG);
	if (strcmp(component, ".") == 0)
		return last ? walk_stay(walk) : STEP_ON;
	if (strcmp(component, "..") == 0) {
		walk->directory |= last;
		return walk_up(walk);
	}
	if (in_proc(walk)) {
		step = proc_step(walk, component, last, walk->follow || walk->directory || !last);
		if (step == STEP_STOP && walk->error)
			walk_push_judged(walk, component);
		if (step != STEP_PUSH)
			return step;
	}
	return walk_name(walk, component, last);
}

void walk_append_rest(struct walk *walk)
{
	char component[NAME_MAX + 2];
	bool last;

	while (walk_next(walk, component, &last)) {
		if (strcmp(component, ".") == 0)
			continue;
		if (strcmp(component, "..") == 0) {
			char *slash = strrchr(walk->done, '/');

			/* As walk_up: what is missing says no more than what is there. */
			if (!walk_may_pass(walk)) {
				walk->refused = true;
				return;
			}
			if (slash)
				*slash = '\0';
			walk->length = slash ? (size_t)(slash - walk->done) : 0;
			continue;
		}
		if (walk->length + 1 + strlen(component) < sizeof(walk->done))
			walk_push(walk, component);
	}
}

void walk_run(struct walk *walk, const char *base, const char *path)
{
	char component[NAME_MAX + 2];
	char buffer[PATH_MAX] __attribute__((uninitialized));
	enum step step = STEP_ON;
	bool last = false;

	walk->pinned = -1;
	walk->pinned_mode = -1;
	walk->kind = PLACE_NAMED;
	walk->lost = false;
	walk->links = 0;
	walk->error = 0;
	walk->refused = false;
	walk->foreign = walk->overlong = false;
	walk->directory = false;
	walk->length = (size_t)snprintf(walk->done, sizeof(walk->done), "%s",
					strcmp(base, "/") ? base : "");
	walk->floor = walk->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? walk->length : 0;
	snprintf(walk->rest, sizeof(walk->rest), "%s", path);
	/* A directory of a process that is not the child's; or the link /proc/self, which is none.
	 */
	if (path[0] != '/' && name_is_process(base) &&
	    view_judged(walk->call, base, buffer, sizeof(buffer)) == base) {
		walk->foreign = true;
		walk->error = ENOENT;
		return;
	}
	if (path[0] == '/' && (walk->resolve & RESOLVE_BENEATH)) {
		walk->error = EXDEV;
		return;
	}
	if (path[0] == '/') {
		walk->length = walk->floor;
		walk->done[walk->length] = '\0';
	}
	walk->rooted = path[0] == '/' || walk->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT);
	if (walk->resolve & RESOLVE_NO_XDEV)
		walk->mount = walk_mount(walk);
	while (step != STEP_STOP && walk_next(walk, component, &last)) {
		step = walk_component(walk, component, last);
		if (step != STEP_STOP && walk_crosses(walk))
			step = walk_stop(walk, EXDEV);
	}
	memcpy(walk->stop, walk->length ? walk->done : "/", walk->length ? walk->length + 1 : 2);
	if (step == STEP_STOP && walk->error && !last)
		walk_append_rest(walk);
}
