/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads of a level. They sleep in PCALL_SLOT_WAIT, each with its last answer; who takes a
 * call sees to it that another one sleeps, so that a handler that takes long holds up nothing but
 * its caller. There are as many as that takes (client/children.h), and no more than a few that have
 * nothing to do.
 */
#ifndef CLIENT_THREADS_H
#define CLIENT_THREADS_H

#include <stdbool.h>

struct client;
struct sv;

/* Another one to sleep while this one works. 0 or a negative errno. */
int thread_add(struct sv *sv);
/* Until there are none. */
void threads_await(struct client *client);
/* Until nobody sleeps in a call, and nobody is to; or as before. */
void threads_rest(struct sv *sv, bool on);

#endif
