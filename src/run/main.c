/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pcall-run: runs a command under a policy, and does only that.
 *
 * Signals are blocked from the beginning: one that ends us must not leave the private directory
 * behind. They wait, and reach the command once it runs.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "common/cleanup.h"

/* A standard descriptor that is closed would become one of ours. What stands in its place is closed
 * for the command as well, cannot be read or written, and is there without a name that may be
 * refused. */
static bool fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && epoll_create1(EPOLL_CLOEXEC) != fd)
			return false;
	return true;
}

static int block_signals(struct run *run)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &run->sigmask);
	run->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signal_fd < 0 ? message_say(&run->message, "signalfd: %s", strerror(errno)) : 0;
}

/* SIGTERM when the parent dies, which the loop knows by the new parent; it may have died before we
 * asked. */
static int watch_parent(struct run *run)
{
	if (!run->options.die_with_parent)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return message_say(&run->message, "--die-with-parent: %s", strerror(errno));
	return getppid() == run->parent
		       ? 0
		       : message_say(&run->message, "the parent has already ended");
}

/* After the policies are read, and before it matters where their names lead. A command can do
 * without its cache: in a box there may be no place for one. */
static int make_directories(struct run *run)
{
	int r = 0;

	if (run->options.dry_run)
		return 0;
	if (run->uses.cache)
		r = site_make_cache(&run->site);
	if (r == -EEXIST)
		return message_say(&run->message, "%s, for ${cache}, is another directory's: %s.of",
				   run->site.cache, run->site.cache);
	if (r < 0)
		message_say(&run->message,
			    "cannot make %s for ${cache}, the command runs without: %s",
			    run->site.cache, strerror(-r));
	if (!run->uses.tmp || run->site.tmp_fd >= 0)
		return 0;
	r = site_make_tmp(&run->site);
	return r < 0 ? message_say(&run->message, "cannot make %s for ${tmp}: %s", run->site.tmp,
				   strerror(-r))
		     : 0;
}

static int make_views(struct run *run)
{
	int r = run->options.dry_run ? 0 : site_make_views(&run->site, run->policy);

	return r < 0 ? message_say(&run->message, "cannot make the directories of views in %s: %s",
				   run->site.tmp, strerror(-r))
		     : 0;
}

static int complain(const struct run *run, const struct sv_error *error, int r, int status)
{
	if (error->stage == SV_STAGE_CWD && run->options.chdir)
		message_say(&run->message, "cannot run in %s: %s", run->options.chdir,
			    strerror(-r));
	else if (error->text[0])
		message_say(&run->message, "%s", error->text);
	else
		message_say(&run->message, "%s: %s", sv_stage_name(error->stage), strerror(-r));
	return status;
}

static int start_engine(struct run *run)
{
	struct sv_options options = {
		.size = sizeof(options),
		.keep_caps = run->options.keep_caps,
		.degraded = run->options.degraded,
		.confine = 1,
		.on_event = run_loop_event,
		.data = run,
	};
	struct sv_error error = { 0 };
	int r;

	if (run->options.dry_run)
		return 0;
	r = sv_new(&options, &run->sv, &error);
	return r < 0 ? complain(run, &error, r, EXIT_OURS) : 0;
}

/* Until names are followed: at once, or in a second round, where they lead elsewhere than the last
 * time. */
static int prepare_policy(struct run *run)
{
	int status = run_policy_load(run);
	bool followed = false;

	while (status == 0 && !followed) {
		if ((status = run_policy_uses(run)) || (status = make_directories(run)))
			break;
		status = run_policy_follow(run, &followed);
	}
	return status;
}

static int prepare(struct run *run)
{
	int status;

	if (!run_report_opens(run))
		return EXIT_OURS;
	status = site_init(&run->site, run->options.chdir, &run->message);
	if (status)
		return status;
	if (run->options.dry_run)
		site_pretend_tmp(&run->site);
	else
		site_name_tmp(&run->site);
	/* The policies are read with the rights that we have, and their names are followed with
	 * those that the command will have, while the zygote starts. */
	if ((status = watch_parent(run)) || (status = prepare_policy(run)))
		return status;
	if ((status = start_engine(run)) || (status = run_policy_finish(run)) ||
	    (status = make_views(run)))
		return status;
	return run_environment_make(run);
}

/*
 * What a shell would say of the same failure. @found: the command is there; it is the box in which
 * it is not, or its interpreter.
 */
static int spawn_status(const struct sv_error *error, bool found)
{
	if (error->stage != SV_STAGE_EXEC)
		return EXIT_OURS;
	switch (error->error) {
	case ENOENT: return found ? EXIT_NOT_RUNNABLE : EXIT_NOT_FOUND;
	case ENOMEM:
	case EAGAIN:
	case EMFILE:
	case ENFILE: return EXIT_OURS;
	default: return EXIT_NOT_RUNNABLE;
	}
}

