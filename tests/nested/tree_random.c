/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random trees: small, mostly chains, with enough rights left at the bottom to disagree about. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tree_model.h"

static int below(int n, unsigned int *seed)
{
	return rand_r(seed) % n;
}

static bool one_in(int n, unsigned int *seed)
{
	return below(n, seed) == 0;
}

static struct tree_reply random_reply(unsigned int *seed)
{
	static const int errors[] = { EBUSY, EIO, ENODEV, EXDEV };
	struct tree_reply reply = { .answer = (enum tree_answer)below(3, seed) };

	reply.value = reply.answer == TREE_ERROR ? errors[below(4, seed)]
						 : 100000 * (1 + below(10000, seed));
	return reply;
}

static bool is_new(const struct tree_node *node, const struct tree_offer *offer)
{
	for (size_t i = 0; i < node->offer_count; i++)
		if (node->offer[i].method == offer->method &&
		    node->offer[i].syscall == offer->syscall)
			return false;
	return true;
}

static void offer_add(struct tree_node *node, struct tree_offer offer)
{
	if (node->offer_count < TREE_OFFERS && is_new(node, &offer))
		node->offer[node->offer_count++] = offer;
}

void tree_random_offers(struct tree_node *node, unsigned int *seed)
{
	node->offer_count = 0;
	for (int n = below(4, seed); n > 0; n--)
		offer_add(node, (struct tree_offer){ .method = below(TREE_METHODS, seed),
						     .syscall = -2,
						     .reply = random_reply(seed) });
	if (one_in(2, seed))
		offer_add(node, (struct tree_offer){ .method = -1,
						     .syscall = below(TREE_SYSCALLS, seed),
						     .reply = random_reply(seed) });
	/* It sees all that the children do, the beginning of their programs, too. */
	if (one_in(24, seed))
		offer_add(node, (struct tree_offer){ .method = -1, .syscall = -1 });
}

static void random_grants(struct tree_node *node, unsigned int *seed)
{
	static const char *const patterns[] = { "m.*", "n.*", "*",   "*",   "*.a", "*.b",
						"m.a", "m.b", "m.c", "n.a", "n.b", "n.c" };

	for (int i = 0; i < 2; i++)
		strcpy(node->grant[i], one_in(4, seed) ? "" : patterns[below(12, seed)]);
	strcpy(node->refuse, one_in(4, seed) ? patterns[4 + below(8, seed)] : "");
}

static unsigned int random_bits(unsigned int first, unsigned int count, int rate,
				unsigned int *seed)
{
	unsigned int bits = 0, most = 0;

	for (unsigned int i = first; i < first + count && most < TREE_MASKS; i++)
		if (one_in(rate, seed)) {
			bits |= 1U << i;
			most++;
		}
	return bits;
}

/* A view's target has to be there for who makes the view. */
static bool sees_way(const struct tree *tree, const struct model *model, const char *target)
{
	char part[MODEL_PATH], real[MODEL_PATH];

	for (size_t n = 0; n <= strlen(target); n += 2) {
		int number;

		memcpy(part, target, n);
		part[n] = '\0';
		model_translate(model, model->depth, model->depth, part, real);
		number = tree_file_number(real);
		if (number < 0 || tree->files.type[number] != TREE_DIRECTORY ||
		    model_judge(model, model->depth, part, 0) != MODEL_ALLOW)
			return false;
	}
	return true;
}

static void drop_blind_views(const struct tree *tree, struct tree_node *node)
{
	struct model_layer *layer = &node->layer;
	struct model model;
	size_t kept = 0;

	tree_chain(tree, node->parent, &model);
	for (size_t i = 0; i < layer->bind_count; i++)
		if (node->parent == 0 || sees_way(tree, &model, layer->bind[i].target))
			layer->bind[kept++] = layer->bind[i];
	layer->bind_count = kept;
}

