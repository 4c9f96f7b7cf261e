/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open and its kin. The name is judged before anything is opened, so that O_TRUNC, O_CREAT, FIFOs
 * and devices have no effect before the verdict. Regular files and directories are then opened by
 * the proven name, at once; whatever else lies there is pinned first, since opening it may block or
 * act.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "call/call.h"
#include "call/caller.h"
#include "path/fd_path.h"
#include "tree/child.h"
#include "call/memory.h"
#include "path/held.h"
#include "path/pty.h"
#include "confine/sysrow.h"
#include "path/resolve.h"
#include "path/walk.h"
#include "block/block.h"
#include "common/cleanup.h"

/* What open(2) knows; it ignores all other bits, openat2 refuses them. O_LARGEFILE is 0 in our
 * headers. */
#define KERNEL_O_LARGEFILE 00100000
#define OPEN_FLAGS                                                                            \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | \
	 O_DSYNC | O_ASYNC | O_DIRECT | KERNEL_O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW |       \
	 O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE)

/* One opening on its way. */
struct opening {
	uint64_t asked; /* the child's flags */
	uint64_t flags; /* the same, on their way */
	mode_t mode;
	int fd; /* the result; -1: .place is pinned, and a worker has to open it */
};

static bool has_tmpfile(const struct opening *o)
{
	return (o->flags & O_TMPFILE) == O_TMPFILE;
}

static bool writes(const struct opening *o)
{
	return (o->flags & O_ACCMODE) != O_RDONLY || (o->flags & O_TRUNC);
}

/* The access that the flags ask for, on something that is not a device. */
static unsigned int access_rights(const struct opening *o, mode_t type)
{
	if (writes(o) || has_tmpfile(o))
		return RIGHT_WRITE;
	return S_ISDIR(type) ? RIGHT_LIST : RIGHT_READ;
}

/* Does opening a file change it, or make one? */
static bool opening_acts(const struct opening *o)
{
	return !(o->flags & O_PATH) && (o->flags & (O_CREAT | O_TRUNC) || has_tmpfile(o));
}

/* A file or directory was opened with O_NONBLOCK, since somebody's lease on it would keep us
 * waiting: as the child asked for it. */
static void open_settle(const struct opening *o)
{
	if (!(o->flags & O_NONBLOCK))
		fcntl(o->fd, F_SETFL, (int)o->flags & ~(O_NONBLOCK | O_CREAT | O_EXCL | O_TRUNC));
}

/* Opens the pinned object again, as the child asked. Never waits: what may block is left to a
 * worker. */
static int reopen(struct call *call, struct place *place, struct opening *o, mode_t type)
{
	uint64_t flags = (o->flags & ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)) |
			 O_NOCTTY | O_CLOEXEC;
	bool waits = (S_ISFIFO(type) || S_ISCHR(type)) && !(flags & O_NONBLOCK);
	bool leased = S_ISREG(type); /* it may be */
	char buffer[PROC_FD_MAX];

	if (S_ISFIFO(type) && (flags & O_ACCMODE) == O_RDWR)
		waits = false;
	if (waits) {
		o->flags = flags;
		return 0;
	}
	if (has_tmpfile(o) && receiver_umask(call) != 0)
		return ESRCH;
	if (((flags & O_TRUNC) || has_tmpfile(o)) && !call_valid(call))
		return ESRCH;
	if (S_ISFIFO(type) && (flags & O_ACCMODE) == O_WRONLY)
		work_bury(call->regs.child->work);
	/* The mode counts where the child says O_TMPFILE and means a directory. */
	o->fd = open(proc_fd_path(place->fd, buffer), (int)flags | (leased ? O_NONBLOCK : 0),
		     o->mode);
	if (o->fd < 0 && errno == EAGAIN && leased && !(flags & O_NONBLOCK)) {
		o->flags = flags;
		return 0;
	}
	if (o->fd < 0)
		return child_errno(errno);
	if (leased)
		open_settle(o);
	return S_ISCHR(type) ? pty_opened(call->regs.child, o->fd) : 0;
}

