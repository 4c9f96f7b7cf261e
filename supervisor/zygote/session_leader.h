/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The leader of a session with a terminal of its own: the keeper of its child. */
#ifndef ZYGOTE_SESSION_LEADER_H
#define ZYGOTE_SESSION_LEADER_H

#include <stddef.h>
#include <sys/types.h>

struct keeping {
	int socket; /* for changes */
	int report;
	const int *terminals;
	size_t terminals_count;
	pid_t *slot; /* shared with the zygote: the child's number; 0 when there is none any more */
	pid_t zygote;
};

/* Clones the child, and looks after it until it has ended. */
_Noreturn void session_lead(const struct keeping *keeping);

#endif
