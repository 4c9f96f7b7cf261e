/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records: a call or an event, as a level in the tree is given it. */
#ifndef UPCALL_RECORD_H
#define UPCALL_RECORD_H

#include "common/pcall-wire.h"
#include "supervisor.h"

struct sv_call;

struct record {
	struct wire_record head;
	char strings[PCALL_RECORD_MAX - sizeof(struct wire_record)];
};

/* The strings are cut to what there is room for. */
void record_call(struct record *record, const struct sv_call *call);
/* Of a struct record. */
void record_event(const struct sv_event *event, void *data);

#endif