/* A name that no rule allows is refused without a look at what is there. We may look. */
static bool is_missing(const struct run *run)
{
	const char *name = run->options.command[0];
	cleanup_free char *path = NULL;

	if (!strchr(name, '/') || asprintf(&path, "%s%s%s", name[0] == '/' ? "" : run->site.cwd,
					   name[0] == '/' ? "" : "/", name) < 0)
		return false;
	return access(path, F_OK) < 0 && errno == ENOENT;
}

static int spawn(struct run *run)
{
	const struct run_options *o = &run->options;
	struct sv_spec spawn = {
		.size = sizeof(spawn),
		.argv = (const char *const *)o->command,
		.envp = (const char *const *)run->environment,
		.label = o->label,
		.cwd = o->chdir ? run->site.cwd : NULL,
		.keep_fds = o->keep_fds,
		.keep_fds_count = o->keep_fds_count,
		.sigmask = &run->sigmask,
		.new_session = o->new_session,
	};
	struct sv_error error = { 0 };
	struct sv_fd terminal[3];
	bool found;
	int r;

	relay_open(&run->relay, run->sv);
	spawn.fds = terminal;
	spawn.fds_count = relay_fds(&run->relay, terminal);
	if (spawn.fds_count)
		spawn.new_session = SV_SESSION_TERMINAL;
	if (run->relay.master < 0)
		terminal_keep(&run->terminal);
	/* This may start a resolver; once sv_spawn has confined us nothing is started. */
	run->judged = run->policy;
	r = sv_policy_new(steal_pointer(&run->policy), &run->sv_policy);
	if (r < 0)
		return message_say(&run->message, "policy: %s", strerror(-r));
	spawn.policy = run->sv_policy;
	r = sv_spawn(run->sv, &spawn, &run->child, &error);
	if (r == 0)
		relay_begin(&run->relay);
	if (r == 0)
		return 0;
	if (error.error == EACCES && is_missing(run)) {
		message_say(&run->message, "cannot run %s: not found", o->command[0]);
		return EXIT_NOT_FOUND;
	}
	run->starting = true;
	while (sv_dispatch(run->sv, 0) > 0)
		; /* a refused exec is explained */
	found = error.stage == SV_STAGE_EXEC && run_report_unstarted(run);
	if (!found && (error.stage != SV_STAGE_EXEC || !run_report_unrunnable(run, error.error)))
		complain(run, &error, r, 0);
	return spawn_status(&error, found || (strchr(o->command[0], '/') && !is_missing(run)));
}

static int run_command(struct run *run)
{
	int status;

	status = prepare(run);
	if (status)
		return status;
	if (run->options.dry_run)
		return run_dry(run);
	status = run_report_begins(run);
	if (status)
		return status;
	status = spawn(run);
	kept_image_put(run, &run->found);
	if (status == 0) {
		run_report_status(run, "child-pid", sv_child_pid(run->child));
		status = run_loop(run);
		run_report_status(run, "exit-code", status);
	}
	run_report_end(run);
	return status;
}

/* The command's tasks end before the private directory goes, else they could fill it again. */
static void run_deinit(struct run *run)
{
	relay_close(&run->relay);
	terminal_put_back(&run->terminal);
	sv_child_free(run->child);
	sv_free(run->sv);
	sv_policy_free(run->sv_policy);
	policy_process_free(run->reader);
	kept_image_deinit(&run->kept);
	free(run->found.image);
	policy_free(run->policy);
	if (site_remove_tmp(&run->site) < 0)
		message_say(&run->message, "could not remove all of %s", run->site.tmp);
	site_deinit(&run->site);
	for (char **p = run->environment; p && *p; p++)
		free(*p);
	free(run->environment);
	run_report_deinit(&run->report);
	run_options_deinit(&run->options);
	run->events = output_free(run->events);
	run->status = output_free(run->status);
	run->message.output = output_free(run->message.output);
	if (run->signal_fd >= 0)
		close(run->signal_fd);
}

int main(int argc, char **argv)
{
	struct run run = {
		.message.program = "pcall-run",
		.options.json_status_fd = -1,
		.site = SITE_INIT,
		.events_fd = -1,
		.signal_fd = -1,
		.relay = {.master = -1, .slave = -1, .terminal = -1},
		.terminal.fd = -1,
		.parent = getppid(),
	};
	int status = EXIT_OURS;

	if (!fill_standard_fds())
		return EXIT_OURS;
	run.message.color = color_wanted(WHEN_AUTO, STDERR_FILENO);
	if (run_options_parse(&run, argc, argv, &status) == 0) {
		run.message.color = color_wanted(run.options.color, STDERR_FILENO);
		status = block_signals(&run);
		if (status == 0)
			status = run_command(&run);
	}
	run_deinit(&run);
	return status;
}
