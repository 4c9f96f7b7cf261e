/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that tasks send us: by a socket that many have the other end of.
 *
 * A *pin* is what one task sends for its call: it is made before the task sends, filled by whoever
 * next looks into the inbox, used when the call comes again, and dropped when that is answered. A
 * call that does not come again (its thread was killed, or runs a signal's handler first) leaves
 * one behind until the next pin of that thread, or for a second.
 */
#ifndef BASE_FD_INBOX_H
#define BASE_FD_INBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/fdpass.h"
#include "base/lock.h"

enum {
	FD_WISHES_MAX = FDPASS_MAX +
			1, /* as many as one message may carry, and the socket that it goes to */
};

/* What a call needs before it can be served. */
struct fd_wish {
	uint64_t id; /* of the call */
	unsigned int count;
	int numbers[FD_WISHES_MAX];
};

enum {
	PIN_UNDER_WAY = -1,
};

struct pin {
	struct pin *next;
	pid_t tid;
	uint64_t nonce; /* what its message says */
	int64_t since_ms;
	int error; /* 0: it came; an errno: it will not; PIN_UNDER_WAY */
	unsigned int count;
	unsigned int came; /* of them; they are in fds */
	int numbers[FD_WISHES_MAX];
	int fds[FD_WISHES_MAX];
};

LOCK_KIND(inbox);

struct fd_inbox {
	int socket;
	struct inbox_lock lock; /* guards the list */
	_Atomic(struct pin *) pins;
	atomic_bool paging; /* somebody uses the page that is kept in each process */
	uint64_t mark;	    /* that it begins with; and where it is */
};

/* Closes what was sent for calls that did not come again. Takes NULL. */
void fd_inbox_sweep(struct fd_inbox *inbox);
/* Is there something that may have to be swept? *ret_now: it has. Takes NULL. */
bool fd_inbox_keeps(struct fd_inbox *inbox, bool *ret_now);

/* A child's sender and our end of it. 0 or a negative errno. */
int fd_inbox_open(struct fd_inbox **ret, int *ret_sender);
/* Takes NULL. */
void fd_inbox_free(struct fd_inbox *inbox);
/* Our end, borrowed: where a newborn's listener comes. -1: inbox is NULL. */
int fd_inbox_socket(const struct fd_inbox *inbox);

/* Under the lock: that of a task, or NULL; ours of all that it holds under these numbers,
 * and of the last. 0 or the descriptor, or a negative errno; -ENOENT: it holds nothing there. */
struct pin *pin_find(struct fd_inbox *inbox, pid_t tid) REQUIRES(inbox_locked);
int pin_give_all(const struct pin *pin, const int *numbers, size_t count, int *ret_fds)
	REQUIRES(inbox_locked);
int pin_give_last(const struct pin *pin) REQUIRES(inbox_locked);

/* Not under the lock: one that is under way, or NULL; and drops a task's, or, with -1, what nobody
 * came for. */
struct pin *pin_new(struct fd_inbox *inbox, pid_t tid, const struct fd_wish *wish);
void pins_drop(struct fd_inbox *inbox, pid_t tid);
/* How many of them come with the next message. */
unsigned int pin_letter_count(const struct pin *pin, unsigned int came);
/* Takes in what has come. */
void inbox_drain(struct fd_inbox *inbox);

#endif
