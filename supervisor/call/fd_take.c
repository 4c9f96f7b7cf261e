/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in fd_take.h, what was sent lies in base/fd_inbox.h. */
#include "call/fd_take.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/fd_inbox.h"
#include "base/fd_sender.h"
#include "base/private_fds.h"
#include "call/call.h"
#include "call/caller.h"
#include "call/tracee.h"
#include "call/pool.h"
#include "tree/child.h"
#include "common/cleanup.h"

enum {
	PAGE_BYTES = 4096,
};

/* What a caller sends, in a page of its own. */
struct letter {
	uint64_t mark;
	struct msghdr header;
	struct iovec vector;
	uint64_t nonce;
	union {
		char bytes[CMSG_SPACE(FDPASS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
};

/* Beside what the call has got already. */
static int wish_make(struct call *call, const struct pin *pin, const int *numbers, size_t count)
{
	struct fd_wish *wish = &call->receiver->wish;
	unsigned int before = pin && pin->error == 0 ? pin->count : 0;

	/* whoever is not prepared for it would take EAGAIN for an answer */
	if (!call->anew)
		return EOPNOTSUPP;
	if (before + count > FD_WISHES_MAX)
		return E2BIG;
	wish->id = call->id;
	wish->count = before + (unsigned int)count;
	if (before)
		memcpy(wish->numbers, pin->numbers, before * sizeof(int));
	memcpy(wish->numbers + before, numbers, count * sizeof(int));
	return EAGAIN;
}

static int take_sent(struct call *call, const int *numbers, size_t count, int *ret_fds)
{
	struct fd_inbox *inbox = call->regs.child->inbox;
	const struct pin *pin;
	int r = -ENOENT;

	for (size_t i = 0; i < count; i++)
		if (numbers[i] < 0 || numbers[i] == FD_SENDER)
			return EBADF;
	inbox_lock_take(&inbox->lock);
	pin = pin_find(inbox, call->regs.tid);
	if (pin)
		r = pin_give_all(pin, numbers, count, ret_fds);
	r = r == -ENOENT ? wish_make(call, pin, numbers, count) : -r;
	inbox_lock_give(&inbox->lock);
	return r;
}

static int take_by_pidfd(struct call *call, int fd, int *ret_fd)
{
	int pidfd, pinned, r;

	if (fd < 0)
		return EBADF;
	for (int tries = 0; tries < 2; tries++) {
		pidfd = task_pidfd_kept(call);
		r = pidfd >= 0 ? 0 : task_pidfd(call, &pidfd);
		if (r != 0)
			return r;
		pinned = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		if (pinned >= 0) {
			*ret_fd = pinned;
			return 0;
		}
		if (errno != ESRCH)
			break;
		task_forget(call);
	}
	return errno == EMFILE || errno == ENFILE ? ENOMEM : errno;
}

int fd_take(struct call *call, int fd, int *ret_fd)
{
	return call->regs.child->inbox ? take_sent(call, &fd, 1, ret_fd)
				       : take_by_pidfd(call, fd, ret_fd);
}

int fd_take_all(struct call *call, const int *numbers, size_t count, int *ret_fds)
{
	size_t i = 0;
	int r = 0;

	if (call->regs.child->inbox)
		return take_sent(call, numbers, count, ret_fds);
	for (; i < count && r == 0; i++)
		r = take_by_pidfd(call, numbers[i], &ret_fds[i]);
	if (r != 0)
		while (--i > 0)
			close(ret_fds[i - 1]);
	return r;
}

int fd_give_judge(struct call *call, int fd)
{
	const struct private_fd *private = NULL;
	int r = private_fd_check(fd, &private);

	if (private)
		return registers_deny(&call->regs, VERB_NONE, private->what, EPERM);
	return r < 0 ? child_errno(-r) : 0;
}

int fd_give_all(struct call *call, const int *numbers, size_t count, int *ret_fds)
{
	int r = fd_take_all(call, numbers, count, ret_fds);

	if (r != 0)
		return r;
	for (size_t i = 0; i < count && r == 0; i++)
		r = fd_give_judge(call, ret_fds[i]);
	for (size_t i = 0; i < count && r != 0; i++)
		close(ret_fds[i]);
	return r;
}

int fd_give(struct call *call, int fd, int *ret_fd)
{
	return fd_give_all(call, &fd, 1, ret_fd);
}

int fd_take_object(struct call *call, int fd, int *ret_fd)
{
	char path[64];
	int opened;

	if (!call->regs.child->inbox)
		return take_by_pidfd(call, fd, ret_fd);
	if (fd < 0)
		return EBADF;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", call->regs.tid, fd);
	opened = open(path, O_PATH | O_CLOEXEC);
	if (opened < 0)
		return errno == EMFILE || errno == ENFILE ? ENOMEM : EBADF;
	if (!call_valid(call)) {
		close(opened);
		return ESRCH;
	}
	*ret_fd = opened;
	return 0;
}

bool fd_take_wished(const struct call *call)
{
	const struct fd_wish *wish = call->receiver ? &call->receiver->wish : NULL;

	return wish && wish->count > 0 && wish->id == call->id;
}

void fd_take_done(const struct call *call)
{
	struct fd_inbox *inbox = call->regs.child->inbox;

	if (inbox && atomic_load_explicit(&inbox->pins, memory_order_relaxed))
		pins_drop(inbox, call->regs.tid);
}

/* What the pin names, but for the first @before. */
static void letter_write(struct letter *letter, uint64_t mark, uint64_t at, const struct pin *pin,
			 unsigned int before)
{
	size_t size = pin_letter_count(pin, before) * sizeof(int);

	memset(letter, 0, sizeof(*letter));
	letter->mark = mark;
	letter->nonce = pin->nonce;
	letter->vector.iov_base = (void *)(at + offsetof(struct letter, nonce));
	letter->vector.iov_len = sizeof(letter->nonce);
	letter->control.align.cmsg_len = CMSG_LEN(size);
	letter->control.align.cmsg_level = SOL_SOCKET;
	letter->control.align.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&letter->control.align), pin->numbers + before, size);
	letter->header.msg_iov = (void *)(at + offsetof(struct letter, vector));
	letter->header.msg_iovlen = 1;
	letter->header.msg_control = (void *)(at + offsetof(struct letter, control));
	letter->header.msg_controllen = CMSG_SPACE(size);
}

static int64_t letter_send(struct tracee *tracee, struct fd_inbox *inbox, uint64_t at)
{
	const uint64_t flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	int64_t r = tracee_call(tracee, SYS_sendmsg, FD_SENDER, at, flags, 0);

	if (r != -EAGAIN)
		return r;
	inbox_drain(inbox); /* the child filled it */
	return tracee_call(tracee, SYS_sendmsg, FD_SENDER, at, flags, 0);
}

/* Far from where programs have their memory, and never twice the same: a thread that has unmapped a
 * page, and is about to map another one there, must not find ours in its place. */
static uint64_t page_place(uint64_t nonce)
{
	return UINT64_C(0x200000000000) + (nonce % (1 << 28)) * PAGE_BYTES;
}

/* A new page, or an errno below 0. */
static int64_t page_make(struct tracee *tracee, uint64_t nonce, uint64_t flags)
{
	return tracee_call(tracee, SYS_mmap, page_place(nonce), PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | flags);
}

/* Is the page there that was kept after an earlier call of this process, or of who forked it? */
static bool page_is_kept(const struct tracee *tracee, uint64_t mark)
{
	uint64_t found = 0;

	return tracee_read(tracee, &found, page_place(mark), sizeof(found)) && found == mark;
}

static int64_t page_send(struct tracee *tracee, struct fd_inbox *inbox, const struct pin *pin,
			 uint64_t at)
{
	struct letter letter __attribute__((uninitialized));
	int64_t r = 0;

	for (unsigned int i = 0; i < pin->count && r >= 0; i += pin_letter_count(pin, i)) {
		letter_write(&letter, inbox->mark, at, pin, i);
		r = tracee_write(tracee, &letter, at, sizeof(letter))
			    ? letter_send(tracee, inbox, at + offsetof(struct letter, header))
			    : -EFAULT;
	}
	return r;
}

static bool is_errno(int64_t r)
{
	return r < 0 && r > -PAGE_BYTES;
}

/* By the page that is kept. False: there is none, and can be none. */
static bool fetch_by_kept(struct tracee *tracee, struct fd_inbox *inbox, const struct pin *pin,
			  int64_t *ret)
{
	bool there = page_is_kept(tracee, inbox->mark) ||
		     !is_errno(page_make(tracee, inbox->mark, MAP_FIXED_NOREPLACE));

	if (there)
		*ret = page_send(tracee, inbox, pin, page_place(inbox->mark));
	return there;
}

/* While somebody else of the child's uses that. */
static int64_t fetch_by_new(struct tracee *tracee, struct fd_inbox *inbox, const struct pin *pin)
{
	int64_t at = page_make(tracee, pin->nonce, 0), r;

	if (is_errno(at))
		return at;
	r = page_send(tracee, inbox, pin, (uint64_t)at);
	tracee_call(tracee, SYS_munmap, (uint64_t)at, PAGE_BYTES, 0, 0);
	return r;
}

/* Has the stopped caller send what the pin names. 0 or an errno. */
static int pin_fetch(struct tracee *tracee, struct fd_inbox *inbox, const struct pin *pin)
{
	bool done = false;
	int64_t r = 0;

	if (!atomic_exchange(&inbox->paging, true)) {
		done = fetch_by_kept(tracee, inbox, pin, &r);
		atomic_store(&inbox->paging, false);
	}
	if (!done)
		r = fetch_by_new(tracee, inbox, pin);
	return r < 0 ? (int)-r : 0;
}

/* Programs that close all that they do not know (closefrom) close this, too. */
static bool sender_is_there(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, FD_SENDER);
	return access(path, F_OK) == 0;
}