static void random_node(struct tree *tree, int n, unsigned int *seed)
{
	struct tree_node *node = &tree->node[n];
	struct model one;

	memset(node, 0, sizeof(*node));
	node->parent = one_in(3, seed) ? below(n, seed) : n - 1;
	if (n > 1 && node->parent == 0 && !one_in(4, seed))
		node->parent = n - 1;
	while (tree->node[node->parent].depth == MODEL_DEPTH)
		node->parent = tree->node[node->parent].parent;
	node->depth = tree->node[node->parent].depth + 1;
	model_random(&one, 1, seed);
	node->layer = one.layer[0];
	if (node->parent && one_in(4, seed))
		node->layer = tree->node[node->parent].layer;
	drop_blind_views(tree, node);
	random_grants(node, seed);
	node->connects = one_in(2, seed) ? 3 : below(5, seed);
	node->masked = random_bits(0, TREE_METHODS, 16, seed) |
		       random_bits(TREE_METHODS, TREE_SYSCALLS, 40, seed);
	node->revocable = random_bits(TREE_METHODS, TREE_SYSCALLS, 5, seed) | node->masked;
	tree_random_offers(node, seed);
}

/* What is offered from a later child on has to have one. */
static void delay_offers(struct tree *tree, int n, unsigned int *seed)
{
	struct tree_node *parent = &tree->node[tree->node[n].parent];

	for (size_t i = 0; i < parent->offer_count; i++)
		if (tree->node[n].parent > 0 && one_in(8, seed))
			parent->offer[i].from = n;
}

void tree_random(struct tree *tree, unsigned int *seed)
{
	/* Three of four are chains of up to six. */
	tree->count = one_in(4, seed) ? 2 + below(TREE_NODES - 1, seed) : 2 + below(5, seed);
	for (int n = 1; n <= tree->count; n++) {
		random_node(tree, n, seed);
		delay_offers(tree, n, seed);
	}
}

/* Calls that change something change only what is made anew for the next tree. */
static bool is_kept(const struct tree *tree, int node, const struct tree_call *call)
{
	struct tree_wanted wanted = tree_judge(tree, node, call);
	size_t old = strlen(wanted.real[0]) / 2, new = strlen(wanted.real[1]) / 2;

	if (wanted.other == TREE_UNSAID)
		return false;
	if (call->kind < TREE_CREATE || call->kind > TREE_RENAME || !wanted.by_policy)
		return true;
	if (call->kind == TREE_LIST || call->kind == TREE_STAT || call->kind == TREE_READLINK ||
	    wanted.other != 0)
		return true;
	if (old < 4 || old > 5)
		return false;
	return call->kind != TREE_RENAME ||
	       (new >= 4 && new <= 5 &&
		tree->files.type[tree_file_number(wanted.real[0])] == TREE_FILE);
}

static void random_kind(struct tree_call *call, unsigned int *seed)
{
	memset(call, 0, sizeof(*call));
	call->kind = (enum tree_kind)below(TREE_KINDS, seed);
	if (one_in(4, seed))
		call->kind = TREE_METHOD;
	call->word = call->kind == TREE_CONNECT ? tree_ports[below(TREE_PORTS, seed)]
						: below(1000, seed);
	if (call->kind == TREE_METHOD) {
		strcpy(call->name[0], tree_methods[below(TREE_METHODS, seed)]);
		return;
	}
	for (int i = 0; i < 2; i++) {
		model_random_name(call->name[i], seed);
		/* Most of what there is is four deep. */
		while (strlen(call->name[i]) < 8 && one_in(2, seed))
			strcat(call->name[i], one_in(2, seed) ? "/a" : "/b");
	}
}

void tree_random_call(const struct tree *tree, int node, struct tree_call *ret, unsigned int *seed)
{
	do
		random_kind(ret, seed);
	while (!is_kept(tree, node, ret));
}

void tree_policy(const struct tree_node *node, const char *root, char ret[TREE_POLICY])
{
	static const char *const lines[] = {
		"",
		"connect 127.0.0.1:40001\n",
		"connect 127.0.0.1:40002\n",
		"connect 127.0.0.0/8:40001 127.0.0.0/8:40002\n",
		("connect 127.0.0.1:40001 127.0.0.1:40002\n"
		 "deny connect 127.0.0.1:40001 127.0.0.1:40002\n"),
	};
	char text[MODEL_TEXT];

	model_write(&node->layer, root, text);
	snprintf(ret, TREE_POLICY, "%s%s", text, lines[node->connects]);
	for (int i = 0; i < 2; i++)
		if (node->grant[i][0])
			sprintf(ret + strlen(ret), "method %s\n", node->grant[i]);
	if (node->refuse[0])
		sprintf(ret + strlen(ret), "deny method %s\n", node->refuse);
}
