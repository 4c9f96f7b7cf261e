/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervisor.h: answering one's children.
 *
 * A supervisor (struct sv) runs children, each under a policy. Whatever a child asks of the world
 * outside its memory is a call to its supervisor, which answers by the policy.
 *
 * No global state, no signal handlers (but one, of a real-time signal that has none, while calls
 * wait where io_uring is refused), nothing printed. Where pidfd_getfd is refused, wait for
 * processes of your own by number: waitpid(-1) would take the stops of children that are looked
 * into. The calls of children are answered on threads of the library's own; what happens is told as
 * events, which the embedder takes when it wants: poll sv_poll_fd for reading, then sv_dispatch.
 *
 * The outermost supervisor is the root. A process that is itself a child, and calls sv_new, becomes
 * a level of the tree: it uses the same functions in the same way, the root does the work for it,
 * and its children can never do more than it can itself.
 *
 * All functions may be called from any thread, also with the same struct sv, unless they say
 * otherwise. Results are 0 or positive, or a negative errno.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All else in the library is hidden. */
#pragma GCC visibility push(default)

struct sv;
struct sv_call;
struct sv_child;
struct sv_policy;

/* What is defined here and needs no call: C89 and C++ have it, too. */
#define SV_INLINE static __inline__ __attribute__((unused))

/* Stages of making a child and of confining the supervisor, in their order; names by sv_stage_name.
 */
enum sv_stage {
	SV_STAGE_NONE,
	SV_STAGE_CAPABILITIES, /* supervisor: every capability and the bounding set dropped */
	SV_STAGE_ZYGOTE,       /* supervisor: the process that clones children */
	SV_STAGE_ENGINE,       /* supervisor: threads, the workers' ring */
	SV_STAGE_CONFINE,      /* supervisor: its own filter */
	SV_STAGE_CLONE,
	SV_STAGE_SESSION, /* process group, signal mask and dispositions */
	SV_STAGE_CWD,
	SV_STAGE_DESCRIPTORS,
	SV_STAGE_LIMITS,
	SV_STAGE_NO_NEW_PRIVS,
	SV_STAGE_SEALED, /* MDWE, where the policy says sealed */
	SV_STAGE_FLOOR,	 /* Landlock */
	SV_STAGE_FILTER, /* seccomp */
	SV_STAGE_LISTENER,
	SV_STAGE_EXEC,
	SV_STAGE_MAX
};

/* What may be missing under a child, when sv_options.degraded allows it. */
enum sv_degrade {
	SV_DEGRADE_LANDLOCK =
		1 << 0,		   /* no floor: a path swapped during execve may run another file */
	SV_DEGRADE_SCOPES = 1 << 1 /* no scopes: signals are judged by the supervisor alone */
};

enum sv_event_type {
	SV_EVENT_DENIED = 1, /* a call was refused */
	SV_EVENT_STOPPED,    /* the child's first process stopped; value is the signal */
	SV_EVENT_CONTINUED,  /* and goes on */
	SV_EVENT_EXITED, /* the child's first process ended; value is its wait status. Everything it
			    left is killed */
	SV_EVENT_LIMIT,	 /* a limit ended the child; text names it */
	SV_EVENT_ADOPTED, /* the level of a child below died, and the child, which survives it, is
			     ours from now on; text is its label; see sv_child_adopt */
	SV_EVENT_LOST,	  /* value events were dropped because nobody took them */
	SV_EVENT_FAULT /* the supervisor refused something for a reason of its own; text says which
			*/
};

/* One thing that happened. Strings live until the handler returns; bytes that came from a child are
 * as they came. */
struct sv_event {
	size_t size; /* of this struct */
	enum sv_event_type type;
	struct sv_child *child;	 /* NULL: of one whose sv_spawn failed */
	uint64_t time_ns;	 /* CLOCK_REALTIME */
	pid_t pid;		 /* the process (not the thread) that called */
	int value;		 /* see enum sv_event_type; DENIED: the errno that the child got */
	unsigned int count;	 /* how often since it was told last, itself included */
	const char *exe;	 /* basename of the caller's program, "" if unknown */
	const char *syscall;	 /* "openat" */
	const char *verb;	 /* "write" */
	const char *object;	 /* canonical name or address */
	const char *as_given;	 /* as the child wrote it; NULL if the same */
	const char *policy;	 /* of the deciding rule; NULL: no rule allows it */
	const char *rule_source; /* file of the deciding rule */
	unsigned int rule_line;
	const char *rule_text;
	const char *text; /* LIMIT, FAULT, ADOPTED */
	/* EXITED: what the first process used, with those that it waited for */
	uint64_t user_us, system_us;
	uint64_t memory_kb; /* the most of any of them at once */
};

