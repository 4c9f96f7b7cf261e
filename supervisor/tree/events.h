/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happened, on its way from the engine's threads to the embedder: a bounded queue with an
 * eventfd. Refusals are folded: the same (verb, object, call) again raises a count and is told
 * again at 10, 100, 1000 ... times, and with what is left when the child ends. Full: events are
 * dropped and counted (SV_EVENT_LOST).
 */
#ifndef SUPERVISOR_EVENTS_H
#define SUPERVISOR_EVENTS_H

#include <stddef.h>
#include "supervisor.h"
#include "tree/account.h"

struct events;

int events_new(struct events **ret);
/* One that whoever takes from it may keep waiting: with room for so many ends of children and as
 * much else, and words as the account has room for. */
int events_new_charged(size_t ends, struct account *account, struct events **ret);
/* Drops all that waits; what comes later, too. */
void events_close(struct events *events);
struct events *events_free(struct events *events);
int events_fd(const struct events *events);
/* Copies the event and its strings. Any thread; never blocks on the embedder. */
void events_push(struct events *events, const struct sv_event *event);
/* Calls handler for each; returns how many. */
int events_drain(struct events *events, sv_event_handler *handler, void *data);
/* What is queued of a child that never became one is told all the same, as nobody's. */
void events_disown(struct events *events, const struct sv_child *child);
/* The same for one that has been folded and counted already, elsewhere. */
void events_push_told(struct events *events, const struct sv_event *event);
/* Makes events_fd readable: there is something else to do than to drain. */
void events_wake(struct events *events);
/* Calls handler for the oldest: 1, or 0 if there is none. For who sleeps otherwise than by poll. */
int events_next(struct events *events, sv_event_handler *handler, void *data);
/* How many were ever queued, and not forgotten since; SV_EVENT_LOST is not. */
uint32_t events_queued(struct events *events);
/* Drops what is queued and remembered of a child that is about to be freed. */
void events_forget(struct events *events, const struct sv_child *child);

#endif
