/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to spawn: written in a level, read in the root. */
#include "level/request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "spawn/spawn.h"
#include "common/cleanup.h"

/* Reading. */
struct reader {
	const char *bytes;
	size_t size;
	size_t listed; /* bytes that lists have taken, with their strings */
	int error;     /* of the first thing that was wrong; what follows reads nothing */
};

static const void *read_bytes(struct reader *reader, struct wire_span span, size_t each)
{
	if (reader->error == 0 && (span.offset > reader->size || span.offset % 4 ||
				   span.count > (reader->size - span.offset) / each))
		reader->error = -EPROTO;
	return reader->error ? NULL : reader->bytes + span.offset;
}

/* The last byte of all is a NUL: whatever starts inside ends inside. */
static const char *read_string(struct reader *reader, uint32_t offset)
{
	if (reader->error == 0 && offset >= reader->size)
		reader->error = -EPROTO;
	return reader->error ? "" : reader->bytes + offset;
}

/* No byte may be listed twice: what is made of a request is not much larger than it. */
static const char *read_listed(struct reader *reader, uint32_t offset)
{
	const char *ret = read_string(reader, offset);

	reader->listed += reader->error ? 0 : strlen(ret) + 1;
	if (reader->listed > reader->size)
		reader->error = -EPROTO;
	return ret;
}

static const char **read_strings(struct reader *reader, struct wire_span span)
{
	const uint32_t *offsets = read_bytes(reader, span, sizeof(*offsets));
	const char **ret;

	reader->listed += (size_t)span.count * sizeof(*offsets);
	if (!offsets || reader->listed > reader->size) {
		reader->error = reader->error ? reader->error : -EPROTO;
		return NULL;
	}
	ret = calloc((size_t)span.count + 1, sizeof(*ret));
	if (!ret) {
		reader->error = -ENOMEM;
		return NULL;
	}
	for (uint32_t i = 0; i < span.count; i++)
		ret[i] = read_listed(reader, offsets[i]);
	return ret;
}

/* Lists that are gone through with the engine's locks held. */
static bool lists_are_short(const struct wire_spawn *head)
{
	return head->candidates.count <= PCALL_CANDIDATES_MAX &&
	       head->masks.count <= PCALL_MASKS_MAX && head->masks_named.count <= PCALL_MASKS_MAX &&
	       head->revocable.count <= PCALL_MASKS_MAX;
}

int request_read(const void *bytes, size_t size, struct request_view *ret)
{
	struct reader reader = { .bytes = bytes, .size = size };
	const struct wire_spawn *head = bytes;

	*ret = (struct request_view){ .head = head };
	if (size < sizeof(*head) || head->magic != WIRE_SPAWN_MAGIC || head->size != size ||
	    reader.bytes[size - 1] != '\0' || !lists_are_short(head))
		return -EPROTO;
	ret->label = read_string(&reader, head->label);
	ret->cwd = read_string(&reader, head->cwd);
	ret->policy = read_bytes(&reader, head->policy, 1);
	ret->policy_size = head->policy.count;
	ret->argv = read_strings(&reader, head->argv);
	ret->envp = read_strings(&reader, head->envp);
	ret->candidates = read_strings(&reader, head->candidates);
	ret->masks_named = read_strings(&reader, head->masks_named);
	ret->fds = read_bytes(&reader, head->fds, sizeof(int32_t));
	ret->numbers = read_bytes(&reader, head->numbers, sizeof(int32_t));
	ret->masks = read_bytes(&reader, head->masks, sizeof(int32_t));
	ret->revocable = read_bytes(&reader, head->revocable, sizeof(int32_t));
	if (reader.error == 0 && (head->numbers.count != head->fds.count || head->argv.count == 0 ||
				  head->candidates.count == 0))
		reader.error = -EPROTO;
	return reader.error;
}

void request_clear(struct request_view *view)
{
	free(view->argv);
	free(view->envp);
	free(view->candidates);
	free(view->masks_named);
}

/* Writing: everything is appended. */
struct writer {
	char *bytes;
	size_t size, room;
	int failed; /* 0 or a negative errno */
};

