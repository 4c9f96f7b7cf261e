/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extended attributes. Four calls (set, get, list, remove) in four forms each: by path, by link, by
 * descriptor, and at. One function per call does the work; the form only says how the object is
 * found and where the arguments stand.
 *
 * What a user put there (user.*) is content and needs READ. Names of attributes, and what the
 * system keeps in them, are like a mode: STAT, since ls -l asks for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "call/memory.h"
#include "path/act.h"
#include "confine/sysnumbers.h"
#include "confine/sysrow.h"
#include "common/cleanup.h"

/* struct xattr_args of linux/xattr.h, Linux 6.13 */
struct value_args {
	uint64_t address;
	uint32_t size;
	uint32_t flags;
};

enum form {
	FORM_PATH,
	FORM_LINK,
	FORM_HELD,
	FORM_AT,
};

static int xattr_lookup(struct call *call, enum form form, unsigned int rights, struct place *ret)
{
	unsigned int at_flags = form == FORM_AT ? (unsigned int)arg_u64(call, 2) : 0;
	const char *path = call->path[0];

	if (form == FORM_HELD)
		return held_lookup(call, arg_int(call, 0), rights, ret);
	if (form != FORM_AT)
		return view_lookup(call, -1, 0, form == FORM_PATH ? VIEW_FOLLOW : 0, rights, ret);
	if (!(at_flags & AT_EMPTY_PATH) && !path)
		return EFAULT;
	if (at_flags & AT_EMPTY_PATH && (!path || path[0] == '\0') && arg_int(call, 0) >= 0)
		return held_lookup(call, arg_int(call, 0), rights, ret);
	return view_lookup(call, 0, 0, at_view(at_flags), rights, ret);
}

/*
 * What a descriptor gives, for questions: all that a file's gives was judged when it was opened. A
 * directory may be open for its names alone, or stand for one that was opened with O_PATH.
 */
