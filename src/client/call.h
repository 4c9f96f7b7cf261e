/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level's handler asks of the call that it has, and its answer. */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <stdint.h>
#include "supervisor.h"

struct sv;
struct upcall_ops;

/* The answer, in words, to the call of which this is the number. */
struct answer {
	uint64_t id, words[3];
};

extern const struct upcall_ops client_call_ops;

/* What a handler's answer is in words. */
void answer_words(struct sv_answer answer, uint64_t words[3]);
/* At once, and not with the next wait. */
long answer_give(const struct answer *answer);

/* The child that we know by this number, or NULL. Under the lock. */
struct sv_child *child_known(struct sv *sv, uint64_t id);

#endif
