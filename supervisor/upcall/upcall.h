/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way of a call from level to level: see kept.h for what it is. */
#ifndef SUPERVISOR_CALLS_H
#define SUPERVISOR_CALLS_H

#include "call/answer.h"
#include "upcall/kept.h"

/* Serves a method, or an intercepted system call, on the receiver's thread that took it. */
void calls_serve(struct call *base, const struct method *method, const struct intercept *intercept);

/*
 * Ends the ownership of a kept call: answers it, or climbs on with it where the answer is to
 * forward. @receiver: of this thread; NULL: it has none, and another goes on. 0; -ESRCH: the caller
 * does not wait for the answer any more.
 */
int call_finish(struct sv_call *call, struct sv_answer answer, struct receiver *receiver);

/*
 * Has the caller send what fd_take wished for @entered, the same call. Whoever has the call goes on
 * having it: it is away until it comes as another notification. *ret_fd is fd_take_again's. NULL:
 * it was nobody's but this thread's, on its way to its row, and is nobody's now (@entered->held is
 * NULL). 0 or an errno: it waits as before.
 */
int call_begin_anew(struct sv_call *call, struct call *entered, int *ret_fd);
/* For its child's receiver: is this one that was away? Then it goes on as that. Of one that does
 * not come again (its thread was killed, or left it by a signal's handler) the answer is kept for a
 * second: then it is swept. */
bool calls_return(struct call *call);
/* Waits for one that is away, in a thread that may be @receiver's. False: it is not back, since its
 * thread still runs a signal's handler, or is gone. */
bool call_is_back(struct sv_call *call, struct receiver *receiver, unsigned int ms);
/* fd_give for one that was entered. */
int call_give_fd(struct sv_call *call, struct call *entered, int fd, int *ret_fd);

/* How the embedder is asked on the thread that received the call: see struct level. */
struct sv_answer call_ask_here(struct sv_call *call, struct receiver *receiver);
/* Runs its handler. */
struct sv_answer call_run(struct sv_call *call);

/* No receiver of its child's is left to go on with these. */
void calls_end_climbs(struct reception *reception);

#endif
