/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pcall call: a method of the supervisors above this very process, from a shell. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "pcall/inside.h"
#include "pcall/request.h"
#include "pcall/words.h"
#include "pcall.h"

/* What helps against an errno, where something does. */
static const struct {
	int error;
	const char *text;
} remedies[] = {
	{ENOSYS,	  "nothing answers it; see pcall methods"					  },
	{ EACCES,	  "a supervisor above refuses it to this process"				  },
	{ EMSGSIZE,  "its answer, or what it was given, is too long; --size N makes room for more"},
	{ ETIMEDOUT, "its supervisor did not answer in time"					     },
	{ EFAULT,	  "it wants a message: -m TEXT"						},
};

static const char *remedy(int error)
{
	for (size_t i = 0; i < array_size(remedies); i++)
		if (remedies[i].error == error)
			return remedies[i].text;
	return NULL;
}

/* All of standard input. -EFBIG, or as read(2). */
static int read_all(char **ret, size_t *ret_size)
{
	cleanup_free char *bytes = NULL;
	size_t size = 0, room = 0;
	ssize_t n = 1;

	while (n > 0) {
		if (size == room) {
			char *more = room < REQUEST_BYTES_MAX
					     ? realloc(bytes, room ? room * 2 : 4096)
					     : NULL;

			if (!more)
				return room < REQUEST_BYTES_MAX ? -ENOMEM : -EFBIG;
			bytes = more;
			room = room ? room * 2 : 4096;
		}
		n = read(STDIN_FILENO, bytes + size, room - size);
		if (n < 0)
			return -errno;
		size += (size_t)n;
	}
	*ret = steal_pointer(&bytes);
	*ret_size = size;
	return 0;
}

static int write_all(const char *bytes, size_t size)
{
	ssize_t n;

	for (; size > 0; bytes += n, size -= (size_t)n) {
		n = write(STDOUT_FILENO, bytes, size);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* The message of a request, in memory of its own where it comes from standard input. */
static int message_in(const struct message *message, const struct request *request, char **ret,
		      size_t *ret_size)
{
	int r;

	if (strcmp(request->text, "-")) {
		*ret = strdup(request->text);
		*ret_size = strlen(request->text);
		return *ret ? 0 : message_say(message, "out of memory");
	}
	r = read_all(ret, ret_size);
	if (r == -EFBIG)
		return message_say(message, "standard input: more than %d bytes are no message",
				   REQUEST_BYTES_MAX);
	return r < 0 ? message_say(message, "standard input: %s", strerror(-r)) : 0;
}

static int failed(const struct message *message, const struct request *request, long error)
{
	const char *help = remedy((int)-error);

	message_say(message, "%s: %s%s%s", request->name, strerror((int)-error), help ? ": " : "",
		    help ? help : "");
	return EXIT_NO;
}

static int call_message(const struct message *message, const struct request *request, int method)
{
	cleanup_free char *in = NULL, *out = NULL;
	size_t size = 0;
	long r;
	int status = message_in(message, request, &in, &size);

	if (status)
		return status;
	out = malloc(request->room + 1);
	if (!out)
		return message_say(message, "out of memory");
	r = pcall_message(method, in, size, out, request->room);
	if (r < 0)
		return failed(message, request, r);
	status = (size_t)r <= request->room ? write_all(out, (size_t)r) : -EPROTO;
	return status < 0 ? message_say(message, "standard output: %s", strerror(-status)) : 0;
}

/* Becomes the command. */
static int run_with(const struct message *message, const struct request *request, int fd)
{
	/* Its own number already: then only the flag goes. */
	if (fd == request->fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, request->fd) < 0)
		return message_say(message, "descriptor %d: %s", request->fd, strerror(errno));
	if (fd != request->fd)
		close(fd);
	execvp(request->command[0], request->command);
	message_say(message, "%s: %s", request->command[0], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE;
}

static int copy_out(const struct message *message, int fd)
{
	char bytes[16384];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(fd, bytes, sizeof(bytes))) != 0)
		r = n < 0 ? -errno : write_all(bytes, (size_t)n);
	return r < 0 ? message_say(message, "copying the descriptor: %s", strerror(-r)) : 0;
}

static int call_fd(const struct message *message, const struct request *request, int method)
{
	const long *w = request->words;
	cleanup_free char *in = NULL;
	size_t size = 0;
	long r;
	int status = request->text ? message_in(message, request, &in, &size) : 0;

	if (status)
		return status;
	r = request->text ? pcall_message(method, in, size, NULL, 0)
			  : pcall(method, w[0], w[1], w[2], w[3], w[4], w[5]);
	if (r < 0)
		return failed(message, request, r);
	if (r > INT_MAX || fcntl((int)r, F_GETFD) < 0) {
		message_say(message, "%s: its answer, %ld, is no descriptor", request->name, r);
		return EXIT_NO;
	}
	if (request->command)
		return run_with(message, request, (int)r);
	status = copy_out(message, (int)r);
	close((int)r);
	return status;
}

static int call_words(const struct message *message, const struct request *request, int method)
{
	const long *w = request->words;
	long r = pcall(method, w[0], w[1], w[2], w[3], w[4], w[5]);

	if (r < 0)
		return failed(message, request, r);
	printf("%ld\n", r);
	return 0;
}

int word_call(struct pcall *pcall, char **args)
{
	struct request request;
	int method, status = request_parse(&pcall->message, args, &request);

	if (status)
		return status;
	method = pcall_method(request.name);
	if (method < 0)
		return inside_no_method(&pcall->message, request.name);
	if (request.fd != REQUEST_NO_FD)
		return call_fd(&pcall->message, &request, method);
	return request.text ? call_message(&pcall->message, &request, method)
			    : call_words(&pcall->message, &request, method);
}
