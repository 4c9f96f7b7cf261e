/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that may block, done beside the receivers, which never wait. Each call here takes over one
 * call of a child and answers it when it is done (sv_answer_later). It is given up when the caller
 * dies, when the child ends, and when a signal that the caller would handle is pending for it: the
 * answer is then ERESTARTSYS, which the kernel makes EINTR or a restart of, as the signal's
 * SA_RESTART says.
 *
 * block/uring.c does them on one io_uring, which one worker waits for; block/thread.c, where
 * io_uring is refused, on a worker each.
 */
#ifndef SUPERVISOR_WORK_H
#define SUPERVISOR_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include "call/answer.h"

struct call;
struct child;
struct endpoint;
struct message;
struct work;
struct workers;

/*
 * To be called before confinement. A ring is started at the first call that may block; where there
 * is none (uring is false, or io_uring is refused to us), all is prepared at once.
 */
int work_new(bool uring, struct workers *workers, struct work **ret);
/* Gives up what is under way, and begins nothing any more. */
void work_end(struct work *work);
/* After the end of all workers: they ask even then. */
struct work *work_free(struct work *work);

/* Opens the object that @pinned (O_PATH, taken) stands for with the child's flags, and gives the
 * child the descriptor. */
struct sv_answer work_open(struct call *call, int pinned, int flags);
/* Before one looks who has a FIFO open: callers that were killed while they waited for one have it
 * no more. */
void work_bury(struct work *work);
/* connect(2) on a pinned socket (taken); what @to pins is taken. SO_SNDTIMEO counts. */
struct sv_answer work_connect(struct call *call, int socket, struct endpoint *to);
/* Sends what is left of a message (taken) on a pinned socket (taken). @flags: the child's. */
struct sv_answer work_send(struct call *call, int socket, struct message *message, int flags);
/* From the reaper, every so often while it returns true: is anything under way? Looks after callers
 * that died or were signalled, and gives up what they asked for. */
bool work_tick(struct work *work);
/* Has the call begin anew when the pinned socket (taken) has room, or soon: see own/own_message.h.
 */
struct sv_answer work_ready(struct call *call, int socket);
/* Gives up all that is under way for this child, and waits until it is. Its listener may be closed
 * then. */
void work_cancel(struct work *work, const struct child *child);

#endif