/* These never block, and everybody opens them. */
static bool is_plain_device(const char *real)
{
	static const char *const names[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					     "/dev/random", "/dev/urandom", "/dev/ptmx" };

	for (size_t i = 0; i < array_size(names); i++)
		if (strcmp(real, names[i]) == 0)
			return true;
	return false;
}

static int open_device(struct call *call, struct place *place, struct opening *o, mode_t type)
{
	struct stat st;
	bool plain;
	int r = place->guessed ? PLACE_AGAIN : view_permit(call, place, 0, RIGHT_DEV);

	if (r == 0)
		r = pty_admit(call, place);
	if (r != 0)
		return r;
	plain = is_plain_device(place->real) && !(o->flags & O_NONBLOCK);
	if (place->fd >= 0)
		close(place->fd);
	place->fd = place_openat2(place, O_PATH, 0, &st);
	if (place->fd < 0)
		return place_error(place->fd);
	if ((st.st_mode & S_IFMT) != (type & S_IFMT))
		return PLACE_AGAIN;
	if (plain)
		o->flags |= O_NONBLOCK;
	r = reopen(call, place, o, st.st_mode);
	if (plain && r == 0)
		fcntl(o->fd, F_SETFL, (int)o->flags & ~O_NONBLOCK);
	return r;
}

/* All of them: of a name, writing it is more than reading it; of a descriptor, it is another thing.
 */
static unsigned int pinned_rights(const struct opening *o, mode_t type)
{
	bool reads = (o->flags & O_ACCMODE) != O_WRONLY;

	return access_rights(o, type) | (!reads ? 0 : S_ISDIR(type) ? RIGHT_LIST : RIGHT_READ);
}

/* A file reached through a descriptor, and nothing else that a name would lead to. */
static int open_pinned(struct call *call, struct place *place, struct opening *o)
{
	struct stat st;
	int r;

	if (fstat(place->fd, &st) < 0)
		return EIO;
	if ((o->flags & O_CREAT) && (o->flags & O_EXCL))
		return EEXIST;
	if (S_ISDIR(st.st_mode) && (writes(o) || o->flags & O_CREAT) && !has_tmpfile(o))
		return EISDIR;
	if (!S_ISDIR(st.st_mode) && o->flags & O_DIRECTORY)
		return ENOTDIR;
	if (S_ISLNK(st.st_mode))
		return ELOOP;
	if (place->kind == PLACE_UNNAMED) {
		/* Deleted, or a pipe: it may be opened again as it is held, no wider. */
		if (pinned_rights(o, st.st_mode) & ~held_rights(call, place))
			return EACCES;
		return S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)
			       ? EACCES
			       : reopen(call, place, o, st.st_mode);
	}
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return open_device(call, place, o, st.st_mode);
	r = view_permit(call, place, 0, access_rights(o, st.st_mode));
	return r != 0 ? r : reopen(call, place, o, st.st_mode);
}

/* A FIFO or whatever else is no file: pinned, so that what is opened is what was looked at. */
static int open_special(struct call *call, struct place *place, struct opening *o, mode_t type)
{
	int r = place->guessed ? PLACE_AGAIN : view_permit(call, place, 0, access_rights(o, type));

	if (r != 0)
		return r;
	place->fd = place_openat2(place, O_PATH | O_NOFOLLOW, 0, NULL);
	if (place->fd < 0)
		return place_error(place->fd);
	return open_pinned(call, place, o);
}

/* Somebody holds a lease on the file, and gets his time to give it back: a worker waits for that.
 */
static int open_leased(struct place *place, mode_t type)
{
	struct stat st;

	place->fd = place_openat2(place, O_PATH | O_NOFOLLOW, 0, &st);
	if (place->fd < 0)
		return place_error(place->fd);
	return (st.st_mode & S_IFMT) == (type & S_IFMT) ? 0 : PLACE_AGAIN;
}

