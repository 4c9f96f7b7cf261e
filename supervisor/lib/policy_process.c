/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy's text, read in a process of its own.
 *
 * What comes back is hostile: a head of fixed size, and an image or words for people, both bounded.
 * It can only be another policy than the texts say.
 */
#include "lib/policy_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/inside.h"
#include "common/cleanup.h"
#include "common/io.h"
#include "confine/capabilities.h"
#include "confine/reader_filter.h"
#include "policy/image.h"
#include "policy/image_read.h"
#include "policy/parts.h"
#include "policyc/finish/finish.h"
#include "policyc/disk/witness.h"

struct policy_process {
	const struct policy_reading *reading;
	struct policy *policy; /* in a tree: here; else NULL */
	int pidfd;	       /* -1: it has ended */
	int socket;
	struct policy_error why; /* in a tree: of what was read here */
	int r;
	struct policy_found found;
};

/* One answer of the process: to what was read, and to what was finished. Behind it @size bytes. */
struct answer {
	int32_t result;
	uint32_t tmp, cache;
	uint32_t size;
	uint32_t more; /* of the size: a witness, behind the image */
};

/* --- the process ------------------------------------------------------------------------------ */

static void say(int fd, const void *bytes, size_t size)
{
	if (!write_whole(fd, bytes, size))
		_exit(1); /* nobody hears us */
}

/* To what was read; or that something failed. */
static void answer(int fd, int r, struct policy_uses uses, const struct policy_error *why)
{
	const struct answer head = { r, uses.tmp, uses.cache, (uint32_t)strlen(why->text), 0 };

	say(fd, &head, sizeof(head));
	say(fd, why->text, head.size);
}

static void hand_over(int fd, const char *image, size_t size, const struct witness *witness)
{
	size_t more = witness->failed || witness->size > IMAGE_OWN_MAX ? 0 : witness->size;
	const struct answer head = { .size = (uint32_t)(size + more), .more = (uint32_t)more };

	say(fd, &head, sizeof(head));
	say(fd, image, size);
	say(fd, witness->bytes, more);
}

static struct policy_uses uses_of(const struct policy *policy)
{
	return (struct policy_uses){ .tmp = policy_uses(policy, "${tmp}"),
				     .cache = policy_uses(policy, "${cache}") };
}

static int fill(const struct policy_reading *reading, struct witness *witness, struct policy **ret,
		struct policy_error *why)
{
	struct policy_env env = reading->env;
	int r;

	env.witness = witness;
	r = policy_new(&env, ret);

	return r < 0 ? r : reading->fill(reading->data, *ret, why);
}

static void read_and_hand_over(const struct policy_reading *reading, int fd)
{
	struct policy_error why = { .text = "" };
	struct witness witness = { 0 };
	struct policy *policy = NULL;
	char go, *text = NULL;
	size_t size = 0;
	struct policy_uses uses = { 0 };
	int r = confine_reader(fd);

	r = r ? r : fill(reading, reading->witnessed ? &witness : NULL, &policy, &why);
	if (r == 0)
		uses = uses_of(policy);
	answer(fd, r, uses, &why);
	if (r < 0 || !policy || TEMP_FAILURE_RETRY(read(fd, &go, 1)) != 1)
		return;
	witness_read_end(policy->env.witness);
	r = reading->lowers ? capabilities_lower(reading->keep_caps) : 0;
	r = r ? r : policy_finish(policy, &why);
	r = r ? r : policy_image_write(policy, &text, &size);
	if (r == -EFBIG)
		snprintf(why.text, sizeof(why.text),
			 "the policy has more than %zu bytes when its names are written out",
			 IMAGE_OWN_MAX);
	if (r < 0)
		answer(fd, r, (struct policy_uses){ 0 }, &why);
	else
		hand_over(fd, text, size, &witness);
}

/* In the process, which is a copy of ours: it returns from nothing, and no handler of ours runs in
 * it, for all signals are blocked. */
