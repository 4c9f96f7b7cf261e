/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads of the engine's, and what a thread may have that the others do not share. */
#ifndef SUPERVISOR_THREAD_H
#define SUPERVISOR_THREAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Runs @run with a umask and a current directory that no other thread shares: on this thread or,
 * where unshare(2) is refused (Docker's and containerd's profile), on one in its place, for whose
 * end this one waits. 0 or a negative errno; then @run did not run.
 */
int thread_own_fs(void (*run)(void *data), void *data);

/* One with every signal blocked, and so much stack; 0: as libc sees fit. 0 or a negative errno. */
int thread_start(pthread_t *ret_thread, size_t stack, void *(*run)(void *data), void *data);

/*
 * Workers: a thread for one thing that may take long, and must not wait behind another: a call that
 * blocks, a birth, what wants a directory or a confinement of its own. It ends with what it was
 * made for; whoever starts the next one takes the dead ones away.
 */
typedef void worker_run(void *data);

struct worker;

/* Without a lock: they are begun under others'. */
struct workers {
	_Atomic(struct worker *) ended; /* to be joined */
	atomic_uint at_work;
	sem_t over; /* one of them is at its end */
};

void workers_init(struct workers *workers);
/* Waits until all have ended; not for long: false, one hangs, and everything has to stay. */
bool workers_end(struct workers *workers);
void workers_deinit(struct workers *workers);

/* With every signal blocked, and as much stack as said; 0: as libc sees fit. 0 or a negative errno.
 */
int worker_start(struct workers *workers, size_t stack, worker_run *run, void *data);
/* The same, and waits for its end. */
int worker_wait(size_t stack, worker_run *run, void *data);

#endif
