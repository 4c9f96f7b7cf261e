/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A supervisor that is itself in a tree: the level's side. It asks the root for everything, by the
 * methods of pcall-wire.h; nothing here is trusted by anybody, and nothing here decides.
 */
#ifndef SUPERVISOR_INNER_H
#define SUPERVISOR_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "supervisor.h"

struct spawn_request;

/* Is this process in another session than the root? */
bool inner_session(void);

/* Asks to be a level, and starts to wait for work. */
int inner_open(struct sv *sv, struct sv_error *error);
/* Sends all of our threads out of calls that sleep, and keeps them out; or lets them go on. */
void inner_rest(struct sv *sv, bool on);
/* Ends all children, and the waiting. */
void inner_close(struct sv *sv);

int inner_spawn(struct sv *sv, struct spawn_request *request, struct sv_child **ret,
		struct sv_error *error);
int inner_kill(struct sv_child *child, int signal);
void inner_child_free(struct sv_child *child);
int inner_adopt(struct sv_child *child, uint64_t badge, int adopts);
/* The child that it came through; NULL: it was freed. */
struct sv_child *inner_call_child(const struct sv_call *call);
int inner_mask(struct sv_child *child, int number, int allowed);

/* What sv_define does besides keeping the handler: the root is told. The id there. */
int inner_define(struct sv *sv, const char *name, int number);
/* The number of a method that the level itself can call, or -ENOENT. */
int inner_method(struct sv *sv, const char *name);

int inner_read(struct sv_call *call, uint64_t address, void *to, size_t size);
int inner_write(struct sv_call *call, uint64_t address, const void *from, size_t size);
int inner_string(struct sv_call *call, uint64_t address, char *to, size_t size);
const char *inner_path(struct sv_call *call, unsigned int i);
int inner_limit(struct sv_call *call, unsigned int ms);
int inner_take(struct sv_call *call, int fd);
int inner_answer(struct sv_call *call, struct sv_answer answer);

#endif
