/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the test of lives (life.c) and its children (life_role.c) share: methods, and a way to run a
 * role as a child, which is the same for the root and for a level.
 */
#ifndef TESTS_NESTED_LIFE_H
#define TESTS_NESTED_LIFE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "supervisor.h"

enum {
	LIFE_PIPE = 60, /* a pipe that children hold: it hangs up when all are gone */
};

struct life {
	struct sv *sv;
	atomic_int exited; /* children that ended */
	int status;	   /* of the last one */
	int stopped;	   /* the signal of the last one that stopped, and did not go on; else 0 */
	struct sv_child *adopted; /* the last one */
	int adoptions;
	struct sv_child *limited; /* whom a limit has ended */
	char adopted_label[256];
	struct sv_policy *policies[256]; /* outlive the children */
	atomic_uint policies_count;
};

/* life.* for children of ours: see life_methods.c. 0 or a negative errno. */
int life_define(struct sv *sv);
/* How often a method was called, and how often life.who; its last caller's label and badge. */
extern atomic_uint life_calls, life_asked;
extern char life_label[256];
extern _Atomic uint64_t life_badge;
/* The call that life.hold has kept. */
extern _Atomic(struct sv_call *) life_held;
/* Those that life.keep has. */
extern _Atomic(struct sv_call *) life_kept[8];
extern atomic_uint life_kept_count;
/* Those that came to life.stuck, which stay there until life.go. */
extern atomic_uint life_stuck;
extern atomic_bool life_go;

/* A handler of execve, or of every call, which forwards, or answers with life_gate_error. Where it
 * ran last, and how often. */
int life_gate(struct sv *sv, int number);
extern atomic_int life_gate_error;
extern pthread_t life_gate_thread;
extern atomic_uint life_gated;

/* One that spawns a child first, as long as this is more than 0: each of them comes here before the
 * spawning returns. */
int life_gate_with_births(struct life *life, int number);
extern atomic_int life_births;
enum {
	LIFE_BIRTHS = 20,
};

void life_on_event(const struct sv_event *event, void *data);
int life_open(struct life *life, struct sv_options options);
void life_close(struct life *life);

/* A role of life_role.c as a child; lines: more of its policy, ends with NULL. Words: of the role.
 * *ret_child may be NULL. 0 or a negative errno, which is told on stderr. */
int life_run(struct life *life, const struct sv_spec *like, const char *const *lines,
	     const char *const *words, struct sv_child **ret_child);
/* Until the number of children that ended is this. The status of the last one. */
int life_wait(struct life *life, int exited);

#endif
