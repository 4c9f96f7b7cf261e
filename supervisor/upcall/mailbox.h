/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level in the tree is given, and its answers. */
#ifndef UPCALL_MAILBOX_H
#define UPCALL_MAILBOX_H

#include <stdint.h>
#include "call/answer.h"

struct call;
struct level;
struct receiver;
struct sv_call;

/* There may be an event for it. */
void level_kick(struct level *level);

/* How a level in the tree is asked: see struct level. */
struct sv_answer level_ask(struct sv_call *call, struct receiver *receiver);

/* What it asks: PCALL_SLOT_WAIT, _ANSWER, _REST. */
struct sv_answer level_wait(struct level *level, struct call *call);
struct sv_answer level_answer(struct level *level, struct call *call);
struct sv_answer level_rest(struct level *level);

/* A call that it has, taken out of its list, for a look or an answer; NULL: it has none such. */
struct sv_call *level_call_take(struct level *level, uint64_t id);
void level_call_put(struct level *level, struct sv_call *call);

/* It has ended: nothing is given to it any more, and what it had goes on without it. */
void level_end(struct level *level);
/* And when its children are gone: its threads sleep no longer. */
void level_release_waiters(struct level *level);

#endif
