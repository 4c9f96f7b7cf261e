/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A level's request for a child. */
#ifndef CLIENT_SPAWN_H
#define CLIENT_SPAWN_H

struct spawn_request;
struct sv;
struct sv_child;
struct sv_error;

int client_spawn(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
		 struct sv_error *error);

#endif
