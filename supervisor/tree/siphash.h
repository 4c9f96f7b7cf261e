/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SipHash-1-3 over words: one round a word, three at the end. Without the key nobody makes two that
 * are the same. */
#ifndef TREE_SIPHASH_H
#define TREE_SIPHASH_H

#include <stdint.h>

struct sip {
	uint64_t v[4];
};

struct sip sip_begin(const uint64_t key[2]);
void sip_word(struct sip *sip, uint64_t word);
/* With its length, so that two strings cannot run into each other. */
void sip_string(struct sip *sip, const char *string);
uint64_t sip_end(struct sip *sip);

#endif
