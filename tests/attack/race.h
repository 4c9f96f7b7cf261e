/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hostile programs of races share: a second side that changes things while the first one
 * calls. */
#ifndef TESTS_ATTACK_RACE_H
#define TESTS_ATTACK_RACE_H

#include "hostile.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const double RACE __attribute__((unused)) = 0.7;	     /* seconds */
static const double RACE_MOST __attribute__((unused)) = 200; /* then it says that there was none */

/* Shared with whoever flips. */
static struct shared {
	char path[PATH_MAX];
	char *flip; /* the byte: 'w' or 's' */
	char other; /* by which bits the two differ */
	atomic_int stop;
	atomic_ulong flips;
} * shared;

static pid_t flipper __attribute__((unused));
static pthread_t thread __attribute__((unused));

/* Is it still on? Where the machine has no time for it, longer, until it was one. */
static inline bool race_on(double end, bool enough)
{
	double now = stopwatch_seconds();

	return now < end || (!broken && !enough && now < end + RACE_MOST);
}

/* The two sides of a race run at once, if there are processors for it. */
static inline void pin(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static inline void shared_make(const char *below)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	NEED(shared != MAP_FAILED);
	snprintf(shared->path, sizeof(shared->path), "%s/w/%s", getenv("X"), below);
	shared->flip = shared->path + strlen(getenv("X")) + 1;
	shared->other = 'w' ^ 's';
	pin(0);
}

static inline void *flip_run(void *data)
{
	(void)data;
	pin(1);
	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		*(volatile char *)shared->flip ^= shared->other;
		atomic_fetch_add_explicit(&shared->flips, 1, memory_order_relaxed);
		if (atomic_load_explicit(&shared->flips, memory_order_relaxed) % 63 == 0)
			sched_yield();
	}
	return NULL;
}

static inline int flip_process(void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	flip_run(data);
	return 0;
}

static inline void thread_start(void *(*run)(void *data))
{
	NEED(pthread_create(&thread, NULL, run, NULL) == 0);
}

/* Where the machine is busy, the other side gets its turns, too, before the race is over. */
static inline void shared_wait(void)
{
	double end = stopwatch_seconds() + 10;

	while (atomic_load(&shared->flips) <= 100 && stopwatch_seconds() < end)
		usleep(1000);
}

static inline void thread_end(void)
{
	shared_wait();
	atomic_store(&shared->stop, 1);
	pthread_join(thread, NULL);
	NEED(atomic_load(&shared->flips) > 100);
}

static inline void process_start(void)
{
	flipper = fork();
	if (flipper == 0)
		_exit(flip_process(NULL));
	NEED(flipper > 0);
}

static inline void process_end(void)
{
	shared_wait();
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, 0);
	NEED(atomic_load(&shared->flips) > 100);
}
#endif
