/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was judged before. */
#include "policy/memo.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define ENTRIES	  256
#define KEY_WORDS 20 /* names up to 159 bytes are remembered */
#define KEY_SIZE  (KEY_WORDS * sizeof(uint64_t))

struct entry {
	_Atomic uint64_t sequence; /* 0: empty */
	_Atomic uint64_t outcome[2];
	_Atomic uint64_t key[KEY_WORDS];
};

_Static_assert(sizeof(struct outcome) == 2 * sizeof(uint64_t), "an outcome is two words");

struct memo {
	struct entry entry[ENTRIES];
};

/* A name as words, zeroes behind it. */
struct key {
	uint64_t word[KEY_WORDS];
	unsigned int count;
	unsigned int place;
};

struct memo *memo_new(void)
{
	return calloc(1, sizeof(struct memo));
}

struct memo *memo_free(struct memo *memo)
{
	free(memo);
	return NULL;
}

static bool key_make(const char *name, struct key *key)
{
	size_t size = strnlen(name, KEY_SIZE);
	uint64_t h = 0;

	if (size == KEY_SIZE)
		return false;
	key->count = (unsigned int)(size / sizeof(uint64_t) + 1);
	key->word[key->count - 1] = 0;
	memcpy(key->word, name, size);
	for (unsigned int i = 0; i < key->count; i++) {
		h = (h ^ key->word[i]) * 0x9e3779b97f4a7c15U;
		h ^= h >> 29;
	}
	key->place = (unsigned int)(h >> 32) % ENTRIES;
	return true;
}

bool memo_find(struct memo *memo, const char *name, struct outcome *ret)
{
	struct key key __attribute__((uninitialized));
	uint64_t sequence, outcome[2];
	struct entry *entry;

	if (!key_make(name, &key))
		return false;
	entry = &memo->entry[key.place];
	sequence = atomic_load_explicit(&entry->sequence, memory_order_acquire);
	if (sequence == 0 || sequence & 1)
		return false;
	/* Each load acquires, so none of them can be done after the sequence is read again. */
	for (unsigned int i = 0; i < key.count; i++)
		if (atomic_load_explicit(&entry->key[i], memory_order_acquire) != key.word[i])
			return false;
	for (unsigned int i = 0; i < 2; i++)
		outcome[i] = atomic_load_explicit(&entry->outcome[i], memory_order_acquire);
	if (atomic_load_explicit(&entry->sequence, memory_order_relaxed) != sequence)
		return false;
	memcpy(ret, outcome, sizeof(*ret));
	return true;
}

void memo_store(struct memo *memo, const char *name, const struct outcome *outcome)
{
	struct key key __attribute__((uninitialized));
	uint64_t sequence, words[2];
	struct entry *entry;

	if (!key_make(name, &key))
		return;
	memcpy(words, outcome, sizeof(words));
	entry = &memo->entry[key.place];
	sequence = atomic_load_explicit(&entry->sequence, memory_order_relaxed);
	if (sequence & 1 ||
	    !atomic_compare_exchange_strong_explicit(&entry->sequence, &sequence, sequence + 1,
						     memory_order_acquire, memory_order_relaxed))
		return;
	/* Each store releases, so that who sees one of them sees the odd sequence too. */
	for (unsigned int i = 0; i < key.count; i++)
		atomic_store_explicit(&entry->key[i], key.word[i], memory_order_release);
	for (unsigned int i = 0; i < 2; i++)
		atomic_store_explicit(&entry->outcome[i], words[i], memory_order_release);
	atomic_store_explicit(&entry->sequence, sequence + 2, memory_order_release);
}
