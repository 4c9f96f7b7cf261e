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
#include "base/clone.h"

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
	atomic_init(&workers->ended, NULL);
	atomic_init(&workers->at_work, 0);
	sem_init(&workers->over, 0, 0);
}

void workers_deinit(struct workers *workers)
{
	sem_destroy(&workers->over);
}

/* The thread's own last word: from then on it is to be joined. */
static void worker_end(struct worker *worker)
{
	struct workers *workers = worker->workers;
	struct worker *before = atomic_load(&workers->ended);

	worker->thread = pthread_self();
	do
		worker->next = before;
	while (!atomic_compare_exchange_weak(&workers->ended, &before, worker));
	atomic_fetch_sub(&workers->at_work, 1);
	sem_post(&workers->over);
}

static void *worker_main(void *data)
{
	struct worker *worker = data;

	prctl(PR_SET_NAME, "pcall-worker");
	worker->run(worker->data);
	if (worker->workers)
		worker_end(worker);
	return NULL;
}

/* They are past all that they had to do. */
static void workers_join(struct workers *workers)
{
	struct worker *ended = atomic_exchange(&workers->ended, NULL), *next;

	for (; ended; ended = next) {
		next = ended->next;
		pthread_join(ended->thread, NULL);
		free(ended);
	}
}

int worker_start(struct workers *workers, size_t stack, worker_run *run, void *data)
{
	struct worker *worker = malloc(sizeof(*worker));
	pthread_t thread;
	int r;

	workers_join(workers);
	if (!worker)
		return -ENOMEM;
	*worker = (struct worker){ .workers = workers, .run = run, .data = data };
	atomic_fetch_add(&workers->at_work, 1);
	r = thread_start(&thread, stack, worker_main, worker);
	if (r < 0) {
		atomic_fetch_sub(&workers->at_work, 1);
		free(worker);
	}
	return r;
}

int worker_wait(size_t stack, worker_run *run, void *data)
{
	struct worker worker = { .run = run, .data = data };
	pthread_t thread = 0;
	int r = thread_start(&thread, stack, worker_main, &worker);

	if (r == 0)
		pthread_join(thread, NULL);
	return r;
}

bool workers_end(struct workers *workers)
{
	struct timespec end = clock_until(HANG_MS);
	bool woken = true;

	while (atomic_load(&workers->at_work) && woken)
		woken = sem_timedwait(&workers->over, &end) == 0 || errno == EINTR;
	workers_join(workers);
	return atomic_load(&workers->at_work) == 0;
}
