/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into a program: a timer whose signal comes every 10 ms, and is handled by nothing, as
 * in a program with a profiler or a progress bar. TIMER_PLAIN=1: without SA_RESTART.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static void tick(int number)
{
	(void)number;
}

__attribute__((constructor)) static void timer_start(void)
{
	const struct itimerval every = {
		{0,  10000},
		      { 0, 10000}
	};
	struct sigaction action = { .sa_handler = tick, .sa_flags = SA_RESTART };

	if (getenv("TIMER_PLAIN"))
		action.sa_flags = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}
