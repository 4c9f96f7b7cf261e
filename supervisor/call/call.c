/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call: its registers and strings, and what is told of it. */
#include "call/call.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/clock.h"
#include "call/memory.h"
#include "call/pool.h"
#include "call/caller.h"
#include "tree/tree.h"

enum {
	STRING_MAX = 256, /* of an argument 's' */
};

/* The argument as its letter says: width and sign. */
static union arg arg_decode(char letter, uint64_t raw)
{
	union arg arg = { .u = raw };

	switch (letter) {
	case 'd':
	case 'f':
	case 'i': arg.s = (int32_t)(uint32_t)raw; break;
	case 'u': arg.u = (uint32_t)raw; break;
	case 'm': arg.u = raw & 0xffff; break;
	}
	return arg;
}

void registers_decode(struct registers *regs, const struct seccomp_notif *notification,
		      const char *letters)
{
	size_t i = 0;

	regs->tid = (pid_t)notification->pid;
	regs->nr = notification->data.nr;
	for (; letters[i] != '\0'; i++)
		regs->arg[i] = arg_decode(letters[i], notification->data.args[i]);
	for (; i < 6; i++)
		regs->arg[i] = (union arg){ .u = 0 };
}

/* Copies the strings, once. 0 or the errno that the child gets. */
int call_copy_strings(struct call *call)
{
	char(*buffer)[PATH_MAX] = call->receiver->strings;
	unsigned int count = 0;

	for (size_t i = 0; call->row->args[i] != '\0'; i++) {
		char letter = call->row->args[i];
		int r;

		if (letter != 'p' && letter != 's' && letter != 't')
			continue;
		if (letter == 't' && call->regs.arg[i].u == 0) {
			call->path[count++] = NULL;
			continue;
		}
		r = mem_string(call, call->regs.arg[i].u, buffer[count],
			       letter == 's' ? STRING_MAX : PATH_MAX, NULL);
		if (r != 0)
			return r;
		call->path[count] = buffer[count];
		count++;
	}
	call->copied = true;
	return 0;
}

/* The basename of the caller's program; "" if it cannot be told. */
static void caller_exe(pid_t tid, char *ret, size_t size)
{
	char link[32], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", tid);
	n = readlink(link, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	slash = strrchr(target, '/');
	snprintf(ret, size, "%.*s", (int)size - 1, slash ? slash + 1 : target);
}

static void event_push(struct child *child, struct sv_event *event)
{
	event->time_ns = clock_real_ns();
	child_tell(child, event);
}

/* Adds what is known of the caller. */
static void denied_push_event(const struct registers *regs, struct sv_event *event)
{
	const struct sysrow *row = regs->child->tree->rows->find(regs->nr);
	char exe[NAME_MAX + 1];

	event->type = SV_EVENT_DENIED;
	event->syscall = row ? row->name : "";
	event->exe = exe;
	caller_exe(regs->tid, exe, sizeof(exe));
	event_push(regs->child, event);
}

static void denied_push(const struct registers *regs, pid_t pid, struct verdict verdict,
			enum verb verb, const char *object, const char *as_given, int error)
{
	struct sv_event event = {
		.pid = pid,
		.value = error,
		.verb = verb_name(verb),
		.object = object,
		.as_given = as_given && strcmp(as_given, object) != 0 ? as_given : NULL,
	};

	if (verdict.rule) {
		event.policy = verdict.rule->policy;
		event.rule_source = verdict.rule->source;
		event.rule_line = verdict.rule->line;
		event.rule_text = verdict.rule->text;
	}
	denied_push_event(regs, &event);
}

int registers_refuse(const struct registers *regs, const char *object, const char *why,
		     bool lacking, int error)
{
	struct sv_event event = {
		.pid = regs->tid,
		.value = error,
		.verb = verb_name(VERB_NONE),
		.object = object,
		.text = why,
		.lacking = lacking,
	};

	denied_push_event(regs, &event);
	return error;
}

int call_deny(struct call *call, struct verdict verdict, enum verb verb, int error,
	      const char *object, const char *as_given)
{
	pid_t pid = call->regs.tid;

	task_tgid(call, &pid);
	denied_push(&call->regs, pid, verdict, verb, object, as_given, error);
	return error;
}

int registers_deny_rule(const struct registers *regs, const struct rule *rule, enum verb verb,
			const char *object, int error)
{
	denied_push(regs, regs->tid, (struct verdict){ .decision = DECISION_DENY, .rule = rule },
		    verb, object, NULL, error);
	return error;
}

int registers_deny(const struct registers *regs, enum verb verb, const char *object, int error)
{
	return registers_deny_rule(regs, NULL, verb, object, error);
}

struct sv_gate gate_owned(const struct registers *regs, pid_t pid, int error)
{
	char object[32];

	if (child_owns(regs->child, pid))
		return gate_continue();
	if (pid <= 0 || child_sees_nobody(regs->child, pid))
		return gate_error(error);
	snprintf(object, sizeof(object), "process %d", pid);
	return gate_error(registers_deny(regs, VERB_NONE, object, error));
}

void call_fault(struct call *call, const char *text)
{
	struct sv_event event = {
		.type = SV_EVENT_FAULT,
		.pid = call->regs.tid,
		.syscall = call->row ? call->row->name : "",
		.text = text,
	};

	event_push(call->regs.child, &event);
}

/*
 * Errors of system calls that we made for the child are its errors, but for those that speak of us:
 * our descriptor table, our filter, our memory.
 */
int child_errno(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE: return ENOMEM;
	case EBADF:
	case EFAULT: return EIO;
	}
	return error;
}

struct sv_answer answer_fail(struct call *call, int r)
{
	char text[128];

	if (r > 0)
		return sv_answer_error(r);
	snprintf(text, sizeof(text), "%s failed inside the supervisor: %s", call->row->name,
		 strerror(-r));
	call_fault(call, text);
	return sv_answer_error(r == -ENOMEM ? ENOMEM : EIO);
}
