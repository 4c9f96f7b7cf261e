/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Methods and runs for life.c and its levels. */
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "common/pcall-wire.h"
#include "profiles.h"

atomic_uint life_calls, life_asked;
char life_label[256];
_Atomic uint64_t life_badge;
_Atomic(struct sv_call *) life_held;
_Atomic(struct sv_call *) life_kept[8];
atomic_uint life_kept_count;
atomic_uint life_stuck;
atomic_bool life_go;
static atomic_uint answering; /* threads that have a call; none is to when it is freed */
static atomic_bool closing;

/* The sum of all six words. */
static struct sv_answer sum(struct sv_call *call, void *data)
{
	uint64_t all = 0;

	(void)data;
	atomic_fetch_add(&life_calls, 1);
	for (unsigned int i = 0; i < 6; i++)
		all += sv_call_word(call, i);
	return sv_answer_value((int64_t)all);
}

/* The bytes in, turned round. */
static struct sv_answer turn(struct sv_call *call, void *data)
{
	char in[1024], out[1024];
	ssize_t n = sv_call_input(call, in, sizeof(in));

	(void)data;
	for (ssize_t i = 0; i < n; i++)
		out[i] = in[n - 1 - i];
	return n < 0 ? sv_answer_error((int)-n) : sv_call_output(call, out, (size_t)n);
}

static const char large[PCALL_MESSAGE_MAX + 1];

/* How many bytes came in; and as many out as there is room for. */
static struct sv_answer sink(struct sv_call *call, void *data)
{
	char *room = malloc(sizeof(large));
	ssize_t n = room ? sv_call_input(call, room, sizeof(large)) : -ENOMEM;

	(void)data;
	free(room);
	return n < 0 ? sv_answer_error((int)-n) : sv_answer_value(n);
}

static struct sv_answer fill(struct sv_call *call, void *data)
{
	(void)data;
	return sv_call_output(call, large, sv_call_word(call, 3));
}

/* The length of a string. */
static struct sv_answer length(struct sv_call *call, void *data)
{
	char text[64];
	ssize_t n = sv_call_string(call, sv_call_word(call, 0), text, sizeof(text));

	(void)data;
	return n < 0 ? sv_answer_error((int)-n) : sv_answer_value(n);
}

/* A file with what is read from the caller's descriptor. */
static struct sv_answer copy(struct sv_call *call, void *data)
{
	cleanup_fd int from = sv_call_fd(call, (int)sv_call_word(call, 0));
	cleanup_fd int to = memfd_create("copy", MFD_CLOEXEC);
	char bytes[256];
	ssize_t n = from < 0 ? 0 : pread(from, bytes, sizeof(bytes), 0);

	(void)data;
	if (from < 0)
		return sv_answer_error(-from);
	if (n < 0 || pwrite(to, bytes, (size_t)n, 0) != n)
		return sv_answer_error(EIO);
	return sv_answer_fd(steal_fd(&to), O_CLOEXEC);
}

static struct sv_answer who(struct sv_call *call, void *data)
{
	(void)data;
	snprintf(life_label, sizeof(life_label), "%s", sv_call_label(call));
	life_badge = sv_call_badge(call);
	atomic_fetch_add(&life_asked, 1);
	return sv_answer_value(sv_call_pid(call));
}

static void *answer_run(void *data)
{
	struct sv_call *call = data;
	char text[8] = "";

	/* it may be used before its handler has returned */
	if (sv_call_read(call, sv_call_word(call, 0), text, 4) < 0)
		sv_call_answer(call, sv_answer_error(EBADMSG));
	else
		sv_call_answer(call, sv_answer_value(atoi(text)));
	atomic_fetch_sub(&answering, 1);
	return NULL;
}

/* The number that the four bytes spell, from another thread. */
static struct sv_answer later(struct sv_call *call, void *data)
{
	pthread_t thread;

