/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors of O_PATH for a caller, to keep or to stand in.
 *
 * The kernel hands over no such descriptor by ADDFD (EBADF, Linux 6.18), and by a message it does
 * (SCM_RIGHTS). So the caller gets a socket, is made to receive one message by it (call/tracee.h),
 * and the descriptor takes the socket's number, the lowest that was free, as open's would be. That
 * takes about ten times what ADDFD takes, and is as rare.
 *
 * The caller's other threads can disturb all of it, and gain nothing: what is sent was judged, what
 * they put in its place is theirs already.
 */
#ifndef SUPERVISOR_FD_PATH_H
#define SUPERVISOR_FD_PATH_H

#include <stdbool.h>

struct call;

/*
 * Answers the call with a descriptor of O_PATH, a copy of @pinned. 0: it is answered, by the
 * descriptor or by an errno of the caller's own, or it was left to another receiver. An errno: it
 * waits as before, and gets none: its program is traced (EPERM), it has a filter of its own
 * (EOPNOTSUPP), all receivers are busy (EAGAIN), it dies (ESRCH), or something of ours is missing.
 */
int fd_path_answer(const struct call *call, int pinned, bool cloexec);

/*
 * Has the caller enter the directory that @pinned is, and answers its call by what fchdir says: by
 * its path the kernel, which knows no views, would enter another. It has the descriptor meanwhile,
 * and has to have room for two. 0, or an errno, as above; and EAGAIN.
 */
int fd_path_enter(const struct call *call, int pinned);

#endif