/*
 * A file or directory, or one to be made, by its name. It was one a moment ago (type): O_NONBLOCK
 * keeps us from waiting where it has become a FIFO, and the type is asked again.
 */
static int open_file(struct call *call, struct place *place, struct opening *o, mode_t type)
{
	bool creates = type == 0 || has_tmpfile(o);
	/* What can be nothing but a directory keeps nobody waiting. */
	bool waits = !(o->flags & O_DIRECTORY) || has_tmpfile(o);
	uint64_t flags = (o->flags & ~(uint64_t)O_CLOEXEC) | O_NOCTTY | (waits ? O_NONBLOCK : 0);
	struct stat st;
	int r = view_permit(call, place, type == 0 ? VIEW_PARENT | VIEW_ABSENT : 0,
			    creates ? RIGHT_WRITE : access_rights(o, type));

	if (r != 0)
		return r;
	/* From here on it does more than look (sysrow.h). */
	if ((creates || o->flags & O_TRUNC) && !call_valid(call))
		return ESRCH;
	if (creates)
		r = receiver_umask(call);
	else if (o->flags & O_CREAT)
		flags &= ~(uint64_t)O_CREAT; /* it is there; if it is not any more, we look again */
	if (r != 0)
		return r;
	r = place_openat2(place, flags, creates ? o->mode : 0, &st);
	if (r == -ENOENT && !creates && (o->flags & O_CREAT))
		return PLACE_AGAIN;
	if (r == -EAGAIN && !creates && !(o->flags & O_NONBLOCK))
		return open_leased(place, type);
	if (r < 0)
		return place_error(r);
	o->fd = r;
	place->made = creates;
	if ((creates && !S_ISREG(st.st_mode)) ||
	    (!creates && (st.st_mode & S_IFMT) != (type & S_IFMT))) {
		close(steal_fd(&o->fd));
		return PLACE_AGAIN;
	}
	if (waits)
		open_settle(o);
	return 0;
}

/* A guess at the type decides how it is opened, and each way finds out if the guess was wrong. */
static int open_guessed(struct call *call, struct place *place, void *data)
{
	struct opening *o = data;
	struct stat st = { .st_mode = 0 };
	bool excl = (o->flags & O_CREAT) && (o->flags & O_EXCL);

	if (place->fd >= 0)
		return open_pinned(call, place, o);
	if (place_lstat(place, &st) < 0 && errno != ENOENT)
		return child_errno(errno);
	if (S_ISLNK(st.st_mode) && !excl && (!(o->flags & O_NOFOLLOW) || place->directory))
		return PLACE_AGAIN;
	if (S_ISLNK(st.st_mode))
		return excl ? EEXIST : o->flags & O_DIRECTORY ? ENOTDIR : ELOOP;
	if (st.st_mode == 0 && !(o->flags & O_CREAT))
		return ENOENT;
	if (st.st_mode != 0 && excl)
		return EEXIST;
	if ((o->flags & O_CREAT) && (place->directory || S_ISDIR(st.st_mode)))
		return EISDIR;
	if (S_ISDIR(st.st_mode) && writes(o) && !has_tmpfile(o))
		return EISDIR;
	if ((place->directory || (o->flags & O_DIRECTORY)) && !S_ISDIR(st.st_mode))
		return ENOTDIR;
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return open_device(call, place, o, st.st_mode);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || st.st_mode == 0)
		return open_file(call, place, o, st.st_mode);
	return open_special(call, place, o, st.st_mode);
}

/* An act may have been done before, in vain. */
static void opening_again(struct opening *o)
{
	if (o->fd >= 0)
		close(steal_fd(&o->fd));
	o->flags = o->asked;
}

