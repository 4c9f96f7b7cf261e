/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * consent: a service that owns a device, asks a person before it hands the device to a program, and
 * can take the right to ask back.
 *
 *	consent DEVICE POLICY-LINE -- COMMAND...
 *
 * The command calls device.open and waits. Its call is left open (sv_answer_later) while the person
 *thinks, and the service goes on; the words of the person, one a line on standard input, answer it:
 *	yes, no		the oldest question
 *	revoke, restore	the right to ask: from the next call on
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor.h"

#define QUESTIONS 8

struct service {
	const char *device;
	struct sv_child *child;
	int method;
	struct sv_call *questions[QUESTIONS]; /* the oldest first */
	unsigned int count;
	int status; /* of the child; -1: it runs */
};

/* The method device.open(): a descriptor, if a person agrees. */
static struct sv_answer device_open(struct sv_call *call, void *data)
{
	struct service *service = data;

	if (service->count == QUESTIONS)
		return sv_answer_error(EBUSY);
	sv_call_limit(call, 60000); /* a minute; then its caller gets ETIMEDOUT */
	service->questions[service->count++] = call;
	printf("%s (process %d) asks for %s: yes or no?\n", sv_call_label(call),
	       (int)sv_call_pid(call), service->device);
	return sv_answer_later();
}

/* The oldest question is answered; a caller that is gone is no harm. */
static void answer(struct service *service, struct sv_answer with)
{
	struct sv_call *call = service->questions[0];

	memmove(service->questions, service->questions + 1,
		--service->count * sizeof(struct sv_call *));
	if (sv_call_answer(call, with) < 0)
		printf("nobody waits for this answer\n");
}

static void hear(struct service *service, const char *word)
{
	int fd;

	if (!strcmp(word, "revoke") || !strcmp(word, "restore"))
		printf("%s: %d\n", word,
		       sv_child_mask(service->child, service->method, !strcmp(word, "restore")));
	else if (service->count == 0)
		printf("nobody asks\n");
	else if (!strcmp(word, "no"))
		answer(service, sv_answer_error(EACCES));
	else if (!strcmp(word, "yes") && (fd = open(service->device, O_RDWR | O_CLOEXEC)) >= 0)
		answer(service, sv_answer_fd(fd, O_CLOEXEC)); /* closes it */
	else if (!strcmp(word, "yes"))
		answer(service, sv_answer_error(errno));
	else
		printf("yes, no, revoke or restore?\n");
}

static void on_event(const struct sv_event *event, void *data)
{
	struct service *service = data;

	if (event->type == SV_EVENT_EXITED)
		service->status = event->value;
}

static void serve(struct sv *sv, struct service *service, FILE *person)
{
	struct pollfd fds[2] = {
		{sv_poll_fd(sv),  POLLIN, 0},
		       { fileno(person), POLLIN, 0}
	};
	char word[64];

	while (service->status < 0) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			sv_dispatch(sv, 0); /* calls device_open and on_event */
		if (fds[1].revents && fgets(word, sizeof(word), person)) {
			word[strcspn(word, "\n")] = 0;
			hear(service, word);
		} else if (fds[1].revents) {
			fds[1].fd = -1; /* the person went away: questions time out */
		}
	}
	while (service->count)
		answer(service, sv_answer_error(ECANCELED)); /* a call lives until it is answered */
}

int main(int argc, char **argv)
{
	/* NULL: where they are installed */
	const char *const from[] = { getenv("PCALL_POLICY_PATH"), NULL };
	const char *const lines[] = { "method device.open", argc > 2 ? argv[2] : NULL, NULL };
	const struct sv_policy_source source = {
		.size = sizeof(source),
		.names = (const char *const[]){"readonly", NULL},
		.directories = from[0] ? from : NULL,
		.lines = lines
	};
	struct service service = { .device = argv[1], .status = -1 };
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .data = &service,
					    .handlers_in_dispatch = 1 };
	struct sv_spec spawn = { .size = sizeof(spawn), .envp = (const char *const *)environ };
	struct sv_policy *policy = NULL;
	struct sv_error error = { .text = "consent DEVICE POLICY-LINE -- COMMAND..." };
	FILE *person = fdopen(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "r");
	struct sv *sv = NULL;

	setvbuf(person, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 4 && freopen("/dev/null", "r", stdin) && /* it is the command's, too */
	    !sv_policy_read(&source, &policy, &error) && !sv_new(&options, &sv, &error)) {
		service.method = sv_define(sv, "device.open", device_open, &service);
		spawn.argv = (const char *const *)argv + 4;
		spawn.policy = policy;
		if (!sv_spawn(sv, &spawn, &service.child, &error)) {
			serve(sv, &service, person);
			sv_free(sv);
			sv_policy_free(policy);
			return WIFEXITED(service.status) ? WEXITSTATUS(service.status) : 1;
		}
	}
	fprintf(stderr, "consent: %s\n", error.text);
	return 125;
}
