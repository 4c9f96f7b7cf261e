/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call tables: who answers which method of a child.
 *
 * What a level defines is a struct method. When a child is made, the chain above it is walked once
 * and comes to one flat table: for each slot of its symbol table a method, for each system call
 * those who intercept it, from the inside out. Tables do not change any more, and equal ones are
 * shared. What changes is the mask, a few words of a child's own, which is flattened, too: a call
 * looks at one bit.
 */
#ifndef SUPERVISOR_TABLE_H
#define SUPERVISOR_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/pcall-wire.h"
#include "supervisor.h"
#include "confine/sysrow.h"

struct child;
struct level;
struct policy;

enum {
	METHOD_EVERY = SV_EVERY_CALL,
	METHOD_NAMED = -2,
	METHODS_MAX = 512,	       /* that one level defines */
	METHOD_DEFINED_FIRST = 0x8000, /* a level's numbers of its own: PCALL_BASE + this + id */
	NUMBERS_MAX = SYSROW_NUMBERS + PCALL_SLOT_MAX, /* indices of masks: calls, then slots */
};

struct method {
	struct level *level; /* that answers */
	uint32_t id;	     /* there */
	int number;	     /* of an intercepted system call, METHOD_EVERY, or METHOD_NAMED */
	char name[PCALL_NAME_MAX];
	sv_handler *handler; /* NULL: the level is another process */
	void *data;
};

/* Who intercepts a system call, from the inside out. */
struct intercept {
	const struct method *method;
	const struct intercept *outer;
};

struct slot {
	const struct method *method;
	int outer; /* slot of the same method in the table of the child that the level runs in; -1:
		      the level itself defines it */
};

struct table {
	struct table *next; /* of the engine's list of tables */
	_Atomic unsigned int users;
	/* What it was made of: equal here is equal. */
	struct level *level;	/* counted, as is by it the table of the child that it runs in */
	struct policy *granted; /* the level's own policy for the child; counted */
	uint32_t generation;	/* of the level's definitions */

	size_t count;
	struct slot *slots;		     /* [0] is PCALL_SLOT_FIRST */
	const struct intercept **intercepts; /* by system call; NULL: there are none */
	struct intercept *chain;	     /* all of them */
	int symbols;			     /* the sealed memfd; -1 until somebody asks */
};

/* One bit for each number: those that a child may not call. */
struct mask {
	_Atomic uint64_t bits[NUMBERS_MAX / 64];
};

/*
 * The table of a new child of this level. Counts a user. -ENOMEM. @granted: what the level itself
 * grants, without those above: they say what the level can call, not what it can offer of its own.
 */
int table_find(struct level *level, const struct policy *granted, struct table **ret);
struct table *table_ref(struct table *table);
struct table *table_drop(struct table *table);

/* The method of a slot; NULL: the table has none there. */
const struct method *table_method(const struct table *table, unsigned int slot);
/* The slot that a name has, or -ENOENT. */
int table_slot(const struct table *table, const char *name);
/* Who intercepts a system call first, or NULL. */
static inline const struct intercept *table_intercept(const struct table *table, int nr)
{
	return table->intercepts ? table->intercepts[nr] : NULL;
}

/* Is it a level in another process whom the call goes to first? */
bool table_passes(const struct table *table, int nr);

/* A descriptor of the symbol table: read-only, sealed. The table's own; -errno. */
int table_symbols(struct table *table);

/* The bit of a number of a system call or method slot; negative: there is none. */
int mask_index(int nr);

static inline bool mask_has(const struct mask *mask, int index)
{
	return atomic_load_explicit(&mask->bits[index / 64], memory_order_relaxed) >> (index % 64) &
	       1;
}

/* Is the name one that a method may have? */
bool method_name_valid(const char *name);

#endif
