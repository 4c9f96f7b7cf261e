/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The existing word that somebody may have meant. */
#ifndef POLICYC_NEAREST_H
#define POLICYC_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word;      /* what was written */
	char best[64];	       /* "": nothing comes near */
	unsigned int distance; /* of best */
};

void nearest_init(struct nearest *nearest, const char *word);
/* Keeps @candidate if it is nearer than what came before, and near at all. */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
