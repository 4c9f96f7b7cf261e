/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While the command runs: signals that were sent to us reach it, stops are shared, time runs out.
 *
 * The command is in our process group, so what the terminal sends to the group (^C, ^Z, a resize, a
 * hang-up) it gets from the kernel. Those we read, and leave alone; what somebody sent to us alone
 * we pass on.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common/cleanup.h"

#define SHOW_MS	 200 /* how long a message may wait for the terminal before we stop */
#define GRACE_NS UINT64_C(2000000000) /* between SIGTERM and SIGKILL when the time is over */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void run_loop_event(const struct sv_event *event, void *data)
{
	struct run *run = data;

	switch (event->type) {
	case SV_EVENT_STOPPED: run->stopped_by = event->value; break;
	case SV_EVENT_CONTINUED: run->stopped_by = 0; break;
	case SV_EVENT_LIMIT: run->timed_out |= event->text && !strcmp(event->text, "time"); break;
	case SV_EVENT_EXITED:
		run->exited = true;
		run->wait_status = event->value;
		break;
	default: break;
	}
	run_report_event(run, event);
}

static bool is_of_terminals(int signal)
{
	switch (signal) {
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGHUP:
	case SIGWINCH: return true;
	default: return false;
	}
}

/* Should the command get this signal from us? */
static bool concerns_command(const struct run *run, const struct signalfd_siginfo *info)
{
	int signal = info->ssi_signo;

	switch (signal) {
	case SIGCHLD: return false;
	case SIGCONT: return true; /* the kernel's too: it continues orphaned groups */
	case SIGALRM: return true; /* a timer that was set before we were executed */
	default: break;
	}
	if (info->ssi_code <= 0) /* kill, sigqueue, tgkill; from ourselves: a write that failed */
		return (pid_t)info->ssi_pid != getpid();
	/* The command gets those itself, unless it went to a group or session of its own. */
	return is_of_terminals(signal) && getpgid(sv_child_pid(run->child)) != getpgrp();
}

static void read_signals(struct run *run)
{
	struct signalfd_siginfo info[16];
	ssize_t n = read(run->signal_fd, info, sizeof(info));

	for (size_t i = 0; n > 0 && i < n / sizeof(*info); i++) {
		relay_signal(&run->relay, (int)info[i].ssi_signo);
		if (info[i].ssi_signo == SIGCONT && run->relay.master < 0)
			terminal_keep(&run->terminal);
		if (run->options.die_with_parent && getppid() != run->parent) {
			run->parent_gone = true;
			sv_child_kill(run->child, SIGKILL);
			return;
		}
		if (concerns_command(run, &info[i]))
			sv_child_kill(run->child, info[i].ssi_signo);
	}
}

/* Has somebody continued us since? That waits in signal_fd, and is passed on. */
static bool is_continued(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGCONT);
}

/*
 * The command has stopped: so do we, that the shell above sees its job stopped. Without a terminal
 * there is no such shell, and the one who stopped the command may be somebody within the sandbox,
 * whose next call we have to answer. Nor is there one where the kernel does not stop us by a
 * terminal's signal, since nobody could continue us: then it does not stop the command either.
 */
static void stop_with_command(struct run *run)
{
	int signal = run->stopped_by;
	cleanup_fd int tty = -1;

	run->stopped_by = 0;
	tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (tty < 0)
		return;
	run_report_show(run, false);
	output_wait(run->message.output, SHOW_MS);
	relay_stop(&run->relay);
	sv_stop(run->sv, signal);
	if (!is_continued())
		sv_child_kill(run->child, SIGCONT);
}

static void time_over(struct run *run)
{
	uint64_t now;

	if (!run->deadline_ns)
		return;
	now = now_ns();
	if (now < run->deadline_ns)
		return;
	if (run->timed_out) {
		sv_child_kill(run->child, SIGKILL);
		run->deadline_ns = 0;
		return;
	}
	run->timed_out = true;
	run->deadline_ns = now + GRACE_NS;
	if (!run->options.quiet)
		message_say(&run->message,
			    "the time of --timeout is over: the command is told to end");
	sv_child_kill(run->child, SIGTERM);
	sv_child_kill(run->child,
		      SIGCONT); /* a stopped process dies of SIGTERM only when it goes on */
}

static int wait_ms(const struct run *run)
{
	uint64_t now, left;
	int wait = relay_wait_ms(&run->relay);

	if (wait < 0 && run->report.waiting.size)
		wait = 1000; /* is the terminal ready for messages? */
	if (!run->deadline_ns)
		return wait;
	now = now_ns();
	left = run->deadline_ns > now ? (run->deadline_ns - now + 999999) / 1000000 : 0;
	if (left > 60000)
		left = 60000;
	return wait < 0 || (uint64_t)wait > left ? (int)left : wait;
}

static int exit_status(const struct run *run)
{
	int status = WIFEXITED(run->wait_status) ? WEXITSTATUS(run->wait_status)
						 : 128 + WTERMSIG(run->wait_status);

	if (run->timed_out)
		return EXIT_TIMEOUT;
	if (status == 0 && run->options.fail_on_deny && run->report.refused)
		return run->options.fail_on_deny;
	return status;
}

int run_loop(struct run *run)
{
	struct pollfd fds[] = {
		{.fd = run->signal_fd,	.events = POLLIN},
		{ .fd = sv_poll_fd(run->sv), .events = POLLIN},
		{ .fd = -1,		    .events = POLLIN},
		{ .fd = -1,		    .events = 0	},
	};
	int r = 0;

	if (run->options.timeout_ms)
		run->deadline_ns = now_ns() + run->options.timeout_ms * 1000000;
	while (!run->exited) {
		fds[2].fd = relay_look(&run->relay);
		fds[3] = relay_shows(&run->relay);
		if (poll(fds, array_size(fds), wait_ms(run)) < 0 && errno != EINTR)
			return message_say(&run->message, "poll: %s", strerror(errno));
		if (fds[0].revents)
			read_signals(run);
		if (fds[2].revents)
			relay_type(&run->relay);
		if (fds[3].revents)
			relay_show(&run->relay);
		if (fds[1].revents)
			r = sv_dispatch(run->sv, 0);
		if (r < 0)
			return message_say(&run->message, "the supervisor failed: %s",
					   strerror(-r));
		if (run->stopped_by && !run->exited)
			stop_with_command(run);
		time_over(run);
		run_report_show(run, false);
	}
	relay_close(&run->relay);
	terminal_put_back(&run->terminal);
	while (sv_dispatch(run->sv, 0) > 0)
		; /* what was refused at the very end */
	return exit_status(run);
}
