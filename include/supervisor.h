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

/** struct sv - a supervisor; made by sv_new(), freed by sv_free() */
struct sv;
/** struct sv_call - a call of a child, as its handler sees it; the library's */
struct sv_call;
/** struct sv_child - a child; made by sv_spawn(), freed by sv_child_free() */
struct sv_child;
/** struct sv_policy - a policy; made by sv_policy_read(), freed by sv_policy_free() */
struct sv_policy;

/** SV_INLINE - what is defined here and needs no call: C89 and C++ have it, too */
#define SV_INLINE static __inline__ __attribute__((unused))

/**
 * enum sv_stage - the steps of making a supervisor and a child, in their order
 * @SV_STAGE_NONE: none: the arguments were wrong, or memory was short
 * @SV_STAGE_CAPABILITIES: supervisor: every capability and the bounding set dropped
 * @SV_STAGE_ZYGOTE: supervisor: the process that clones children
 * @SV_STAGE_ENGINE: supervisor: threads, the workers' ring
 * @SV_STAGE_CONFINE: supervisor: its own filter
 * @SV_STAGE_CLONE: child: its process
 * @SV_STAGE_SESSION: child: process group, signal mask and dispositions
 * @SV_STAGE_CWD: child: its directory
 * @SV_STAGE_DESCRIPTORS: child: those that it is given, and no other
 * @SV_STAGE_LIMITS: child: resource limits
 * @SV_STAGE_NO_NEW_PRIVS: child: prctl(PR_SET_NO_NEW_PRIVS)
 * @SV_STAGE_SEALED: child: MDWE, where the policy says sealed
 * @SV_STAGE_FLOOR: child: Landlock
 * @SV_STAGE_FILTER: child: seccomp
 * @SV_STAGE_LISTENER: child: the filter's listener comes to the supervisor
 * @SV_STAGE_EXEC: child: its program
 * @SV_STAGE_MAX: how many there are
 *
 * Their names are sv_stage_name()'s.
 */
enum sv_stage {
	SV_STAGE_NONE,
	SV_STAGE_CAPABILITIES,
	SV_STAGE_ZYGOTE,
	SV_STAGE_ENGINE,
	SV_STAGE_CONFINE,
	SV_STAGE_CLONE,
	SV_STAGE_SESSION,
	SV_STAGE_CWD,
	SV_STAGE_DESCRIPTORS,
	SV_STAGE_LIMITS,
	SV_STAGE_NO_NEW_PRIVS,
	SV_STAGE_SEALED,
	SV_STAGE_FLOOR,
	SV_STAGE_FILTER,
	SV_STAGE_LISTENER,
	SV_STAGE_EXEC,
	SV_STAGE_MAX
};

/**
 * enum sv_degrade - what may be missing under a child, where sv_options.degraded allows it
 * @SV_DEGRADE_LANDLOCK: no floor: a path that is swapped during execve may run another file
 * @SV_DEGRADE_SCOPES: no scopes: signals are judged by the supervisor alone
 */
enum sv_degrade { SV_DEGRADE_LANDLOCK = 1 << 0, SV_DEGRADE_SCOPES = 1 << 1 };

/**
 * enum sv_event_type - what happened
 * @SV_EVENT_DENIED: a call was refused; value is the errno that the child got
 * @SV_EVENT_STOPPED: the child's first process stopped; value is the signal
 * @SV_EVENT_CONTINUED: and goes on
 * @SV_EVENT_EXITED: the child's first process ended, and what it left is killed; value is its wait
 *	status, as of waitpid(2)
 * @SV_EVENT_LIMIT: a limit ended the child; text names it
 * @SV_EVENT_ADOPTED: the level of a child below died, and the child, which survives it, is ours
 *	from now on, to be freed by us; text is its label; see sv_child_adopt()
 * @SV_EVENT_LOST: value events were dropped, because nobody took them
 * @SV_EVENT_FAULT: the supervisor refused something for a reason of its own; text says which
 */
enum sv_event_type {
	SV_EVENT_DENIED = 1,
	SV_EVENT_STOPPED,
	SV_EVENT_CONTINUED,
	SV_EVENT_EXITED,
	SV_EVENT_LIMIT,
	SV_EVENT_ADOPTED,
	SV_EVENT_LOST,
	SV_EVENT_FAULT
};

