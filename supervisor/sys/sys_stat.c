/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that ask about an object and change nothing: stat, statx, access, readlink, statfs.
 *
 * Results are the kernel's own structs, got from the pinned object and written to the caller as
 * they are.
 */
#include <errno.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "tree/child.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "path/binding.h"
#include "path/act.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "common/cleanup.h"

/* Like statx's, but without glibc's header, which may be older than the flag. Linux 4.11 */
enum {
	AT_STATX_TYPES = 0x6000, /* AT_STATX_SYNC_TYPE */
	STATX_BYTES = 256,
	DESCRIPTOR_LINK = 32,
};

/* Is it the descriptor itself that a stat call asks about, as fstat does? */
static bool asks_descriptor(const struct call *call, unsigned int at_flags)
{
	const char *path = call->path[0];

	return at_flags & AT_EMPTY_PATH && (!path || path[0] == '\0') &&
	       arg_int(call, 0) != AT_FDCWD;
}

/*
 * What leads to the object of a descriptor of the caller's in one step: its link in proc, followed.
 * By number: mem_write asks whether it was the caller's before anything is handed on. False: it is
 * no number.
 */
static bool descriptor_link(const struct call *call, char ret[DESCRIPTOR_LINK])
{
	int fd = arg_int(call, 0);

	if (fd >= 0)
		snprintf(ret, DESCRIPTOR_LINK, "/proc/%d/fd/%d", call->regs.tid, fd);
	return fd >= 0;
}

/*
 * Pins what a stat call asks about. A descriptor itself needs no right: fstat says the same of it,
 * and never comes here.
 */
static int stat_lookup(struct call *call, int dir, unsigned int at_flags, struct place *ret)
{
	if (asks_descriptor(call, at_flags))
		return fd_take_object(call, arg_int(call, 0), &ret->fd);
	if (!call->path[0] && !(at_flags & AT_EMPTY_PATH))
		return EFAULT;
	return view_lookup(call, dir, 0, at_view(at_flags), RIGHT_STAT, ret);
}

/* By what is pinned: *ret is part of that. */
static int stat_pinned(struct call *call, int dir, unsigned int at_flags, struct place *place,
		       const struct stat **ret)
{
	int r = stat_lookup(call, dir, at_flags, place);

	if (r != 0)
		return r;
	*ret = place_stat(place);
	return *ret ? 0 : child_errno(errno);
}

/* The inner function of the forms that fill a struct stat: @dir as for view_lookup, @to the
 * argument with the address. */
static struct sv_answer stat_to(struct call *call, int dir, unsigned int at_flags, unsigned int to)
{
	cleanup_place struct place place __attribute__((uninitialized));
	const struct stat *st = &place.stat;
	char link[DESCRIPTOR_LINK];
	int r = 0;

	place_init(&place);
	/* What fails so is looked at by the descriptor itself, and then says why. */
	if (!asks_descriptor(call, at_flags) || !descriptor_link(call, link) ||
	    stat(link, &place.stat) < 0)
		r = stat_pinned(call, dir, at_flags, &place, &st);
	if (r == 0)
		r = mem_write(call, arg_u64(call, to), st, sizeof(*st));
	return act_answer(call, r);
}

static struct sv_answer sys_stat(struct call *call)
{
	return stat_to(call, -1, 0, 1);
}

static struct sv_answer sys_lstat(struct call *call)
{
	return stat_to(call, -1, AT_SYMLINK_NOFOLLOW, 1);
}

static struct sv_answer sys_newfstatat(struct call *call)
{
	unsigned int flags = (unsigned int)arg_u64(call, 3);

	if (flags &
	    ~(unsigned int)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_TYPES))
		return sv_answer_error(EINVAL);
	return stat_to(call, 0, flags, 2);
}

