/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Directories: reading their names, standing in them.
 *
 * A listing is read on the caller's own description, whose position moves as it would without us,
 * and filtered: names that are not there for the child (hidden, excepted), and in proc the numbers
 * of processes that are not its own, are left out. Names that only the view gives are added to the
 * first batch.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tree/child.h"
#include "path/fd_path.h"
#include "call/memory.h"
#include "call/tracee.h"
#include "path/binding.h"
#include "path/act.h"
#include "path/held.h"
#include "confine/sysrow.h"
#include "call/caller.h"
#include "path/walk.h"
#include "common/cleanup.h"

enum {
	LISTING_MAX = 65536, /* bytes in one answer; more is allowed to be short */
};

/* The two layouts of an entry: the old one keeps the type in its last byte. */
struct layout {
	long nr;
	size_t name; /* offset */
	bool type_last;
};

static const struct layout layout_old = { SYS_getdents, 18, true };
static const struct layout layout_64 = { SYS_getdents64, 19, false };

enum {
	ENTRY_NEXT = 8,	   /* offset of the position after this entry, 64 bits */
	ENTRY_LENGTH = 16, /* offset of the entry's length, 16 bits */
	ENTRY_TYPE = 18,   /* of struct linux_dirent64 */
};

/* One listing under way. */
struct listing {
	struct call *call;
	const struct place *place;
	const struct layout *layout;
	bool hides; /* a hide rule or an `except` may match here */
	bool proc;  /* the root of proc */
	char *buffer;
	size_t size; /* bytes in it */
	size_t room; /* of it */
};

static uint16_t entry_length(const char *entry)
{
	uint16_t length;

	memcpy(&length, entry + ENTRY_LENGTH, sizeof(length));
	return length;
}

/* "/a" + "b"; false: too long to be a name, which nothing can use. */
static bool name_join(const char *directory, const char *last, char ret[PATH_MAX])
{
	if (strcmp(directory, "/") == 0)
		directory = "";

	return snprintf(ret, PATH_MAX, "%s/%s", directory, last) < PATH_MAX;
}

static bool name_hidden(const struct listing *listing, const char *last)
{
	struct child *child = listing->call->regs.child;
	char name[PATH_MAX], real[PATH_MAX];

	if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return false;
	if (listing->proc && last[0] >= '0' && last[0] <= '9' &&
	    !child_owns(child, (pid_t)strtol(last, NULL, 10)))
		return true;
	if (!listing->hides)
		return false;
	return !name_join(listing->place->name, last, name) ||
	       !view_real(listing->call, name, real, sizeof(real)) ||
	       view_judge(listing->call, name, real, RIGHT_STAT).decision != DECISION_ALLOW;
}

static void listing_filter(struct listing *listing)
{
	size_t kept = 0, length;

	if (!listing->hides && !listing->proc)
		return;
	for (size_t at = 0; at < listing->size; at += length) {
		char *entry = listing->buffer + at;

		length = entry_length(entry);
		if (name_hidden(listing, entry + listing->layout->name))
			continue;
		memmove(listing->buffer + kept, entry, length);
		kept += length;
	}
	listing->size = kept;
}

/* Appends an entry, if there is room. @next: the position that the entries before it end at. */
static void listing_add(struct listing *listing, const char *name, const struct stat *st,
			uint64_t next)
{
	size_t head = listing->layout->name, length;
	uint64_t inode = st->st_ino;
	uint16_t length16;
	char *entry = listing->buffer + listing->size;

	length = (head + strlen(name) + 1 + listing->layout->type_last + 7) & ~(size_t)7;
	if (length > listing->room - listing->size)
		return;
	length16 = (uint16_t)length;
	memset(entry, 0, length);
	memcpy(entry, &inode, sizeof(inode));
	memcpy(entry + ENTRY_NEXT, &next, sizeof(next));
	memcpy(entry + ENTRY_LENGTH, &length16, sizeof(length16));
	entry[listing->layout->type_last ? length - 1 : ENTRY_TYPE] = (char)IFTODT(st->st_mode);
	memcpy(entry + head, name, strlen(name));
	listing->size += length;
}

