/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level in the tree is told, as it is written into its memory. */
#include "upcall/record.h"

#include <string.h>
#include "upcall/kept.h"

static void record_string(struct record *record, const char *string)
{
	size_t room = sizeof(record->strings) - (record->head.size - sizeof(record->head));
	size_t size = string ? strlen(string) + 1 : 1;

	/* What does not fit is cut; the last byte of each is its NUL. */
	if (size > room / 2 && size > 64)
		size = room / 2;
	memcpy((char *)record + record->head.size, string ? string : "", size - 1);
	((char *)record)[record->head.size + size - 1] = '\0';
	record->head.size += (uint32_t)size;
}

void record_call(struct record *record, const struct sv_call *call)
{
	record->head = (struct wire_record){
		.type = WIRE_RECORD_CALL,
		.size = sizeof(record->head),
		.child = call->via_id,
		.call = call->id,
		.id = call->method->id,
		.pid = call->call.regs.tid,
		.value = call->call.regs.nr,
		.badge = call->badge,
	};
	for (unsigned int i = 0; i < 6; i++)
		record->head.word[i] = call->call.regs.arg[i].u;
	record_string(record, call->label);
}

void record_event(const struct sv_event *event, void *data)
{
	struct record *record = data;
	const char *const strings[WIRE_EVENT_STRINGS] = {
		event->exe,    event->syscall,	   event->verb,	     event->object, event->as_given,
		event->policy, event->rule_source, event->rule_text, event->text,
	};

	record->head = (struct wire_record){
		.type = WIRE_RECORD_EVENT,
		.size = sizeof(record->head),
		.child = (uintptr_t)event->child, /* see child_tell */
		.pid = event->pid,
		.time_ns = event->time_ns,
		.event = (int32_t)event->type,
		.value = event->value,
		.count = event->count,
		.rule_line = event->rule_line,
		.lacking = event->lacking != 0,
		.user_us = event->user_us,
		.system_us = event->system_us,
		.memory_kb = event->memory_kb,
	};
	for (size_t i = 0; i < WIRE_EVENT_STRINGS; i++)
		record_string(record, strings[i]);
}
