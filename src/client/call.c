/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level's handler asks of the call that it has, and its answer: the root looks at the caller
 * for it. */
#include "client/call.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "client/ask.h"
#include "common/pcall-wire.h"
#include "engine/engine.h"
#include "upcall/kept.h"
#include "common/cleanup.h"

enum {
	TURN_MS = 2048, /* the last wait for one's turn; 4 s in all */
};

struct sv_child *child_known(struct sv *sv, uint64_t id)
{
	struct sv_child *child = sv->tree.children;

	while (child && child->child.id != id)
		child = child->next;
	return child;
}

/* What a handler's answer is in words. */
void answer_words(struct sv_answer answer, uint64_t words[3])
{
	words[0] = WIRE_VALUE;
	words[1] = (uint64_t)answer.value;
	words[2] = 0;
	switch (answer.kind) {
	case SV_ANSWER_VALUE: return;
	case SV_ANSWER_LATER: words[0] = WIRE_NOTHING; return;
	case SV_ANSWER_FORWARD: words[0] = WIRE_FORWARD; return;
	case SV_ANSWER_ERROR:
		words[0] = WIRE_ERROR;
		words[1] = (uint64_t)answer.error;
		return;
	case SV_ANSWER_FD:
		words[0] = WIRE_FD;
		words[1] = (uint64_t)answer.fd;
		words[2] = answer.flags;
		return;
	}
}

/* At once, and not with the next wait. */
long answer_give(const struct answer *answer)
{
	long r = ask(ASK(PCALL_SLOT_ANSWER, answer->id, answer->words[0], answer->words[1],
			 answer->words[2]));

	if (answer->words[0] == WIRE_FD)
		close((int)answer->words[1]);
	return r;
}

/*
 * The root looks at a few callers of a level's at once, since each look may hang with its caller
 * (receiver_lend). Who comes beyond that is told so, and waits for its turn here, where
 * at most the handlers of this process wait for it.
 */
static int ask_in_turn(unsigned int slot, const struct sv_call *call, uint64_t first,
		       uint64_t second, uint64_t third)
{
	for (int ms = 1;; ms *= 2) {
		int r = (int)ask(ASK(slot, call->id, first, second, third));

		if (r != -EAGAIN || ms > TURN_MS)
			return r;
		poll(NULL, 0, ms);
	}
}

static int client_read(struct sv_call *call, uint64_t address, void *to, size_t size)
{
	return ask_in_turn(PCALL_SLOT_READ, call, address, (uintptr_t)to, size);
}

static int client_write(struct sv_call *call, uint64_t address, const void *from, size_t size)
{
	return ask_in_turn(PCALL_SLOT_WRITE, call, address, (uintptr_t)from, size);
}

/* To the end of the page first: a string may end where the caller's memory does. */
static int client_string(struct sv_call *call, uint64_t address, char *to, size_t size)
{
	size_t have = 0, page = 4096;

	while (have < size) {
		size_t some = page - (address + have) % page;
		int r;

		if (some > size - have)
			some = size - have;
		r = client_read(call, address + have, to + have, some);
		if (r < 0)
			return r;
		if (memchr(to + have, '\0', some))
			return 0;
		have += some;
	}
	return -ENAMETOOLONG;
}

static const char *client_path(struct sv_call *call, unsigned int i)
{
	char path[PATH_MAX];

	if (i >= array_size(call->strings))
		return NULL;
	if (!call->strings[i] &&
	    ask_in_turn(PCALL_SLOT_PATH, call, i, (uintptr_t)path, sizeof(path)) > 0)
		call->strings[i] = strndup(path, sizeof(path));
	return call->strings[i];
}

static int client_limit(struct sv_call *call, unsigned int ms)
{
	return ask_in_turn(PCALL_SLOT_LIMIT, call, ms, 0, 0);
}

static int client_take(struct sv_call *call, int fd)
{
	return ask_in_turn(PCALL_SLOT_TAKE, call, (uint64_t)(int64_t)fd, 0, 0);
}

static struct sv_child *client_call_child(const struct sv_call *call)
{
	struct sv *sv = sv_of(call->upcalls->tree);
	struct sv_child *child;

	tree_lock_take(&sv->tree.lock);
	child = child_known(sv, call->via_id);
	tree_lock_give(&sv->tree.lock);
	return child;
}

static int client_answer(struct sv_call *call, struct sv_answer answer)
{
	struct answer given = { .id = call->id };
	int r;

	answer_words(answer, given.words);
	r = (int)answer_give(&given);
	call_release(call);
	return r;
}

const struct upcall_ops client_call_ops = {
	.remote = true,
	.child = client_call_child,
	.read = client_read,
	.write = client_write,
	.string = client_string,
	.path = client_path,
	.take = client_take,
	.limit = client_limit,
	.answer = client_answer,
};
