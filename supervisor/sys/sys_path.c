/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that make, move and remove names: mkdir, mknod, rename, link, symlink, unlink, rmdir.
 *
 * The directory is pinned, its name and the last component judged, and the kernel acts on the two.
 * A trailing slash is handed on with the component: what it means differs from call to call, and
 * the kernel knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tree/child.h"
#include "path/act.h"
#include "confine/sysrow.h"
#include "call/caller.h"

/* A path without its trailing slashes: with one, a link as the last component would be followed. */
struct stem {
	char text[PATH_MAX];
	bool slash; /* it had some */
};

static void stem_init(struct stem *stem, const char *path)
{
	size_t size = strlen(path);

	memcpy(stem->text, path, size + 1);
	while (size > 1 && stem->text[size - 1] == '/')
		stem->text[--size] = '\0';
	stem->slash = path[size] != '\0';
}

/* A name that is about to change: the directory is pinned, and what it may hold under that name. */
struct entry {
	struct place place;
	char tail[NAME_MAX + 2]; /* the last component as the kernel shall see it */
};

#define ENTRY_INIT                  \
	{                           \
		.place = PLACE_INIT \
	}

static void entry_deinit(struct entry *entry)
{
	place_deinit(&entry->place);
}

#define cleanup_entry __attribute__((cleanup(entry_deinit)))

/* @flags: VIEW_ABSENT, VIEW_NEW. */
static int entry_lookup(struct call *call, int dir, int path, unsigned int flags, struct entry *ret)
{
	int dirfd = dir < 0 ? AT_FDCWD : arg_int(call, (unsigned int)dir);
	struct stem stem;
	int r;

	stem_init(&stem, call->path[path]);
	r = view_lookup_at(call, dirfd, stem.text, VIEW_PARENT | flags, RIGHT_WRITE, &ret->place);
	ret->place.given = call->path[path];
	if (r == 0)
		snprintf(ret->tail, sizeof(ret->tail), "%s%s", ret->place.last,
			 stem.slash ? "/" : "");
	return r;
}

/* What "x/..", "." or "/" leads to exists if it can be looked up; if so, the call fails with
 * @error. */
static int end_error(struct call *call, int dir, int path, int error)
{
	cleanup_place struct place place = PLACE_INIT;
	int r = view_lookup(call, dir, path, VIEW_FOLLOW, RIGHT_STAT, &place);

	return r ? r : error;
}

/* A name that shall come into being. */
static int new_lookup(struct call *call, int dir, int path, struct entry *ret)
{
	if (path_end(call->path[path]) != PATH_END_NAME)
		return end_error(call, dir, path, EEXIST);
	return entry_lookup(call, dir, path, VIEW_ABSENT | VIEW_NEW, ret);
}

static struct sv_answer mkdir_at(struct call *call, int dir, mode_t mode)
{
	cleanup_entry struct entry entry = ENTRY_INIT;
	int r = new_lookup(call, dir, 0, &entry);

	if (r == 0)
		r = receiver_umask(call);
	if (r == 0)
		r = act_result(mkdirat(entry.place.parent, entry.tail, mode));
	return act_answer(call, r);
}

static struct sv_answer sys_mkdir(struct call *call)
{
	return mkdir_at(call, -1, (mode_t)arg_u64(call, 1));
}

static struct sv_answer sys_mkdirat(struct call *call)
{
	return mkdir_at(call, 0, (mode_t)arg_u64(call, 2));
}

/* What the kernel says of a file's type before it looks at the path. */
static int mknod_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK: return 0;
	case S_IFDIR: return EPERM;
	}
	return EINVAL;
}

/* 0 if a file of this type and mode may be made. */
static int mknod_permit(struct call *call, const struct place *place, mode_t mode)
{
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return registers_deny(&call->regs, VERB_DEV, place->name, EPERM);
	if (mode & (S_ISUID | S_ISGID))
		return registers_deny(&call->regs, VERB_WRITE, place->name, EPERM);
	return 0;
}

static struct sv_answer mknod_at(struct call *call, int dir, mode_t mode)
{
	cleanup_entry struct entry entry = ENTRY_INIT;
	int r = mknod_type(mode);

	if (r == 0)
		r = new_lookup(call, dir, 0, &entry);
	if (r == 0)
		r = mknod_permit(call, &entry.place, mode);
	if (r == 0)
		r = receiver_umask(call);
	if (r == 0)
		r = act_result(mknodat(entry.place.parent, entry.tail, mode, 0));
	return act_answer(call, r);
}

