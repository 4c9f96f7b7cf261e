/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread with a umask and directory of its own. unshare(CLONE_FS) makes one; where a container's
 * profile refuses that, a thread is cloned without CLONE_FS, which such profiles let pass. libc has
 * no way to ask for it, so the new thread takes the place of the one that asked: it runs with the
 * thread-local memory of that one, which sleeps meanwhile and is the one that others join.
 */
#include "base/thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "common/clone.h"

enum {
	STACK_SIZE = 512 * 1024,
	GUARD_SIZE = 4096,
	HANG_MS = 5000, /* what is over and does not end by then hangs in the kernel */
};

struct substitute {
	void (*run)(void *data);
	void *data;
	uint32_t lives; /* cleared by the kernel */
};

/* The kernel keeps the CPU's number in thread-local memory: of the thread that runs. */
static void rseq_register(int flags)
{
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	if (__rseq_size > 0)
		syscall(SYS_rseq, area, sizeof(struct rseq), flags, RSEQ_SIG);
}

static int substitute_run(void *data)
{
	struct substitute *substitute = data;

	rseq_register(0);
	substitute->run(substitute->data);
	rseq_register(RSEQ_FLAG_UNREGISTER);
	return 0;
}

static int substitute_start(struct substitute *substitute, char *stack)
{
	const int flags = CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
			  CLONE_SETTLS | CLONE_CHILD_CLEARTID;
	int r = 0;

	substitute->lives = 1;
	rseq_register(RSEQ_FLAG_UNREGISTER);
	if (clone_sharing(substitute_run, stack + STACK_SIZE, flags, substitute, NULL,
			  __builtin_thread_pointer(), &substitute->lives) < 0)
		r = -errno;
	while (r == 0 && __atomic_load_n(&substitute->lives, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &substitute->lives, FUTEX_WAIT, 1, NULL, NULL, 0);
	rseq_register(0);
	return r;
}

int thread_own_fs(void (*run)(void *data), void *data)
{
	struct substitute substitute = { .run = run, .data = data };
	char *stack;
	int r;

	if (unshare(CLONE_FS) == 0) {
		run(data);
		return 0;
	}
	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED)
		return -errno;
	r = mprotect(stack, GUARD_SIZE, PROT_NONE) < 0 ? -errno : 0;
	if (r == 0)
		r = substitute_start(&substitute, stack);
	munmap(stack, STACK_SIZE);
	return r;
}

int thread_start(pthread_t *ret_thread, size_t stack, void *(*run)(void *data), void *data)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r = pthread_attr_init(&attr);

	if (r != 0)
		return -r;
	if (stack > 0)
		pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(ret_thread, &attr, run, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

struct worker {
	struct worker *next;
	struct workers *workers; /* NULL: who started it joins it */
	pthread_t thread;
	worker_run *run;
	void *data;
};

void workers_init(struct workers *workers)
{
	*workers = (struct workers){ .ended = NULL };
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->changed, NULL);
}

void workers_deinit(struct workers *workers)
{
	pthread_mutex_destroy(&workers->lock);
	pthread_cond_destroy(&workers->changed);
}

static void *worker_main(void *data)
{
	struct worker *worker = data;
	struct workers *workers = worker->workers;

	prctl(PR_SET_NAME, "pcall-worker");
	worker->run(worker->data);
	if (!workers)
		return NULL;
	pthread_mutex_lock(&workers->lock);
	worker->next = workers->ended;
	workers->ended = worker;
	workers->at_work--;
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

/* They are past all that they had to do. */
static void workers_join(struct workers *workers)
{
	struct worker *ended, *next;

	pthread_mutex_lock(&workers->lock);
	ended = workers->ended;
	workers->ended = NULL;
	pthread_mutex_unlock(&workers->lock);
	for (; ended; ended = next) {
		next = ended->next;
		pthread_join(ended->thread, NULL);
		free(ended);
	}
}

int worker_start(struct workers *workers, size_t stack, worker_run *run, void *data)
{
	struct worker *worker = malloc(sizeof(*worker));
	int r;

	workers_join(workers);
	if (!worker)
		return -ENOMEM;
	*worker = (struct worker){ .workers = workers, .run = run, .data = data };
	/* Its thread's number is known here before it is told as one that has ended. */
	pthread_mutex_lock(&workers->lock);
	r = thread_start(&worker->thread, stack, worker_main, worker);
	workers->at_work += r == 0;
	pthread_mutex_unlock(&workers->lock);
	if (r < 0)
		free(worker);
	return r;
}

int worker_wait(size_t stack, worker_run *run, void *data)
{
	struct worker worker = { .run = run, .data = data };
	int r = thread_start(&worker.thread, stack, worker_main, &worker);

	if (r == 0)
		pthread_join(worker.thread, NULL);
	return r;
}

bool workers_end(struct workers *workers)
{
	struct timespec end = clock_until(HANG_MS);
	bool all;

	pthread_mutex_lock(&workers->lock);
	while (workers->at_work &&
	       pthread_cond_timedwait(&workers->changed, &workers->lock, &end) == 0)
		continue;
	all = workers->at_work == 0;
	pthread_mutex_unlock(&workers->lock);
	workers_join(workers);
	return all;
}
