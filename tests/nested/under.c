/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * under N COMMAND...: runs the command below N levels, each of which takes nothing away: what
 * bounds it are those further out. Its end is ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "profiles.h"
#include "supervisor.h"

static const char *const everything[] = {
	"write /",     "exec /",     "unix / @*", "dev null tty /dev/ptmx /dev/pts",
	"connect *:*", "listen *:*", "method *",  NULL,
};

/* The same without what a sealed policy cannot have. */
static const char *const everything_sealed[] = {
	"read /",      "exec /",     "unix / @*", "dev null tty",
	"connect *:*", "listen *:*", "method *",  NULL,
};

static int status = -1;

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	if (event->type == SV_EVENT_EXITED)
		status = event->value;
	else if (getenv("BOX_VERBOSE"))
		fprintf(stderr, "level: event %d %s %s %s %s\n", event->type, event->syscall,
			event->verb, event->object, event->text ? event->text : "");
}

static int run(struct sv *sv, const char *const *argv, const struct sv_policy *policy,
	       struct sv_error *error)
{
	static const int passed[] = { 20, 21, 60 };
	int keep[sizeof(passed) / sizeof(*passed)];
	struct sv_spec spawn = { .size = sizeof(spawn),
				 .argv = argv,
				 .envp = (const char *const *)environ,
				 .policy = policy,
				 .label = "l",
				 .keep_fds = keep };
	struct sv_child *child;
	int r;

	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		if (fcntl(passed[i], F_GETFD) >= 0)
			keep[spawn.keep_fds_count++] = passed[i];
	r = sv_spawn(sv, &spawn, &child, error);
	while (spawn.keep_fds_count > 0)
		close(keep[--spawn.keep_fds_count]); /* a pipe hangs up with the command */
	while (r >= 0 && status < 0)
		r = sv_dispatch(sv, -1);
	return r;
}

int main(int argc, char **argv)
{
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .degraded = profile_degraded() };
	const struct sv_policy_source source = { .size = sizeof(source),
						 .lines = getenv("UNDER_SEALED") ? everything_sealed
										 : everything };
	struct sv_error error = { .text = "under N COMMAND..." };
	struct sv_policy *policy = NULL;
	struct sv *sv = NULL;
	char less[16];
	int n = argc > 2 ? atoi(argv[1]) : -1, r = n < 0 ? -EINVAL : 0;

	if (n == 0)
		return execv(argv[2], argv + 2), 127;
	if (r == 0)
		r = sv_policy_read(&source, &policy, &error);
	if (r == 0)
		r = sv_new(&options, &sv, &error);
	snprintf(less, sizeof(less), "%d", n - 1);
	argv[1] = less;
	if (r == 0)
		r = run(sv, (const char *const *)(n > 1 ? argv : argv + 2), policy, &error);
	sv_free(sv);
	sv_policy_free(policy);
	if (r < 0)
		fprintf(stderr, "under: %s: %s\n", strerror(-r), error.text);
	return r < 0 ? 125 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
