/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that change an object and not its name: chmod, chown, utime, truncate, in all their forms.
 *
 * The object is pinned by its path, or is what a descriptor of the caller's stands for. Writing to
 * its name must be allowed in both cases: a descriptor that only reads is no right to change a
 * mode.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>
#include "tree/child.h"
#include "call/memory.h"
#include "path/act.h"
#include "path/held.h"
#include "confine/sysnumbers.h"
#include "confine/sysrow.h"
#include "common/cleanup.h"

/*
 * No file gets a set-user-ID or set-group-ID bit: whoever runs it outside the box would run what
 * the box wrote, as the box's user. Not even a file that has it, since a write in between takes it
 * away.
 */
static int chmod_place(struct call *call, const struct place *place, mode_t mode)
{
	char path[PROC_FD_MAX];
	struct stat st;

	if (fstat(place->fd, &st) < 0)
		return child_errno(errno);
	if (!S_ISDIR(st.st_mode) && mode & (S_ISUID | S_ISGID))
		return registers_deny(&call->regs, VERB_WRITE, place->name, EPERM);
	return act_result(chmod(proc_fd_path(place->fd, path), mode & 07777));
}

static struct sv_answer chmod_at(struct call *call, int dir, mode_t mode, unsigned int at_flags)
{
	cleanup_place struct place place = PLACE_INIT;
	int r;

