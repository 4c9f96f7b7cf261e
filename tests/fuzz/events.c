/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz: pushes, drains and forgettings as the bytes say. Nothing of a forgotten child is told. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tree/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CHILDREN = 4,
	STEPS_MAX = 512,
};

static bool forgotten[CHILDREN];

static void on_event(const struct sv_event *event, void *data)
{
	uintptr_t child = (uintptr_t)event->child;
	volatile size_t sum = 0;

	(void)data;
	if (child && forgotten[child - 1])
		abort();
	if (event->type == SV_EVENT_LOST ? event->value <= 0 : event->count == 0)
		abort();
	sum += event->object ? strlen(event->object) : 0;
	sum += event->as_given ? strlen(event->as_given) : 0;
	sum += event->exe ? strlen(event->exe) : 0;
}

static void push(struct events *events, uint8_t what, const char *text)
{
	uintptr_t child = 1 + what % CHILDREN;
	struct sv_event event = {
		.size = sizeof(event),
		.type = (enum sv_event_type)(1 + (what >> 2) % 7),
		.child = (struct sv_child *)child,
		.count = 1,
		.value = 1,
		.syscall = "openat",
		.verb = "read",
		.object = text,
		.as_given = what & 64 ? text : NULL,
		.exe = what & 128 ? text : "",
	};

	forgotten[child - 1] = false;
	events_push(events, &event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct events *events;
	char text[256];

	if (events_new(&events) < 0)
		abort();
	memset(forgotten, 0, sizeof(forgotten));
	for (size_t i = 0; i < size && i < STEPS_MAX; i++) {
		size_t n = size - i < sizeof(text) - 1 ? size - i : sizeof(text) - 1;

		if (data[i] == '\n') {
			events_drain(events, on_event, NULL);
		} else if (data[i] == ' ') {
			size_t child = i % CHILDREN;

			events_forget(events, (struct sv_child *)(child + 1));
			forgotten[child] = true;
		} else {
			memcpy(text, data + i, n);
			text[n] = '\0';
			for (int times = data[i] % 5 ? 1 : 300; times > 0; times--) {
				text[0] = (char)times;
				push(events, data[i], text);
			}
		}
	}
	events_drain(events, on_event, NULL);
	events_free(events);
	return 0;
}
