/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The zygote: a small, single-threaded, unfiltered process that does nothing but clone children on
 * the engine's word, tell how they end, and kill all of them when the engine is gone (R8). It is a
 * program of its own, so that a copy of it holds nothing of the engine's (R10).
 *
 * The engine sends it one end of a socket for each child. The child takes its order there, which
 * the zygote never sees: a sealed memfd, and the descriptors as SCM_RIGHTS. What hangs with these
 * (closing a file whose server is stuck) hangs one child, which is given up after a while, and
 * neither the zygote nor another birth.
 *
 * Who makes a zygote wants a child soon. So the zygote clones the first one as soon as it runs, and
 * the engine has the time of a clone and of a wake-up less to wait. It holds nothing but its
 * socket, and the zygote's memory as it began. Who wanted a second child will want a third: from
 * then on the next one is cloned ahead, too.
 */
#ifndef SUPERVISOR_ZYGOTE_H
#define SUPERVISOR_ZYGOTE_H

#include <linux/filter.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include "supervisor.h"
#include "zygote/proc_attrs.h"

struct zygote {
	pid_t pid;
	int pidfd;
	int socket; /* SOCK_SEQPACKET; readable when a child changed state, hung up when the zygote
		       is gone */
	atomic_int ahead; /* of a child that was cloned ahead, where it takes its order and reports;
			     -1: there is none */
	atomic_uint orders; /* that were carried out */
};

/* Starts the zygote. 0 or a negative errno; see launch. */
int zygote_open(struct zygote *ret);

/* Ends a zygote that has nothing left under it: at once. The first only tells it, so that it dies
 * while we do other things; the second waits. */
void zygote_doom(const struct zygote *zygote);
void zygote_kill(struct zygote *zygote);

/* Hangs up, so that the zygote kills and reaps all that is under it; waits for its end. */
void zygote_close(struct zygote *zygote);

/* Has a child cloned ahead of its order, if there were orders enough to expect one more. Without
 * that it is cloned later: nothing is said. */
void zygote_ahead(struct zygote *zygote);

/* What a program begins with, from the embedder's call to the newborn. All is the caller's, and
 * copied. */
struct spec {
	const char *const *argv; /* argv[0] as the program sees it */
	const char *const *envp;
	const char *const *candidates; /* absolute or relative paths of the program, tried in this
					  order as execvpe does */
	const char *cwd;    /* NULL: cwd_fd, or where the engine's spawning thread stands */
	const int *cwd_fd;  /* O_PATH; NULL: none */
	const int *fds;	    /* kept, 0 to 2 among them; everything else is closed */
	const int *numbers; /* what they are in the child; NULL: the same */
	size_t fds_count;
	pid_t group;	     /* to join; 0: the engine's */
	const mode_t *umask; /* NULL: the zygote's, which is the engine's at its start */
	sigset_t sigmask, sigignore;
	bool new_session;
	bool terminal; /* with that: it is one of the keeper's (zygote/session_leader.h), of which
			  the first of 0 to 2 that is a terminal becomes the controlling one */
	struct traits traits; /* a level's own */
};

/* What a new child gets. */
struct zygote_order {
	struct spec spec;
	bool sealed;
	uint32_t tag; /* soft and hard RLIMIT_LOCKS */
	struct rlimit limits[RLIM_NLIMITS];
	bool limit_set[RLIM_NLIMITS];
	int floor; /* Landlock ruleset, or -1 */
	int inbox; /* where the child sends its listener, under the number FD_SENDER; -1: it is
		      fetched with pidfd_getfd */
	struct sock_fprog filter;
};

/* A child between its birth and its exec. */
struct zygote_birth {
	pid_t pid;
	int pidfd;
	int listener;
	int report; /* of struct zygote_report; hung up once the program runs, or the child is dead
		     */
	bool ordered;		 /* it has its order: only the child reports from here on */
	const atomic_bool *over; /* set: nobody waits for it any more; NULL: it cannot be */
	unsigned int patience;	 /* how often it is looked after before it is given up */
};

struct zygote_report {
	uint32_t stage; /* enum sv_stage */
	int32_t error;	/* errno, 0 if the stage was passed */
	int32_t value;	/* SV_STAGE_LISTENER: the descriptor's number in the child */
};

/*
 * A birth, in steps: a child that waits for its order; the order; until the listener is in hand and
 * the child stuck in, or on its way to, its first notified call (execve). The caller then starts to
 * serve the listener, and waits with zygote_wait_exec. Where a step fails, *ret_stage says where,
 * and the birth is to be abandoned. -ETIMEDOUT: it was waited for long enough, and may hang for
 * ever; -ECANCELED: it is over.
 *
 * Any thread; nothing is held, and none waits for another's.
 */
int zygote_newborn(struct zygote *zygote, const struct zygote_order *order, const atomic_bool *over,
		   struct zygote_birth *ret, enum sv_stage *ret_stage);
int zygote_order_give(const struct zygote_order *order, struct zygote_birth *birth,
		      enum sv_stage *ret_stage);
int zygote_order_follow(struct zygote *zygote, const struct zygote_order *order,
			struct zygote_birth *birth, enum sv_stage *ret_stage);
/* All of them; a failure leaves nothing. */
int zygote_spawn(struct zygote *zygote, const struct zygote_order *order, struct zygote_birth *ret,
		 enum sv_stage *ret_stage);
/* Kills a child that is not going to be served, and closes what the birth holds. */
void zygote_abandon(struct zygote_birth *birth);

/* Waits until the program runs (0) or the last candidate failed (negative errno; the child has
 * exited): as long as whoever judges its execve takes, or until it is over. The report stays open.
 * 1: neither yet, but @bell can be read; -1: there is none. */
int zygote_wait_exec(struct zygote_birth *birth, int bell);

/* A child's change of state, as waitid told the zygote. */
struct zygote_change {
	pid_t pid;
	int code;	     /* CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_STOPPED, CLD_CONTINUED */
	int status;	     /* exit code or signal */
	struct rusage usage; /* of the process and those that it waited for, when it ended */
};

/* One change, if there is one: 1, 0 if there is none now, -EPIPE when the zygote is gone. Never
 * blocks. */
int zygote_next(struct zygote *zygote, struct zygote_change *ret);

#endif