	if (at_flags & ~(unsigned int)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return sv_answer_error(EINVAL);
	r = view_lookup(call, dir, 0, at_view(at_flags), RIGHT_WRITE, &place);
	if (r == 0)
		r = chmod_place(call, &place, mode);
	return act_answer(call, r);
}

static struct sv_answer sys_chmod(struct call *call)
{
	return chmod_at(call, -1, (mode_t)arg_u64(call, 1), 0);
}

static struct sv_answer sys_fchmodat(struct call *call)
{
	return chmod_at(call, 0, (mode_t)arg_u64(call, 2), 0);
}

static struct sv_answer sys_fchmodat2(struct call *call)
{
	return chmod_at(call, 0, (mode_t)arg_u64(call, 2), (unsigned int)arg_u64(call, 3));
}

static struct sv_answer sys_fchmod(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	int r = held_lookup(call, arg_int(call, 0), RIGHT_WRITE, &place);

	if (r == 0)
		r = chmod_place(call, &place, (mode_t)arg_u64(call, 1));
	return act_answer(call, r);
}

/* @owner: the argument with the user; the group is the next. */
static int chown_place(struct call *call, const struct place *place, unsigned int owner)
{
	return act_result(fchownat(place->fd, "", (uid_t)arg_u64(call, owner),
				   (gid_t)arg_u64(call, owner + 1), AT_EMPTY_PATH));
}

static struct sv_answer chown_at(struct call *call, int dir, unsigned int owner,
				 unsigned int at_flags)
{
	cleanup_place struct place place = PLACE_INIT;
	int r;

	if (at_flags & ~(unsigned int)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return sv_answer_error(EINVAL);
	r = view_lookup(call, dir, 0, at_view(at_flags), RIGHT_WRITE, &place);
	if (r == 0)
		r = chown_place(call, &place, owner);
	return act_answer(call, r);
}

static struct sv_answer sys_chown(struct call *call)
{
	return chown_at(call, -1, 1, 0);
}

static struct sv_answer sys_lchown(struct call *call)
{
	return chown_at(call, -1, 1, AT_SYMLINK_NOFOLLOW);
}

static struct sv_answer sys_fchownat(struct call *call)
{
	return chown_at(call, 0, 2, (unsigned int)arg_u64(call, 4));
}

static struct sv_answer sys_fchown(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	int r = held_lookup(call, arg_int(call, 0), RIGHT_WRITE, &place);

	if (r == 0)
		r = chown_place(call, &place, 1);
	return act_answer(call, r);
}

/* Two times as utimensat takes them. */
struct times {
	struct timespec at[2];
	bool now; /* the caller gave none */
};

typedef int times_reader(struct call *call, uint64_t address, struct timespec ret[2]);

static int read_timespec(struct call *call, uint64_t address, struct timespec ret[2])
{
	return mem_read(call, address, ret, 2 * sizeof(ret[0]));
}

static int read_timeval(struct call *call, uint64_t address, struct timespec ret[2])
{
	struct timeval times[2];
	int r = mem_read(call, address, times, sizeof(times));

	for (int i = 0; r == 0 && i < 2; i++) {
		if (times[i].tv_usec < 0 || times[i].tv_usec >= 1000000)
			return EINVAL;
		ret[i] = (struct timespec){ times[i].tv_sec, times[i].tv_usec * 1000 };
	}
	return r;
}

static int read_utimbuf(struct call *call, uint64_t address, struct timespec ret[2])
{
	struct utimbuf times;
	int r = mem_read(call, address, &times, sizeof(times));

	if (r == 0) {
		ret[0] = (struct timespec){ .tv_sec = times.actime };
		ret[1] = (struct timespec){ .tv_sec = times.modtime };
	}
	return r;
}

static int times_read(struct call *call, uint64_t address, times_reader *reader, struct times *ret)
{
	*ret = (struct times){ .now = address == 0 };
	return ret->now ? 0 : reader(call, address, ret->at);
}

static int utime_place(const struct place *place, const struct times *times)
{
	return act_result(syscall(SYS_utimensat, place->fd, "", times->now ? NULL : times->at,
				  AT_EMPTY_PATH));
}

/* No path: the descriptor in the first argument, if that may be one. */
static int utime_lookup(struct call *call, int dir, unsigned int at_flags, struct place *ret)
{
	if (call->path[0])
		return view_lookup(call, dir, 0, at_view(at_flags), RIGHT_WRITE, ret);
	if (arg_int(call, 0) == AT_FDCWD)
		return EFAULT;
	return at_flags ? EINVAL : held_lookup(call, arg_int(call, 0), RIGHT_WRITE, ret);
}

/* @at: the argument with the address of the times. */
static struct sv_answer utime_at(struct call *call, int dir, unsigned int at, times_reader *reader,
				 unsigned int at_flags)
{
	cleanup_place struct place place = PLACE_INIT;
	struct times times;
	int r = times_read(call, arg_u64(call, at), reader, &times);

	/* Nothing to change: the kernel does not even look at the path. */
	if (r == 0 && reader == read_timespec && !times.now && times.at[0].tv_nsec == UTIME_OMIT &&
	    times.at[1].tv_nsec == UTIME_OMIT)
		return sv_answer_value(0);
	if (r == 0 && at_flags & ~(unsigned int)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		r = EINVAL;
	if (r == 0)
		r = utime_lookup(call, dir, at_flags, &place);
	if (r == 0)
		r = utime_place(&place, &times);
	return act_answer(call, r);
}

static struct sv_answer sys_utime(struct call *call)
{
	return utime_at(call, -1, 1, read_utimbuf, 0);
}

static struct sv_answer sys_utimes(struct call *call)
{
	return utime_at(call, -1, 1, read_timeval, 0);
}

static struct sv_answer sys_futimesat(struct call *call)
{
	return utime_at(call, 0, 2, read_timeval, 0);
}

static struct sv_answer sys_utimensat(struct call *call)
{
	return utime_at(call, 0, 2, read_timespec, (unsigned int)arg_u64(call, 3));
}

/* The limit on the size of files is the caller's (R5). */
static int truncate_permit(const struct call *call, const struct place *place, int64_t length)
{
	struct rlimit limit;
	struct stat st;

	if (prlimit(call->regs.tid, RLIMIT_FSIZE, NULL, &limit) < 0)
		return ESRCH;
	if (limit.rlim_cur == RLIM_INFINITY || (uint64_t)length <= limit.rlim_cur)
		return 0;
	return fstat(place->fd, &st) == 0 && S_ISREG(st.st_mode) && length > st.st_size ? EFBIG : 0;
}

/* truncate(2) would wait for somebody's lease; an open that does not wait says EAGAIN. */
static int truncate_place(const struct place *place, int64_t length)
{
	char path[PROC_FD_MAX];
	cleanup_fd int fd = -1;
	struct stat st;

	proc_fd_path(place->fd, path);
	if (fstat(place->fd, &st) < 0)
		return child_errno(errno);
	if (!S_ISREG(st.st_mode))
		return act_result(truncate(path, length));
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return act_result(fd < 0 ? fd : ftruncate(fd, length));
}

static struct sv_answer sys_truncate(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	int64_t length = call->regs.arg[1].s;
	int r;

	if (length < 0)
		return sv_answer_error(EINVAL);
	r = view_lookup(call, -1, 0, VIEW_FOLLOW, RIGHT_WRITE, &place);
	if (r == 0 && place.kind == PLACE_UNNAMED && !(held_rights(call, &place) & RIGHT_WRITE))
		r = EACCES;
	if (r == 0)
		r = truncate_permit(call, &place, length);
	if (r == 0)
		r = truncate_place(&place, length);
	return act_answer(call, r);
}

#define NOTE_MODE "set-user-ID and set-group-ID bits only on directories: EPERM"
#define NOTE_HELD "needs write on the name that the descriptor's object has or had, if it has one"

const struct sysrow attr_rows[] = {
	HANDLED(chmod, "pm", NOTE_MODE),
	HANDLED(fchmod, "fm", NOTE_MODE "; " NOTE_HELD),
	HANDLED(fchmodat, "dpm", NOTE_MODE),
	HANDLED(fchmodat2, "dpmu", NOTE_MODE),
	HANDLED(chown, "puu", NULL),
	HANDLED(lchown, "puu", NULL),
	HANDLED(fchown, "fuu", NOTE_HELD),
	HANDLED(fchownat, "dpuuu", NULL),
	HANDLED(utime, "po", NULL),
	HANDLED(utimes, "po", NULL),
	HANDLED(futimesat, "dto", NOTE_HELD),
	HANDLED(utimensat, "dtou", NOTE_HELD),
	HANDLED(truncate, "pl",
		"past the caller's RLIMIT_FSIZE: EFBIG, without SIGXFSZ; a file that somebody "
		"outside holds a lease on: EAGAIN"),
	ROWS_END,
};
