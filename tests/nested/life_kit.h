/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What life.c and life_ends.c share: one supervisor, a way to run roles, a pipe that tells who is
 * left. */
#ifndef TESTS_NESTED_LIFE_KIT_H
#define TESTS_NESTED_LIFE_KIT_H

#include "life.h"

extern struct life life;
extern const char *const methods[2];
extern const struct sv_spec top;
extern const int kept[1];

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Until a condition holds, which something else brings about. */
#define UNTIL(condition)                                         \
	do {                                                     \
		while (!(condition))                             \
			ck_assert(sv_dispatch(life.sv, 5) >= 0); \
	} while (0)

void open_life(struct sv_options options);
void start(const struct sv_spec *like, const char *const *lines, const char *const *words,
	   struct sv_child **ret_child);
/* Runs a role that must end well. */
void run(const char *const *words);

/* LIFE_PIPE is a pipe from now on, of which children are given an end. */
void pipe_open(void);
/* What one of them wrote; 0: all are gone. */
char pipe_read(void);
/* All below that held LIFE_PIPE are gone. */
void pipe_ends(void);

#endif
