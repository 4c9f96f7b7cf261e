/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What model_tree and the processes of its trees say to each other: one order, one report, over a
 * socket of each node's own. Node N has its end as descriptor TREE_FD + N, and hands on those of
 * the nodes below it.
 */
#ifndef TESTS_NESTED_TREE_WIRE_H
#define TESTS_NESTED_TREE_WIRE_H

#include <stdint.h>

#define TREE_NODES  12 /* and the root's embedder, which is node 0 */
#define TREE_FD	    20
#define TREE_NAME   16
#define TREE_PATH   128
#define TREE_BATCH  16
#define TREE_MASKS  12
#define TREE_POLICY 6144

enum tree_kind {
	TREE_OPEN_READ,
	TREE_OPEN_WRITE,
	TREE_CREATE,
	TREE_LIST,
	TREE_STAT,
	TREE_READLINK,
	TREE_MKDIR,
	TREE_RMDIR,
	TREE_UNLINK,
	TREE_RENAME,
	TREE_CONNECT,
	TREE_PPID,
	TREE_TIMES,
	TREE_METHOD,
	TREE_KINDS
};

/* What a handler answers. */
enum tree_answer { TREE_FORWARD, TREE_VALUE, TREE_ERROR };

struct tree_reply {
	enum tree_answer answer;
	int value; /* or the errno */
};

struct tree_call {
	enum tree_kind kind;
	int word; /* of a method; CONNECT: the port */
	char name[2][TREE_PATH];
};

struct tree_result {
	int64_t result; /* or a negative errno */
	uint64_t inode; /* of what was opened or looked up */
	int byte;	/* OPEN_READ: the first; -1: there is none */
	char names[16]; /* LIST: the last letters, sorted */
};

enum tree_order_kind { TREE_DEFINE, TREE_INTERCEPT, TREE_SPAWN, TREE_MASK, TREE_CALLS };

struct tree_order {
	enum tree_order_kind kind;
	int child;  /* SPAWN, MASK: the number of the node */
	int number; /* of a system call; -1: every, or, of MASK: the method of that name */
	int allowed;
	char name[TREE_NAME]; /* of a method */
	struct tree_reply reply;
	char program[TREE_PATH];
	char policy[TREE_POLICY]; /* lines */
	unsigned int below;	  /* bits: the nodes of the subtree that begins with the child */
	unsigned int masks_named_count, masks_count, revocable_count;
	char masks_named[TREE_MASKS][TREE_NAME];
	int masks[TREE_MASKS], revocable[TREE_MASKS];
	unsigned int count;
	struct tree_call calls[TREE_BATCH];
};

struct tree_report {
	int error; /* 0 or a negative errno */
	char text[512];
	struct tree_result results[TREE_BATCH];
};

/* What nodes do, and the root's embedder, too. Returns nothing: the report says it. */
struct tree_actor;
void tree_obey(struct tree_actor *actor, const struct tree_order *order, struct tree_report *ret);
struct tree_actor *tree_actor_new(void);
void tree_actor_free(struct tree_actor *actor);
/* Ends a child and all below it. */
void tree_actor_drop(struct tree_actor *actor, int child);

#endif
