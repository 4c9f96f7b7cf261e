/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The existing word that somebody may have meant. */
#include "policyc/nearest.h"

#include <string.h>

#define WORD_MAX 63
#define FAR	 1000

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Edit distance: letters added, dropped, changed, or two neighbours exchanged. */
static unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int row[3][WORD_MAX + 1];
	size_t a_size = strlen(a), b_size = strlen(b);

	if (a_size > WORD_MAX || b_size > WORD_MAX)
		return FAR;
	for (size_t j = 0; j <= b_size; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= a_size; i++) {
		unsigned int *now = row[i % 3];
		const unsigned int *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_size; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[a_size % 3][b_size];
}

void nearest_init(struct nearest *nearest, const char *word)
{
	nearest->word = word;
	nearest->best[0] = '\0';
	nearest->distance = 1 + (unsigned int)least((unsigned int)strlen(word), WORD_MAX) / 3;
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	unsigned int distance = nearest_distance(nearest->word, candidate);
	size_t size = strlen(candidate);

	if (size >= sizeof(nearest->best) || distance > nearest->distance ||
	    (distance == nearest->distance && nearest->best[0]))
		return;
	memcpy(nearest->best, candidate, size + 1);
	nearest->distance = distance;
}