/*
 * The act of an opening. What the guess came from may have been seen through a link: an error is
 * told only once the kernel has proven the name.
 */
static int open_act(struct call *call, struct place *place, void *data)
{
	struct opening *o = data;
	bool pinned = place->fd >= 0;
	int r, fd;

	opening_again(o);
	r = open_guessed(call, place, o);

	if (r <= 0 || pinned)
		return r;
	fd = place_openat2(place, O_PATH | O_NOFOLLOW, 0, NULL);
	if (fd >= 0)
		close(fd);
	return fd == PLACE_AGAIN ? fd : r;
}

/* O_PATH: the object is pinned, and that is all. */
static int path_act(struct call *call, struct place *place, void *data)
{
	const struct opening *o = data;

	if (place->fd < 0)
		place->fd = place_openat2(
			place,
			O_PATH | (place->directory ? O_DIRECTORY
						   : o->flags & (O_NOFOLLOW | O_DIRECTORY)),
			0, NULL);
	if (place->fd == PLACE_AGAIN)
		return PLACE_AGAIN;
	return place->fd < 0 ? child_errno(-place->fd) : 0;
}

/*
 * Where no descriptor of O_PATH can be given (fd_path.h), one that gives no more: of a directory,
 * whose names getdents judges for itself, and of a file that may be read.
 */
static struct sv_answer answer_readable(struct call *call, struct place *place, bool cloexec)
{
	char buffer[PROC_FD_MAX];
	struct stat st;
	int fd, r = EACCES;

	if (fstat(place->fd, &st) < 0)
		return answer_fail(call, child_errno(errno));
	if (S_ISDIR(st.st_mode))
		r = 0;
	else if (S_ISREG(st.st_mode) && place->kind == PLACE_NAMED)
		r = view_permit(call, place, 0, RIGHT_READ);
	else if (S_ISLNK(st.st_mode))
		r = EOPNOTSUPP; /* what chmod of a link says: libc and tar expect it */
	if (r != 0)
		return answer_fail(call, r);
	fd = open(proc_fd_path(place->fd, buffer), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? answer_fail(call, child_errno(errno))
		      : sv_answer_fd(fd, cloexec ? O_CLOEXEC : 0);
}

static struct sv_answer answer_path(struct call *call, struct place *place, uint64_t flags)
{
	bool cloexec = flags & O_CLOEXEC;
	int r = fd_path_answer(call, place->fd, cloexec);

