/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that make other things of names: inotify watches, file handles. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tree/child.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "path/act.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "path/walk.h"
#include "common/cleanup.h"

/* Flags of name_to_handle_at: Linux 6.5, 6.12, 6.13 */
enum {
	HANDLE_FID = 0x200,
	HANDLE_MNT_ID_UNIQUE = 0x001,
	HANDLE_CONNECTABLE = 0x002,
	HANDLE_BYTES_MAX = 128, /* MAX_HANDLE_SZ */
};

/* A watch tells the names of what changes in a directory: those that a hide rule covers, too. */
static int watch_permit(struct call *call, const struct place *place)
{
	struct stat st;

	if (fstat(place->fd, &st) < 0)
		return child_errno(errno);
	if (S_ISDIR(st.st_mode) && place->kind == PLACE_NAMED && place_hides(call, place))
		return registers_deny(&call->regs, VERB_READ, place->name, EACCES);
	return 0;
}

/* inotify_add_watch(fd, path, mask) */
static struct sv_answer sys_inotify_add_watch(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	uint32_t mask = (uint32_t)arg_u64(call, 2);
	char path[PROC_FD_MAX];
	cleanup_fd int watcher = -1;
	int wd, r;

	if (mask == 0)
		return sv_answer_error(EINVAL);
	r = held_fd(call, arg_int(call, 0), &watcher);
	if (r == 0)
		r = view_lookup(call, -1, 0, mask & IN_DONT_FOLLOW ? 0 : VIEW_FOLLOW, RIGHT_READ,
				&place);
	if (r == 0)
		r = watch_permit(call, &place);
	if (r)
		return answer_fail(call, r);
	wd = inotify_add_watch(watcher, proc_fd_path(place.fd, path),
			       mask & ~(uint32_t)IN_DONT_FOLLOW);
	return wd < 0 ? answer_fail(call, child_errno(errno)) : sv_answer_value(wd);
}

/* struct file_handle with room for its bytes. */
struct handle {
	uint32_t size;
	int32_t type;
	unsigned char bytes[HANDLE_BYTES_MAX];
};

static int handle_write(struct call *call, const struct handle *handle, size_t size,
			const uint64_t *mount, bool unique)
{
	int r = mem_write(call, arg_u64(call, 3), mount, unique ? sizeof(*mount) : sizeof(int));

	return r ? r
		 : mem_write(call, arg_u64(call, 2), handle, offsetof(struct handle, bytes) + size);
}

/* name_to_handle_at(dirfd, path, handle, mount_id, flags) */
static struct sv_answer sys_name_to_handle_at(struct call *call)
{
	unsigned int flags = (unsigned int)arg_u64(call, 4), at_flags;
	unsigned int passed = flags & (HANDLE_FID | HANDLE_MNT_ID_UNIQUE | HANDLE_CONNECTABLE);
	cleanup_place struct place place = PLACE_INIT;
	struct handle handle;
	uint64_t mount = 0;
	long result;
	int r;

	if (flags & ~(unsigned int)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH) & ~passed)
		return sv_answer_error(EINVAL);
	at_flags = (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW);
	r = view_lookup(call, 0, 0, at_view(at_flags), RIGHT_STAT, &place);
	if (r == 0)
		r = mem_read(call, arg_u64(call, 2), &handle, offsetof(struct handle, bytes));
	if (r == 0 && handle.size > HANDLE_BYTES_MAX)
		r = EINVAL;
	if (r)
		return answer_fail(call, r);
	result = syscall(SYS_name_to_handle_at, place.fd, "", &handle, &mount,
			 passed | AT_EMPTY_PATH);
	if (result < 0 && errno != EOVERFLOW)
		return answer_fail(call, child_errno(errno));
	/* Too little room: the caller learns how much it takes. */
	r = handle_write(call, &handle, result < 0 ? 0 : handle.size, &mount,
			 passed & HANDLE_MNT_ID_UNIQUE);
	return act_answer(call, r ? r : result < 0 ? EOVERFLOW : 0);
}

const struct sysrow watch_rows[] = {
	HANDLED(inotify_add_watch, "fpu",
		"a directory in which the policy hides names cannot be watched: EACCES"),
	HANDLED(name_to_handle_at, "dpoou", "open_by_handle_at is refused"),
	ROWS_END,
};
