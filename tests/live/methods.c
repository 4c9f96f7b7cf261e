/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A supervisor with a few methods, for scripts: methods [POLICY-LINE]... -- COMMAND...
 *
 * The command runs under the policy readonly and the lines. Its exit status is ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "profiles.h"
#include "supervisor.h"

enum {
	LINES = 16,
	BYTES = 1 << 16,
	OPEN = 16,
};

/* demo.add(a, b) */
static struct sv_answer add(struct sv_call *call, void *data)
{
	return sv_answer_value((int64_t)(sv_call_word(call, 0) + sv_call_word(call, 1)));
}

/* demo.echo: the bytes in, out */
static struct sv_answer echo(struct sv_call *call, void *data)
{
	cleanup_free char *bytes = malloc(BYTES);
	ssize_t size = bytes ? sv_call_input(call, bytes, BYTES) : -ENOMEM;

	return size < 0 ? sv_answer_error((int)-size) : sv_call_output(call, bytes, (size_t)size);
}

/* demo.who: the caller's label */
static struct sv_answer who(struct sv_call *call, void *data)
{
	const char *label = sv_call_label(call);

	return sv_call_output(call, label, strlen(label));
}

/* demo.give: a descriptor to read from */
static struct sv_answer give(struct sv_call *call, void *data)
{
	int fd = memfd_create("given", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, "given\n", 6, 0) != 6)
		return sv_answer_error(EIO);
	return sv_answer_fd(fd, O_CLOEXEC);
}

/* demo.ring: a descriptor that no child may hold */
static struct sv_answer ring(struct sv_call *call, void *data)
{
	char parameters[120] = { 0 }; /* struct io_uring_params, all of it zero */
	int fd = (int)syscall(SYS_io_uring_setup, 1, parameters);

	return fd < 0 ? sv_answer_error(ENOTSUP) : sv_answer_fd(fd, O_CLOEXEC);
}

/* demo.take(descriptor, address): the sum of up to 256 bytes that are read from it, and of the byte
 * there, if that is not 0 */
static struct sv_answer take(struct sv_call *call, void *data)
{
	cleanup_fd int fd = sv_call_fd(call, (int)sv_call_word(call, 0));
	unsigned char bytes[256];
	int64_t sum = 0;
	ssize_t size;

	if (fd < 0)
		return sv_answer_error(-fd);
	size = read(fd, bytes, sizeof(bytes) - 1);
	if (size >= 0 && sv_call_word(call, 1)) {
		int r = sv_call_read(call, sv_call_word(call, 1), &bytes[size++], 1);

		if (r < 0)
			return sv_answer_error(-r);
	}
	for (ssize_t i = 0; i < size; i++)
		sum += bytes[i];
	return size < 0 ? sv_answer_error(errno) : sv_answer_value(sum);
}

/* demo.sixth: the last of six words, but for its low byte: a result that is no error */
static struct sv_answer sixth(struct sv_call *call, void *data)
{
	return sv_answer_value((int64_t)(sv_call_word(call, 5) >> 8));
}

/* demo.fail(errno) */
static struct sv_answer fail(struct sv_call *call, void *data)
{
	return sv_answer_error((int)sv_call_word(call, 0));
}

static void *answer_later(void *data)
{
	struct sv_call *call = data;

	sv_call_answer(call, sv_answer_value((int64_t)sv_call_word(call, 0) * 2));
	return NULL;
}

/* demo.later(n): twice as much, from another thread */
static struct sv_answer later(struct sv_call *call, void *data)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, answer_later, call);

	if (r)
		return sv_answer_error(r);
	pthread_detach(thread);
	return sv_answer_later();
}

static _Atomic(struct sv_call *) left_open[OPEN];
static atomic_uint left_open_count;

/* demo.never: nobody answers, until its time is over */
static struct sv_answer never(struct sv_call *call, void *data)
{
	unsigned int i = atomic_fetch_add(&left_open_count, 1);

	if (i >= OPEN)
		return sv_answer_error(EBUSY);
	left_open[i] = call;
	sv_call_limit(call, 50);
	return sv_answer_later();
}

/* What is left open lives until it is answered. */
static void answer_all(void)
{
	for (unsigned int i = 0; i < OPEN; i++)
		if (left_open[i])
			sv_call_answer(left_open[i], sv_answer_error(ECANCELED));
}

static const struct {
	const char *name;
	sv_handler *handler;
} methods[] = {
	{"demo.add",    add  },
	       { "demo.echo",  echo },
	{ "demo.fail",  fail },
	{ "demo.give",  give },
	       { "demo.later", later},
	{ "demo.never", never},
	{ "demo.ring",  ring },
	       { "demo.sixth", sixth},
	{ "demo.take",  take },
	{ "demo.who",   who  },
};

static void on_event(const struct sv_event *event, void *data)
{
	int *status = data;

	if (event->type == SV_EVENT_EXITED)
		*status = event->value;
	else if (event->type == SV_EVENT_DENIED && getenv("METHODS_VERBOSE"))
		fprintf(stderr, "methods: denied %s %s\n", event->verb, event->object);
}

static int run(struct sv *sv, const struct sv_policy *policy, char **argv, const int *status,
	       struct sv_error *error)
{
	const struct sv_spec spawn = { .size = sizeof(spawn),
				       .argv = (const char *const *)argv,
				       .envp = (const char *const *)environ,
				       .label = "demo",
				       .policy = policy };
	struct sv_child *child = NULL;
	int r = sv_spawn(sv, &spawn, &child, error);

	while (r >= 0 && *status < 0)
		r = sv_dispatch(sv, -1);
	sv_child_free(child);
	return r;
}

int main(int argc, char **argv)
{
	const char *names[] = { "readonly", NULL }, *lines[LINES + 1] = { NULL };
	const char *directories[] = { getenv("PCALL_POLICY_PATH"), NULL };
	const struct sv_policy_source source = {
		.size = sizeof(source), .names = names, .lines = lines, .directories = directories
	};
	int status = -1, r, i;
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .data = &status,
					    .degraded = profile_degraded() };
	struct sv_error error = { .text = "methods [POLICY-LINE]... -- COMMAND..." };
	struct sv_policy *policy = NULL;
	struct sv *sv = NULL;

	for (i = 1; i < argc && i <= LINES && strcmp(argv[i], "--"); i++)
		lines[i - 1] = argv[i];
	r = i + 1 < argc ? sv_policy_read(&source, &policy, &error) : -EINVAL;
	if (r == 0)
		r = sv_new(&options, &sv, &error);
	for (size_t m = 0; m < array_size(methods) && r >= 0; m++)
		r = sv_define(sv, methods[m].name, methods[m].handler, NULL);
	if (r >= 0)
		r = run(sv, policy, argv + i + 1, &status, &error);
	answer_all();
	sv_free(sv);
	sv_policy_free(policy);
	if (r < 0)
		fprintf(stderr, "methods: %s: %s\n", strerror(-r), error.text);
	return r < 0 || !WIFEXITED(status) ? 125 : WEXITSTATUS(status);
}
