/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this process holds when its children are gone: the same as before there were any. */
#ifndef STRESS_REST_H
#define STRESS_REST_H

/* Of a process without a supervisor. */
#ifdef __SANITIZE_THREAD__
#define THREADS_OWN 2
#else
#define THREADS_OWN 1
#endif

struct rest {
	int descriptors, threads;
	long memory_kb;
};

/* Waits until threads and descriptors are no more than these, for half a minute at the most: what
 * the children of children were is gone a moment after they are, and the kernel keeps the threads
 * of an io_uring until they had nothing to do for 5 s. Returns what there is then. */
struct rest rest_wait(int descriptors, int threads);
/* Fails the test if there is more than there was before. */
void rest_assert(struct rest before, struct rest after);

#endif
