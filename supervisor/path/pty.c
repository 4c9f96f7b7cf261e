/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Terminals of a child; see pty.h. */
#include "path/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "tree/child.h"
#include "call/caller.h"
#include "path/resolve.h"
#include "common/cleanup.h"

enum {
	PTY_MAJOR_FIRST = 136, /* UNIX98 slaves: Documentation/admin-guide/devices.txt */
	PTY_MAJOR_LAST = 143,
	TTY_MAJOR = 4,
	PTYS_MAX = 256, /* at a time, per child: each takes a descriptor of ours */
};

static bool is_pty(dev_t device)
{
	return major(device) >= PTY_MAJOR_FIRST && major(device) <= PTY_MAJOR_LAST;
}

static uint32_t pty_number(dev_t device)
{
	return (major(device) - PTY_MAJOR_FIRST) * 256 + minor(device);
}

/* The caller's controlling terminal; 0: it has none. */
static dev_t controlling_terminal(struct call *call)
{
	uint64_t stat[STAT_END];
	unsigned int number;

	if (!proc_stat_read(call->regs.tid, stat) || !call_valid(call))
		return 0;
	number = (unsigned int)stat[STAT_TERMINAL];
	return makedev((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
}

static int terminal_path(dev_t device, char *ret, size_t size)
{
	if (is_pty(device))
		snprintf(ret, size, "/dev/pts/%u", pty_number(device));
	else if (major(device) == TTY_MAJOR)
		snprintf(ret, size, minor(device) < 64 ? "/dev/tty%u" : "/dev/ttyS%u",
			 minor(device) < 64 ? minor(device) : minor(device) - 64);
	else
		return ENXIO;
	return 0;
}

/*
 * Is it the same, and still there? A number is given out again when its master is closed, to
 * whoever comes next; the file that was pinned has then lost its name.
 */
static bool pty_is(int pinned, dev_t device)
{
	struct stat st;

	return fstat(pinned, &st) == 0 && st.st_rdev == device && st.st_nlink > 0;
}

/* @made: by it. */
static bool pty_known(struct child *child, dev_t device, bool made)
{
	bool r = false;

	child_lock_take(&child->lock);
	for (size_t i = 0; i < child->ptys_count; i++)
		r |= (child->ptys[i].made || !made) && pty_is(child->ptys[i].pinned, device);
	child_lock_give(&child->lock);
	return r;
}

/* Lets go of those that are gone. Under the lock. */
static void ptys_sweep(struct child *child) REQUIRES(child_locked)
{
	size_t kept = 0;
	struct stat st;

	for (size_t i = 0; i < child->ptys_count; i++) {
		if (fstat(child->ptys[i].pinned, &st) == 0 && st.st_nlink > 0)
			child->ptys[kept++] = child->ptys[i];
		else
			close(child->ptys[i].pinned);
	}
	child->ptys_count = kept;
}

static int pty_add(struct child *child, uint32_t number, bool made)
{
	cleanup_fd int pinned = -1;
	char path[32];
	struct pty *ptys;
	int r = ENOMEM;

	snprintf(path, sizeof(path), "/dev/pts/%u", number);
	pinned = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (pinned < 0)
		return errno == EMFILE || errno == ENFILE ? ENOMEM : 0; /* of another devpts */
	child_lock_take(&child->lock);
	ptys_sweep(child);
	if (child->ptys_count < PTYS_MAX) {
		ptys = realloc(child->ptys, (child->ptys_count + 1) * sizeof(*ptys));
		if (ptys) {
			child->ptys = ptys;
			child->ptys[child->ptys_count++] = (struct pty){ steal_fd(&pinned), made };
			r = 0;
		}
	}
	child_lock_give(&child->lock);
	return r;
}

/* Of a child that nobody knows any more. */
void ptys_free(struct child *child) LOCK_UNPROVEN
{
	for (size_t i = 0; i < child->ptys_count; i++)
		close(child->ptys[i].pinned);
	free(child->ptys);
	child->ptys = NULL;
	child->ptys_count = 0;
}

int pty_admit(struct call *call, struct place *place)
{
	struct stat st;

	if (strcmp(place->real, "/dev/tty") == 0) {
		dev_t device = controlling_terminal(call);

		return device ? terminal_path(device, place->real, sizeof(place->real)) : ENXIO;
	}
	if (stat(place->real, &st) < 0)
		return errno;
	if (!is_pty(st.st_rdev) || pty_known(call->regs.child, st.st_rdev, false) ||
	    controlling_terminal(call) == st.st_rdev)
		return 0;
	return call_deny(call, (struct verdict){ .decision = DECISION_DENY }, VERB_DEV, EACCES,
			 place->name, place->given);
}

int pty_opened(struct child *child, int fd)
{
	unsigned int number;

	if (ioctl(fd, TIOCGPTN, &number) < 0)
		return 0; /* no master */
	return pty_add(child, number, true);
}

int pty_given(struct child *child, int fd)
{
	struct statx st;
	dev_t device;

	/* What is known of it here is enough: a server that hangs is not asked. */
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0 ||
	    !S_ISCHR(st.stx_mode))
		return 0;
	device = makedev(st.stx_rdev_major, st.stx_rdev_minor);
	return is_pty(device) ? -pty_add(child, pty_number(device), false) : 0;
}

bool pty_made(struct child *child, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && is_pty(st.st_rdev) && pty_known(child, st.st_rdev, true);
}
