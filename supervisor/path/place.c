/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a path leads, and where it begins: see place.h. */
#include "path/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "call/caller.h"
#include "path/binding.h"
#include "path/held.h"
#include "judge/verdict.h"
#include "tree/child.h"

enum {
	LINKS_GUESSED = 8, /* in one path: with more of them it is walked */
};

/* Where the kernel is to begin. */
void place_start(struct place *place, int at, const char *path)
{
	place->at = at;
	place->path = path;
}

void place_init(struct place *place)
{
	place->kind = PLACE_NAMED;
	place->fd = place->parent = -1;
	place->directory = false;
	place->held_mode = 0;
	place->lost = false;
	place->guessed = place->made = false;
	place_start(place, AT_FDCWD, place->real);
	place->given = NULL;
	place->looked = false;
	place->last[0] = place->name[0] = place->real[0] = '\0';
}

void place_deinit(struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	if (place->parent >= 0)
		close(place->parent);
	place->fd = place->parent = -1;
	place->looked = false;
}

/*
 * -EACCES for a /proc under another name, as a chroot or a container has one: there "self" is the
 * supervisor, and every process of the machine is shown. File systems without a device have major
 * 0.
 */
static int check_other_proc(int fd, const char *real, const struct stat *st)
{
	struct statfs fs __attribute__((uninitialized));

	if (major(st->st_dev) != 0)
		return 0;
	if (strncmp(real, "/proc", 5) == 0 && (real[5] == '\0' || real[5] == '/'))
		return 0;
	/* Some file systems in user space do without; /proc never does. */
	if (fstatfs(fd, &fs) < 0)
		return errno == ENOSYS ? 0 : -errno;
	return fs.f_type == PROC_SUPER_MAGIC ? -EACCES : 0;
}

int proven_openat(int at, const char *path, const char *real, uint64_t flags, uint64_t mode,
		  struct stat *ret_stat)
{
	struct stat st __attribute__((uninitialized));
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof(how)), r;

	if (fd < 0)
		return errno == ELOOP ? PLACE_AGAIN : -errno;
	if (!ret_stat)
		ret_stat = &st;
	r = syscall(SYS_fstat, fd, ret_stat) < 0 ? -errno : check_other_proc(fd, real, ret_stat);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

int place_openat2(const struct place *place, uint64_t flags, uint64_t mode, struct stat *ret_stat)
{
	return proven_openat(place->at, place->path, place->real, flags, mode, ret_stat);
}

int place_lstat(const struct place *place, struct stat *ret)
{
	return fstatat(place->at, place->path, ret, AT_SYMLINK_NOFOLLOW);
}

const struct stat *place_stat(struct place *place)
{
	if (!place->looked && syscall(SYS_fstat, place->fd, &place->stat) < 0)
		return NULL;
	place->looked = true;
	return &place->stat;
}

int place_error(int r)
{
	return r == PLACE_AGAIN ? r : child_errno(-r);
}

bool place_bound(const struct call *call, const struct place *place)
{
	const struct policy_bind *binds;
	size_t count;

	if (!call->regs.child->remaps)
		return false;
	binds = policy_binds(call->regs.child->policy, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(binds[i].name, place->name) == 0)
			return true;
	return false;
}

/* Without a box it would be reached by a short name from near by: the caller is told why not. */
int name_told(struct call *call, int r)
{
	if (r == ENAMETOOLONG)
		call_fault(call, "a name of more than 4,095 bytes from the root cannot be judged: "
				 "go up, or work from another directory");
	return r;
}

int base_open(struct call *call, int dirfd, bool relative, struct base *base)
{
	base->dirfd = dirfd;
	base->fd = -1;
	base->proven = true;
	strcpy(base->real, "/");
	strcpy(base->name, "/");
	if (!relative)
		return 0;
	return dirfd == AT_FDCWD ? task_cwd(call, &base->fd) : task_dir(call, dirfd, &base->fd);
}

void base_close(struct call *call, struct base *base)
{
	if (base->fd < 0)
		return;
	if (base->dirfd == AT_FDCWD)
		task_cwd_keep(call, base->fd);
	else
		close(base->fd);
}

/* Another component than "." begins here. */
static const char *path_begin(const char *path)
{
	while (path[0] == '.' && (path[1] == '/' || path[1] == '\0'))
		for (path++; *path == '/'; path++)
			;
	return path;
}

/*
 * Up from a directory that no name leads to, since it is removed, or deeper than a name can say: by
 * the kernel, until one has a name. What has none is left without asking; where one comes to is
 * judged.
 */
int base_climb(struct call *call, struct base *base, const char **path)
{
	const char *at = path_begin(*path);
	char real[PATH_MAX] __attribute__((uninitialized));
	int fd, r;

	while (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == '\0')) {
		r = own_fd_name(call, base->fd, real, sizeof(real));
		if (r == 0 && name_exists(real, base->fd))
			break;
		if (r != 0 && r != ENAMETOOLONG)
			return r;
		fd = proven_openat(base->fd, "..", "/", O_PATH | O_DIRECTORY, 0, NULL);
		if (fd < 0)
			return place_error(fd);
		base_close(call, base);
		base->fd = fd;
		base->dirfd = -1;
		for (at += 2; *at == '/'; at++)
			;
		at = path_begin(at);
		*path = *at ? at : ".";
	}
	return 0;
}

