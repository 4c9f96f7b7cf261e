/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internet addresses, and the patterns that rules write for them. */
#include "common/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* RFC 4291: ::ffff:0:0/96 is an IPv4 address in an IPv6 socket. */
static const uint8_t v4_mapped[12] = { [10] = 0xff, [11] = 0xff };

/* A decimal number without sign or blanks, at most @max. */
static const char *parse_number(const char *text, size_t size, unsigned int max, unsigned int *ret)
{
	unsigned int n = 0;

	if (size == 0 || size > 5)
		return "a number is wanted here";
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return "a number is wanted here";
		n = n * 10 + (unsigned int)(text[i] - '0');
	}
	if (n > max)
		return "the number is too large";
	*ret = n;
	return NULL;
}

static const char *parse_port(const char *text, struct address_pattern *ret)
{
	size_t size = strlen(text), first_size = strcspn(text, "-");
	unsigned int first, last;
	const char *why;

	ret->port_first = 0;
	ret->port_last = 65535;
	if (strcmp(text, "*") == 0)
		return NULL;
	why = parse_number(text, first_size, 65535, &first);
	last = first;
	if (!why && first_size < size)
		why = parse_number(text + first_size + 1, size - first_size - 1, 65535, &last);
	if (why)
		return "a port is a number up to 65535, a range like 8000-8010, or *";
	if (last < first)
		return "the range of ports is upside down";
	ret->port_first = (uint16_t)first;
	ret->port_last = (uint16_t)last;
	return NULL;
}

/* RFC 1123, and underscores, which people use. */
static const char *parse_host(char *host)
{
	size_t size = strlen(host), label = 0;
	bool letter = false;

	if (size > 1 && host[size - 1] == '.')
		host[--size] = '\0';
	if (size == 0 || size >= HOST_NAME_SIZE)
		return "a host's name has 1 to 253 bytes";
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)host[i];

		if (c == '.') {
			if (label == 0 || host[i - 1] == '-')
				return "a part of the host's name is empty or ends in -";
			label = 0;
			continue;
		}
		if (c > 127 || (!isalnum(c) && c != '-' && c != '_') || (c == '-' && label == 0))
			return "a host's name has letters, digits, - and . only";
		letter = letter || isalpha(c) || c == '_';
		if (++label > 63)
			return "a part of the host's name is longer than 63 bytes";
		host[i] = (char)tolower(c);
	}
	if (host[size - 1] == '-')
		return "a part of the host's name is empty or ends in -";
	return letter ? NULL : "neither an IPv4 address nor a host's name";
}

/* "ADDRESS" or "ADDRESS/BITS"; bits beyond the prefix must be zero, for they look as if they
 * counted. */
static const char *parse_net(char *text, bool v6, struct address_pattern *ret)
{
	unsigned int bits = v6 ? 128 : 32, max = bits;
	char *slash = strchr(text, '/');

	ret->kind = ADDRESS_NET;
	ret->v6 = v6;
	if (slash) {
		*slash = '\0';
		if (parse_number(slash + 1, strlen(slash + 1), max, &bits))
			return v6 ? "the prefix of an IPv6 network has 0 to 128 bits"
				  : "the prefix of an IPv4 network has 0 to 32 bits";
	}
	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, ret->bytes) != 1)
		return v6 ? "no IPv6 address" : "no IPv4 address";
	ret->prefix = (uint8_t)bits;
	for (unsigned int i = bits; i < max; i++)
		if (ret->bytes[i / 8] & (0x80 >> i % 8))
			return "bits are set behind the prefix";
	if (v6 && memcmp(ret->bytes, v4_mapped, sizeof(v4_mapped)) == 0)
		return "write an IPv4 address as one: 10.0.0.1";
	return NULL;
}

static bool looks_v4(const char *text)
{
	return text[strspn(text, "0123456789./")] == '\0';
}

