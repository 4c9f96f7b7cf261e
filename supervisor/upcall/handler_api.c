/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What handlers see of a call: the functions of supervisor.h. In a level of the tree the caller's
 * memory is the root's to read: then each of these is a call to it (struct upcall_ops).
 */
#include "upcall/handler_api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "tree/child.h"
#include "upcall/upcall.h"
#include "tree/level.h"
#include "call/fd_take.h"
#include "call/memory.h"
#include "call/pool.h"
#include "call/caller.h"

int sv_call_number(const struct sv_call *call)
{
	return call->method->number >= 0 || call->method->number == METHOD_EVERY
		       ? call->call.regs.nr
		       : PCALL_BASE + METHOD_DEFINED_FIRST + (int)call->method->id;
}

uint64_t sv_call_word(const struct sv_call *call, unsigned int i)
{
	return i < 6 ? call->call.regs.arg[i].u : 0;
}

pid_t sv_call_pid(const struct sv_call *call)
{
	return call->call.regs.tid;
}

const char *sv_call_label(const struct sv_call *call)
{
	return call->label ? call->label : call->child->label;
}

uint64_t sv_call_badge(const struct sv_call *call)
{
	return call->badge;
}

struct sv_child *sv_call_child(const struct sv_call *call)
{
	return call->upcalls->ops->child(call);
}

/* How to reach the caller from this thread: as its receiver does, or with a memory of our own. */
static bool call_reach(struct sv_call *call, struct call *ret, bool *ret_entered)
{
	*ret_entered = false;
	if (!call_is_back(call,
			  pthread_equal(call->thread, pthread_self()) ? call->call.receiver : NULL,
			  BACK_MS))
		return false;
	/* Who was handed the call by a handler that has not returned uses none of its receiver's.
	 */
	if (pthread_equal(call->thread, pthread_self()) && call->call.receiver) {
		*ret = call->call;
		return true;
	}
	if (!call->reader)
		call->reader = calloc(1, sizeof(*call->reader));
	if (!call->reader || !call_enter(call, call->reader, ret))
		return false;
	*ret_entered = true;
	return true;
}

typedef int mem_act(struct call *call, uint64_t address, void *ours, size_t size);

static int act_write(struct call *call, uint64_t address, void *ours, size_t size)
{
	return mem_write(call, address, ours, size);
}

static int act_string(struct call *call, uint64_t address, void *ours, size_t size)
{
	return mem_string(call, address, ours, size, NULL);
}

static int act_fd(struct call *call, uint64_t fd, void *ret_fd, size_t size __attribute__((unused)))
{
	return call_give_fd(call->held, call, (int)fd, ret_fd);
}

/* 0 or a negative errno. */
static int call_act(struct sv_call *call, mem_act *act, uint64_t address, void *ours, size_t size)
{
	struct call base;
	bool entered;
	int r;

	if (!call_reach(call, &base, &entered))
		return -ESRCH;
	r = act(&base, address, ours, size);
	if (entered)
		call_leave(&base);
	return r > 0 ? -r : r;
}

static int root_read(struct sv_call *call, uint64_t address, void *to, size_t size)
{
	return call_act(call, mem_read, address, to, size);
}

static int root_write(struct sv_call *call, uint64_t address, const void *from, size_t size)
{
	return call_act(call, act_write, address, (void *)from, size);
}

static int root_string(struct sv_call *call, uint64_t address, char *to, size_t size)
{
	return call_act(call, act_string, address, to, size);
}

static const char *root_path(struct sv_call *call, unsigned int i)
{
	if (i >= 2)
		return NULL;
	/* The kernel reads these strings once more. */
	if (call->call.row && call->call.row->bounded)
		call->read = true;
	calls_lock_take(&call->upcalls->calls_lock);
	if (call->call.path[i] && !call->strings[i])
		call->strings[i] = strdup(call->call.path[i]);
	calls_lock_give(&call->upcalls->calls_lock);
	return call->strings[i];
}

static int root_take(struct sv_call *call, int fd)
{
	int pinned = -1, r = call_act(call, act_fd, (uint64_t)(unsigned int)fd, &pinned, 0);

	return r < 0 ? r : pinned;
}

static int root_limit(struct sv_call *call, unsigned int ms)
{
	return -call_limit(call, ms ? clock_ms() + ms : 0);
}

static int root_answer(struct sv_call *call, struct sv_answer answer)
{
	if (answer.kind == SV_ANSWER_FORWARD && !call_waits(call))
		answer = sv_answer_error(ESRCH);
	return call_finish(call, answer, NULL);
}

const struct upcall_ops upcall_root_ops = {
	.child = call_via,
	.read = root_read,
	.write = root_write,
	.string = root_string,
	.path = root_path,
	.take = root_take,
	.limit = root_limit,
	.answer = root_answer,
};

int sv_call_read(struct sv_call *call, uint64_t address, void *to, size_t size)
{
	if (size > PCALL_MESSAGE_MAX)
		return -EMSGSIZE;
	call->read = true;
	return call->upcalls->ops->read(call, address, to, size);
}

int sv_call_write(struct sv_call *call, uint64_t address, const void *from, size_t size)
{
	if (size > PCALL_MESSAGE_MAX)
		return -EMSGSIZE;
	return call->upcalls->ops->write(call, address, from, size);
}

ssize_t sv_call_string(struct sv_call *call, uint64_t address, char *to, size_t size)
{
	int r;

	call->read = true;
	r = call->upcalls->ops->string(call, address, to, size);
	return r < 0 ? r : (ssize_t)strlen(to);
}

const char *sv_call_path(struct sv_call *call, unsigned int i)
{
	return call->upcalls->ops->path(call, i);
}

int sv_call_fd(struct sv_call *call, int fd)
{
	return call->upcalls->ops->take(call, fd);
}

ssize_t sv_call_input(struct sv_call *call, void *to, size_t size)
{
	uint64_t given = sv_call_word(call, 1);
	int r;

	if (given > size)
		return -EMSGSIZE;
	r = given ? sv_call_read(call, sv_call_word(call, 0), to, (size_t)given) : 0;
	return r < 0 ? r : (ssize_t)given;
}

struct sv_answer sv_call_output(struct sv_call *call, const void *from, size_t size)
{
	int r;

	if (size > sv_call_word(call, 3))
		return sv_answer_error(EMSGSIZE);
	r = size ? sv_call_write(call, sv_call_word(call, 2), from, size) : 0;
	return r < 0 ? sv_answer_error(-r) : sv_answer_value((int64_t)size);
}

int sv_call_answer(struct sv_call *call, struct sv_answer answer)
{
	struct upcalls *upcalls = call->upcalls;
	bool running;
	int r = 0;

	if (answer.kind == SV_ANSWER_LATER)
		return -EINVAL;
	calls_lock_take(&upcalls->calls_lock);
	running = call->running;
	if (running && call->answered) {
		r = -EALREADY;
	} else if (running) {
		call->answered = true;
		call->early = answer;
	}
	calls_lock_give(&upcalls->calls_lock);
	if (running)
		return r;
	return upcalls->ops->answer(call, answer);
}

int sv_call_limit(struct sv_call *call, unsigned int ms)
{
	return call->upcalls->ops->limit(call, ms);
}
