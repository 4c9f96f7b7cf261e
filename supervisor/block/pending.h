/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two kinds of workers share: the calls that are under way, and what becomes of them.
 *
 * A pending call is in the list from its start to its answer. A backend starts it, and says once
 * how it ended; to give one up is only to hurry that end. All fields but those of the backend are
 * written under the lock of struct work, or before the start.
 */
#ifndef SUPERVISOR_PENDING_H
#define SUPERVISOR_PENDING_H

#include <linux/time_types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include "base/lock.h"
#include "tree/child.h"
#include "net/endpoint.h"
#include "net/message.h"
#include "path/resolve.h"
#include "block/block.h"

enum {
	READY_MS = 20,		 /* and then it tries all the same: not all room is told of */
	LOOK_MS = 20,		 /* between two looks at the same call, at least */
	WORK_TICK_LOOKS = 128,	 /* calls looked at in one tick; the others have their turn later */
	PENDING_MAX = 1024,	 /* calls of one child */
	PENDING_OPENS_MAX = 128, /* opens of one child: each holds a kernel thread */
	PENDING_CHARGE_MAX = 32 * 1024 * 1024, /* bytes of one child's messages */
};

enum pending_kind {
	PENDING_OPEN,
	PENDING_CONNECT,
	PENDING_SEND,
	PENDING_READY, /* waits for room, and begins anew */
};

enum pending_end {
	PENDING_GOES_ON,
	PENDING_GONE,	     /* nobody waits for the answer */
	PENDING_RESTART,     /* a signal: ERESTARTSYS */
	PENDING_INTERRUPTED, /* a signal: EINTR */
};

struct pending {
	struct pending *next, *previous;
	struct work *work;
	struct child *child;
	uint64_t id;
	pid_t tid;
	pid_t tgid; /* 0: unknown */
	enum pending_kind kind;
	int fd;	   /* what is opened or the socket */
	int flags; /* of the open or the send */
	int pidfd; /* the caller, for SIGPIPE; -1 */
	struct endpoint to;
	struct message *message;
	struct timespec timeout; /* SO_SNDTIMEO; 0: none */
	size_t charge;
	bool signalled;	 /* a signal was pending at the last look */
	_Atomic int end; /* enum pending_end */
	/* The backend's. */
	struct pending *next_started;
	bool started;	  /* it is in the kernel, and may be cancelled there */
	bool cancelling;  /* to be ended */
	bool polling;	  /* uring: waits for an earlier connect */
	pthread_t thread; /* of block/thread.c: that it runs on, once it was started */
	/* What the kernel reads when it starts. */
	struct msghdr header;
	struct iovec vector;
	struct __kernel_timespec limit;
	char path[PROC_FD_MAX];
};

/* What one kind of workers can do. */
struct work_backend {
	int (*open)(struct work *work);
	/* Nothing is pending any more. */
	void (*close)(struct work *work);
	/* 0 or a negative errno. Under the lock. */
	int (*start)(struct work *work, struct pending *pending);
	/* One that was started: pending->end says why. Under the lock; again at each tick until it
	 * has ended. */
	void (*cancel)(struct work *work, struct pending *pending);
};

LOCK_KIND(work);

struct work {
	struct work_lock lock;
	pthread_cond_t ended; /* a pending call was taken off the list */
	struct pending *first GUARDED_BY(work_locked);
	struct pending *
		look GUARDED_BY(work_locked); /* where the next tick begins; NULL: at the first */
	uint64_t looked_ms GUARDED_BY(work_locked); /* when the last tick was that looked */
	size_t count GUARDED_BY(work_locked);
	bool stopping GUARDED_BY(work_locked);
	struct workers *workers;
	bool uring;			    /* io_uring is to be tried first */
	const struct work_backend *backend; /* NULL until there is work */
	void *data;
};

/* Of an open by proc_fd_path: the child's, as they are to be for us. */
int pending_open_flags(int flags);

/* One step is over: bytes of a send, or a result. True: the rest is to be sent; else *result is
 * that of the whole. */
bool pending_step(struct pending *pending, int64_t *result);

/* The end: answers with the result, a descriptor or number or negative errno, and frees. Not under
 * the lock. */
void pending_done(struct pending *pending, int64_t result);

/* Into the list, and out of it. Under the lock. */
void pending_link(struct work *work, struct pending *pending) REQUIRES(work_locked);
void pending_unlink(struct work *work, struct pending *pending) REQUIRES(work_locked);
void pending_free(struct pending *pending);
/* It is to end, for this reason. Under the lock. */
void pending_give_up(struct work *work, struct pending *pending, enum pending_end end)
	REQUIRES(work_locked);
/* Does its caller wait? */
bool pending_valid(const struct pending *pending);

#endif