static int base_read(struct call *call, struct base *base)
{
	int r = name_told(call, own_fd_name(call, base->fd, base->real, sizeof(base->real)));

	if (r == 0 && base->real[0] != '/')
		r = ENOTDIR;
	if (r != 0)
		return r;
	base->proven = true;
	task_guess_set(call, base->dirfd, base->real);
	return view_visible(call, base->real, base->name, sizeof(base->name)) ? 0 : ENOENT;
}

/* The name that the directory had last time, where the act may come before the proof. */
int base_name(struct call *call, struct base *base, bool may_guess)
{
	const char *guess;

	/* An absolute path asks nothing of who calls, and has nothing looked up of him. */
	if (base->fd < 0)
		return 0;
	guess = may_guess ? task_guess(call, base->dirfd) : NULL;
	if (!guess || !view_visible(call, guess, base->name, sizeof(base->name)))
		return base_read(call, base);
	snprintf(base->real, sizeof(base->real), "%s", guess);
	base->proven = false;
	return 0;
}

/* Is its name what was judged? */
bool base_holds(const struct call *call, struct base *base)
{
	char real[PATH_MAX] __attribute__((uninitialized));

	if (base->fd < 0)
		return true;
	base->proven = own_fd_name(call, base->fd, real, sizeof(real)) == 0 &&
		       strcmp(real, base->real) == 0;
	return base->proven;
}

/* Text that can stand where a link stood: names, and nothing that leads up. */
static bool is_plain(const char *text)
{
	size_t size;

	for (;; text += size + 1) {
		size = strcspn(text, "/");
		if (size == 0 || size > NAME_MAX || (size == 1 && text[0] == '.') ||
		    (size == 2 && text[0] == '.' && text[1] == '.'))
			return false;
		if (text[size] == '\0')
			return true;
	}
}

/* Where the first part of a name ends that was a link, of those that end after @start; 0: none. */
static size_t link_end(const struct call *call, const char *name, size_t start, bool follow)
{
	uint64_t hash = LINK_HASH;

	for (size_t i = 0;; i++) {
		if (i > start && (name[i] == '/' || (name[i] == '\0' && follow)) &&
		    link_is_guessed(call, hash))
			return i;
		if (name[i] == '\0')
			return 0;
		hash = link_hash(hash, name[i]);
	}
}

/*
 * Puts the text of a link where it stands in the name, and says what to go on after. False: to be
 * walked. The directory that a link was read in stays in the name, so that the proof is of it, too:
 * if it is reached by a link, what was read there is told to nobody. With the root that is no
 * question.
 */
static bool link_splice(const struct call *call, char name[PATH_MAX], size_t end, size_t *start)
{
	char text[PATH_MAX] __attribute__((uninitialized));
	char rest[PATH_MAX] __attribute__((uninitialized));
	size_t directory, rest_size = strlen(name + end) + 1;
	bool absolute;
	int error;

	memcpy(rest, name + end, rest_size);
	name[end] = '\0';
	if (view_judge(call, name, name, RIGHT_STAT).decision != DECISION_ALLOW)
		return false;
	directory = (size_t)(strrchr(name, '/') - name);
	error = link_text(name, text, sizeof(text));
	if (error) {
		*start = end; /* it is none any more, or not there: as the kernel will say */
		memcpy(name + end, rest, rest_size);
		return true;
	}
	absolute = text[0] == '/';
	if ((absolute && directory > 0) || !is_plain(text + absolute))
		return false;
	*start = directory;
	return directory + 1 + strlen(text) + strlen(rest) < PATH_MAX &&
	       snprintf(name + directory, PATH_MAX - directory, "/%s%s", text + absolute, rest) > 0;
}

/* Puts in the name what links say that were met before. The kernel proves that there are no others.
 */
static bool links_splice(const struct call *call, char name[PATH_MAX], bool follow)
{
	size_t start = 0, end = link_end(call, name, start, follow);

	for (int links = 0; end > 0; links++) {
		if (links == LINKS_GUESSED || !link_splice(call, name, end, &start))
			return false;
		end = link_end(call, name, start, follow);
	}
	return true;
}

bool lexical_name(const struct call *call, const char *base, const char *path, bool follow,
		  struct place *place)
{
	size_t length = 0, start;

	place->directory = false;
	if (call->regs.child->remaps)
		return false;
	if (path[0] != '/' && strcmp(base, "/") != 0)
		length = (size_t)snprintf(place->name, sizeof(place->name), "%s", base);
	start = length;
	while (*path) {
		size_t size;

		path += strspn(path, "/");
		size = strcspn(path, "/");
		if (size == 1 && path[0] == '.' && path[size] == '\0' && length > start)
			return false; /* "x/.": may x be searched? */
		place->directory = path[size] == '/' || size == 0 || (size == 1 && path[0] == '.');
		if (size == 0)
			break;
		if (size == 2 && path[0] == '.' && path[1] == '.')
			return false;
		if (!(size == 1 && path[0] == '.')) {
			if (size > NAME_MAX || length + 1 + size >= sizeof(place->name))
				return false;
			place->name[length++] = '/';
			memcpy(place->name + length, path, size);
			length += size;
		}
		path += size;
	}
	if (length == 0)
		place->name[length++] = '/';
	place->name[length] = '\0';
	if (!links_splice(call, place->name, follow || place->directory))
		return false;
	if (strncmp(place->name, "/proc", 5) == 0 &&
	    (place->name[5] == '\0' || place->name[5] == '/'))
		return false;
	memcpy(place->real, place->name, strlen(place->name) + 1);
	return true;
}