typedef void sv_event_handler(const struct sv_event *event, void *data);

struct sv_options {
	size_t size;	    /* sizeof(struct sv_options) */
	uint64_t keep_caps; /* capabilities to keep, as a mask of 1 << CAP_*; the others are dropped
			       for good */
	unsigned int degraded; /* enum sv_degrade: what may be missing; anything else missing is
				  -EOPNOTSUPP */
	int confine; /* not 0: the first sv_spawn puts a filter on this process and all its threads,
			before it serves the child; it can exec nothing afterwards */
	sv_event_handler *on_event;
	void *data;
	int handlers_in_dispatch; /* not 0: handlers run in sv_dispatch, on the embedder's thread;
				     and in sv_spawn, for what its own child calls before it
				     runs. 0: on threads of the library's, at once */
	unsigned int answer_ms;	  /* how long a handler may take to answer before its caller gets
				     ETIMEDOUT; 0: for ever */
};

/* A method or a system call of one child, by its number or (methods) by its name. */
struct sv_mask {
	const char *name; /* of a method; NULL: the number counts */
	int number;	  /* of a system call */
};

struct sv_fd {
	int fd;
	int number; /* in the child */
};

enum sv_session {
	SV_SESSION_SHARED,  /* that of its level, and its process group */
	SV_SESSION_NEW,	    /* setsid */
	SV_SESSION_TERMINAL /* one with a terminal, the first of 0 to 2 that is one; a process of
			       the engine's leads it, so that ^Z can stop the child as a job */
};

struct sv_spawn {
	size_t size;		 /* sizeof(struct sv_spawn) */
	const char *const *argv; /* argv[0] is looked up in PATH of envp unless it holds a slash */
	const char *const *envp; /* passed as it is */
	const char *label;	 /* NULL: the basename of argv[0]; "tab" is "tab-2" while another
				    that lives is "tab" */
	const char *cwd;	 /* NULL: as the caller's */
	const struct sv_policy *policy;
	const int *keep_fds; /* descriptors besides 0, 1 and 2, kept under their numbers */
	size_t keep_fds_count;
	const struct sv_fd *fds; /* descriptors that get another number, in place of what had it */
	size_t fds_count;
	const void *sigmask;   /* sigset_t the child starts with; NULL: the caller's */
	const void *sigignore; /* sigset_t of signals the child starts with ignored; NULL: those the
				  caller ignores */
	int new_session;       /* enum sv_session */
	uint64_t time_ms;      /* wall-clock limit; 0: none besides the policy's */
	uint64_t badge;	       /* what handlers see of this child by sv_call_badge; any number */
	const struct sv_mask *masks; /* what is taken away from the start */
	size_t masks_count;
	const int *revocable; /* system calls that sv_child_mask may take away later although the
				 kernel would decide them alone: they cost a notification */
	size_t revocable_count;
	int survives; /* not 0, under a level: when the level dies, the child goes to the level
			 above   instead of dying with it, if that agrees (adopts).
			 What the dead level would have answered fails with ENOSYS */
	int adopts;   /* not 0: children of this child that survive it become children of ours;
			 and go on counting for the limits that it had */
};

/* What went wrong, for people: one line. */
struct sv_error {
	enum sv_stage stage;
	int error;	 /* errno */
	char text[4096]; /* names the thing, the reason and the remedy */
};

/**
 * sv_new - make this process a supervisor
 * @options: may be NULL
 * @error: filled in on failure; may be NULL
 *
 * Drops capabilities, forks the zygote, starts the threads. Call it before the process has threads
 * of its own.
 */
int sv_new(const struct sv_options *options, struct sv **ret, struct sv_error *error);

/* Kills every child and everything under it, waits for their end, frees. NULL is fine. Returns
 * NULL. */
struct sv *sv_free(struct sv *sv);

/* Readable when sv_dispatch has something to do. */
int sv_poll_fd(const struct sv *sv);