/* The last component of a name that is directly in this directory, or NULL. */
static const char *name_within(const struct place *place, const char *name)
{
	size_t size = strcmp(place->name, "/") == 0 ? 0 : strlen(place->name);

	if (strncmp(name, place->name, size) != 0 || name[size] != '/' || name[size + 1] == '\0')
		return NULL;
	return strchr(name + size + 1, '/') ? NULL : name + size + 1;
}

/*
 * Adds the names that the view binds here and the directory itself does not have. A view is what a
 * level asks for; where the levels outside do not let its target be looked up, nobody is told
 * whether it is there.
 */
static void listing_bind(struct listing *listing)
{
	const struct policy_bind *binds;
	uint64_t next = 0;
	size_t count, last = 0;
	struct stat st;

	for (size_t at = 0; at < listing->size; at += entry_length(listing->buffer + at))
		last = at;
	memcpy(&next, listing->buffer + last + ENTRY_NEXT, sizeof(next));
	binds = policy_binds(listing->call->regs.child->policy, &count);
	for (size_t i = 0; i < count; i++) {
		const char *name = name_within(listing->place, binds[i].name);

		if (name &&
		    view_judge(listing->call, binds[i].name, binds[i].target, RIGHT_STAT)
				    .decision == DECISION_ALLOW &&
		    fstatat(listing->place->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
		    lstat(binds[i].target, &st) == 0)
			listing_add(listing, name, &st, next);
	}
}

/* Reads one batch; 0 bytes only at the end. 0 or an errno. */
static int listing_read(struct listing *listing)
{
	bool first =
		listing->call->regs.child->remaps && lseek(listing->place->fd, 0, SEEK_CUR) == 0;

	do {
		long n = syscall(listing->layout->nr, listing->place->fd, listing->buffer,
				 listing->room);

		/* Ours is open: it is the caller's that is no more than a name (O_PATH). */
		if (n <= 0)
			return n < 0 && errno == EBADF ? EBADF : act_result(n);
		listing->size = (size_t)n;
		if (first)
			listing_bind(listing);
		first = false;
		listing_filter(listing);
	} while (listing->size == 0);
	return 0;
}

static int listing_open(struct listing *listing, uint64_t room)
{
	listing->hides = place_hides(listing->call, listing->place);
	listing->proc = strcmp(listing->place->real, "/proc") == 0;
	listing->room = room > LISTING_MAX ? LISTING_MAX : (size_t)room;
	listing->buffer = malloc(listing->room + 1);
	return listing->buffer ? 0 : ENOMEM;
}

/*
 * What may be listed is listed, and what is no directory, or no more than a name, the kernel says
 * so of. Of the rest it is asked first. A directory without a name has been removed, and the kernel
 * says so; or its names are not the child's to know.
 */
static int listing_permit(struct call *call, struct place *place)
{
	struct stat st;

	if (place->kind == PLACE_NAMED && !call->regs.child->remaps &&
	    place_allows(call, place, RIGHT_LIST))
		return 0;
	if (place->kind == PLACE_UNNAMED ? place->held_mode < 0
					 : fcntl(place->fd, F_GETFL) & O_PATH)
		return EBADF;
	if (fstat(place->fd, &st) < 0)
		return child_errno(errno);
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	if (place->kind == PLACE_UNNAMED)
		return st.st_nlink ? EACCES : 0;
	return view_permit(call, place, 0, RIGHT_LIST);
}

/* getdents(fd, buffer, size) */
static struct sv_answer listing_answer(struct call *call, const struct layout *layout)
{
	cleanup_place struct place place = PLACE_INIT;
	struct listing listing = { .call = call, .place = &place, .layout = layout };
	int fd = arg_int(call, 0), r = EBADF;

	if (fd >= 0)
		r = view_lookup_at(call, fd, "", VIEW_EMPTY, 0, &place);
	if (r == 0)
		r = listing_permit(call, &place);
	if (r == 0)
		r = listing_open(&listing, arg_u64(call, 2));
	if (r == 0)
		r = listing_read(&listing);
	if (r == 0)
		r = mem_write(call, arg_u64(call, 1), listing.buffer, listing.size);
	free(listing.buffer);
	return r ? answer_fail(call, r) : sv_answer_value((int64_t)listing.size);
}

static struct sv_answer sys_getdents(struct call *call)
{
	return listing_answer(call, &layout_old);
}

static struct sv_answer sys_getdents64(struct call *call)
{
	return listing_answer(call, &layout_64);
}

/* Up and down again in a view is not left to it: another thread may move both of them before the
 * kernel looks, and their `..` are not the kernel's. */
static bool kernel_enters(struct call *call, struct place *place)
{
	const char *path = call->path[0];
	bool bound = strcmp(place->name, place->real) != 0;

	return !(bound && path[0] != '/' && strstr(path, "..")) &&
	       view_is_kernels(call, AT_FDCWD, path, VIEW_FOLLOW, place);
}

static struct sv_gate enter_by_hand(struct call *call, const struct place *place)
{
	char text[PATH_MAX + 128];
	int r = fd_path_enter(call, place->fd);

	if (r == 0)
		return gate_answered();
	if (r != ESRCH) {
		snprintf(text, sizeof(text), "%s is in a view, and cannot be entered: %s",
			 place->name, tracee_why(r));
		call_fault(call, text);
	}
	return gate_error(r == ESRCH ? r : EACCES);
}

/*
 * Only the caller can move itself. It may read another path than we judged; where it then stands
 * gives it nothing (R7).
 */
static struct sv_gate bounded_chdir(struct call *call)
{
	cleanup_place struct place place = PLACE_INIT;
	int r = view_lookup(call, -1, 0, VIEW_FOLLOW, RIGHT_STAT, &place);

	if (r)
		return gate_error(answer_fail(call, r).error);
	if (call->path[0][0] == '/')
		view_entered(call->regs.child, place.name);
	child_settle(&call->regs, &call->regs.child->cwd_generation);
	return kernel_enters(call, &place) ? gate_continue() : enter_by_hand(call, &place);
}

static struct sv_gate gate_fchdir(const struct registers *regs)
{
	child_settle(regs, &regs->child->cwd_generation);
	return gate_continue();
}

/* getcwd(buffer, size): the kernel answers it, but for a child whose names are not the kernel's. */
static struct sv_answer sys_getcwd(struct call *call)
{
	uint64_t room = arg_u64(call, 1);
	char real[PATH_MAX], name[PATH_MAX];
	size_t size;
	int fd, r = task_cwd(call, &fd);

	if (r)
		return answer_fail(call, r);
	r = own_fd_name(call, fd, real, sizeof(real));
	if (r == 0 && (!name_exists(real, fd) || !view_visible(call, real, name, sizeof(name))))
		r = ENOENT;
	task_cwd_keep(call, fd);
	if (r)
		return answer_fail(call, r);
	size = strlen(name) + 1;
	if (size > room)
		return sv_answer_error(ERANGE);
	r = mem_write(call, arg_u64(call, 0), name, size);
	return r ? answer_fail(call, r) : sv_answer_value((int64_t)size);
}

static const struct when when_getcwd[] = {
	{.test = WHEN_ALWAYS, .action = WHEN_ALLOW, .unless = FEATURE_REMAP },
	{ .test = WHEN_ALWAYS,		       .action = WHEN_NOTIFY		     },
};

#define NOTE_LISTING "hidden names and other processes are left out; at most 64 KiB at a time"

const struct sysrow dir_rows[] = {
	HANDLED(getdents, "fou", NOTE_LISTING),
	HANDLED(getdents64, "fou", NOTE_LISTING),
	ROW(chdir, "p", .tier = TIER_NOTIFY, .bounded = bounded_chdir,
	    .note = "a race lost moves the caller elsewhere, where it may do no more than here "
		    "(R7)"),
	ROW(fchdir, "f", .tier = TIER_NOTIFY, .gate = gate_fchdir,
	    .note = "where a process stands gives it nothing (R7)"),
	ROW(getcwd, "oz", WHEN(when_getcwd), .handler = sys_getcwd,
	    .note = "under a view: in the view's terms"),
	ROWS_END,
};
