/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads of the engine's, and what a thread may have that the others do not share. */
#ifndef SUPERVISOR_THREAD_H
#define SUPERVISOR_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * Runs @run with a umask and a current directory that no other thread shares: on this thread or,
 * where unshare(2) is refused (Docker's and containerd's profile), on one in its place, for whose
 * end this one waits. 0 or a negative errno; then @run did not run.
 */
int thread_own_fs(void (*run)(void *data), void *data);

/* One with every signal blocked. 0 or a negative errno. */
int thread_start(pthread_t *ret_thread, size_t stack, void *(*run)(void *data), void *data);

#endif
