/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a receiver thread remembers of the tasks that call it: descriptors and attributes that are
 * dear to ask for at every call. All of it belongs to tasks of one child, so a stale entry can
 * confuse a child only about itself; how each item is kept from going stale stands beside it in
 * call/caller.c.
 *
 * Each returns 0, or a positive errno for the child (ESRCH when the caller is gone).
 */
#ifndef SUPERVISOR_TASK_H
#define SUPERVISOR_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct call;
struct registers;

int task_pidfd(struct call *call, int *ret_fd); /* of the thread, borrowed */
int task_tgid(struct call *call, pid_t *ret_tgid);
int task_umask(struct call *call, mode_t *ret_umask);
/* Where the caller stands, pinned (O_PATH). It is the taker's until it goes back with
 * task_cwd_keep.
 */
int task_cwd(struct call *call, int *ret_fd);
void task_cwd_keep(struct call *call, int fd);

/*
 * The name that a directory of the caller's had when one was last read: a guess, which its user has
 * to prove, or NULL. @dirfd: a number of the caller's, or AT_FDCWD. Borrowed until the next call.
 */
const char *task_guess(struct call *call, int dirfd);
void task_guess_set(struct call *call, int dirfd, const char *name);

/* A directory that the caller has open, pinned (O_PATH). EBADF, ENOTDIR. */
int task_dir(struct call *call, int fd, int *ret_fd);
/* The name of a descriptor of our own. 0, ENAMETOOLONG, or -errno. */
int own_fd_name(const struct call *call, int fd, char *ret_name, size_t size);

/* Is this process or thread one of the child's? By its tag, which it can neither change nor lose.
 */
struct child;
bool child_owns(struct child *child, pid_t pid);

/*
 * Before a chdir, fchdir or umask of the caller is let through: what is remembered of directories
 * or umasks (the generation given) is void from now on.
 */
void child_settle(const struct registers *regs, atomic_uint *generation);

/* Before a task may set the affinity of another: until that has settled, we set none
 * (call/fd_send.h).
 */
void affinity_settle(const struct registers *regs);
bool affinity_settled(const struct child *child);

#endif