static int held_ask(struct call *call, unsigned int rights, struct place *ret)
{
	struct stat st;
	int r = held_lookup(call, arg_int(call, 0), 0, ret);

	if (r)
		return r;
	if (fstat(ret->fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? view_permit(call, ret, 0, rights) : 0;
}

static int at_flags_check(const struct call *call, enum form form)
{
	unsigned int known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

	return form == FORM_AT && arg_u64(call, 2) & ~(uint64_t)known ? EINVAL : 0;
}

/* The argument that follows those which say what object it is about. */
static unsigned int first_arg(enum form form)
{
	return form == FORM_AT ? 3 : 1;
}

static int name_read(struct call *call, enum form form, char ret[XATTR_NAME_MAX + 1])
{
	size_t size = 0;
	int r = mem_string(call, arg_u64(call, first_arg(form)), ret, XATTR_NAME_MAX + 1, &size);

	return r == ENAMETOOLONG || (r == 0 && size == 0) ? ERANGE : r;
}

/* Where the value is: in registers, or in a struct that may grow, whose unknown rest must be 0. */
static int value_args_read(struct call *call, enum form form, struct value_args *ret)
{
	char bytes[4096];
	uint64_t size = arg_u64(call, 5);
	int r;

	if (form != FORM_AT) {
		*ret = (struct value_args){ .address = arg_u64(call, 2) };
		/* Only the low word matters: sizes beyond the limit are cut down or refused. */
		ret->size = arg_u64(call, 3) > UINT32_MAX ? UINT32_MAX : (uint32_t)arg_u64(call, 3);
		ret->flags = (uint32_t)arg_u64(call, 4);
		return 0;
	}
	if (size < sizeof(*ret))
		return EINVAL;
	if (size > sizeof(bytes))
		return E2BIG;
	r = mem_read(call, arg_u64(call, 4), bytes, size);
	if (r)
		return r;
	for (size_t i = sizeof(*ret); i < size; i++)
		if (bytes[i])
			return E2BIG;
	memcpy(ret, bytes, sizeof(*ret));
	return 0;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Capabilities and labels of files are not the child's to give or take. */
static int change_permit(struct call *call, const char *name, const struct place *place)
{
	if (has_prefix(name, "security."))
		return registers_deny(&call->regs, VERB_WRITE, place->name, EPERM);
	return 0;
}

static int set_prepare(struct call *call, enum form form, char name[XATTR_NAME_MAX + 1],
		       struct value_args *ret_args, char **ret_value)
{
	cleanup_free char *value = NULL;
	int r = at_flags_check(call, form);

	if (r == 0)
		r = value_args_read(call, form, ret_args);
	if (r == 0 && ret_args->flags & ~(uint32_t)(XATTR_CREATE | XATTR_REPLACE))
		r = EINVAL;
	if (r == 0)
		r = name_read(call, form, name);
	if (r == 0 && ret_args->size > XATTR_SIZE_MAX)
		r = E2BIG;
	if (r || ret_args->size == 0)
		return r;
	value = malloc(ret_args->size);
	if (!value)
		return ENOMEM;
	r = mem_read(call, ret_args->address, value, ret_args->size);
	if (r == 0)
		*ret_value = steal_pointer(&value);
	return r;
}

static struct sv_answer xattr_set(struct call *call, enum form form)
{
	cleanup_place struct place place = PLACE_INIT;
	char name[XATTR_NAME_MAX + 1], path[PROC_FD_MAX];
	cleanup_free char *value = NULL;
	struct value_args args = { 0 };
	int r = set_prepare(call, form, name, &args, &value);

	if (r == 0)
		r = xattr_lookup(call, form, RIGHT_WRITE, &place);
	if (r == 0)
		r = change_permit(call, name, &place);
	if (r == 0)
		r = act_result(setxattr(proc_fd_path(place.fd, path), name, value, args.size,
					(int)args.flags));
	return act_answer(call, r);
}

static struct sv_answer xattr_remove(struct call *call, enum form form)
{
	cleanup_place struct place place = PLACE_INIT;
	char name[XATTR_NAME_MAX + 1], path[PROC_FD_MAX];
	int r = at_flags_check(call, form);

	if (r == 0)
		r = name_read(call, form, name);
	if (r == 0)
		r = xattr_lookup(call, form, RIGHT_WRITE, &place);
	if (r == 0)
		r = change_permit(call, name, &place);
	if (r == 0)
		r = act_result(removexattr(proc_fd_path(place.fd, path), name));
	return act_answer(call, r);
}

/* What get and list have in common: a result of at most 64 KiB, or its size if the caller gives no
 * room. */
static struct sv_answer value_answer(struct call *call, const struct place *place, const char *name,
				     uint64_t address, uint64_t size)
{
	cleanup_free char *value = NULL;
	char path[PROC_FD_MAX];
	ssize_t n;
	int r;

	if (size > XATTR_SIZE_MAX)
		size = XATTR_SIZE_MAX;
	value = size ? malloc(size) : NULL;
	if (size && !value)
		return sv_answer_error(ENOMEM);
	proc_fd_path(place->fd, path);
	n = name ? getxattr(path, name, value, size) : listxattr(path, value, size);
	if (n < 0)
		return answer_fail(call, child_errno(errno));
	r = size ? mem_write(call, address, value, (size_t)n) : 0;
	return r ? answer_fail(call, r) : sv_answer_value(n);
}

static struct sv_answer xattr_get(struct call *call, enum form form)
{
	cleanup_place struct place place = PLACE_INIT;
	char name[XATTR_NAME_MAX + 1];
	struct value_args args = { 0 };
	int r = at_flags_check(call, form);
	unsigned int rights;

	if (r == 0)
		r = value_args_read(call, form, &args);
	if (r == 0 && form == FORM_AT && args.flags)
		r = EINVAL;
	if (r == 0)
		r = name_read(call, form, name);
	if (r)
		return answer_fail(call, r);
	rights = has_prefix(name, "system.") || has_prefix(name, "security.") ? RIGHT_STAT
									      : RIGHT_READ;
	r = form == FORM_HELD ? held_ask(call, rights, &place)
			      : xattr_lookup(call, form, rights, &place);
	return r ? answer_fail(call, r) : value_answer(call, &place, name, args.address, args.size);
}

static struct sv_answer xattr_list(struct call *call, enum form form)
{
	cleanup_place struct place place = PLACE_INIT;
	unsigned int first = first_arg(form);
	int r = at_flags_check(call, form);

	if (r == 0)
		r = form == FORM_HELD ? held_ask(call, RIGHT_STAT, &place)
				      : xattr_lookup(call, form, RIGHT_STAT, &place);
	return r ? answer_fail(call, r)
		 : value_answer(call, &place, NULL, arg_u64(call, first), arg_u64(call, first + 1));
}

#define FORM(call_, form, what)                                \
	static struct sv_answer sys_##call_(struct call *call) \
	{                                                      \
		return xattr_##what(call, form);               \
	}

FORM(setxattr, FORM_PATH, set)
FORM(lsetxattr, FORM_LINK, set)
FORM(fsetxattr, FORM_HELD, set)
FORM(setxattrat, FORM_AT, set)
FORM(getxattr, FORM_PATH, get)
FORM(lgetxattr, FORM_LINK, get)
FORM(fgetxattr, FORM_HELD, get)
FORM(getxattrat, FORM_AT, get)
FORM(listxattr, FORM_PATH, list)
FORM(llistxattr, FORM_LINK, list)
FORM(flistxattr, FORM_HELD, list)
FORM(listxattrat, FORM_AT, list)
FORM(removexattr, FORM_PATH, remove)
FORM(lremovexattr, FORM_LINK, remove)
FORM(fremovexattr, FORM_HELD, remove)
FORM(removexattrat, FORM_AT, remove)

#define NOTE_SET  "security.* : EPERM"
#define NOTE_GET  "user.* needs read, other names only list"
#define NOTE_LIST "needs no more than stat does"

const struct sysrow xattr_rows[] = {
	HANDLED(setxattr, "poozu", NOTE_SET),
	HANDLED(lsetxattr, "poozu", NOTE_SET),
	HANDLED(fsetxattr, "foozu", NOTE_SET),
	HANDLED(setxattrat, "dtuooz", NOTE_SET),
	HANDLED(getxattr, "pooz", NOTE_GET),
	HANDLED(lgetxattr, "pooz", NOTE_GET),
	HANDLED(fgetxattr, "fooz", "of a directory: as getxattr"),
	HANDLED(getxattrat, "dtuooz", NOTE_GET),
	HANDLED(listxattr, "poz", NOTE_LIST),
	HANDLED(llistxattr, "poz", NOTE_LIST),
	HANDLED(flistxattr, "foz", "of a directory: as listxattr"),
	HANDLED(listxattrat, "dtuoz", NOTE_LIST),
	HANDLED(removexattr, "po", NOTE_SET),
	HANDLED(lremovexattr, "po", NOTE_SET),
	HANDLED(fremovexattr, "fo", NOTE_SET),
	HANDLED(removexattrat, "dtuo", NOTE_SET),
	ROWS_END,
};