/* Calls on_event for what has happened. @timeout_ms: 0 does not wait, -1 waits without end. Returns
 * how many. */
int sv_dispatch(struct sv *sv, int timeout_ms);

/**
 * sv_spawn - run a program as a child
 *
 * Returns when the program runs, or says which stage failed. error->error is ENOENT when the
 * program is not found and EACCES or ENOEXEC when it cannot be run, with stage SV_STAGE_EXEC.
 *
 * Until then handlers of this child's calls (an execve that is intercepted) run in here, on this
 * thread, where handlers run in sv_dispatch. One that leaves such a call for later leaves sv_spawn
 * waiting for the answer, which then has to come from another thread.
 */
int sv_spawn(struct sv *sv, const struct sv_spawn *spawn, struct sv_child **ret,
	     struct sv_error *error);

/*
 * Do children share this process's session, and so its terminal? Not under a level that has made a
 * session of its own: they get new ones, and a terminal of theirs has to be relayed.
 */
int sv_shares_session(const struct sv *sv);

/*
 * Stops this process by a signal whose disposition is the default (SIGTSTP, SIGSTOP, SIGTTIN,
 * SIGTTOU), also if it is blocked; returns when it was continued, or at once where the kernel does
 * not stop it. At once also for a level, whose threads wait in calls, where the kernel does not
 * stop a thread: one that is stopped otherwise stops when it has had nothing to do for a quarter of
 * a second.
 */
int sv_stop(struct sv *sv, int signal);

pid_t sv_child_pid(const struct sv_child *child);	  /* of its first process */
const char *sv_child_label(const struct sv_child *child); /* "browser/tab7": from the root down */
void sv_child_set_data(struct sv_child *child, void *data);
void *sv_child_data(const struct sv_child *child); /* NULL at first */

/**
 * sv_child_adopt - say of an adopted child what sv_spawn says of others
 * @badge: what handlers see of it
 * @adopts: not 0: its own children that survive it become children of ours
 *
 * What its level said of these two was that level's word: until this call both are 0.
 */
int sv_child_adopt(struct sv_child *child, uint64_t badge, int adopts);

/**
 * sv_child_mask - take a call away from a child and all below it, or give it back
 * @number: of a system call, or as sv_define or sv_method returned it
 *
 * Holds from the next call on, for threads in a loop, too. What is given back is what the child had
 * at its start: never more. A masked system call fails with EPERM, a masked method with EACCES.
 * -EOPNOTSUPP: a system call that the kernel decides alone for this child (see
 * sv_spawn.revocable); -ENOENT: no such method.
 */
int sv_child_mask(struct sv_child *child, int number, int allowed);
int sv_child_kill(
	struct sv_child *child,
	int signal); /* to the first process, SIGCONT: to its process group, as far as that
			is in the child or below; SIGKILL: to everything in the child */
struct sv_child *sv_child_free(struct sv_child *child); /* kills what is left of it */

/*
 * Answering calls.
 *
 * A handler gets a call, and returns its answer by value. It sees the caller's registers, and the
 * caller's memory only through copies: what it has read once does not change under it.
 */
enum sv_answer_kind {
	SV_ANSWER_VALUE,
	SV_ANSWER_ERROR,
	SV_ANSWER_FD,
	SV_ANSWER_LATER,
	SV_ANSWER_FORWARD
};

struct sv_answer {
	enum sv_answer_kind kind;
	int error;	    /* ERROR: positive */
	int fd;		    /* FD: closed once the caller has its own */
	unsigned int flags; /* FD: O_CLOEXEC or 0 */
	int64_t value;	    /* VALUE */
};

/* The call returns this: 0 or positive. */
SV_INLINE struct sv_answer sv_value(int64_t value)
{
	struct sv_answer answer = { SV_ANSWER_VALUE, 0, -1, 0, 0 };

	answer.value = value;
	return answer;
}

/* The call fails with this errno, a positive number. */
SV_INLINE struct sv_answer sv_error(int error)
{
	struct sv_answer answer = { SV_ANSWER_ERROR, 0, -1, 0, 0 };

	answer.error = error;
	return answer;
}