static void process_run(const struct policy_reading *reading, int fd, pid_t parent)
{
	/* In a new namespace of processes it has no parent. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && (getppid() == parent || getppid() == 0))
		read_and_hand_over(reading, fd);
	_exit(0);
}

/* --- our side --------------------------------------------------------------------------------- */

/* A fork, and a descriptor of it: its number may be another's when somebody else has waited for it.
 * 0 or a negative errno. */
static int fork_pidfd(const struct policy_reading *reading, int socket, int *ret_pidfd)
{
	pid_t parent = getpid(), pid = fork();
	int error;

	if (pid == 0)
		process_run(reading, socket, parent);
	if (pid < 0)
		return -errno;
	*ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (*ret_pidfd >= 0)
		return 0;
	error = errno;
	kill(pid, SIGKILL); /* it has only just begun */
	TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
	return -error;
}

static int process_fork(const struct policy_reading *reading, struct policy_process *process)
{
	int pair[2];
	sigset_t all, before;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	r = fork_pidfd(reading, pair[1], &process->pidfd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (r < 0)
		close(pair[0]);
	else
		process->socket = pair[0];
	return r;
}

int policy_process_start(const struct policy_reading *reading, struct policy_process **ret)
{
	struct policy_process *process = calloc(1, sizeof(*process));
	int r = 0;

	if (!process)
		return -ENOMEM;
	*process = (struct policy_process){ .reading = reading, .pidfd = -1, .socket = -1 };
	if (inside_is())
		process->r = fill(reading, NULL, &process->policy, &process->why);
	else
		r = process_fork(reading, process);
	if (r < 0) {
		free(process);
		return r;
	}
	*ret = process;
	return 0;
}

/* Ends it. The signal that ended it, which may be ours; 0: none, or somebody else waited for it. */
static int process_end(struct policy_process *process)
{
	siginfo_t info = { .si_code = 0 };

	if (process->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
		TEMP_FAILURE_RETRY(waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED));
		close(steal_fd(&process->pidfd));
	}
	return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

/* It has ended without an answer, or will. */
static int lost(struct policy_process *process, struct policy_error *why)
{
	int signal = process_end(process);

	if (signal && signal != SIGKILL)
		snprintf(why->text, sizeof(why->text),
			 "the process that reads policies was ended by signal %d", signal);
	else
		snprintf(why->text, sizeof(why->text),
			 "the process that reads policies ended without an answer");
	return -EPROTO;
}

/* Lines for people, bounded above: no byte of them moves a cursor. */
static void words_take(struct policy_error *why, const char *text)
{
	char *to = why->text;

	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		bool control = (*at < ' ' && *at != '\n' && *at != '\t') || *at == 0x7f;
		bool c1 = *at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;

		*to++ = control || c1 ? '?' : (char)*at;
	}
	*to = '\0';
}

/* An answer; what came with it is the caller's, and ends in a NUL. */
static int hear(struct policy_process *process, struct answer *ret, char **ret_text,
		struct policy_error *why)
{
	cleanup_free char *text = NULL;

	if (!read_whole(process->socket, ret, sizeof(*ret)))
		return lost(process, why);
	if (ret->size > (ret->result ? sizeof(why->text) - 1 : 2 * IMAGE_OWN_MAX) ||
	    ret->more > ret->size || ret->result > 0 || ret->result < -4095) {
		snprintf(why->text, sizeof(why->text),
			 "the process that reads policies gives a wrong answer");
		return -EPROTO;
	}
	text = malloc(ret->size + 1);
	if (!text)
		return -ENOMEM;
	if (!read_whole(process->socket, text, ret->size))
		return lost(process, why);
	text[ret->size] = '\0';
	if (ret->result)
		words_take(why, text);
	*ret_text = steal_pointer(&text);
	return ret->result;
}

int policy_process_read(struct policy_process *process, struct policy_uses *ret,
			struct policy_error *why)
{
	cleanup_free char *text = NULL;
	struct answer head = { 0 };
	int r;

	*ret = (struct policy_uses){ .tmp = false };
	if (process->socket < 0) {
		*why = process->why;
		if (process->r == 0)
			*ret = uses_of(process->policy);
		return process->r;
	}
	r = hear(process, &head, &text, why);
	*ret = (struct policy_uses){ .tmp = head.tmp, .cache = head.cache };
	return r;
}

void policy_process_go_on(struct policy_process *process)
{
	/* One that has ended says so when its answer is waited for. */
	if (process->socket >= 0)
		send(process->socket, "", 1, MSG_NOSIGNAL);
}

int policy_process_finish(struct policy_process *process, struct policy **ret,
			  struct policy_error *why)
{
	cleanup_free char *text = NULL;
	struct answer head = { 0 };
	int r;

	if (process->socket < 0) {
		r = policy_finish(process->policy, why);
		if (r == 0)
			*ret = steal_pointer(&process->policy);
		return r;
	}
	r = hear(process, &head, &text, why);
	if (r == 0)
		r = policy_image_read_within(&image_own, text, head.size - head.more,
					     &process->reading->env, ret, why);
	if (r == 0 && head.more)
		process->found = (struct policy_found){
			.image = steal_pointer(&text),
			.image_size = head.size - head.more,
			.witness_size = head.more,
		};
	return r;
}

struct policy_found policy_process_found(struct policy_process *process)
{
	struct policy_found found = process->found;

	process->found = (struct policy_found){ 0 };
	return found;
}

bool policy_process_is_used(void)
{
	return !inside_is();
}

struct names {
	const char *bytes;
	size_t size;
	const char *const *environment;
};

static bool names_hold(void *data)
{
	const struct names *names = data;

	return witness_holds(names->bytes, names->size, names->environment);
}

bool policy_names_hold(const char *names, size_t size, const char *const *environment,
		       uint64_t keep_caps)
{
	struct names all = { names, size, environment };

	return capabilities_without(keep_caps, names_hold, &all);
}

struct policy_process *policy_process_free(struct policy_process *process)
{
	if (!process)
		return NULL;
	policy_free(process->policy);
	free(process->found.image);
	if (process->socket >= 0)
		close(process->socket);
	process_end(process);
	free(process);
	return NULL;
}
