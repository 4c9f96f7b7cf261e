/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two boxes with one supervisor: a hostile one, and its neighbour, which makes calls like a
 * program's and times them (`neighbour` of supervisor_hostile.c).
 *
 * What the one does must not keep the other waiting, nor the supervisor from staying small; and all
 * must be gone at the end.
 */
#ifndef TESTS_ATTACK_CROWD_H
#define TESTS_ATTACK_CROWD_H

#include <stdbool.h>
#include <sys/resource.h>

struct sv;
struct sv_child;

struct crowd {
	const char *program;   /* of the hostile box: "supervisor_hostile" */
	const char *attack;    /* its argument */
	const char *neighbour; /* the other's program; NULL: "supervisor_hostile" */
	bool deaf;	       /* nobody takes the events while it goes on */
	bool failures;	       /* the neighbour's calls may fail: it is to be answered, no more */
	rlim_t files;	       /* of the supervisor; 0: as they are */
	bool abandon;	       /* the hostile box is freed while it stalls, before the release */
	/* Before there is a supervisor, in its process; in the directory that the boxes may write.
	 * 0: it can be done. */
	int (*begin)(const char *directory);
	void (*release)(void); /* when the neighbour has ended, before the hostile box does */
};

/* Asserts all of the above. */
void crowd(const struct crowd *crowd);

/* A box alone, in /tmp; NULL if it does not start. */
struct sv_child *crowd_start_one(struct sv *sv, const char *program);

#endif
