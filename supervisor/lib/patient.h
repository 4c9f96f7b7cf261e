/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process that is probed: a fork of us, which makes a listener for itself and a few notified
 * calls.
 */
#ifndef LIB_PATIENT_H
#define LIB_PATIENT_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	ANSWER = 777, /* a call that reached us gets it */
};

struct patient {
	pid_t pid;
	int pidfd;
	int socket;
	int answer;   /* its own: number of its listener, or a negative errno; then struct
			 spellings */
	int sent;     /* the listener, as it sent it */
	int listener; /* ours, -1 if it could not be had */
};

/* Results of its parent-calls: what was answered, or a negative errno of whoever stands above us.
 */
struct spellings {
	int carrier, number;
};

void patient_start(struct patient *patient);
void patient_end(struct patient *patient);
/* Answers one call of its, by the listener. False: errno says why not. */
bool patient_answer(const struct patient *patient);
/* What its parent-calls came to: those that reach us are answered meanwhile. */
bool patient_spellings(const struct patient *patient, struct spellings *ret);

#endif