/* statx(dirfd, path, flags, mask, buffer) */
static struct sv_answer sys_statx(struct call *call)
{
	unsigned int flags = (unsigned int)arg_u64(call, 2), mask = (unsigned int)arg_u64(call, 3);
	cleanup_place struct place place __attribute__((uninitialized));
	char buffer[STATX_BYTES], link[DESCRIPTOR_LINK];
	int r = 0;

	place_init(&place);
	if (mask & STATX__RESERVED || (flags & AT_STATX_TYPES) == AT_STATX_TYPES ||
	    flags & ~(unsigned int)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
				    AT_STATX_TYPES))
		return sv_answer_error(EINVAL);
	if (!asks_descriptor(call, flags) || !descriptor_link(call, link) ||
	    syscall(SYS_statx, AT_FDCWD, link, (flags & AT_STATX_TYPES) | AT_NO_AUTOMOUNT, mask,
		    buffer) < 0) {
		r = stat_lookup(call, 0, flags, &place);
		if (r == 0)
			r = act_result(syscall(SYS_statx, place.fd, "", flags | AT_EMPTY_PATH, mask,
					       buffer));
	}
	if (r == 0)
		r = mem_write(call, arg_u64(call, 4), buffer, sizeof(buffer));
	return act_answer(call, r);
}

static struct sv_answer sys_statfs(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	struct statfs result;
	int r = view_lookup(call, -1, 0, VIEW_FOLLOW, RIGHT_STAT, &place);

	if (r == 0)
		r = act_result(syscall(SYS_fstatfs, place.fd, &result));
	if (r == 0)
		r = mem_write(call, arg_u64(call, 1), &result, sizeof(result));
	return act_answer(call, r);
}

/* What access asks for, as rights on an object of this type. */
static unsigned int access_rights(mode_t type, int mode)
{
	switch (type) {
	case S_IFDIR: return (mode & R_OK ? RIGHT_LIST : 0) | (mode & W_OK ? RIGHT_WRITE : 0);
	case S_IFSOCK: return mode & W_OK ? RIGHT_UNIX : 0;
	case S_IFCHR:
	case S_IFBLK: return mode & (R_OK | W_OK) ? RIGHT_DEV : 0;
	}
	return (mode & R_OK ? RIGHT_READ : 0) | (mode & W_OK ? RIGHT_WRITE : 0) |
	       (mode & X_OK ? RIGHT_EXEC : 0);
}

/*
 * Access says what open, execve and connect would. The question is not a deed: a no is not told,
 * the deed's will be.
 */
static int access_permit(struct call *call, struct place *place, int mode)
{
	const struct stat *st;

	if (mode == F_OK || place->kind == PLACE_UNNAMED)
		return 0;
	st = place_stat(place);
	if (!st)
		return child_errno(errno);
	return place_allows(call, place, access_rights(st->st_mode & S_IFMT, mode)) ? 0 : EACCES;
}

static struct sv_answer access_at(struct call *call, int dir, int mode, unsigned int at_flags)
{
	cleanup_place struct place place __attribute__((uninitialized));
	int r;

