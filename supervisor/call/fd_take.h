/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a descriptor of a child's is had: this is the one place that decides.
 *
 * By pidfd_getfd. Where a container's profile refuses that (Docker's and containerd's do, without
 * the capability SYS_PTRACE), the child sends it: each child is born with one end of a socket, its
 * *sender*, under a number that is its hard limit of descriptors, where nobody can ever put
 * anything else; its filter lets it send there. So a newborn sends its listener, and a caller whose
 * descriptor is needed is made to send it (tracee.h) and to begin its call anew: the handler gives
 * up with EAGAIN, whatever it says is not its answer, and finds the descriptor the next time. A
 * call that a level has been given is not given to it twice: it keeps what it has, and the call
 * that comes again goes on as that one (upcall.h, calls_return).
 *
 * What comes through a sender is a descriptor that the child has, and no more is concluded from it:
 * the child could send what it likes, as it could put what it likes under the number that it names.
 */
#ifndef SUPERVISOR_FD_TAKE_H
#define SUPERVISOR_FD_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/fd_inbox.h"
#include "base/fd_sender.h"

struct call;
struct child;

/* A descriptor of the caller's, pinned: ours is closed by us. 0 or an errno: EBADF if it is none;
 * EAGAIN: the call is to begin anew. */
int fd_take(struct call *call, int fd, int *ret_fd);
/* Several: all or none. */
int fd_take_all(struct call *call, const int *numbers, size_t count, int *ret_fds);
/* The same to be held by somebody else: EPERM, and told, for what no child may hold. */
int fd_give(struct call *call, int fd, int *ret_fd);
int fd_give_all(struct call *call, const int *numbers, size_t count, int *ret_fds);
/* May this one of ours, which the caller has, be held by somebody else? 0 or an errno. */
int fd_give_judge(struct call *call, int fd);
/* The object that it is open on, O_PATH: for who asks what fstat tells. */
int fd_take_object(struct call *call, int fd, int *ret_fd);

/*
 * Did a handler of this call find that it has to begin anew? Then fd_take_again does that; it has
 * no answer. 0; or an errno: it does not begin anew, and waits for an answer (ESRCH: it dies).
 * *ret_fd, which may be NULL: what was wished last, or a negative errno; afterwards another call of
 * the same thread, from a signal's handler, may have taken its place.
 */
bool fd_take_wished(const struct call *call);
int fd_take_again(struct call *call, int *ret_fd);
/* The call is about to be answered: what was sent for it is closed. Afterwards the caller goes on,
 * and may send for its next call. */
void fd_take_done(const struct call *call);

#endif
