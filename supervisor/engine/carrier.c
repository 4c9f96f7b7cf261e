/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one place where the supervisor knows that a parent-call has two spellings.
 *
 * The number is read from registers alone. Words in memory are copied once, into the notification:
 * from then on they are words like any other, which the caller cannot change.
 */
#include "engine/carrier.h"

#include <linux/seccomp.h>
#include <string.h>
#include "call/call.h"
#include "common/carrier.h"
#include "call/memory.h"

static int words_read(struct receiver *receiver, struct child *child,
		      const struct seccomp_notif *notification, uint64_t words[6])
{
	struct call call = {
		.regs = {.child = child, .tid = (pid_t)notification->pid},
		.id = notification->id,
		.receiver = receiver,
	};

	return mem_read(&call, notification->data.args[1], words, 6 * sizeof(words[0]));
}

int carrier_unpack(struct receiver *receiver, struct child *child,
		   struct seccomp_notif *notification)
{
	struct seccomp_data *data = &notification->data;
	uint64_t words[6];
	int slot, r;

	if (!carrier_is(data->nr))
		return 0;
	slot = carrier_slot(data->args[data->nr == CARRIER ? 5 : 0]);
	if (slot < 0)
		return 0;
	if (data->nr == CARRIER) {
		data->args[5] = carrier_word(data->args[5]);
	} else {
		r = words_read(receiver, child, notification, words);
		if (r != 0)
			return r;
		memcpy(data->args, words, sizeof(words));
	}
	data->nr = PCALL_BASE + slot;
	return 0;
}
