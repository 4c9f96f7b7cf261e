/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pcall-run, in the order in which it happens: options are parsed, the place and the policy are
 * made, the supervisor starts the command, the loop relays signals and events until it ends, the
 * report tells what was refused.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include "lib/policy_process.h"
#include "policy/policy.h"
#include "program/message.h"
#include "program/output.h"
#include "run/image.h"
#include "program/site.h"
#include "program/text.h"
#include "supervisor.h"

enum {
	EXIT_TIMEOUT = 124, /* as timeout(1) */
	EXIT_DENIED = 123, /* --fail-on-deny without a number: not 77, which test runners take for a
			      skip */
};

/* A rule of the command line, made into a line of the language. */
struct run_rule {
	const char *flag; /* "--read": where it comes from */
	char *line;
};

struct run_options {
	const char **policies; /* names as given to -p */
	size_t policies_count;
	struct run_rule *rules;
	size_t rules_count;
	const char **variables; /* NAME or NAME=VALUE, as given to --env */
	size_t variables_count;
	int *keep_fds;
	size_t keep_fds_count;
	const char *chdir;
	const char *label;
	const char *events; /* FILE or fd:N */
	int json_status_fd; /* -1: none */
	uint64_t timeout_ms;
	uint64_t keep_caps;
	unsigned int degraded;
	enum when summary;
	enum when color;
	int fail_on_deny; /* exit status; 0: a refusal does not change it */
	bool new_session;
	bool die_with_parent;
	bool dry_run;
	bool quiet;
	bool verbose;
	char **command; /* argv of the command, NULL at the end */
};

/* Refusals of one verb on one object: told once, and counted. */
struct run_denial {
	char *object;
	char verb[16];
	char exe[32];
	uint64_t count;
};

/* The terminal that we share with the command; -1: none was looked for, or found. */
struct kept_terminal {
	int fd;
	bool known;
	struct termios before;
};

/* A pseudo-terminal between our terminal and the command's; -1 where there is none. */
struct relay {
	int master, slave, terminal;
	char shown[4096]; /* what the terminal has not taken yet */
	size_t shown_size;
	bool raw;	       /* the terminal is ours, and in raw mode */
	bool ended;	       /* nothing more is typed there */
	bool hung_up;	       /* nothing more is shown */
	struct termios before; /* of the terminal */
};

struct run_report {
	struct run_denial *denials;
	size_t denials_count;
	uint64_t total;	       /* calls that were refused */
	bool refused;	       /* something that is there, or that would have been made */
	uint64_t passed_over;  /* refused, too, and nothing to people */
	uint64_t lost;	       /* events that the engine dropped */
	bool hushed;	       /* something was not shown */
	struct text if_failed; /* told in the end if the command failed */
	struct text unstarted; /* why the command itself was refused */
	struct text waiting;   /* messages held back while the terminal is in raw mode */
	char home[4096];       /* canonical; "": none */
	bool home_known;
};

struct run {
	struct message message;
	struct run_options options;
	struct site site;
	struct policy_reading reading;
	struct policy_process *reader; /* while policies are read */
	struct policy_uses uses;
	struct kept_image kept;
	struct policy_found found; /* what is kept of this policy, once the command runs */
	struct policy *policy;	   /* given away to sv_policy */
	char **environment;
	struct sv *sv;
	struct sv_policy *sv_policy;
	struct sv_child *child;
	const struct policy *judged; /* the policy of sv_policy, for suggestions */
	int events_fd;
	struct output *events; /* --events; NULL: none */
	struct output *status; /* --json-status-fd; NULL: none */
	int signal_fd;
	sigset_t sigmask; /* as we were started with */
	pid_t parent;
	struct run_report report;
	struct relay relay;
	struct kept_terminal terminal;
	/* What the loop knows of the command. */
	bool starting; /* what is refused now kept it from running at all */
	bool exited;
	bool timed_out;
	bool parent_gone;
	int wait_status;
	int stopped_by;	      /* signal by which the command has just stopped, or 0 */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
};

/* Parses. 0: go on; otherwise *ret_status is the exit status, and everything was said. */
int run_options_parse(struct run *run, int argc, char **argv, int *ret_status);
void run_options_deinit(struct run_options *options);

/* Can a line of a policy name this place as it is? */
bool policy_word_is_plain(const char *path);
/*
 * Makes run->policy of -p and the rules, in steps, for other things are done meanwhile. 0 or an
 * exit status.
 *
 * run_policy_load finds what was kept of the last time, or begins to read; run_policy_uses waits
 * until run->uses is known, for which directories are made; run_policy_follow lets names be
 * followed, or begins to read, where they lead elsewhere than the last time: then the two steps
 * before come once more; run_policy_finish waits for the policy.
 */
int run_policy_load(struct run *run);
int run_policy_uses(struct run *run);
int run_policy_follow(struct run *run, bool *ret_followed);
int run_policy_finish(struct run *run);
/* Makes run->environment: what the policy and --env pass. 0 or an exit status. */
int run_environment_make(struct run *run);
/* What --dry-run prints. */
int run_dry(const struct run *run);

/*
 * The terminal of a command that cannot have ours: a level in a session of its own has children in
 * other sessions. Opened before the command is started, where it is needed; nothing otherwise.
 */
void relay_open(struct relay *relay, const struct sv *sv);
/* Which descriptors of the command's are to be its end. How many. */
size_t relay_fds(const struct relay *relay, struct sv_fd ret[3]);
/* The command runs: from now on what is typed is its. */
void relay_begin(struct relay *relay);
/* Is the terminal ours now? What to read it by, or -1; and how long that may be trusted: -1: until
 * something happens. */
int relay_look(struct relay *relay);
int relay_wait_ms(const struct relay *relay);
/* What was typed. */
void relay_type(struct relay *relay);
/* What is to be shown: which end is to be polled for it, and how; and then what there is. */
struct pollfd relay_shows(const struct relay *relay);
void relay_show(struct relay *relay);
void relay_signal(struct relay *relay, int signal);
/* We are about to stop: shows what there is, unless the terminal takes nothing, and gives it back
 * as it was. */
void relay_stop(struct relay *relay);
/* Shows what is left, and gives the terminal back as it was. */
void relay_close(struct relay *relay);

/* How the terminal is that we share with the command, as soon as it is ours, and only once; and
 * puts it back so. */
void terminal_keep(struct kept_terminal *kept);
void terminal_put_back(struct kept_terminal *kept);

/* Relays signals, stops and events until the command has ended. Returns an exit status. */
int run_loop(struct run *run);

/* Fits sv_event_handler; data is the struct run. */
void run_loop_event(const struct sv_event *event, void *data);

/* Messages, --events and the summary. */
bool run_report_opens(struct run *run); /* opens --events; false: it was said why not */
/* The command is about to start: from here on nothing that is told waits for who reads it. 0 or an
 * exit status. */
int run_report_begins(struct run *run);
void run_report_event(struct run *run, const struct sv_event *event);
/* Shows what was held back if the terminal is ready for it, or in any case. */
void run_report_show(struct run *run, bool in_any_case);
/* Says why the command could not be run, if that was a refusal: whatever -v and the terminal. */
bool run_report_unstarted(struct run *run);
/* The same where something is wrong with the file. False: nothing that could be seen. */
bool run_report_unrunnable(struct run *run, int error);
void run_report_end(struct run *run);
void run_report_deinit(struct run_report *report);
/* A line of --json-status-fd. */
void run_report_status(const struct run *run, const char *key, long value);

#endif