/**
 * struct sv_event - one thing that happened
 * @size: sizeof(struct sv_event) of the library
 * @type: what
 * @child: whose; NULL: of one whose sv_spawn() failed
 * @time_ns: when, by CLOCK_REALTIME, in nanoseconds
 * @pid: the process (not the thread) that called
 * @value: see enum sv_event_type
 * @count: how often since it was told last, itself included
 * @exe: the basename of the caller's program, "" if it is not known
 * @syscall: "openat"
 * @verb: the policy's word for what was tried: "write"
 * @object: the canonical name, or an address
 * @as_given: as the child wrote it; NULL if it is the same
 * @policy: of the rule that decided; NULL: no rule allows it
 * @rule_source: the file of that rule
 * @rule_line: its line there
 * @rule_text: its text
 * @text: of SV_EVENT_LIMIT, SV_EVENT_FAULT and SV_EVENT_ADOPTED; of SV_EVENT_DENIED: why, or NULL
 * @user_us: of SV_EVENT_EXITED: processor time in user mode of the first process and of those that
 *	it waited for, in microseconds
 * @system_us: the same in the kernel
 * @memory_kb: of SV_EVENT_EXITED: the most memory that one of these had, in KiB
 * @lacking: of SV_EVENT_DENIED: not 0: it was refused as by a kernel that has no such thing, and
 *programs go on without it
 *
 * All of it is the library's, and lives until the handler returns. Bytes that came from a child are
 * as they came: who prints them escapes them.
 */
struct sv_event {
	size_t size;
	enum sv_event_type type;
	struct sv_child *child;
	uint64_t time_ns;
	pid_t pid;
	int value;
	unsigned int count;
	const char *exe;
	const char *syscall;
	const char *verb;
	const char *object;
	const char *as_given;
	const char *policy;
	const char *rule_source;
	unsigned int rule_line;
	const char *rule_text;
	const char *text;
	uint64_t user_us, system_us;
	uint64_t memory_kb;
	int lacking;
};

/**
 * sv_event_handler - told what happened
 * @event: the library's
 * @data: that of struct sv_options
 *
 * Context: the thread that is in sv_dispatch().
 */
typedef void sv_event_handler(const struct sv_event *event, void *data);

/**
 * struct sv_options - what sv_new() is to make
 * @size: sizeof(struct sv_options). Structs that begin so may be of an older header, whose fields
 *	that were not there yet count as 0, or of a newer one, where what this library does not know
 *	has to be 0 (-E2BIG)
 * @keep_caps: the capabilities to keep, as a mask of 1 << CAP_*; the others are dropped for good
 * @degraded: enum sv_degrade: what may be missing; anything else that is missing is -EOPNOTSUPP
 * @confine: not 0: the first sv_spawn() puts a filter on this process and all its threads, before
 *	the child is served; it can execute nothing afterwards
 * @on_event: called by sv_dispatch(); NULL: events are dropped
 * @data: for @on_event; the caller's
 * @handlers_in_dispatch: not 0: handlers run in sv_dispatch(), on the caller's thread, and in
 *	sv_spawn(), for what its own child calls before it runs; 0: on threads of the library's
 * @answer_ms: how long a handler may take to answer, in milliseconds, before its caller gets
 *	ETIMEDOUT; 0: for ever
 */
struct sv_options {
	size_t size;
	uint64_t keep_caps;
	unsigned int degraded;
	int confine;
	sv_event_handler *on_event;
	void *data;
	int handlers_in_dispatch;
	unsigned int answer_ms;
};

/**
 * struct sv_mask - a method or a system call that a child is not to have
 * @name: of a method; NULL: @number counts
 * @number: of a system call
 */
struct sv_mask {
	const char *name;
	int number;
};

/**
 * struct sv_fd - a descriptor for a child
 * @fd: the caller's, which keeps it
 * @number: what it is in the child
 */
struct sv_fd {
	int fd;
	int number;
};

/**
 * enum sv_session - whose session a child is in
 * @SV_SESSION_SHARED: that of its level, and its process group
 * @SV_SESSION_NEW: one of its own, as by setsid(2)
 * @SV_SESSION_TERMINAL: one with a terminal, the first of 0 to 2 that is one; a process of the
 *	library's leads it, so that ^Z can stop the child as a job
 */