const char *address_parse(const char *text, bool bare_port, struct address_pattern *ret,
			  size_t *ret_offset)
{
	const char *colon = strrchr(text, ':'), *close = strrchr(text, ']'), *why;
	struct address_pattern pattern = { 0 };
	char host[HOST_NAME_SIZE + 8] = "*";
	size_t size;

	*ret_offset = 0;
	if (!colon && bare_port) {
		why = parse_port(text, &pattern);
		*ret = pattern;
		return why;
	}
	if (!colon || (close && close > colon))
		return "a port is missing: HOST:PORT, or HOST:* for all ports";
	*ret_offset = (size_t)(colon + 1 - text);
	why = parse_port(colon + 1, &pattern);
	if (why)
		return why;
	*ret_offset = 0;
	size = (size_t)(colon - text);
	if (size == 0)
		return "an address is missing: HOST:PORT, or *:PORT for all addresses";
	if (size >= sizeof(host))
		return "a host's name has 1 to 253 bytes";
	memcpy(host, text, size);
	host[size] = '\0';
	if (host[0] == '[' && host[size - 1] == ']') {
		host[size - 1] = '\0';
		why = parse_net(host + 1, true, &pattern);
	} else if (strchr(host, ':')) {
		why = "an IPv6 address stands in brackets: [::1]:80";
	} else if (strcmp(host, "*") == 0) {
		pattern.kind = ADDRESS_ANY;
	} else if (looks_v4(host)) {
		why = parse_net(host, false, &pattern);
	} else {
		pattern.kind = ADDRESS_HOST;
		why = parse_host(host);
		if (!why)
			memcpy(pattern.host, host, strlen(host) + 1);
	}
	*ret = pattern;
	return why;
}

int address_read(const struct sockaddr *sa, socklen_t size, struct address *ret)
{
	struct address address = { 0 };
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (!sa || size < sizeof(sa->sa_family))
		return -EINVAL;
	if (sa->sa_family == AF_INET && size >= sizeof(in)) {
		memcpy(&in, sa, sizeof(in));
		memcpy(address.bytes, &in.sin_addr, 4);
		address.port = ntohs(in.sin_port);
	} else if (sa->sa_family == AF_INET6 &&
		   size >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		memcpy(&in6, sa, offsetof(struct sockaddr_in6, sin6_scope_id));
		address.port = ntohs(in6.sin6_port);
		address.v6 = memcmp(&in6.sin6_addr, v4_mapped, sizeof(v4_mapped)) != 0;
		if (address.v6)
			memcpy(address.bytes, &in6.sin6_addr, 16);
		else
			memcpy(address.bytes, (const uint8_t *)&in6.sin6_addr + 12, 4);
	} else {
		return -EINVAL;
	}
	*ret = address;
	return 0;
}

/* 0.0.0.0 or ::, which to a listener means every address there is. */
static bool address_is_unspecified(const struct address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, address->v6 ? 16 : 4) == 0;
}

void address_normalise_peer(struct address *address)
{
	if (!address_is_unspecified(address))
		return;
	if (address->v6)
		address->bytes[15] = 1;
	else
		memcpy(address->bytes, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
}

bool address_match_port(const struct address_pattern *pattern, uint16_t port)
{
	return port >= pattern->port_first && port <= pattern->port_last;
}

static bool match_prefix(const struct address_pattern *pattern, const struct address *address)
{
	unsigned int whole = pattern->prefix / 8, rest = pattern->prefix % 8;

	if (pattern->v6 != address->v6 || memcmp(pattern->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((pattern->bytes[whole] ^ address->bytes[whole]) & (0xff00 >> rest & 0xff)) == 0;
}

bool address_match(const struct address_pattern *pattern, const struct address *address)
{
	if (!address_match_port(pattern, address->port))
		return false;
	return pattern->kind == ADDRESS_ANY ||
	       (pattern->kind == ADDRESS_NET && match_prefix(pattern, address));
}

bool address_overlaps(const struct address_pattern *pattern, const struct address *address)
{
	/* A listener on :: is reached by IPv4 too, unless IPV6_V6ONLY. */
	if (address_is_unspecified(address) && address_match_port(pattern, address->port) &&
	    (address->v6 || !pattern->v6))
		return true;
	return address_match(pattern, address);
}