static struct sv_answer sys_mknod(struct call *call)
{
	return mknod_at(call, -1, (mode_t)arg_u64(call, 1));
}

static struct sv_answer sys_mknodat(struct call *call)
{
	return mknod_at(call, 0, (mode_t)arg_u64(call, 2));
}

/* symlink(target, path): any text may be a target; what it leads to is judged when it is followed.
 */
static struct sv_answer symlink_at(struct call *call, int dir)
{
	cleanup_entry struct entry entry = ENTRY_INIT;
	int r;

	if (call->path[0][0] == '\0')
		return sv_answer_error(ENOENT);
	r = new_lookup(call, dir, 1, &entry);
	if (r == 0)
		r = act_result(symlinkat(call->path[0], entry.place.parent, entry.tail));
	return act_answer(call, r);
}

static struct sv_answer sys_symlink(struct call *call)
{
	return symlink_at(call, -1);
}

static struct sv_answer sys_symlinkat(struct call *call)
{
	return symlink_at(call, 1);
}

/*
 * An object without a name gets one: only what was never named (O_TMPFILE), and only by a
 * descriptor that reads and writes, since the name will.
 */
static int unnamed_permit(struct call *call, const struct place *place, const struct place *new)
{
	struct stat st;

	if (fstat(place->fd, &st) < 0)
		return -errno;
	if (st.st_nlink > 0 && place->lost) /* it has others */
		return place_permit_name(call, place, new);
	return place->held_mode == O_RDWR && st.st_nlink == 0 ? 0 : EACCES;
}

static int link_lookup(struct call *call, const int dir[2], unsigned int at_flags,
		       struct place *ret_old, struct entry *ret_new)
{
	unsigned int flags = (at_flags & AT_SYMLINK_FOLLOW ? VIEW_FOLLOW : 0) |
			     (at_flags & AT_EMPTY_PATH ? VIEW_EMPTY : 0);
	int r = view_lookup(call, dir[0], 0, flags, RIGHT_WRITE, ret_old);

	if (r == 0)
		r = new_lookup(call, dir[1], 1, ret_new);
	if (r)
		return r;
	if (ret_old->kind == PLACE_UNNAMED)
		return unnamed_permit(call, ret_old, &ret_new->place);
	if (place_bound(call, ret_old))
		return EXDEV;
	return place_permit_name(call, ret_old, &ret_new->place);
}

/* The old name's object is pinned, so the link is to what was judged. */
static struct sv_answer link_at(struct call *call, const int dir[2], unsigned int at_flags)
{
	cleanup_place struct place old = PLACE_INIT;
	cleanup_entry struct entry new = ENTRY_INIT;
	char path[PROC_FD_MAX];
	int r;

	if (at_flags & ~(unsigned int)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return sv_answer_error(EINVAL);
	r = link_lookup(call, dir, at_flags, &old, &new);
	if (r == 0)
		r = act_result(linkat(AT_FDCWD, proc_fd_path(old.fd, path), new.place.parent,
				      new.tail, AT_SYMLINK_FOLLOW));
	return act_answer(call, r);
}

static struct sv_answer sys_link(struct call *call)
{
	return link_at(call, (const int[]){ -1, -1 }, 0);
}

static struct sv_answer sys_linkat(struct call *call)
{
	return link_at(call, (const int[]){ 0, 2 }, (unsigned int)arg_u64(call, 4));
}

/* What the kernel says to unlink and rmdir of paths that end so. */
static const int remove_errors[2][PATH_END_MAX] = {
	{0,  EISDIR, EISDIR,    EISDIR},
	{ 0, EINVAL, ENOTEMPTY, EBUSY },
};

static struct sv_answer remove_at(struct call *call, int dir, int at_flags)
{
	cleanup_entry struct entry entry = ENTRY_INIT;
	int error = remove_errors[at_flags == AT_REMOVEDIR][path_end(call->path[0])];
	int r;