	(void)data;
	atomic_fetch_add(&answering, 1);
	if (closing || pthread_create(&thread, NULL, answer_run, call)) {
		atomic_fetch_sub(&answering, 1);
		return sv_answer_error(EAGAIN);
	}
	pthread_detach(thread);
	return sv_answer_later();
}

/* Two answers before the handler returns: the first counts. */
static struct sv_answer early(struct sv_call *call, void *data)
{
	int first = sv_call_answer(call, sv_answer_value(11)),
	    second = sv_call_answer(call, sv_answer_value(12));

	(void)data;
	if (first != 0 || second != -EALREADY || sv_call_answer(call, sv_answer_later()) != -EINVAL)
		return sv_answer_value(99);
	return sv_answer_later();
}

static struct sv_answer hold(struct sv_call *call, void *data)
{
	struct sv_call *none = NULL;

	(void)data;
	atomic_fetch_add(&life_calls, 1);
	if (!atomic_compare_exchange_strong(&life_held, &none, call))
		return sv_answer_error(EBUSY);
	return sv_answer_later();
}

/* All are kept. */
static struct sv_answer keep(struct sv_call *call, void *data)
{
	unsigned int n = atomic_fetch_add(&life_kept_count, 1);

	(void)data;
	if (n < array_size(life_kept))
		atomic_store(&life_kept[n], call);
	return n < array_size(life_kept) ? sv_answer_later() : sv_answer_error(ENOSPC);
}

/* Stays in its handler until somebody lets all go. */
static struct sv_answer stuck(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	atomic_fetch_add(&life_stuck, 1);
	while (!atomic_load(&life_go))
		usleep(1000);
	return sv_answer_value(0);
}

static struct sv_answer go(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	atomic_store(&life_go, true);
	return sv_answer_value(0);
}

/* Nobody answers it: its time is short. */
static struct sv_answer never(struct sv_call *call, void *data)
{
	(void)data;
	return sv_call_limit(call, 30) < 0 ? sv_answer_value(1) : sv_answer_later();
}

static struct sv_answer pass(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	return sv_answer_forward();
}

int life_define(struct sv *sv)
{
	static const struct {
		const char *name;
		sv_handler *handler;
	} methods[] = {
		{"life.copy",    copy  },
		 { "life.early",	 early },
		    { "life.fill",   fill	},
		{ "life.go",     go	},
		 { "life.hold",	hold  },
		    { "life.keep",   keep	},
		{ "life.later",	later },
		 { "life.length", length},
		    { "life.never",  never },
		{ "life.pass",   pass  },
		 { "life.stuck",	 stuck },
		    { "life.sink",   sink	},
		{ "life.sum",    sum	  },
		 { "life.turn",	turn  },
		    { "life.who",	  who   },
	};
	int r = 0;

	for (size_t i = 0; i < array_size(methods) && r >= 0; i++)
		r = sv_define(sv, methods[i].name, methods[i].handler, NULL);
	return r < 0 ? r : 0;
}

atomic_int life_gate_error;
pthread_t life_gate_thread;
atomic_uint life_gated;

static struct sv_answer gate(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	life_gate_thread = pthread_self();
	atomic_fetch_add(&life_gated, 1);
	return life_gate_error ? sv_answer_error(life_gate_error) : sv_answer_forward();
}

int life_gate(struct sv *sv, int number)
{
	return sv_intercept(sv, number, gate, NULL);
}

atomic_int life_births;

static struct sv_answer gate_with_births(struct sv_call *call, void *data)
{
	static const char *const lines[] = { "method life.*", NULL }, *const words[] = { "uses",
											 NULL };
	struct sv_spec like = { .label = "begotten" };
	int r = 0;

	(void)call;
	if (atomic_fetch_sub(&life_births, 1) > 0)
		r = life_run(data, &like, lines, words, NULL);
	return r < 0 ? sv_answer_error(-r) : sv_answer_forward();
}

int life_gate_with_births(struct life *life, int number)
{
	return sv_intercept(life->sv, number, gate_with_births, life);
}