/* What became of it, in words where it is not the child's own mistake. It is out of our hands then.
 */
static void pin_close(struct call *call, struct pin *pin, int r, int *ret_fd)
{
	struct fd_inbox *inbox = call->regs.child->inbox;

	inbox_lock_take(&inbox->lock);
	if (pin->error == PIN_UNDER_WAY)
		pin->error = r ? r : EIO;
	if (ret_fd) {
		*ret_fd = pin_give_last(pin);
		pin->since_ms = 0; /* nobody comes for it */
	}
	inbox_lock_give(&inbox->lock);
	if (r == EBADF && !sender_is_there(call->regs.tid))
		call_fault(call,
			   "a descriptor cannot be had: the program has closed the one that the "
			   "supervisor gave it to send by");
}

static int caller_stop(struct call *call, struct tracee *ret)
{
	static const int made[] = { SYS_mmap, SYS_sendmsg, SYS_munmap };

	if (tracee_is_seen(call->regs.child, made, array_size(made)) &&
	    !receiver_pass_lead(call->receiver))
		return EAGAIN;
	return tracee_stop(call, made, array_size(made), ret);
}

int fd_take_again(struct call *call, int *ret_fd)
{
	struct fd_wish *wish = &call->receiver->wish;
	struct fd_inbox *inbox = call->regs.child->inbox;
	struct pin *pin = pin_new(inbox, call->regs.tid, wish);
	struct tracee tracee;
	char why[128];
	int r = pin ? caller_stop(call, &tracee) : ENOMEM;

	wish->count = 0;
	if (r == 0) {
		r = pin_fetch(&tracee, inbox, pin);
		inbox_drain(inbox);
		pin_close(call, pin, r, ret_fd);
		tracee_again(&tracee);
		return 0;
	}
	if (pin)
		pin_close(call, pin, r, NULL);
	pins_drop(inbox, call->regs.tid);
	snprintf(why, sizeof(why), "a descriptor cannot be had: %s", tracee_why(r));
	if (r != ESRCH)
		call_fault(call, why);
	return r;
}
