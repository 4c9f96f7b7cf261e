/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a call, in one order, in one function: call_serve. */
#include "call/call.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "engine/engine.h"
#include "level/requests.h"
#include "upcall/upcall.h"
#include "confine/decide.h"
#include "call/memory.h"
#include "engine/receiver.h"
#include "sys/rows.h"
#include "call/caller.h"
#include "call/fd_take.h"
#include "call/tracee.h"
#include "tree/tree.h"

enum {
	STRING_MAX = 256, /* of an argument 's' */
};

bool call_valid(const struct call *call)
{
	uint64_t id = call->id;

	return ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

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

static void registers_decode(struct registers *regs, const struct seccomp_notif *notification,
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
static int call_copy_strings(struct call *call)
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

static struct sv_answer call_handle(struct call *call)
{
	int r = call->copied ? 0 : call_copy_strings(call);

	return r != 0 ? answer_fail(call, r) : call->row->handler(call);
}

static void bounded_answer(struct call *call)
{
	int r = call->copied ? 0 : call_copy_strings(call);
	struct sv_gate gate = r != 0 ? gate_error(r) : call->row->bounded(call);

	if (!gate.answered)
		gate_send(call->regs.child->listener, call->id, gate);
}

/* A handler that found that it has to begin anew has no answer. Who was asked before that row is
 * not asked again. True: this was all. */
static bool began_anew(struct call *call)
{
	int r;

	if (!fd_take_wished(call))
		return false;
	r = call->held ? call_begin_anew(call->held, call, NULL) : fd_take_again(call, NULL);
	if (r != 0)
		answer_send(call->regs.child->listener, call->id, sv_error(r));
	return true;
}

static void handler_answer(struct call *call)
{
	struct sv_answer answer = call_handle(call);

	if (began_anew(call))
		return;
	fd_take_done(call);
	call_answer(call, answer);
}

/* By the row's own handler. */
static void row_answer(struct call *call)
{
	const struct sysrow *row = call->row;
	int listener = call->regs.child->listener;

	call->anew = true;
	if (row->handler)
		handler_answer(call);
	else if (row->gate)
		gate_send(listener, call->id, row->gate(&call->regs));
	else if (row->bounded)
		bounded_answer(call);
	else
		answer_send(listener, call->id, sv_error(ENOSYS));
}

void row_serve(struct call *call)
{
	int listener = call->regs.child->listener, error = 0;

	switch (row_decide(call->row, call->regs.arg, call->regs.child->features, &error)) {
	case DECIDED_NOTIFY: row_answer(call); return;
	case DECIDED_ALLOW: gate_send(listener, call->id, gate_continue()); return;
	case DECIDED_PRETEND: answer_send(listener, call->id, sv_value(0)); return;
	case DECIDED_REFUSE: answer_send(listener, call->id, sv_error(error)); return;
	}
}

/* The strings first: whoever handles the call sees the copies that it goes on with. */
static void intercept_serve(struct call *call, const struct intercept *intercept)
{
	int r = call_copy_strings(call);

	if (r != 0)
		answer_send(call->regs.child->listener, call->id, answer_fail(call, r));
	else
		calls_serve(call, intercept->method, intercept);
}

static void method_serve(struct call *call)
{
	const struct child *child = call->regs.child;
	unsigned int slot = (unsigned int)(call->regs.nr - PCALL_BASE);
	const struct method *method = table_method(child->table, slot);
	struct sv_answer answer;

	if (method) {
		calls_serve(call, method, NULL);
		return;
	}
	call->anew = true;
	answer = builtin_serve(call, slot);
	if (began_anew(call))
		return;
	fd_take_done(call);
	answer_send(child->listener, call->id, answer);
}

/* What its level, or one above, has taken away. */
static int mask_deny(struct call *call)
{
	const struct registers *regs = &call->regs;
	unsigned int slot = (unsigned int)(regs->nr - PCALL_BASE);
	const struct method *method = call->row ? NULL : table_method(regs->child->table, slot);
	char object[PCALL_NAME_MAX + 32];

	if (method)
		return registers_deny(regs, VERB_METHOD, method->name, EACCES);
	snprintf(object, sizeof(object), "%s, which was taken away",
		 call->row ? call->row->name : "a method");
	return registers_deny(regs, VERB_NONE, object, call->row ? EPERM : EACCES);
}

/* Who intercepts it first. Of a newborn's calls no level hears but of its exec. */
static const struct intercept *call_intercept(struct child *child, const struct sysrow *row)
{
	if (!row || (child_is_newborn(child) && row->nr != SYS_execve))
		return NULL;
	return table_intercept(child->table, row->nr);
}

void call_serve(struct receiver *receiver, const struct seccomp_notif *notification)
{
	struct child *child = receiver->child;
	int nr = notification->data.nr, index = mask_index(nr);
	const struct sysrow *row = sysrow_find(nr);
	struct call call = {
		.regs.child = child,
		.id = notification->id,
		.row = row,
		.receiver = receiver,
	};
	const struct intercept *intercept = call_intercept(child, row);

	if (tracee_passes(child, notification))
		return;
	call.looks = row && row->looks && !intercept;
	registers_decode(&call.regs, notification, row ? row->args : "zzzzzz");
	if (calls_return(&call))
		return;
	if (index >= 0 && mask_has(&child->masked, index))
		answer_send(child->listener, call.id, sv_error(mask_deny(&call)));
	else if (intercept)
		intercept_serve(&call, intercept);
	else if (row)
		row_serve(&call);
	else
		method_serve(&call);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
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
	event->time_ns = now_ns();
	child_tell(child, event);
}

static void denied_push(const struct registers *regs, pid_t pid, struct verdict verdict,
			enum verb verb, const char *object, const char *as_given, int error)
{
	const struct sysrow *row = sysrow_find(regs->nr);
	char exe[NAME_MAX + 1];
	struct sv_event event = {
		.type = SV_EVENT_DENIED,
		.pid = pid,
		.value = error,
		.exe = exe,
		.syscall = row ? row->name : "",
		.verb = verb_name(verb),
		.object = object,
		.as_given = as_given && strcmp(as_given, object) != 0 ? as_given : NULL,
	};

	caller_exe(regs->tid, exe, sizeof(exe));
	if (verdict.rule) {
		event.policy = verdict.rule->policy;
		event.rule_source = verdict.rule->source;
		event.rule_line = verdict.rule->line;
		event.rule_text = verdict.rule->text;
	}
	event_push(regs->child, &event);
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
		return sv_error(r);
	snprintf(text, sizeof(text), "%s failed inside the supervisor: %s", call->row->name,
		 strerror(-r));
	call_fault(call, text);
	return sv_error(r == -ENOMEM ? ENOMEM : EIO);
}
