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
#include <stdint.h>
#include <sys/types.h>

struct call;
struct child;
struct receiver;
struct registers;

enum {
	TASKS_MAX = 64, /* that a receiver remembers */
	LINK_SETS = 16, /* by the hash; each forgets the one that it has had longest */
	LINK_SET = 4,
};

/* What a receiver remembers of one task. */
struct task {
	pid_t tid; /* 0: the slot is free */
	int64_t since_ms;
	int pidfd;
	int fds; /* /proc/TID/fd, O_PATH */
	pid_t tgid;
	bool umask_known;
	mode_t umask;
	unsigned int umask_generation;
	unsigned int cwd_generation;
	atomic_int cwd; /* O_PATH; -1: none, or taken */
	struct guess {
		int dirfd;
		char *name; /* NULL: none */
	} guesses[2];	    /* of its cwd, and of the last descriptor that a path began at */
};

int task_pidfd(struct call *call, int *ret_fd); /* of the thread, borrowed */
/* The one that is remembered, or -1, without asking whether that thread still lives: for who finds
 * out by using it (ESRCH), and then asks with task_forget and task_pidfd. */
int task_pidfd_kept(const struct call *call);
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

/*
 * Names that were links when paths were followed, by their hashes: where it is worth to ask. That
 * others are none, and these still are, is for their user to prove. LINK_HASH and then link_hash of
 * each character is a name's.
 */
#define LINK_HASH UINT64_C(0xcbf29ce484222325) /* FNV-1a */
static inline uint64_t link_hash(uint64_t hash, char next)
{
	return (hash ^ (unsigned char)next) * UINT64_C(0x100000001b3);
}
bool link_is_guessed(const struct call *call, uint64_t hash);
void link_guess(struct call *call, const char *name);

/* A directory that the caller has open, pinned (O_PATH). EBADF, ENOTDIR. */
int task_dir(struct call *call, int fd, int *ret_fd);
/* The name of a descriptor of our own. 0, ENAMETOOLONG, or -errno. */
int own_fd_name(const struct call *call, int fd, char *ret_name, size_t size);

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

/* Gives this thread the umask of the caller. 0 or a positive errno. To be called before anything is
 * created. */
int receiver_umask(struct call *call);

/* Forgets what is remembered of the caller (it execs), or of all. */
void task_forget(struct call *call);
void tasks_clear(struct receiver *receiver);
/* Forgets where all receivers together remember more than the engine's descriptors allow. */
void tasks_trim(struct receiver *receiver);

#endif