enum sv_session { SV_SESSION_SHARED, SV_SESSION_NEW, SV_SESSION_TERMINAL };

/**
 * struct sv_spec - the child that sv_spawn() is to make
 * @size: sizeof(struct sv_spec); see struct sv_options
 * @argv: as of execve(2), not empty; argv[0] is looked up in PATH of @envp unless it holds a slash
 * @envp: as of execve(2), passed as it is
 * @label: NULL: the basename of argv[0]; "tab" is "tab-2" while another that lives is "tab"
 * @cwd: its directory, as the child names it (through views, if it is absolute); NULL: as the
 *	caller's
 * @policy: what it may do; has to outlive the child
 * @keep_fds: descriptors besides 0, 1 and 2 that are kept under their numbers
 * @keep_fds_count: how many
 * @fds: descriptors that get another number, in place of what had it
 * @fds_count: how many
 * @sigmask: a sigset_t, blocked at its start; NULL: as the caller's
 * @sigignore: a sigset_t, ignored at its start; NULL: what the caller ignores
 * @new_session: enum sv_session
 * @time_ms: a limit of its life, in milliseconds; 0: none besides the policy's
 * @badge: what handlers see of it by sv_call_badge(); any number
 * @masks: what is taken away from the start
 * @masks_count: how many
 * @revocable: system calls that sv_child_mask() may take away later although the kernel would
 *	decide them alone: they cost a notification
 * @revocable_count: how many
 * @survives: not 0, under a level: when the level dies, the child goes to the level above instead
 *	of dying with it, if that one agrees (@adopts). What the dead level would have answered
 *	fails with ENOSYS
 * @adopts: not 0: children of this child that survive it become children of ours, and go on
 *	counting for the limits that it had
 *
 * All is copied, but for @policy.
 */
struct sv_spec {
	size_t size;
	const char *const *argv;
	const char *const *envp;
	const char *label;
	const char *cwd;
	const struct sv_policy *policy;
	const int *keep_fds;
	size_t keep_fds_count;
	const struct sv_fd *fds;
	size_t fds_count;
	const void *sigmask;
	const void *sigignore;
	int new_session;
	uint64_t time_ms;
	uint64_t badge;
	const struct sv_mask *masks;
	size_t masks_count;
	const int *revocable;
	size_t revocable_count;
	int survives;
	int adopts;
};

/**
 * struct sv_error - what went wrong, for people
 * @stage: where
 * @error: an errno
 * @text: names the thing, the reason and the remedy; one line, but of sv_policy_read()
 */
struct sv_error {
	enum sv_stage stage;
	int error;
	char text[4096];
};

/**
 * sv_new() - make this process a supervisor
 * @options: NULL: all 0
 * @ret: the supervisor; for sv_free()
 * @error: filled in on failure; may be NULL
 *
 * Drops capabilities, forks the zygote, starts the threads.
 *
 * Context: before the process has threads of its own.
 * Return: 0; -EINVAL, -E2BIG (see sv_options.size), -EOPNOTSUPP: the machine lacks something that
 *	may not be missing; -ENOMEM, or what a stage failed with.
 */
int sv_new(const struct sv_options *options, struct sv **ret, struct sv_error *error);

/**
 * sv_free() - end a supervisor
 * @sv: NULL is fine
 *
 * Kills every child and everything under it, waits for their end, and frees; calls that were left
 * for later go with it.
 *
 * Context: any thread but a handler's; no other function may be at work with @sv.
 * Return: NULL.
 */
struct sv *sv_free(struct sv *sv);

/**
 * sv_poll_fd() - what to wait for
 * @sv: the supervisor
 *
 * Context: any thread.
 * Return: a descriptor of the library's, readable when sv_dispatch() has something to do.
 */
int sv_poll_fd(const struct sv *sv);

/**
 * sv_dispatch() - take what has happened
 * @sv: the supervisor
 * @timeout_ms: how long to wait for something, in milliseconds; 0: not at all, -1: without end
 *
 * Calls sv_options.on_event for what had happened when it looked, and runs handlers where
 * sv_options.handlers_in_dispatch says so.
 *
 * Context: any thread, but no handler.
 * Return: how many events and calls it took, 0 also when a signal came; or a negative errno of
 *	poll(2).
 */
int sv_dispatch(struct sv *sv, int timeout_ms);

