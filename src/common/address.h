/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internet addresses, and the patterns that rules write for them:
 *
 *   registry.npmjs.org:443   127.0.0.1:8080   10.0.0.0/8:5432   *:443   10.0.0.1:*   *:8000-8010
 *   [::1]:80   [2001:db8::/32]:*
 *
 * Names of hosts are ASCII, compared without case; a dot at the end is dropped.
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define HOST_NAME_SIZE 254 /* 253 bytes and a NUL */

enum address_kind {
	ADDRESS_ANY,
	ADDRESS_NET,  /* a network or, with the longest prefix, one address */
	ADDRESS_HOST, /* a name */
};

struct address_pattern {
	enum address_kind kind;
	bool v6;
	uint8_t prefix; /* bits of it that count */
	uint8_t bytes[16];
	uint16_t port_first;
	uint16_t port_last;
	char host[HOST_NAME_SIZE]; /* lower case */
};

/* One address, after v4-mapped addresses have become v4. */
struct address {
	bool v6;
	uint8_t bytes[16]; /* the first 4 of v4 */
	uint16_t port;
};

/**
 * address_parse - understand a pattern
 * @bare_port: a port alone is a pattern, and means any address
 * @ret_offset: on failure, the byte of text
 *
 * Returns NULL, or what is wrong, for people.
 */
const char *address_parse(const char *text, bool bare_port, struct address_pattern *ret,
			  size_t *ret_offset);

/* Returns 0, or -EINVAL for what is too short or of another family. */
int address_read(const struct sockaddr *sa, socklen_t size, struct address *ret);

/*
 * What a connect to the address reaches: the unspecified addresses 0.0.0.0 and :: mean this
 * machine.
 */
void address_normalise_peer(struct address *address);

/* Patterns of ADDRESS_HOST match nothing here. */
bool address_match(const struct address_pattern *pattern, const struct address *address);
/* Might a listener at this address also be reached at an address of the pattern? */
bool address_overlaps(const struct address_pattern *pattern, const struct address *address);
bool address_match_port(const struct address_pattern *pattern, uint16_t port);

#endif
