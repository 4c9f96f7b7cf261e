/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree/siphash.h"

#include <string.h>

static uint64_t rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(struct sip *sip)
{
	uint64_t *v = sip->v;

	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

struct sip sip_begin(const uint64_t key[2])
{
	return (struct sip){
		.v = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		       key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573}
	};
}

void sip_word(struct sip *sip, uint64_t word)
{
	sip->v[3] ^= word;
	sip_round(sip);
	sip->v[0] ^= word;
}

void sip_string(struct sip *sip, const char *string)
{
	size_t length = string ? strlen(string) : 0;

	sip_word(sip, string ? length : UINT64_MAX);
	for (size_t at = 0; at < length; at += 8) {
		uint64_t word = 0;

		memcpy(&word, string + at, length - at < 8 ? length - at : 8);
		sip_word(sip, word);
	}
}

uint64_t sip_end(struct sip *sip)
{
	sip->v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(sip);
	return sip->v[0] ^ sip->v[1] ^ sip->v[2] ^ sip->v[3];
}