/**
 * sv_spawn() - run a program as a child
 * @sv: the supervisor
 * @spawn: what to run, and how
 * @ret: the child; for sv_child_free(), before sv_free() at the latest
 * @error: filled in on failure; may be NULL
 *
 * Returns when the program runs, or says which stage failed.
 *
 * Until then handlers of this child's calls (an execve that is intercepted) run in here, on this
 * thread, where handlers run in sv_dispatch(). One that leaves such a call for later leaves
 * sv_spawn() waiting for the answer, which then has to come from another thread.
 *
 * Context: any thread.
 * Return: 0. With the stage SV_STAGE_EXEC -ENOENT: the program is not found, -EACCES, -ENOEXEC: it
 *	cannot be run. -EINVAL, -E2BIG: see sv_options.size; -EAGAIN: there are as many children as
 *	the policy or the machine lets live at once; -ETIMEDOUT: the child hung before its program
 *	was asked for, and was given up; -EOPNOTSUPP: the machine lacks something, or a call that
 *	is to be masked never leaves the kernel; -ENOMEM, or what a stage failed with.
 */
int sv_spawn(struct sv *sv, const struct sv_spec *spawn, struct sv_child **ret,
	     struct sv_error *error);

/**
 * sv_shares_session() - are children in this process's session?
 * @sv: the supervisor
 *
 * Not under a level that has made a session of its own: they get new ones, and a terminal of theirs
 * has to be relayed.
 *
 * Context: any thread.
 * Return: 1 or 0.
 */
int sv_shares_session(const struct sv *sv);

/**
 * sv_stop() - stop this process
 * @sv: the supervisor
 * @signal: one whose disposition is the default: SIGTSTP, SIGSTOP, SIGTTIN, SIGTTOU; it may be
 *	blocked
 *
 * Returns when the process was continued, or at once where the kernel does not stop it. A level's
 * threads wait in calls, where the kernel does not stop a thread, and stop for this call: one that
 * is stopped otherwise stops when it has had nothing to do for a quarter of a second.
 *
 * Context: any thread.
 * Return: 0, or a negative errno of raise(3).
 */
int sv_stop(struct sv *sv, int signal);

/**
 * sv_child_pid() - a child's first process
 * @child: the child
 *
 * Context: any thread.
 * Return: its number, which is another process's as soon as SV_EVENT_EXITED was told.
 */
pid_t sv_child_pid(const struct sv_child *child);

/**
 * sv_child_label() - a child's whole label
 * @child: the child
 *
 * Context: any thread.
 * Return: "browser/tab7", from the root down; it lives as long as @child.
 */
const char *sv_child_label(const struct sv_child *child);

/**
 * sv_child_set_data() - keep something with a child
 * @child: the child
 * @data: the caller's
 *
 * Context: any thread, one at a time.
 */
void sv_child_set_data(struct sv_child *child, void *data);

/**
 * sv_child_data() - what is kept with a child
 * @child: the child
 *
 * Context: any thread, while none sets it.
 * Return: what sv_child_set_data() was given; NULL at first.
 */
void *sv_child_data(const struct sv_child *child);

/**
 * sv_child_adopt() - say of an adopted child what sv_spawn() says of others
 * @child: of SV_EVENT_ADOPTED
 * @badge: what handlers see of it
 * @adopts: not 0: its own children that survive it become children of ours
 *
 * What its level said of these two was that level's word: until this call both are 0.
 *
 * Context: any thread.
 * Return: 0; in a level a negative errno of its request.
 */
int sv_child_adopt(struct sv_child *child, uint64_t badge, int adopts);

/**
 * sv_child_mask() - take a call away from a child and all below it, or give it back
 * @child: the child
 * @number: of a system call, or as sv_define() or sv_method() returned it
 * @allowed: 0: it is taken away
 *
 * Holds from the next call on, for threads in a loop, too. What is given back is what the child had
 * at its start: never more. A masked system call fails with EPERM, a masked method with EACCES.
 *
 * Context: any thread.
 * Return: 0; -EOPNOTSUPP: a system call that the kernel decides alone for this child (see
 *	sv_spec.revocable); -ENOENT: no such method.
 */
int sv_child_mask(struct sv_child *child, int number, int allowed);