	if (at_flags & ~AT_REMOVEDIR)
		return sv_answer_error(EINVAL);
	if (error)
		return act_answer(call, end_error(call, dir, 0, error));
	r = entry_lookup(call, dir, 0, 0, &entry);
	if (r == 0 && place_bound(call, &entry.place))
		r = EBUSY;
	if (r == 0)
		r = act_result(unlinkat(entry.place.parent, entry.tail, at_flags));
	return act_answer(call, r);
}

static struct sv_answer sys_unlink(struct call *call)
{
	return remove_at(call, -1, 0);
}

static struct sv_answer sys_rmdir(struct call *call)
{
	return remove_at(call, -1, AT_REMOVEDIR);
}

static struct sv_answer sys_unlinkat(struct call *call)
{
	return remove_at(call, 0, arg_int(call, 2));
}

/* Both paths must lead somewhere before the kernel looks at how they end. */
static int rename_end_error(struct call *call, const int dir[2], unsigned int flags)
{
	bool old = path_end(call->path[0]) != PATH_END_NAME;
	bool new = path_end(call->path[1]) != PATH_END_NAME;
	int r = 0;

	if (old)
		r = end_error(call, dir[0], 0, 0);
	if (r == 0 && new)
		r = end_error(call, dir[1], 1, 0);
	if (r || (!old && !new))
		return r;
	return !old && flags & RENAME_NOREPLACE ? EEXIST : EBUSY;
}

static int rename_lookup(struct call *call, const int dir[2], struct entry *ret_old,
			 struct entry *ret_new)
{
	int r = entry_lookup(call, dir[0], 0, 0, ret_old);

	return r ? r : entry_lookup(call, dir[1], 1, VIEW_ABSENT, ret_new);
}

static int rename_permit(struct call *call, const struct place *old, const struct place *new,
			 unsigned int flags)
{
	int r;

	if (place_bound(call, old) || place_bound(call, new))
		return EBUSY;
	r = place_permit_name(call, old, new);
	if (r == 0 && flags & RENAME_EXCHANGE)
		r = place_permit_name(call, new, old);
	return r;
}

static struct sv_answer rename_at(struct call *call, const int dir[2], unsigned int flags)
{
	cleanup_entry struct entry old = ENTRY_INIT, new = ENTRY_INIT;
	int r;

	if (flags & ~(unsigned int)(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT) ||
	    (flags & RENAME_EXCHANGE && flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))
		return sv_answer_error(EINVAL);
	if (flags & RENAME_WHITEOUT)
		return sv_answer_error(EPERM);
	r = rename_end_error(call, dir, flags);
	if (r == 0)
		r = rename_lookup(call, dir, &old, &new);
	if (r == 0)
		r = rename_permit(call, &old.place, &new.place, flags);
	if (r == 0)
		r = act_result(syscall(SYS_renameat2, old.place.parent, old.tail, new.place.parent,
				       new.tail, flags));
	return act_answer(call, r);
}

static struct sv_answer sys_rename(struct call *call)
{
	return rename_at(call, (const int[]){ -1, -1 }, 0);
}

static struct sv_answer sys_renameat(struct call *call)
{
	return rename_at(call, (const int[]){ 0, 2 }, 0);
}

static struct sv_answer sys_renameat2(struct call *call)
{
	return rename_at(call, (const int[]){ 0, 2 }, (unsigned int)arg_u64(call, 4));
}

/* The caller's umask is about to change: what is remembered of it is void. */
static struct sv_gate gate_umask(const struct registers *regs)
{
	child_settle(regs, &regs->child->umask_generation);
	return gate_continue();
}

#define NOTE_NODES "no devices; no set-user-ID or set-group-ID bit on files: EPERM"
#define NOTE_RENAME                                                                         \
	"no whiteouts (EPERM); a name that the view binds: EBUSY; where the new name lets " \
	"something be run, or used as a socket or device, as the old one does not: EXDEV"
#define NOTE_LINK                                                                               \
	"needs write on both names; a file without a name (O_TMPFILE) needs a descriptor that " \
	"writes"

const struct sysrow path_rows[] = {
	HANDLED(mkdir, "pm", NULL),
	HANDLED(mkdirat, "dpm", NULL),
	HANDLED(mknod, "pmu", NOTE_NODES),
	HANDLED(mknodat, "dpmu", NOTE_NODES),
	HANDLED(symlink, "pp", "the target is text and is not judged"),
	HANDLED(symlinkat, "pdp", "the target is text and is not judged"),
	HANDLED(link, "pp", NOTE_LINK),
	HANDLED(linkat, "dpdpu", NOTE_LINK),
	HANDLED(unlink, "p", "a name that the view binds: EBUSY"),
	HANDLED(unlinkat, "dpi", "a name that the view binds: EBUSY"),
	HANDLED(rmdir, "p", "a name that the view binds: EBUSY"),
	HANDLED(rename, "pp", NOTE_RENAME),
	HANDLED(renameat, "dpdp", NOTE_RENAME),
	HANDLED(renameat2, "dpdpu", NOTE_RENAME),
	ROW(umask, "m", .tier = TIER_NOTIFY, .gate = gate_umask,
	    .note = "done by the caller; only counted here"),
	ROWS_END,
};