void life_on_event(const struct sv_event *event, void *data)
{
	struct life *life = data;

	if (getenv("LIFE_VERBOSE"))
		fprintf(stderr, "event %d %s %s %s\n", event->type, event->verb ? event->verb : "",
			event->object ? event->object : "", event->text ? event->text : "");
	if (event->type == SV_EVENT_EXITED) {
		life->status = event->value;
		atomic_fetch_add(&life->exited, 1);
	} else if (event->type == SV_EVENT_LIMIT) {
		life->limited = event->child;
	} else if (event->type == SV_EVENT_STOPPED || event->type == SV_EVENT_CONTINUED) {
		life->stopped = event->value;
	} else if (event->type == SV_EVENT_ADOPTED) {
		life->adopted = event->child;
		life->adoptions++;
		snprintf(life->adopted_label, sizeof(life->adopted_label), "%s", event->text);
	}
}

int life_open(struct life *life, struct sv_options options)
{
	struct sv_error error = { .text = "" };
	int r;

	*life = (struct life){ .sv = NULL };
	atomic_store(&closing, false);
	options.size = sizeof(options);
	options.on_event = life_on_event;
	options.degraded = profile_degraded();
	options.data = life;
	r = sv_new(&options, &life->sv, &error);
	if (r < 0)
		fprintf(stderr, "sv_new: %s\n", error.text);
	return r;
}

void life_close(struct life *life)
{
	atomic_store(&closing, true);
	while (atomic_load(&answering))
		usleep(1000);
	life->sv = sv_free(life->sv);
	for (size_t i = 0; i < array_size(life->policies); i++)
		life->policies[i] = sv_policy_free(life->policies[i]);
}

int life_run(struct life *life, const struct sv_spec *like, const char *const *lines,
	     const char *const *words, struct sv_child **ret_child)
{
	const char *policy_lines[16] = {
		"read /lib /lib64 /usr/lib /etc/ld.so.cache /proc/self /dev/null",
		"exec /lib64/ld-linux-x86-64.so.2 /bin/true",
	};
	const struct sv_policy_source source = { .size = sizeof(source), .lines = policy_lines };
	char role[512], under[512], line[1200];
	const char *argv[8] = { role };
	struct sv_spec spawn = *like;
	struct sv_error error = { .text = "" };
	struct sv_policy *policy;
	struct sv_child *child;
	size_t n = 2;
	int r;

	snprintf(role, sizeof(role), "%s/tests/nested/life_role", getenv("PCALL_BUILD"));
	snprintf(under, sizeof(under), "%s/tests/nested/under", getenv("PCALL_BUILD"));
	snprintf(line, sizeof(line), "exec \"%s\" \"%s\"", role, under);
	policy_lines[n++] = line;
	for (size_t i = 0; lines && lines[i]; i++)
		policy_lines[n++] = lines[i];
	for (size_t i = 0; words[i]; i++)
		argv[i + 1] = words[i];
	/* "under" N ROLE: below levels */
	if (strcmp(words[0], "under") == 0) {
		argv[0] = under;
		argv[1] = words[1];
		argv[2] = role;
		for (size_t i = 2; words[i]; i++)
			argv[i + 1] = words[i];
	}
	r = sv_policy_read(&source, &policy, &error);
	if (r == 0) {
		spawn.size = sizeof(spawn);
		spawn.argv = argv;
		spawn.envp = (const char *const *)environ;
		spawn.policy = policy;
		r = sv_spawn(life->sv, &spawn, ret_child ? ret_child : &child, &error);
		life->policies[life->policies_count++ % array_size(life->policies)] = policy;
	}
	if (r < 0 && getenv("LIFE_VERBOSE"))
		fprintf(stderr, "%s: %s\n", words[0], error.text);
	return r;
}

int life_wait(struct life *life, int exited)
{
	while (atomic_load(&life->exited) < exited)
		if (sv_dispatch(life->sv, -1) < 0)
			return -1;
	return life->status;
}