	if (r == 0)
		return sv_answer_later();
	return r == ESRCH ? sv_answer_error(r) : answer_readable(call, place, cloexec);
}

static struct sv_answer answer_open(struct call *call, int dirfd, uint64_t flags, mode_t mode,
				    uint64_t resolve)
{
	struct opening o = { .asked = flags, .flags = flags, .mode = mode, .fd = -1 };
	bool follow = !(flags & O_NOFOLLOW) && !((flags & O_CREAT) && (flags & O_EXCL));
	unsigned int view = (follow ? VIEW_FOLLOW : 0) |
			    (flags & O_CREAT && !(flags & O_PATH) ? VIEW_ABSENT : 0);
	struct place place __attribute__((uninitialized));
	struct sv_answer answer;
	unsigned int tell;
	int r;

	place_init(&place);
	tell = flags & O_PATH ? RIGHT_STAT : flags & O_CREAT ? RIGHT_WRITE : access_rights(&o, 0);
	if (flags & O_PATH)
		o.asked &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	else if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return sv_answer_error(EINVAL);
	o.flags = o.asked;
	if (opening_acts(&o))
		view |= VIEW_ACTS;
	r = view_resolve(call, dirfd, call->path[0], view, resolve, RIGHT_STAT, tell,
			 flags & O_PATH ? path_act : open_act, &o, &place);
	if (r != 0 && o.fd >= 0)
		close(o.fd);
	if (r != 0)
		answer = answer_fail(call, r);
	else if (flags & O_PATH)
		answer = answer_path(call, &place, flags);
	else if (o.fd < 0)
		answer = work_open(call, steal_fd(&place.fd), (int)o.flags & ~O_CLOEXEC);
	else
		answer = sv_answer_fd(o.fd, (unsigned int)flags & O_CLOEXEC);
	place_deinit(&place);
	return answer;
}

/* The kernel takes S_ISUID and S_ISGID from a mode given to open; a file of ours never gets them
 * through a child. */
static mode_t open_mode(mode_t mode)
{
	return mode & (S_ISVTX | 0777);
}

/* open(path, flags, mode) */
static struct sv_answer sys_open(struct call *call)
{
	return answer_open(call, AT_FDCWD, arg_u64(call, 1) & OPEN_FLAGS,
			   open_mode((mode_t)arg_u64(call, 2)), 0);
}

/* creat(path, mode) */
static struct sv_answer sys_creat(struct call *call)
{
	return answer_open(call, AT_FDCWD, O_CREAT | O_WRONLY | O_TRUNC,
			   open_mode((mode_t)arg_u64(call, 1)), 0);
}

/* openat(dirfd, path, flags, mode) */
static struct sv_answer sys_openat(struct call *call)
{
	return answer_open(call, arg_int(call, 0), arg_u64(call, 2) & OPEN_FLAGS,
			   open_mode((mode_t)arg_u64(call, 3)), 0);
}

/* Are the bytes of a struct that is larger than we know all zero, as copy_struct_from_user demands?
 */
static int rest_is_zero(struct call *call, uint64_t address, uint64_t size)
{
	char bytes[256];

	while (size > 0) {
		size_t n = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
		int r = mem_read(call, address, bytes, n);

		if (r != 0)
			return r;
		for (size_t i = 0; i < n; i++)
			if (bytes[i])
				return E2BIG;
		address += n;
		size -= n;
	}
	return 0;
}

#define RESOLVE_KNOWN                                                                      \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | \
	 RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* openat2(dirfd, path, how, size) */
static struct sv_answer sys_openat2(struct call *call)
{
	struct open_how how = { 0 };
	uint64_t size = arg_u64(call, 3);
	bool makes;
	int r;

	if (size < sizeof(how))
		return sv_answer_error(EINVAL);
	if (size > 4096)
		return sv_answer_error(E2BIG);
	r = mem_read(call, arg_u64(call, 2), &how, sizeof(how));
	if (r == 0)
		r = rest_is_zero(call, arg_u64(call, 2) + sizeof(how), size - sizeof(how));
	if (r != 0)
		return sv_answer_error(r);
	makes = (how.flags & O_CREAT) || (how.flags & O_TMPFILE) == O_TMPFILE;
	if ((how.flags & ~(uint64_t)OPEN_FLAGS) || (how.resolve & ~(uint64_t)RESOLVE_KNOWN) ||
	    (how.mode & ~07777ull) || (how.mode && !makes) ||
	    (how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) ==
		    (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ||
	    ((how.flags & O_PATH) &&
	     (how.flags & ~(uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))))
		return sv_answer_error(EINVAL);
	if (how.resolve & RESOLVE_CACHED)
		return sv_answer_error(EAGAIN);
	return answer_open(call, arg_int(call, 0), how.flags, open_mode((mode_t)how.mode),
			   how.resolve);
}

const struct sysrow open_rows[] = {
	LOOKS(open, "pum",
	      "never makes a file set-user-id; a terminal never becomes the controlling one; "
	      "O_PATH in a traced program is readable"),
	HANDLED(creat, "pm", "as open"),
	LOOKS(openat, "dpum", "as open"),
	LOOKS(openat2, "dpoz",
	      "RESOLVE_CACHED: EAGAIN, always; RESOLVE_NO_XDEV: what a view shows is on its "
	      "target's mount"),
	ROWS_END,
};