/**
 * sv_child_kill() - send a signal to a child
 * @child: the child
 * @signal: goes to its first process; SIGCONT to that one's process group, as far as it is in the
 *	child or below; SIGKILL to everything in the child
 *
 * Context: any thread.
 * Return: 0; -ESRCH: it has ended; or a negative errno of kill(2).
 */
int sv_child_kill(struct sv_child *child, int signal);

/**
 * sv_child_free() - let go of a child
 * @child: NULL is fine
 *
 * Kills what is left of it, and waits until it has ended.
 *
 * Context: any thread but a handler's; no other function may be at work with @child.
 * Return: NULL.
 */
struct sv_child *sv_child_free(struct sv_child *child);

/*
 * Answering calls.
 *
 * A handler gets a call, and returns its answer by value. It sees the caller's registers, and the
 * caller's memory only through copies: what it has read once does not change under it.
 */

/**
 * enum sv_answer_kind - how a call is answered
 * @SV_ANSWER_VALUE: it returns a number
 * @SV_ANSWER_ERROR: it fails
 * @SV_ANSWER_FD: it returns a descriptor
 * @SV_ANSWER_LATER: it stays open
 * @SV_ANSWER_FORWARD: it passes up
 */
enum sv_answer_kind {
	SV_ANSWER_VALUE,
	SV_ANSWER_ERROR,
	SV_ANSWER_FD,
	SV_ANSWER_LATER,
	SV_ANSWER_FORWARD
};

/**
 * struct sv_answer - an answer; made by the functions below
 * @kind: how
 * @error: SV_ANSWER_ERROR: an errno, positive
 * @fd: SV_ANSWER_FD: the library's, closed once the caller has its own
 * @flags: SV_ANSWER_FD: O_CLOEXEC or 0
 * @value: SV_ANSWER_VALUE: 0 or positive
 */
struct sv_answer {
	enum sv_answer_kind kind;
	int error;
	int fd;
	unsigned int flags;
	int64_t value;
};

/**
 * sv_answer_value() - the call returns this
 * @value: 0 or positive
 *
 * Context: any thread.
 * Return: the answer.
 */
SV_INLINE struct sv_answer sv_answer_value(int64_t value)
{
	struct sv_answer answer = { SV_ANSWER_VALUE, 0, -1, 0, 0 };

	answer.value = value;
	return answer;
}

/**
 * sv_answer_error() - the call fails
 * @error: the errno, a positive number
 *
 * Context: any thread.
 * Return: the answer.
 */
SV_INLINE struct sv_answer sv_answer_error(int error)
{
	struct sv_answer answer = { SV_ANSWER_ERROR, 0, -1, 0, 0 };

	answer.error = error;
	return answer;
}

/**
 * sv_answer_fd() - the call returns a descriptor
 * @fd: of which the caller gets a copy, as its lowest free number; the library closes it
 * @flags: O_CLOEXEC or 0
 *
 * Context: any thread.
 * Return: the answer.
 */
SV_INLINE struct sv_answer sv_answer_fd(int fd, unsigned int flags)
{
	struct sv_answer answer = { SV_ANSWER_FD, 0, -1, 0, 0 };

	answer.fd = fd;
	answer.flags = flags;
	return answer;
}

/**
 * sv_answer_forward() - as if there were no handler
 *
 * The call passes up, and in the end to the policy and the kernel. A handler that has read the
 * caller's memory cannot forward, since the caller could change what was read before it is read
 * again: the call fails with EACCES. sv_call_path() is not such reading, but for execve and chdir.
 *
 * Context: any thread.
 * Return: the answer.
 */
SV_INLINE struct sv_answer sv_answer_forward(void)
{
	struct sv_answer answer = { SV_ANSWER_FORWARD, 0, -1, 0, 0 };

	return answer;
}

/**
 * sv_answer_later() - the call stays open
 *
 * It is answered by sv_call_answer(), once, from any thread.
 *
 * Context: a handler.
 * Return: the answer.
 */
SV_INLINE struct sv_answer sv_answer_later(void)
{
	struct sv_answer answer = { SV_ANSWER_LATER, 0, -1, 0, 0 };

	return answer;
}