static uint32_t write_bytes(struct writer *writer, const void *from, size_t size)
{
	size_t at = (writer->size + 7) & ~(size_t)7, need = at + size;

	if (!writer->failed && need > writer->room) {
		size_t room = need * 2 < 4096 ? 4096 : need * 2;
		char *bytes = need > PCALL_REQUEST_MAX ? NULL : realloc(writer->bytes, room);

		if (!bytes)
			writer->failed = need > PCALL_REQUEST_MAX ? -E2BIG : -ENOMEM;
		if (bytes) {
			memset(bytes + writer->room, 0, room - writer->room);
			writer->bytes = bytes;
			writer->room = room;
		}
	}
	if (writer->failed)
		return 0;
	if (size)
		memcpy(writer->bytes + at, from, size);
	writer->size = need;
	return (uint32_t)at;
}

static uint32_t write_string(struct writer *writer, const char *string)
{
	return write_bytes(writer, string, strlen(string) + 1);
}

static struct wire_span write_strings(struct writer *writer, const char *const *strings)
{
	struct wire_span ret = { 0, 0 };
	uint32_t *offsets;

	while (strings && strings[ret.count])
		ret.count++;
	offsets = calloc(ret.count ? ret.count : 1, sizeof(*offsets));
	if (!offsets) {
		writer->failed = -ENOMEM;
		return ret;
	}
	for (uint32_t i = 0; i < ret.count; i++)
		offsets[i] = write_string(writer, strings[i]);
	ret.offset = write_bytes(writer, offsets, ret.count * sizeof(*offsets));
	free(offsets);
	return ret;
}

static struct wire_span write_numbers(struct writer *writer, const int *numbers, size_t count)
{
	return (struct wire_span){
		.offset = write_bytes(writer, numbers, count * sizeof(int32_t)),
		.count = (uint32_t)count,
	};
}

static void write_masks(struct writer *writer, const struct spawn_request *request,
			struct wire_spawn *head)
{
	size_t count = request->masks_count, numbers = 0, names = 0;
	const char **named = calloc(count + 1, sizeof(*named));
	int *number = calloc(count + 1, sizeof(*number));

	if (named && number) {
		for (size_t i = 0; i < count; i++) {
			if (request->masks[i].name)
				named[names++] = request->masks[i].name;
			else
				number[numbers++] = request->masks[i].number;
		}
		head->masks = write_numbers(writer, number, numbers);
		head->masks_named = write_strings(writer, named);
	} else {
		writer->failed = -ENOMEM;
	}
	free(named);
	free(number);
}

int request_write(const struct spawn_request *request, const char *policy, size_t policy_size,
		  void **ret, size_t *ret_size)
{
	const char *cwd = request->cwd_name ? request->cwd_name : request->spec.cwd;
	struct writer writer = { NULL, 0, 0, 0 };
	struct wire_spawn head = {
		.magic = WIRE_SPAWN_MAGIC,
		.flags = (request->spec.new_session ? WIRE_SPAWN_SESSION : 0) |
			 (request->spec.terminal ? WIRE_SPAWN_TERMINAL : 0) |
			 (request->survives ? WIRE_SPAWN_SURVIVES : 0) |
			 (request->adopts ? WIRE_SPAWN_ADOPTS : 0),
		.id = request->id,
		.time_ms = request->time_ms,
		.badge = request->badge,
		.traits_known = request->spec.traits.known,
		.traits_set = request->spec.traits.set,
		.timer_slack = request->spec.traits.timer_slack,
	};

	memcpy(&head.sigmask, &request->spec.sigmask, sizeof(head.sigmask));
	memcpy(&head.sigignore, &request->spec.sigignore, sizeof(head.sigignore));
	write_bytes(&writer, &head, sizeof(head));
	head.label = write_string(&writer, request->label);
	head.cwd = write_string(&writer, cwd ? cwd : "");
	head.policy.offset = write_bytes(&writer, policy, policy_size);
	head.policy.count = (uint32_t)policy_size;
	head.argv = write_strings(&writer, request->spec.argv);
	head.envp = write_strings(&writer, request->spec.envp);
	head.candidates = write_strings(&writer, request->spec.candidates);
	head.fds = write_numbers(&writer, request->spec.fds, request->spec.fds_count);
	head.numbers = write_numbers(
		&writer, request->spec.numbers ? request->spec.numbers : request->spec.fds,
		request->spec.fds_count);
	head.revocable = write_numbers(&writer, request->revocable, request->revocable_count);
	write_masks(&writer, request, &head);
	write_string(&writer, ""); /* the NUL at the end */
	head.size = (uint32_t)writer.size;
	if (writer.failed) {
		free(writer.bytes);
		return writer.failed;
	}
	memcpy(writer.bytes, &head, sizeof(head));
	*ret = writer.bytes;
	*ret_size = writer.size;
	return 0;
}
