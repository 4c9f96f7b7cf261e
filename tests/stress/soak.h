/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children and levels that come and go at random: the same for the root and for every level. */
#ifndef STRESS_SOAK_H
#define STRESS_SOAK_H

#include "supervisor.h"

enum {
	SOAK_SLOTS = 6,
	SOAK_STRAYS = 1024,
};

struct soak {
	struct sv *sv;
	struct sv_policy *policy;
	const char *program; /* the level's */
	unsigned int depth;  /* levels that may still be below */
	int width;	     /* of the slots, how many it fills */
	struct {
		struct sv_child *child;
		double until;
		int ended;
	} slots[SOAK_SLOTS];
	struct sv_child *strays[SOAK_STRAYS]; /* taken over when no slot was free */
	unsigned int strays_count;
	unsigned int random, spawned, failed, ended, killed, adopted;
};

unsigned int soak_random(struct soak *soak, unsigned int below);
/* For sv_options.on_event; data is the struct soak. */
void soak_event(const struct sv_event *event, void *data);
/* Spawns, kills and frees for so long. */
void soak_run(struct soak *soak, double seconds);
/* Frees what is left. */
void soak_end(struct soak *soak);

#endif
