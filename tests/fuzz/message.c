/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz: addresses and messages as a caller gives them. The bytes are its memory: a header at the
 * beginning, whose pointers are made to lead into the rest.
 */
#include "../unit/net_fakes.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "net/endpoint.h"
#include "net/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct socket_kind kinds[] = {
	{AF_UNIX,	   SOCK_STREAM, 0,  true },
	    { AF_UNIX,    SOCK_DGRAM,  0,  false},
	{ AF_INET,	   SOCK_STREAM, 6,  false},
	    { AF_INET,    SOCK_DGRAM,  17, true },
	{ AF_INET6,   SOCK_STREAM, 6,  true },
	    { AF_INET6,	SOCK_DGRAM,  17, false},
	{ AF_NETLINK, SOCK_RAW,	0,  false},
};

static void try_address(const struct socket_kind *kind, const uint8_t *data, size_t size)
{
	char text[ENDPOINT_TEXT_MAX];

	for (int use = ENDPOINT_CONNECT; use <= ENDPOINT_BIND; use++) {
		cleanup_endpoint struct endpoint endpoint = ENDPOINT_INIT;
		struct endpoint again;
		int r = endpoint_read(&fake_call, (uintptr_t)data, (int)size, &endpoint);

		if (r == 0)
			r = endpoint_plain(kind, use, &endpoint);
		if (r != 0)
			continue;
		/* Plain stays plain: what was judged is what the kernel gets. */
		again = endpoint;
		if (endpoint_plain(kind, use, &again) != 0 || again.size != endpoint.size ||
		    memcmp(&again.room, &endpoint.room, endpoint.size) != 0)
			abort();
		if (endpoint.size > sizeof(endpoint.room))
			abort();
		if (endpoint_is_path(&endpoint) &&
		    !memchr(endpoint.local.sun_path, 0, sizeof(endpoint.local.sun_path) + 1))
			abort();
		endpoint_text(&endpoint, text);
	}
}

/* A pointer of the input's, mostly into it. */
static uint64_t inside(uint64_t pointer, const uint8_t *data, size_t size)
{
	return pointer & 1 ? pointer : (uintptr_t)data + pointer % (size + 1);
}

static void try_message(const struct socket_kind *kind, const uint8_t *data, size_t size)
{
	struct message_header header;
	struct message *message;
	struct msghdr rest;
	struct iovec vector;
	uint8_t *memory;
	int r;

	if (size < sizeof(header))
		return;
	memory = malloc(size);
	memcpy(memory, data, size);
	memcpy(&header, memory, sizeof(header));
	header.name = inside(header.name, memory, size);
	header.control = inside(header.control, memory, size);
	header.vectors = inside(header.vectors, memory, size);
	header.vector_count %= 2048;
	r = message_copy(&fake_call, kind, &header, kind->blocking, &message);
	if (r == 0) {
		message_rest(message, &rest, &vector);
		if (message->fd_count > MESSAGE_FDS_MAX ||
		    rest.msg_controllen > MESSAGE_CONTROL_MAX)
			abort();
		while (!message_sent(message, 7))
			message_rest(message, &rest, &vector);
		message_free(message);
	}
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct socket_kind *kind;

	if (size < 2)
		return 0;
	kind = &kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))];
	try_address(kind, data + 1, size - 1 < 200 ? size - 1 : 200);
	try_message(kind, data + 1, size - 1);
	return 0;
}
