/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * embed: a daemon with an event loop of its own that runs jobs for others, each in a child.
 *
 *	embed SOCKET [POLICY-LINE]...
 *
 * Who connects writes one line, a shell command, and reads what it prints, how far it is ("progress
 * 40", when it calls the method job.progress) and its end ("wait status 0"). Everything happens on
 * one thread, in poll: the library's descriptor is one of several.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor.h"

#define JOBS 16

struct job {
	int fd; /* the connection; -1: this place is free */
	struct sv_child *child;
};

static struct job jobs[JOBS];

static void tell(const struct job *job, const char *what, int number)
{
	char line[64];
	int size = snprintf(line, sizeof(line), "%s %d\n", what, number);

	/* Who does not read loses lines, and holds up nobody. */
	send(job->fd, line, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The method job.progress(percent). The badge says whose child calls. */
static struct sv_answer progress(struct sv_call *call, void *data)
{
	(void)data;
	tell(&jobs[sv_call_badge(call)], "progress", (int)sv_call_word(call, 0));
	return sv_answer_value(0);
}

static void on_event(const struct sv_event *event, void *data)
{
	struct job *job = event->child ? sv_child_data(event->child) : NULL;

	(void)data;
	if (event->type != SV_EVENT_EXITED || !job)
		return;
	tell(job, "wait status", event->value);
	close(job->fd);
	sv_child_free(job->child);
	*job = (struct job){ .fd = -1 };
}

/* One command from the connection, as a child whose output is the connection. */
static void job_start(struct sv *sv, const struct sv_policy *policy, struct job *job)
{
	char line[4096];
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	const struct sv_spec spawn = { .size = sizeof(spawn),
				       .argv = argv,
				       .envp = (const char *const *)environ,
				       .label = "job",
				       .badge = (uint64_t)(job - jobs),
				       .policy = policy };
	ssize_t size = recv(job->fd, line, sizeof(line) - 1, 0);
	struct sv_error error = { 0 };

	line[size > 0 ? size : 0] = 0;
	dup2(job->fd, STDOUT_FILENO); /* a child gets our 0, 1 and 2 */
	if (size > 0 && sv_spawn(sv, &spawn, &job->child, &error) == 0)
		sv_child_set_data(job->child, job);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (!job->child) {
		send(job->fd, error.text, strlen(error.text), MSG_DONTWAIT | MSG_NOSIGNAL);
		close(job->fd);
		job->fd = -1;
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, JOBS) < 0)
		return -1;
	return fd;
}

static void serve(struct sv *sv, const struct sv_policy *policy, int listener)
{
	struct pollfd fds[JOBS + 2];

	for (;;) {
		struct job *place = NULL;

		for (int i = 0; i < JOBS; i++) {
			place = jobs[i].fd < 0 ? &jobs[i] : place;
			fds[i] = (struct pollfd){ jobs[i].child ? -1 : jobs[i].fd, POLLIN, 0 };
		}
		fds[JOBS] = (struct pollfd){ place ? listener : -1, POLLIN, 0 };
		fds[JOBS + 1] = (struct pollfd){ sv_poll_fd(sv), POLLIN, 0 };
		if (poll(fds, JOBS + 2, -1) < 0)
			continue;
		if (fds[JOBS].revents)
			place->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fds[JOBS + 1].revents)
			sv_dispatch(sv, 0); /* calls progress and on_event */
		for (int i = 0; i < JOBS; i++)
			if (fds[i].revents)
				job_start(sv, policy, &jobs[i]);
	}
}

int main(int argc, char **argv)
{
	const char *const from[] = { getenv("PCALL_POLICY_PATH"), NULL }; /* or the installed */
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .handlers_in_dispatch = 1 };
	const struct sv_policy_source source = {
		.size = sizeof(source),
		.names = (const char *const[]){"readonly", NULL},
		.directories = from[0] ? from : NULL,
		.lines = (const char *const *)argv + 2
	};
	struct sv_error error = { .text = "embed SOCKET [POLICY-LINE]..." };
	int listener = argc > 1 ? listen_at(argv[1]) : -1;
	struct sv_policy *policy = NULL;
	struct sv *sv = NULL;

	for (int i = 0; i < JOBS; i++)
		jobs[i].fd = -1;
	if (listener < 0 || sv_policy_read(&source, &policy, &error) < 0 ||
	    sv_new(&options, &sv, &error) < 0 ||
	    sv_define(sv, "job.progress", progress, NULL) < 0) {
		fprintf(stderr, "embed: %s\n", error.text);
		return 1;
	}
	serve(sv, policy, listener);
}