/* The caller gets a copy of fd as its lowest free number, with O_CLOEXEC or 0; fd is closed. */
SV_INLINE struct sv_answer sv_fd(int fd, unsigned int flags)
{
	struct sv_answer answer = { SV_ANSWER_FD, 0, -1, 0, 0 };

	answer.fd = fd;
	answer.flags = flags;
	return answer;
}

/*
 * As if there were no handler: the call passes up, and in the end to the policy and the kernel. A
 * handler that has read the caller's memory cannot forward, since the caller could change what was
 * read before it is read again: EACCES. sv_call_path is not such reading, but for execve and chdir.
 */
SV_INLINE struct sv_answer sv_forward(void)
{
	struct sv_answer answer = { SV_ANSWER_FORWARD, 0, -1, 0, 0 };

	return answer;
}

/* The call stays open, and is answered by sv_answer, once, from any thread. */
SV_INLINE struct sv_answer sv_later(void)
{
	struct sv_answer answer = { SV_ANSWER_LATER, 0, -1, 0, 0 };

	return answer;
}

/*
 * Runs on a thread of the library's, and on several at once for different callers (but see
 * sv_options.handlers_in_dispatch). While it runs, calls of the same child wait; when it takes long
 * they go on on another thread. It may use everything of this header but sv_free, sv_child_free and
 * sv_dispatch.
 */
typedef struct sv_answer sv_handler(struct sv_call *call, void *data);

/**
 * sv_define - a method for children
 * @name: [a-z0-9._-], at most 63 bytes: "camera.frame"
 *
 * Children spawned afterwards whose policy grants the name find it in their symbol table, as do
 * those below them whose policies do. Returns the method's number here (for sv_child_mask), at
 * least 0x100000; -EEXIST, -EINVAL, -ENOSPC.
 */
int sv_define(struct sv *sv, const char *name, sv_handler *handler, void *data);

/* The number of a method that sv_define made, or -ENOENT. */
int sv_method(struct sv *sv, const char *name);

#define SV_EVERY_CALL (-1)

/**
 * sv_intercept - answer a system call instead of forwarding it
 * @number: SYS_openat; SV_EVERY_CALL: all that can be notified, but for those with a handler of
 * their own
 *
 * For children spawned afterwards and all below them. A handler that returns sv_forward leaves the
 * call to the levels above. -EINVAL: there is no such call, or nobody retries it when a signal
 * interrupts it (close, fork, futex, exit, wait4, ...; write): those never leave the kernel.
 * -EEXIST.
 */
int sv_intercept(struct sv *sv, int number, sv_handler *handler, void *data);

/*
 * What a handler may know. -ESRCH: the caller is gone. A call that was left for later lives until
 * sv_answer returns, or until sv_free; it is used by one thread at a time.
 */
int sv_call_number(const struct sv_call *call); /* as sv_define returned it, or the system call's */
uint64_t sv_call_word(const struct sv_call *call, unsigned int i); /* 0 to 5, as in the registers */
pid_t sv_call_pid(const struct sv_call *call);			   /* the thread that calls */
const char *
sv_call_label(const struct sv_call *call);	    /* of the caller's child, from the root down */
uint64_t sv_call_badge(const struct sv_call *call); /* of our own child that it came through */
/* That child; NULL once it was freed by sv_child_free. */
struct sv_child *sv_call_child(const struct sv_call *call);
/*
 * The caller's memory and descriptors. -EPERM in a level of a tree, for the execve by which its
 * child begins: until then there is nothing of the child's to be seen. What the call says is in its
 * words and strings. At most PCALL_MESSAGE_MAX bytes (1 MiB; see pcall.h) at once: more is
 * -EMSGSIZE, as it is for what is below.
 */
int sv_call_read(struct sv_call *call, uint64_t address, void *to, size_t size);
int sv_call_write(struct sv_call *call, uint64_t address, const void *from, size_t size);
/* A string of at most size - 1 bytes; its length. -ENAMETOOLONG. */
ssize_t sv_call_string(struct sv_call *call, uint64_t address, char *to, size_t size);
/*
 * The call's strings, as the engine copied them, by their order among its arguments: paths and
 * names. NULL: it has fewer, or this one was NULL. What is forwarded goes on with the same copies.
 */
const char *sv_call_path(struct sv_call *call, unsigned int i);
/* A copy of the caller's descriptor, O_CLOEXEC, for the handler to close. -EPERM for what no child
 * is given either: rings, listeners and their kind. */