	place_init(&place);
	if (mode & ~(R_OK | W_OK | X_OK) ||
	    at_flags & ~(unsigned int)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return sv_answer_error(EINVAL);
	r = view_lookup(call, dir, 0, at_view(at_flags) | VIEW_QUIET, RIGHT_STAT, &place);
	if (r == 0)
		r = access_permit(call, &place, mode);
	/* That it is there is proven by now. */
	if (r == 0 && mode != F_OK)
		r = act_result(syscall(SYS_faccessat2, place.fd, "", mode,
				       (at_flags & AT_EACCESS) | AT_EMPTY_PATH));
	return act_answer(call, r);
}

static struct sv_answer sys_access(struct call *call)
{
	return access_at(call, -1, arg_int(call, 1), 0);
}

static struct sv_answer sys_faccessat(struct call *call)
{
	return access_at(call, 0, arg_int(call, 2), 0);
}

static struct sv_answer sys_faccessat2(struct call *call)
{
	return access_at(call, 0, arg_int(call, 2), (unsigned int)arg_u64(call, 3));
}

/* The links in the root of proc that say who asks: to us they would name us. True if it is one. */
static int link_caller(struct call *call, const char *real, char *ret, size_t size, bool *ret_is)
{
	bool thread = strcmp(real, "/proc/thread-self") == 0;
	pid_t tgid;
	int r;

	*ret_is = thread || strcmp(real, "/proc/self") == 0;
	if (!*ret_is)
		return 0;
	r = task_tgid(call, &tgid);
	if (r)
		return r;
	if (thread)
		snprintf(ret, size, "%d/task/%d", tgid, call->regs.tid);
	else
		snprintf(ret, size, "%d", tgid);
	return 0;
}

/* In proc, a link's text that begins with a slash is not text: it is a name at our level. */
static int link_translate(struct call *call, const struct place *place, char *text, size_t size)
{
	char visible[PATH_MAX];

	if (strncmp(place->real, "/proc/", 6) != 0 || text[0] != '/')
		return 0;
	if (!view_visible(call, text, visible, sizeof(visible)))
		return EACCES;
	snprintf(text, size, "%s", visible);
	return 0;
}

/* Reads the pinned link in the child's terms; *text has room for PATH_MAX bytes and a NUL. */
static int link_read(struct call *call, struct place *place, char *text, size_t size)
{
	const struct stat *st = place_stat(place);
	bool is_caller;
	ssize_t n;
	int r;

	if (!st)
		return child_errno(errno);
	if (!S_ISLNK(st->st_mode))
		return call->path[0][0] == '\0' ? ENOENT : EINVAL;
	r = link_caller(call, place->real, text, size, &is_caller);
	if (r || is_caller)
		return r;
	n = readlinkat(place->fd, "", text, size - 1);
	if (n < 0)
		return child_errno(errno);
	text[n] = '\0';
	return link_translate(call, place, text, size);
}

/* The inner function of both; @dir as for view_lookup, @to the argument with the buffer, its size
 * in the next. */
static struct sv_answer readlink_at(struct call *call, int dir, unsigned int to)
{
	cleanup_place struct place place __attribute__((uninitialized));
	int size = arg_int(call, to + 1), r;
	char text[PATH_MAX + 1] __attribute__((uninitialized));
	size_t length;

	place_init(&place);
	if (size <= 0)
		return sv_answer_error(EINVAL);
	r = view_lookup(call, dir, 0, VIEW_EMPTY, RIGHT_STAT, &place);
	if (r == 0)
		r = link_read(call, &place, text, sizeof(text));
	if (r)
		return answer_fail(call, r);
	length = strlen(text);
	if (length > (size_t)size)
		length = (size_t)size;
	r = mem_write(call, arg_u64(call, to), text, length);
	return r ? answer_fail(call, r) : sv_answer_value((int64_t)length);
}

static struct sv_answer sys_readlink(struct call *call)
{
	return readlink_at(call, -1, 1);
}

static struct sv_answer sys_readlinkat(struct call *call)
{
	return readlink_at(call, 0, 2);
}

const struct sysrow stat_rows[] = {
	LOOKS(stat, "po", NULL),
	LOOKS(lstat, "po", NULL),
	LOOKS(newfstatat, "dtou",
	      "an empty path is the descriptor, which needs no right: as fstat"),
	LOOKS(statx, "dtuuo", "flags newer than Linux 6.18: EINVAL"),
	LOOKS(statfs, "po", NULL),
	LOOKS(access, "pi",
	      "says what the policy would: EACCES for what it does not grant, and is there"),
	LOOKS(faccessat, "dpi", "as access"),
	LOOKS(faccessat2, "dpiu", "as access"),
	LOOKS(readlink, "poi", "links of the caller's own in proc are in its terms"),
	LOOKS(readlinkat, "dpoi", "as readlink"),
	ROWS_END,
};
