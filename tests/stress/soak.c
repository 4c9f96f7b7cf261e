/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The random life of a supervisor. */
#include "soak.h"
#include "stopwatch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const commands[] = {
	"exit 3",
	"sleep 30",
	"for i in 1 2 3 4; do /bin/true & done; wait",
	"while :; do ls / /nonexistent >/dev/null 2>&1; done",
	"setsid sleep 30 & (while :; do cat /etc/passwd; done) >/dev/null",
	"kill -STOP $$",
	"mkfifo $$.pipe; cat $$.pipe",
};

unsigned int soak_random(struct soak *soak, unsigned int below)
{
	soak->random = soak->random * 1103515245 + 12345;
	return (soak->random >> 16) % below;
}

static void slot_fill(struct soak *soak, int i, struct sv_child *child)
{
	soak->slots[i].child = child;
	soak->slots[i].ended = 0;
	soak->slots[i].until = stopwatch_seconds() + 0.01 * soak_random(soak, 150);
}

void soak_event(const struct sv_event *event, void *data)
{
	struct soak *soak = data;

	for (int i = 0; i < SOAK_SLOTS; i++) {
		if (event->type == SV_EVENT_EXITED && event->child == soak->slots[i].child &&
		    event->child && !soak->slots[i].ended) {
			soak->slots[i].ended = 1;
			soak->ended++;
		}
		if (event->type == SV_EVENT_ADOPTED && !soak->slots[i].child) {
			soak->adopted++;
			slot_fill(soak, i, event->child);
			return;
		}
	}
	if (event->type == SV_EVENT_ADOPTED && soak->strays_count < SOAK_STRAYS)
		soak->strays[soak->strays_count++] = event->child;
}

static void slot_start(struct soak *soak, int i)
{
	int level = soak->depth > 0 && soak_random(soak, 2);
	const char *command = commands[soak_random(soak, sizeof(commands) / sizeof(commands[0]))];
	char depth[16], seed[16];
	const char *const sh[] = { "/bin/sh", "-c", command, NULL };
	const char *const nested[] = { soak->program, depth, seed, NULL };
	const char *const envp[] = { "PATH=/usr/bin:/bin", NULL };
	struct sv_spec spawn = { .size = sizeof(spawn),
				 .argv = level ? nested : sh,
				 .envp = envp,
				 .policy = soak->policy,
				 .survives = (int)soak_random(soak, 2),
				 .adopts = (int)soak_random(soak, 2) };
	struct sv_error error = { .text = "" };
	struct sv_child *child;

	snprintf(depth, sizeof(depth), "%u", soak->depth - 1);
	snprintf(seed, sizeof(seed), "%u", soak_random(soak, 60000));
	if (sv_spawn(soak->sv, &spawn, &child, &error) < 0) {
		soak->failed++;
		fprintf(stderr, "%s\n", error.text);
		return;
	}
	soak->spawned++;
	slot_fill(soak, i, child);
}

/* Killed, freed while it runs, or freed when it has ended. */
static void slot_end(struct soak *soak, int i)
{
	if (!soak->slots[i].ended && soak_random(soak, 2)) {
		sv_child_kill(soak->slots[i].child, soak_random(soak, 2) ? SIGKILL : SIGTERM);
		soak->killed++;
		soak->slots[i].until = stopwatch_seconds() + 0.1;
		if (soak_random(soak, 2))
			return;
	}
	soak->slots[i].child = sv_child_free(soak->slots[i].child);
}

void soak_run(struct soak *soak, double seconds)
{
	double end = stopwatch_seconds() + seconds;

	while (stopwatch_seconds() < end) {
		for (int i = 0; i < SOAK_SLOTS; i++) {
			if (!soak->slots[i].child && i < soak->width)
				slot_start(soak, i);
			else if (soak->slots[i].child &&
				 (soak->slots[i].ended ||
				  stopwatch_seconds() > soak->slots[i].until))
				slot_end(soak, i);
		}
		while (soak->strays_count > SOAK_SLOTS)
			sv_child_free(soak->strays[--soak->strays_count]);
		if (sv_dispatch(soak->sv, 10) < 0)
			return;
	}
}

void soak_end(struct soak *soak)
{
	for (int i = 0; i < SOAK_SLOTS; i++)
		soak->slots[i].child = sv_child_free(soak->slots[i].child);
	/* Those who died now left some to us. */
	while (sv_dispatch(soak->sv, 500) > 0)
		;
	for (int i = 0; i < SOAK_SLOTS; i++)
		soak->slots[i].child = sv_child_free(soak->slots[i].child);
	while (soak->strays_count > 0)
		sv_child_free(soak->strays[--soak->strays_count]);
}
