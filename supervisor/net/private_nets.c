/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that are inside: RFC 6890, RFC 4193, RFC 4291. */
#include "net/private_nets.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include "common/cleanup.h"

static const struct {
	uint32_t network;
	unsigned int bits;
} inside_v4[] = {
	{0x00000000,  8 }, /* 0.0.0.0/8: this machine */
	{ 0x0a000000, 8 }, /* 10.0.0.0/8 */
	{ 0x64400000, 10}, /* 100.64.0.0/10: behind a carrier's NAT */
	{ 0x7f000000, 8 }, /* 127.0.0.0/8: loopback */
	{ 0xa9fe0000, 16}, /* 169.254.0.0/16: link-local, and the clouds' metadata */
	{ 0xac100000, 12}, /* 172.16.0.0/12 */
	{ 0xc0000000, 24}, /* 192.0.0.0/24: protocols */
	{ 0xc0a80000, 16}, /* 192.168.0.0/16 */
	{ 0xe0000000, 3 }, /* 224.0.0.0/3: multicast, reserved, broadcast */
};

static const struct {
	uint8_t network[16];
	unsigned int bits;
} inside_v6[] = {
	{{ 0 },			  96}, /* ::/96: unspecified, loopback, v4-compatible */
	{ { 0xfc },		      7 }, /* fc00::/7: unique local */
	{ { 0xfe, 0x80 },		  10}, /* fe80::/10: link-local */
	{ { 0xfe, 0xc0 },		  10}, /* fec0::/10: site-local, of old */
	{ { 0xff },		      8 }, /* ff00::/8: multicast */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48}, /* 64:ff9b:1::/48: translators' own */
};

static bool v4_inside(uint32_t address)
{
	for (size_t i = 0; i < array_size(inside_v4); i++)
		if ((address ^ inside_v4[i].network) >> (32 - inside_v4[i].bits) == 0)
			return true;
	return false;
}

static bool v6_in(const uint8_t *address, const uint8_t *network, unsigned int bits)
{
	unsigned int rest = bits % 8;

	return memcmp(address, network, bits / 8) == 0 &&
	       (rest == 0 || (address[bits / 8] ^ network[bits / 8]) >> (8 - rest) == 0);
}

static uint32_t v4_at(const uint8_t *bytes)
{
	uint32_t v4;

	memcpy(&v4, bytes, sizeof(v4));
	return ntohl(v4);
}

bool address_is_inside(const struct in6_addr *address)
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t translated[12] = { [8] = 0xff, [9] = 0xff };
	const uint8_t *bytes = address->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(address) || memcmp(bytes, nat64, sizeof(nat64)) == 0 ||
	    memcmp(bytes, translated, sizeof(translated)) == 0)
		return v4_inside(v4_at(bytes + 12));
	if (bytes[0] == 0x20 && bytes[1] == 0x02)
		return v4_inside(v4_at(bytes + 2));
	for (size_t i = 0; i < array_size(inside_v6); i++)
		if (v6_in(bytes, inside_v6[i].network, inside_v6[i].bits))
			return true;
	return false;
}