/**
 * sv_handler - answers a call
 * @call: the library's, until the handler returns; one that is left for later lives until
 *	sv_call_answer() returns, or until sv_free(). It is used by one thread at a time
 * @data: that of sv_define() or sv_intercept()
 *
 * While it runs, calls of the same child wait; when it takes long they go on on another thread. It
 * may use everything of this header but sv_free(), sv_child_free() and sv_dispatch().
 *
 * Context: a thread of the library's, several at once for different callers; or the one that is in
 *	sv_dispatch() or sv_spawn() (see sv_options.handlers_in_dispatch).
 * Return: the answer.
 */
typedef struct sv_answer sv_handler(struct sv_call *call, void *data);

/**
 * sv_define() - a method for children
 * @sv: the supervisor
 * @name: [a-z0-9._-], at most 63 bytes: "camera.frame"; copied
 * @handler: answers its calls
 * @data: for @handler; the caller's
 *
 * Children that are spawned afterwards and whose policy grants the name find it in their symbol
 * table, as do those below them whose policies do.
 *
 * Context: any thread.
 * Return: the method's number here (for sv_child_mask()), at least 0x100000; -EINVAL: the name is
 *	none; -EEXIST: it is defined; -ENOSPC: there are too many; -ENOMEM.
 */
int sv_define(struct sv *sv, const char *name, sv_handler *handler, void *data);

/**
 * sv_method() - the number of a method that sv_define() made
 * @sv: the supervisor
 * @name: as there
 *
 * Context: any thread.
 * Return: as sv_define() returned it; -ENOENT: there is none; -EINVAL.
 */
int sv_method(struct sv *sv, const char *name);

/** SV_EVERY_CALL - for sv_intercept(): all calls that can be, but for those with their own handler
 */
#define SV_EVERY_CALL (-1)

/**
 * sv_intercept() - answer a system call instead of forwarding it
 * @sv: the supervisor
 * @number: SYS_openat, or SV_EVERY_CALL
 * @handler: answers it; sv_answer_forward() leaves the call to the levels above
 * @data: for @handler; the caller's
 *
 * For children that are spawned afterwards, and all below them.
 *
 * Context: any thread.
 * Return: 0; -EINVAL: there is no such call, or nobody retries it when a signal interrupts it
 *	(close, fork, futex, exit, wait4 and their kin; write): those never leave the kernel;
 *	-EEXIST: it has a handler; -ENOSPC, -ENOMEM.
 */
int sv_intercept(struct sv *sv, int number, sv_handler *handler, void *data);

/**
 * sv_call_number() - what is called
 * @call: the call
 *
 * Context: a handler, or who the call was left to.
 * Return: as sv_define() returned it, or the system call's number.
 */
int sv_call_number(const struct sv_call *call);

/**
 * sv_call_word() - an argument, as in the caller's registers
 * @call: the call
 * @i: 0 to 5
 *
 * Context: a handler, or who the call was left to.
 * Return: the word; 0 for other @i.
 */
uint64_t sv_call_word(const struct sv_call *call, unsigned int i);

/**
 * sv_call_pid() - who calls
 * @call: the call
 *
 * Context: a handler, or who the call was left to.
 * Return: the number of the thread.
 */
pid_t sv_call_pid(const struct sv_call *call);

/**
 * sv_call_label() - the label of the caller's child
 * @call: the call
 *
 * Context: a handler, or who the call was left to.
 * Return: from the root down; it lives as long as @call.
 */
const char *sv_call_label(const struct sv_call *call);

/**
 * sv_call_badge() - the badge of our own child that the call came through
 * @call: the call
 *
 * Context: a handler, or who the call was left to.
 * Return: sv_spec.badge of it, or what sv_child_adopt() said; the caller may stand further below.
 */
uint64_t sv_call_badge(const struct sv_call *call);

/**
 * sv_call_child() - our own child that the call came through
 * @call: the call
 *
 * Context: a handler, or who the call was left to.
 * Return: the child; NULL once it was freed by sv_child_free().
 */
struct sv_child *sv_call_child(const struct sv_call *call);

/**
 * sv_call_read() - copy from the caller's memory
 * @call: the call
 * @address: the caller's
 * @to: room for @size bytes
 * @size: at most PCALL_MESSAGE_MAX (1 MiB; see pcall.h)
 *
 * Context: a handler, or who the call was left to.
 * Return: 0; -EFAULT: it is not all there to be read; -ESRCH: the caller is gone; -EMSGSIZE: @size
 *	is larger; in a level of a tree also -EPERM: the call is the execve by which its child
 *	begins, and until then there is nothing of the child's to be seen, and -EAGAIN: as many
 *	threads of it as may wait for the memory of callers do so already.
 */