int sv_call_fd(struct sv_call *call, int fd);
/* Of pcall_message: copies at most size bytes in; how many there were (more: -EMSGSIZE). */
ssize_t sv_call_input(struct sv_call *call, void *to, size_t size);
/* Of pcall_message: the bytes out, as an answer: their number, or EMSGSIZE, EFAULT. */
struct sv_answer sv_call_output(struct sv_call *call, const void *from, size_t size);
/* How long from now until the caller gets ETIMEDOUT; 0: for ever. */
int sv_call_limit(struct sv_call *call, unsigned int ms);

/**
 * sv_answer - answer a call that was left for later
 *
 * Once: the call is gone afterwards, whatever is returned. May come before the handler has
 * returned sv_later; -EALREADY: a second one did. -ESRCH: the caller was gone, or its time was
 * over: the answer went nowhere (a descriptor is closed all the same). -EINVAL: sv_later is no
 * answer; the call stays open.
 */
int sv_answer(struct sv_call *call, struct sv_answer answer);

/* Where a policy comes from. All may be NULL but for one of names and lines; lists end with NULL;
 * all is copied. */
struct sv_policy_source {
	size_t size;			/* sizeof(struct sv_policy_source) */
	const char *const *names;	/* policies by name, or by path if it holds a slash */
	const char *const *lines;	/* further lines: "read /srv/data" */
	const char *const *directories; /* where names are looked up; NULL: /etc/pcall and the
					   installed policies */
	const char *cwd;		/* ${cwd}; NULL: the current directory */
	const char *home;		/* ${home}; NULL: $HOME, or of the password file */
	const char *tmp;		/* ${tmp}; NULL: policies that use it are an error */
};

/**
 * sv_policy_read - read, check and compile a policy
 *
 * One sv_policy may serve many children, and has to outlive them. One that names hosts starts a
 * process that resolves them: -EPERM once the process is confined (see sv_options), so read it
 * before the first sv_spawn. On failure error->text is the whole message: file:line:column, the
 * line, the nearest word. -ENOENT: no such policy; -EINVAL: a line is wrong; others as open(2).
 */
int sv_policy_read(const struct sv_policy_source *source, struct sv_policy **ret,
		   struct sv_error *error);

/* For programs of this project, which make policies with core: takes ownership of it, also on
 * failure. */
struct policy;
int sv_policy_new(struct policy *policy, struct sv_policy **ret);
struct sv_policy *sv_policy_free(struct sv_policy *policy);

/* Where a system call is decided for children of a policy. */
enum sv_tier_kind {
	SV_TIER_KERNEL,	   /* passes, at no cost */
	SV_TIER_REFUSED,   /* fails in the kernel, with .error */
	SV_TIER_ARGUMENTS, /* the kernel decides by the arguments; some may go to the supervisor */
	SV_TIER_NOTIFICATION /* the supervisor answers */
};

struct sv_tier {
	int nr;
	const char *syscall;
	enum sv_tier_kind kind;
	int error;	  /* REFUSED: what the child gets */
	const char *note; /* where it differs from Linux, or why it is so; may be NULL */
};

typedef void sv_tier_handler(const struct sv_tier *tier, void *data);

/* Calls @each for every system call, by number. The policy is sealed, and stays the caller's. */
void sv_policy_tiers(const struct policy *policy, sv_tier_handler *each, void *data);

const char *sv_stage_name(enum sv_stage stage);

/* What this machine offers and lacks, for people who wonder why something does not run here. */
enum sv_fact_status {
	SV_FACT_GOOD,	  /* as it should be */
	SV_FACT_NOTE,	  /* worth knowing, no loss */
	SV_FACT_DEGRADED, /* children run, with less */
	SV_FACT_MISSING	  /* no child can run */
};

struct sv_fact {
	const char *name; /* "landlock": a constant */
	enum sv_fact_status status;
	char fact[160];
	char effect[240]; /* "" where there is none */
	char remedy[240]; /* "" where there is none */
};

#define SV_FACTS_MAX 16

/**
 * sv_probe - try what supervising needs
 * @facts: room for SV_FACTS_MAX of them, in the order in which they should be read
 *
 * Forks a process of its own, which has ended when this returns. Returns how many facts there are.
 */
int sv_probe(struct sv_fact *facts, size_t max);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
