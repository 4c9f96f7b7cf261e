/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference model of whole trees: what every node may do, computed from what the tree was made
 * of. Paths are judged by model.h; here are methods, handlers, masks, and a directory that changes.
 * It shares no code with what it is held against.
 */
#ifndef TESTS_NESTED_TREE_MODEL_H
#define TESTS_NESTED_TREE_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "model.h"
#include "tree_wire.h"

#define TREE_METHODS  6
#define TREE_SYSCALLS 9
#define TREE_OFFERS   4
#define TREE_PORTS    2

/* Bits of what may be taken away: methods, then the system calls. */
#define TREE_BIT_METHOD(i)  (1U << (i))
#define TREE_BIT_SYSCALL(i) (1U << (TREE_METHODS + (i)))

extern const char *const tree_methods[TREE_METHODS];
extern const int tree_syscalls[TREE_SYSCALLS];
extern const int tree_ports[TREE_PORTS];

/* What a node defines or intercepts for its children, from the one with this number on. */
struct tree_offer {
	int method;  /* -1: it is a system call */
	int syscall; /* index; -1: every */
	int from;
	struct tree_reply reply;
};

struct tree_node {
	int parent;
	size_t depth; /* 0: the root's embedder */
	struct tree_offer offer[TREE_OFFERS];
	size_t offer_count;
	/* What its parent gave it. */
	struct model_layer layer;
	char grant[2][TREE_NAME], refuse[TREE_NAME]; /* of methods; "": none */
	int connects;
	unsigned int masked, revocable; /* bits; the masks of now */
};

/* The directory, by the number of a path. */
#define TREE_FILES 364 /* of three letters, five deep */

enum { TREE_NOTHING, TREE_FILE, TREE_DIRECTORY };

struct tree_files {
	unsigned char type[TREE_FILES];
	short byte[TREE_FILES]; /* the first of a file; -1: it is empty */
};

struct tree {
	struct tree_node node[TREE_NODES + 1];
	int count; /* of nodes besides the first */
	struct tree_files files;
};

#define TREE_ANY    INT64_MAX
#define TREE_UNSAID INT64_MIN /* such calls are not made */

/* What a call should come to. */
struct tree_wanted {
	int64_t result; /* TREE_ANY: 0 or more */
	int64_t other;	/* as good as result */
	bool by_policy; /* no mask and no handler had a say */
	char real[2][MODEL_PATH];
};

void tree_files_init(struct tree_files *files);
/* -1: deeper than what is kept. */
int tree_file_number(const char *path);
void tree_file_path(int number, char ret[MODEL_PATH]);

/* A new tree below the first node, which stays. */
void tree_random(struct tree *tree, unsigned int *seed);
void tree_random_offers(struct tree_node *node, unsigned int *seed);
/* Names are relative to the directory. */
void tree_random_call(const struct tree *tree, int node, struct tree_call *ret, unsigned int *seed);
/* The lines that a node's parent gives it. */
void tree_policy(const struct tree_node *node, const char *root, char ret[TREE_POLICY]);

struct tree_wanted tree_judge(const struct tree *tree, int node, const struct tree_call *call);
/* The call has come to this: the directory is another one now. */
void tree_apply(struct tree *tree, const struct tree_call *call, const struct tree_wanted *wanted,
		int64_t result);
/* What a mask changed at run time should come to. @bit: one of the bits above, by its number. */
int tree_judge_mask(const struct tree *tree, int node, unsigned int bit);
/* The chain of policies down to a node. */
void tree_chain(const struct tree *tree, int node, struct model *ret);
/* Does a handler of a node's parent answer its call by a value? */
bool tree_answered(const struct tree *tree, int node, enum tree_kind kind);
/* A moved file must not get what a line took from it where it was. */
bool tree_moved_well(const struct tree *tree, int node, const struct tree_call *call);

#endif