int sv_call_read(struct sv_call *call, uint64_t address, void *to, size_t size);

/**
 * sv_call_write() - copy into the caller's memory
 * @call: the call
 * @address: the caller's
 * @from: @size bytes
 * @size: at most PCALL_MESSAGE_MAX
 *
 * Context: a handler, or who the call was left to.
 * Return: as sv_call_read(); -EFAULT: it may not all be written.
 */
int sv_call_write(struct sv_call *call, uint64_t address, const void *from, size_t size);

/**
 * sv_call_string() - copy a string from the caller's memory
 * @call: the call
 * @address: the caller's
 * @to: room for @size bytes
 * @size: what the string may need with its end
 *
 * Context: a handler, or who the call was left to.
 * Return: its length; -ENAMETOOLONG: it is longer; or as sv_call_read().
 */
ssize_t sv_call_string(struct sv_call *call, uint64_t address, char *to, size_t size);

/**
 * sv_call_path() - a path or name among the call's arguments
 * @call: the call
 * @i: which, by their order
 *
 * Context: a handler, or who the call was left to.
 * Return: the copy that the library made, with which the call goes on when it is forwarded; it
 *	lives as long as @call. NULL: it has fewer, or this one was NULL.
 */
const char *sv_call_path(struct sv_call *call, unsigned int i);

/**
 * sv_call_fd() - a copy of a descriptor of the caller's
 * @call: the call
 * @fd: its number there
 *
 * Context: a handler, or who the call was left to.
 * Return: a descriptor with O_CLOEXEC, for the handler to close; -EBADF; -EPERM: for what no child
 *	is given either (io_uring rings, seccomp listeners and their kind), and as sv_call_read();
 *	-ESRCH.
 */
int sv_call_fd(struct sv_call *call, int fd);

/**
 * sv_call_input() - the bytes that came with pcall_message()
 * @call: the call
 * @to: room for @size bytes
 * @size: how many may come
 *
 * Context: a handler, or who the call was left to.
 * Return: how many there were; -EMSGSIZE: there are more; or as sv_call_read().
 */
ssize_t sv_call_input(struct sv_call *call, void *to, size_t size);

/**
 * sv_call_output() - answer pcall_message() with bytes
 * @call: the call
 * @from: @size bytes
 * @size: how many
 *
 * Context: a handler, or who the call was left to.
 * Return: the answer: their number, or EMSGSIZE where the caller has less room, EFAULT, ESRCH.
 */
struct sv_answer sv_call_output(struct sv_call *call, const void *from, size_t size);

/**
 * sv_call_limit() - how long the caller may still wait
 * @call: the call
 * @ms: from now, in milliseconds, until it gets ETIMEDOUT; 0: for ever
 *
 * Context: a handler, or who the call was left to.
 * Return: 0; -ESRCH: the caller is gone.
 */
int sv_call_limit(struct sv_call *call, unsigned int ms);

/**
 * sv_call_answer() - answer a call that was left for later
 * @call: gone afterwards, whatever is returned but -EINVAL
 * @answer: a descriptor in it is the library's
 *
 * May come before the handler has returned sv_answer_later().
 *
 * Context: any thread, once.
 * Return: 0; -ESRCH: the caller was gone, or its time was over: the answer went nowhere (a
 *	descriptor is closed all the same); -EALREADY: it was answered already; -EINVAL:
 *	sv_answer_later() is no answer, and the call stays open.
 */
int sv_call_answer(struct sv_call *call, struct sv_answer answer);

/**
 * struct sv_policy_source - where a policy comes from
 * @size: sizeof(struct sv_policy_source); see struct sv_options
 * @names: policies by name, or by path if it holds a slash; ends with NULL
 * @lines: further lines: "read /srv/data"; ends with NULL
 * @directories: where names are looked up, ends with NULL; NULL: /etc/pcall and the installed ones
 * @cwd: ${cwd}; NULL: the current directory
 * @home: ${home}; NULL: $HOME, or of the password file
 * @tmp: ${tmp}; NULL: policies that use it are an error
 *
 * All may be NULL but for one of @names and @lines. All is copied.
 */
