/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a hostile program in a box, in a small world made for it:
 *
 *	w/	where it may write, and where it is started
 *	r/	where it may read
 *	h/	hidden from it
 *	s/	no rule speaks of it
 *
 * Whatever is in r, h and s must be the same afterwards, and no file of h and s may have been read:
 *they hold the word CANARY. The hostile program exits with HOSTILE_REFUSED if all that it tried
 *failed, with HOSTILE_BROKE if something did not; any other end is an error of the test. Natively
 *it must break out of the world: an attack that fails without a box proves nothing.
 */
#ifndef TESTS_ATTACK_BOX_H
#define TESTS_ATTACK_BOX_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	HOSTILE_REFUSED = 0,
	HOSTILE_BROKE = 1,
	HOSTILE_UNFIT = 2,
};

struct box_attack {
	const char *program;   /* "names_hostile" */
	const char *attack;    /* its argument */
	bool floor;	       /* Landlock alone holds against it */
	const char *lines[12]; /* more of the policy; $X stands for the world's directory */
	const char *cwd;  /* below the world; "/proc/SUPERVISOR" for the supervisor's; NULL: w */
	bool same_native; /* natively it ends the same: it is about what programs rely on */
	bool no_native;	  /* natively it proves nothing */
	bool directory;	  /* descriptor 20 is s, as somebody outside may have given it */
	void (*outside)(
		void); /* runs beside it, outside, in the world's directory, until it ends */
};

/* Asserts all of the above, natively and boxed. Where the environment has PCALL_DEPTH=N, the box is
 * below N - 1 levels that take nothing away, and nothing is tried natively. */
void box_attack(const struct box_attack *attack);

/* The same within a test: program, attack, and more of the struct by its names. */
#define BOX_ATTACK(program_, attack_, ...)                                       \
	do {                                                                     \
		static const struct box_attack attack = { .program = (program_), \
							  .attack = (attack_),   \
							  ##__VA_ARGS__ };       \
		box_attack(&attack);                                             \
	} while (0)
/* A test that is this and nothing else. */
#define BOX_TEST(name, ...)              \
	START_TEST(name)                 \
	{                                \
		BOX_ATTACK(__VA_ARGS__); \
	}                                \
	END_TEST

/*
 * Runs this program once more in namespaces of its own: @flags of unshare(1), --kill-child added
 * where it forks. Returns where @probe, a command, fails in them, and inside.
 */
void box_namespace(const char *flags, const char *probe);
/* Are we inside? */
bool box_namespaced(void);

#endif
