/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a child's order says: see zygote/zygote.h. */
#ifndef SPAWN_ORDER_H
#define SPAWN_ORDER_H

#include "supervisor.h"

struct spawn_request;
struct sv_child;
struct zygote_order;

/* What a child gets that the request does not say. */
struct given {
	int sender;
	int *fds, *numbers; /* one block */
};

/* All of it. 0 or the failure; given_free afterwards, also on failure, and the filter's and floor's
 * end. */
int spawn_order(const struct spawn_request *request, struct sv_child *child,
		struct zygote_order *order, struct given *given, struct sv_error *error);
void given_free(struct given *given);

#endif