struct sv_policy_source {
	size_t size;
	const char *const *names;
	const char *const *lines;
	const char *const *directories;
	const char *cwd;
	const char *home;
	const char *tmp;
};

/**
 * sv_policy_read() - read, check and compile a policy
 * @source: what
 * @ret: the policy; for sv_policy_free()
 * @error: filled in on failure: its text is the whole message: file:line:column, the line, the
 *	nearest word; may be NULL
 *
 * One policy may serve many children, and has to outlive them. One that names hosts starts a
 * process that resolves them.
 *
 * Context: any thread; before the first sv_spawn() where sv_options.confine is set and the policy
 *	names hosts.
 * Return: 0; -ENOENT: there is no such policy; -EINVAL: a line is wrong; -E2BIG: see
 *	sv_options.size; -EPERM: it names hosts, and the process is confined; -ENOMEM; or as
 *	open(2).
 */
int sv_policy_read(const struct sv_policy_source *source, struct sv_policy **ret,
		   struct sv_error *error);

/**
 * sv_policy_free() - let go of a policy
 * @policy: of which no child is left; NULL is fine
 *
 * Context: any thread.
 * Return: NULL.
 */
struct sv_policy *sv_policy_free(struct sv_policy *policy);

/* For programs of this project, which make policies themselves: takes ownership of it, also on
 * failure. */
struct policy;
int sv_policy_new(struct policy *policy, struct sv_policy **ret);

/**
 * enum sv_tier_kind - where a system call is decided
 * @SV_TIER_KERNEL: it passes, at no cost
 * @SV_TIER_REFUSED: it fails with sv_tier.error, which is an event, and told
 * @SV_TIER_ARGUMENTS: the kernel decides by the arguments; some may go to the supervisor
 * @SV_TIER_NOTIFICATION: the supervisor answers
 */
enum sv_tier_kind { SV_TIER_KERNEL, SV_TIER_REFUSED, SV_TIER_ARGUMENTS, SV_TIER_NOTIFICATION };

/**
 * struct sv_tier - where one system call is decided for children of a policy
 * @nr: its number
 * @syscall: its name
 * @kind: where
 * @error: SV_TIER_REFUSED: the errno that the child gets
 * @note: where it differs from Linux, or why it is so; may be NULL
 */
struct sv_tier {
	int nr;
	const char *syscall;
	enum sv_tier_kind kind;
	int error;
	const char *note;
};

/**
 * sv_tier_handler - told of one system call
 * @tier: the library's, until this returns
 * @data: that of sv_policy_tiers()
 *
 * Context: the thread that is in sv_policy_tiers().
 */
typedef void sv_tier_handler(const struct sv_tier *tier, void *data);

/* Calls @each for every system call, by number. The policy is sealed, and stays the caller's. */
void sv_policy_tiers(const struct policy *policy, sv_tier_handler *each, void *data);

/**
 * sv_stage_name() - a stage, for people
 * @stage: of struct sv_error
 *
 * Context: any thread.
 * Return: a constant, "exec".
 */
const char *sv_stage_name(enum sv_stage stage);

/**
 * enum sv_fact_status - how good what the machine offers is
 * @SV_FACT_GOOD: as it should be
 * @SV_FACT_NOTE: worth knowing, no loss
 * @SV_FACT_DEGRADED: children run, with less
 * @SV_FACT_MISSING: no child can run
 */
enum sv_fact_status { SV_FACT_GOOD, SV_FACT_NOTE, SV_FACT_DEGRADED, SV_FACT_MISSING };

/**
 * struct sv_fact - something that this machine offers or lacks
 * @name: "landlock": a constant
 * @status: how good it is
 * @fact: what there is
 * @effect: what follows; "" where nothing does
 * @remedy: what helps; "" where nothing does
 */
struct sv_fact {
	const char *name;
	enum sv_fact_status status;
	char fact[160];
	char effect[240];
	char remedy[240];
};

/** SV_FACTS_MAX - more facts than sv_probe() has */
#define SV_FACTS_MAX 16

/**
 * sv_probe() - try what supervising needs
 * @facts: room for @max of them, in the order in which they should be read
 * @max: SV_FACTS_MAX is enough
 *
 * Forks a process of its own, which has ended when this returns.
 *
 * Context: any thread.
 * Return: how many facts there are.
 */
int sv_probe(struct sv_fact *facts, size_t max);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
