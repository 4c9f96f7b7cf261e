/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of a socket: the idea stands in socketfile.h. */
#include "net/socketfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "call/call.h"
#include "call/caller.h"
#include "base/landlock.h"
#include "path/resolve.h"
#include "base/thread.h"
#include "common/cleanup.h"

enum {
	STACK_SIZE = 128 * 1024,
};

/* What the thread gets to know, and its result. */
struct binding {
	int socket;
	int cwd; /* where the child stands; -1 if path is absolute */
	const char *path;
	const struct place *place;
	bool anywhere; /* below the pinned directory a socket does no harm */
	int result;
};

/* Does the directory part of path lead, from here, to the pinned directory, and its last component
 * to the last one? */
static bool spelling_fits(const struct binding *binding)
{
	const char *slash = strrchr(binding->path, '/');
	const char *last = slash ? slash + 1 : binding->path;
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_MAGICLINKS };
	char directory[PATH_MAX] = ".";
	struct stat found, pinned;
	cleanup_fd int fd = -1;

	if (strcmp(last, binding->place->last) != 0)
		return false;
	if (slash)
		snprintf(directory, sizeof(directory), "%.*s", (int)(last - binding->path),
			 binding->path);
	fd = (int)syscall(SYS_openat2, AT_FDCWD, directory, &how, sizeof(how));
	return fd >= 0 && fstat(fd, &found) == 0 && fstat(binding->place->parent, &pinned) == 0 &&
	       found.st_dev == pinned.st_dev && found.st_ino == pinned.st_ino;
}

/*
 * Should be able to make a socket in or below the pinned directory.
 * Mustn't make one anywhere else, whatever a path leads to.
 */
static bool thread_confine(int parent)
{
	struct landlock_ruleset attr = { .handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SOCK };
	struct landlock_path_beneath_attr below = {
		.allowed_access = LANDLOCK_ACCESS_FS_MAKE_SOCK,
		.parent_fd = parent,
	};
	cleanup_fd int ruleset = landlock_create_ruleset(&attr, sizeof(attr.handled_access_fs), 0);

	return ruleset >= 0 && landlock_add_path(ruleset, &below) == 0 &&
	       landlock_restrict_self(ruleset) == 0;
}

static int bind_name(int socket, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(name);

	/* A name may fill sun_path, without a NUL. */
	if (size > sizeof(address.sun_path))
		return EINVAL;
	memcpy(address.sun_path, name, size);
	size += offsetof(struct sockaddr_un, sun_path) + (size < sizeof(address.sun_path) ? 1 : 0);
	return bind(socket, (const struct sockaddr *)&address, (socklen_t)size) < 0 ? errno : 0;
}

static int binding_act(const struct binding *binding)
{
	struct stat st;
	int r;

	/* The umask came along from the receiver. */
	if (binding->cwd >= 0 && fchdir(binding->cwd) < 0)
		return -errno;
	if (binding->anywhere && spelling_fits(binding) && thread_confine(binding->place->parent)) {
		r = bind_name(binding->socket, binding->path);
	} else {
		if (fchdir(binding->place->parent) < 0)
			return -errno;
		r = bind_name(binding->socket, binding->place->last);
	}
	/* The spelling led below the directory, but elsewhere: somebody renames while we bind. */
	if (r == 0 &&
	    (fstatat(binding->place->parent, binding->place->last, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	     !S_ISSOCK(st.st_mode)))
		r = EACCES;
	return r;
}

static void binding_do(void *data)
{
	struct binding *binding = data;

	binding->result = binding_act(binding);
}

/* With a directory of its own to stand in. */
static void binding_run(void *data)
{
	struct binding *binding = data;
	int r = thread_own_fs(binding_do, binding);

	if (r < 0)
		binding->result = r;
}

/* Runs on a thread whose directory and confinement nobody shares. */
static int binding_thread(struct binding *binding)
{
	int r = worker_wait(STACK_SIZE, binding_run, binding);

	return r < 0 ? r : binding->result;
}

static int caller_cwd(struct call *call, int *ret_fd)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cwd", call->regs.tid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ESRCH : errno;
	if (!call_valid(call)) {
		close(fd);
		return ESRCH;
	}
	*ret_fd = fd;
	return 0;
}

int socketfile_bind(struct call *call, int socket, const char *path, const struct place *place,
		    bool anywhere)
{
	struct binding binding = {
		.socket = socket, .cwd = -1, .path = path, .place = place, .anywhere = anywhere
	};
	cleanup_fd int cwd = -1;
	int r = receiver_umask(call);

	if (r == 0 && place->directory)
		r = place->fd >= 0 ? EADDRINUSE : ENOENT;
	if (r == 0 && path[0] != '/')
		r = caller_cwd(call, &cwd);
	if (r != 0)
		return r;
	binding.cwd = cwd;
	return binding_thread(&binding);
}
