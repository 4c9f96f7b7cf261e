/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every node of a tree may do. Slow and obvious. */
#include "tree_model.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/syscall.h>

enum { STAT, LIST, READ, WRITE, EXEC, UNIX, DEV };

const char *const tree_methods[TREE_METHODS] = { "m.a", "m.b", "m.c", "n.a", "n.b", "n.c" };
const int tree_syscalls[TREE_SYSCALLS] = {
	SYS_open,   SYS_stat,	SYS_readlinkat, SYS_mkdir, SYS_rmdir,
	SYS_unlink, SYS_rename, SYS_getppid,	SYS_times,
};
const int tree_ports[TREE_PORTS] = { 40001, 40002 };

/* Which system call it is, by its index; -1: none that can be masked. */
static const int syscall_of[TREE_KINDS] = {
	[TREE_OPEN_READ] = 0, [TREE_OPEN_WRITE] = 0, [TREE_CREATE] = 0,	  [TREE_LIST] = 0,
	[TREE_STAT] = 1,      [TREE_READLINK] = 2,   [TREE_MKDIR] = 3,	  [TREE_RMDIR] = 4,
	[TREE_UNLINK] = 5,    [TREE_RENAME] = 6,     [TREE_CONNECT] = -1, [TREE_PPID] = 7,
	[TREE_TIMES] = 8,     [TREE_METHOD] = -1,
};

#define SYSCALL_KERNEL                                                             \
	7 /* those from here on never leave the kernel, unless somebody wants them \
	   */

/* --- methods ------------------------------------------------------------------------------- */

static bool is_granted(const struct tree_node *node, const char *name)
{
	bool granted = false;

	for (size_t i = 0; i < 2; i++)
		granted |= node->grant[i][0] && fnmatch(node->grant[i], name, 0) == 0;
	return granted && !(node->refuse[0] && fnmatch(node->refuse, name, 0) == 0);
}

/* The definition of a method that a node's parent made before the node. */
static const struct tree_offer *definition(const struct tree *tree, int n, int method)
{
	const struct tree_node *parent = &tree->node[tree->node[n].parent];

	for (size_t i = 0; i < parent->offer_count; i++)
		if (parent->offer[i].method == method && parent->offer[i].from <= n)
			return &parent->offer[i];
	return NULL;
}

/* Is there a method of this name for the node? */
static bool is_offered(const struct tree *tree, int n, int method)
{
	return n > 0 && is_granted(&tree->node[n], tree_methods[method]) &&
	       (definition(tree, n, method) || is_offered(tree, tree->node[n].parent, method));
}

static int64_t call_method(const struct tree *tree, int n, int method, int word)
{
	const struct tree_offer *offer = definition(tree, n, method);
	int parent = tree->node[n].parent;

	if (tree->node[n].masked & TREE_BIT_METHOD(method))
		return -EACCES;
	if (offer && offer->reply.answer == TREE_ERROR)
		return -offer->reply.value;
	if (offer && offer->reply.answer == TREE_VALUE)
		return offer->reply.value + word + 1000 * n;
	/* It goes on as if the parent called, with what the parent may. */
	return is_offered(tree, parent, method) ? call_method(tree, parent, method, word) : -ENOSYS;
}

/* --- masks and handlers of system calls ---------------------------------------------------- */

static bool is_masked(const struct tree *tree, int n, int index)
{
	for (; n > 0; n = tree->node[n].parent)
		if (tree->node[n].masked & TREE_BIT_SYSCALL(index))
			return true;
	return false;
}

/* The handler that a node's parent has for its call: one of its own before one for every call. */
static const struct tree_offer *handler(const struct tree *tree, int n, int index)
{
	const struct tree_node *parent = &tree->node[tree->node[n].parent];
	const struct tree_offer *every = NULL;

	for (size_t i = 0; i < parent->offer_count; i++) {
		const struct tree_offer *offer = &parent->offer[i];

		if (offer->method >= 0 || offer->from > n)
			continue;
		if (offer->syscall == index)
			return offer;
		if (offer->syscall < 0)
			every = offer;
	}
	return every;
}

/* Does a mask or a handler decide? From the inside out. */
static bool is_decided(const struct tree *tree, int n, int index, int64_t *ret)
{
	if (is_masked(tree, n, index)) {
		*ret = -EPERM;
		return true;
	}
	for (; n > 0; n = tree->node[n].parent) {
		const struct tree_offer *offer = handler(tree, n, index);

		if (!offer || offer->reply.answer == TREE_FORWARD)
			continue;
		*ret = offer->reply.answer == TREE_VALUE ? offer->reply.value : -offer->reply.value;
		return true;
	}
	return false;
}

bool tree_answered(const struct tree *tree, int node, enum tree_kind kind)
{
	const struct tree_offer *offer =
		syscall_of[kind] < 0 ? NULL : handler(tree, node, syscall_of[kind]);

	return offer && offer->reply.answer == TREE_VALUE;
}

/* Some in the chain wanted to see it, or it is seen anyway. */
static bool is_seen(const struct tree *tree, int n, int index)
{
	for (; n > 0; n = tree->node[n].parent)
		if (tree->node[n].revocable & TREE_BIT_SYSCALL(index) || handler(tree, n, index))
			return true;
	return index < SYSCALL_KERNEL;
}

/* What the parent calls by this name now. */
static const struct tree_offer *defined_now(const struct tree *tree, int parent, int method)
{
	const struct tree_node *node = &tree->node[parent];

	for (size_t i = 0; i < node->offer_count; i++)
		if (node->offer[i].method == method)
			return &node->offer[i];
	return NULL;
}

int tree_judge_mask(const struct tree *tree, int node, unsigned int bit)
{
	int parent = tree->node[node].parent;
	const struct tree_offer *now;

	if (bit >= TREE_METHODS)
		return is_seen(tree, node, (int)bit - TREE_METHODS) ? 0 : -EOPNOTSUPP;
	now = defined_now(tree, parent, (int)bit);
	if (!is_offered(tree, node, (int)bit))
		return -ENOENT;
	/* What was defined after the node was made is another method of the same name. */
	return now == definition(tree, node, (int)bit) ? 0 : -ENOENT;
}

/* --- the directory ------------------------------------------------------------------------- */

int tree_file_number(const char *path)
{
	int first = 0, width = 1, number = 0;

	for (; *path; path += 2) {
		first += width;
		width *= 3;
		number = number * 3 + path[1] - 'a';
		if (first + width > TREE_FILES)
			return -1;
	}
	return first + number;
}

void tree_file_path(int number, char ret[MODEL_PATH])
{
	int first = 0, width = 1, depth = 0;

	while (number >= first + width) {
		first += width;
		width *= 3;
		depth++;
	}
	number -= first;
	ret[2 * depth] = '\0';
	for (; depth > 0; depth--, number /= 3) {
		ret[2 * depth - 2] = '/';
		ret[2 * depth - 1] = (char)('a' + number % 3);
	}
}

/* Directories three deep; in each of those a file, in some a directory. */
void tree_files_init(struct tree_files *files)
{
	char path[MODEL_PATH];

	for (int i = 0; i < TREE_FILES; i++) {
		size_t depth;

		tree_file_path(i, path);
		depth = strlen(path) / 2;
		files->byte[i] = -1;
		files->type[i] = depth <= 3 ? TREE_DIRECTORY : TREE_NOTHING;
		if (depth == 4 && path[7] == 'a') {
			files->type[i] = TREE_FILE;
			files->byte[i] = (short)(i % 251);
		}
		if (depth == 4 && path[7] == 'b' && i % 2)
			files->type[i] = TREE_DIRECTORY;
	}
}

static int type_of(const struct tree_files *files, const char *path)
{
	int number = tree_file_number(path);

	return number < 0 ? TREE_NOTHING : files->type[number];
}

/* What the way to a name comes to: 0: it ends in a directory. */
static int way_to(const struct tree_files *files, const char *path)
{
	char part[MODEL_PATH];
	size_t size = strlen(path);

	for (size_t n = 0; n + 2 <= size; n += 2) {
		int type;

		memcpy(part, path, n);
		part[n] = '\0';
		type = type_of(files, part);
		if (type != TREE_DIRECTORY)
			return type == TREE_FILE ? -ENOTDIR : -ENOENT;
	}
	return 0;
}

static bool is_empty(const struct tree_files *files, const char *path)
{
	int number = tree_file_number(path), first = number * 3 + 1;

	for (int i = first; i < first + 3 && i < TREE_FILES; i++)
		if (files->type[i])
			return false;
	return true;
}

/* --- calls on paths ------------------------------------------------------------------------ */

void tree_chain(const struct tree *tree, int node, struct model *ret)
{
	ret->depth = tree->node[node].depth;
	for (size_t i = ret->depth; i > 0; i--, node = tree->node[node].parent)
		ret->layer[i - 1] = tree->node[node].layer;
}

/* One call on a path, while it is worked out. */
struct question {
	const struct tree_files *files;
	struct model model;
	const char *name;
	char real[MODEL_PATH];
	int type, way;
};

static void ask(struct question *q, const struct tree *tree, int node, const char *name)
{
	q->files = &tree->files;
	tree_chain(tree, node, &q->model);
	q->name = name;
	model_translate(&q->model, q->model.depth, q->model.depth, name, q->real);
	q->type = type_of(&tree->files, q->real);
	q->way = way_to(&tree->files, q->real);
}

static enum model_decision decide(const struct question *q, unsigned int right)
{
	return model_judge(&q->model, q->model.depth, q->name, right);
}

/* Whatever is done with a file begins with looking it up. */
static bool has(const struct question *q, unsigned int right)
{
	return decide(q, STAT) == MODEL_ALLOW && decide(q, right) == MODEL_ALLOW;
}

/* Does a line say no, and not only none yes? */
static bool is_said(const struct question *q, unsigned int right)
{
	return decide(q, right) == MODEL_ASK ||
	       model_denies(&q->model, q->model.depth, q->name, right);
}

/* The name of a view cannot be moved or removed. */
static bool is_bound(const struct question *q)
{
	char name[MODEL_PATH];

	for (size_t depth = q->model.depth; depth > 0; depth--) {
		const struct model_layer *layer = &q->model.layer[depth - 1];

		model_translate(&q->model, q->model.depth, q->model.depth - depth, q->name, name);
		for (size_t i = 0; i < layer->bind_count; i++)
			if (strcmp(layer->bind[i].name, name) == 0)
				return true;
	}
	return false;
}

/* What may not be looked up is not there, unless a line says that it is. */
static int unseen(const struct question *q, unsigned int right, bool makes)
{
	if (decide(q, STAT) == MODEL_HIDDEN)
		return -ENOENT;
	return makes || is_said(q, STAT) || is_said(q, right) ? -EACCES : -ENOENT;
}

static int look(const struct question *q, unsigned int right)
{
	if (!has(q, STAT))
		return unseen(q, right, false);
	return q->way ? q->way : q->type == TREE_NOTHING ? -ENOENT : 0;
}

/* May the way to a name be told to who cannot make it? If the directory may be looked up. */
static bool tells_way(const struct question *q)
{
	struct question parent = *q;
	char name[MODEL_PATH];

	strcpy(name, q->name);
	if (name[0])
		name[strlen(name) - 2] = '\0';
	parent.name = name;
	return has(&parent, STAT) && !is_bound(q);
}

/* What may be said of a name that is to be made, and may not: 0 is nothing. */
static int refusal_to_make(const struct question *q)
{
	if (!has(q, STAT))
		return unseen(q, WRITE, true);
	return q->way && tells_way(q) ? q->way : -EACCES;
}

static int64_t judge_open(const struct question *q, enum tree_kind kind)
{
	bool writes = kind == TREE_OPEN_WRITE || kind == TREE_CREATE;
	int r = look(q, writes ? WRITE : READ);

	if (kind == TREE_CREATE && (!has(q, STAT) || r)) {
		if (!has(q, WRITE))
			return refusal_to_make(q);
		r = q->way;
	}
	if (r || q->type == TREE_NOTHING)
		return r;
	if (writes && q->type == TREE_DIRECTORY)
		return -EISDIR;
	if (kind == TREE_LIST && q->type == TREE_FILE)
		return -ENOTDIR;
	return has(q, writes ? WRITE : q->type == TREE_DIRECTORY ? LIST : READ) ? 0 : -EACCES;
}

/* Who may not change a name is told what he can see for himself. */
static int judge_change(const struct question *q)
{
	int r = look(q, WRITE);

	return has(q, WRITE) ? q->way : r ? r : -EACCES;
}

static int64_t judge_mkdir(const struct question *q)
{
	bool exists = q->way == 0 && q->type != TREE_NOTHING;

	if (!has(q, WRITE))
		return exists && has(q, STAT) ? -EEXIST : refusal_to_make(q);
	return q->way ? q->way : exists ? -EEXIST : 0;
}

static int64_t judge_remove(const struct question *q, bool directory)
{
	int r = judge_change(q);

	if (r)
		return r;
	if (q->type == TREE_NOTHING)
		return -ENOENT;
	if (is_bound(q))
		return -EBUSY;
	if (!directory)
		return q->type == TREE_DIRECTORY ? -EISDIR : 0;
	return q->type == TREE_FILE ? -ENOTDIR : is_empty(q->files, q->real) ? 0 : -ENOTEMPTY;
}

/* A socket or a device that is moved must not become one that may be used. */
static bool gains(const struct question *old, const struct question *new)
{
	return (!has(old, UNIX) && has(new, UNIX)) || (!has(old, DEV) && has(new, DEV));
}

static int64_t judge_rename(const struct question *old, const struct question *new)
{
	int r = judge_change(old);

	if (r == 0 && old->type == TREE_NOTHING)
		r = -ENOENT;
	if (r == 0)
		r = has(new, WRITE) ? new->way : refusal_to_make(new);
	if (r)
		return r;
	if (is_bound(old) || is_bound(new))
		return -EBUSY;
	if (gains(old, new))
		return -EXDEV;
	/* What a directory that moves leaves behind is more than is kept here. */
	if (old->type == TREE_DIRECTORY || strncmp(old->real, new->real, strlen(new->real)) == 0)
		return TREE_UNSAID;
	return new->type == TREE_DIRECTORY ? -EISDIR : 0;
}

/* A line that takes something away may keep a name from being moved: what it could mean below. */
static bool takes(const struct model *model)
{
	for (size_t i = 0; i < model->depth; i++) {
		const struct model_layer *layer = &model->layer[i];

		for (size_t j = 0; j < layer->rule_count; j++)
			if (layer->rule[j].verb >= MODEL_HIDE || layer->rule[j].except[0])
				return true;
		for (size_t j = 0; j < layer->bind_count; j++)
			if (!layer->bind[j].writable)
				return true;
	}
	return false;
}

static bool connects(const struct tree *tree, int n, int port)
{
	for (; n > 0; n = tree->node[n].parent) {
		int how = tree->node[n].connects;

		if (how == 0 || how == 4 || (how <= 2 && port != tree_ports[how - 1]))
			return false;
	}
	return true;
}

static int64_t judge_name(const struct question *q, const struct question *new, enum tree_kind kind)
{
	switch (kind) {
	case TREE_STAT: return look(q, STAT);
	case TREE_READLINK: return look(q, STAT) ? look(q, STAT) : -EINVAL;
	case TREE_MKDIR: return judge_mkdir(q);
	case TREE_RMDIR: return judge_remove(q, true);
	case TREE_UNLINK: return judge_remove(q, false);
	case TREE_RENAME: return judge_rename(q, new);
	default: return judge_open(q, kind);
	}
}

/* So far nothing stands against it; what the lines take is looked at next. */
static bool may_move(int64_t result)
{
	return result == 0 || result == -EISDIR || result == -EXDEV;
}

/* Is there a view below a name that leads nowhere? Whether it can be reached is nobody's promise.
 */
static bool is_crooked(const struct question *q)
{
	char part[MODEL_PATH], real[MODEL_PATH];

	for (size_t n = 0; n + 2 <= strlen(q->name); n += 2) {
		memcpy(part, q->name, n);
		part[n] = '\0';
		model_translate(&q->model, q->model.depth, q->model.depth, part, real);
		if (type_of(q->files, real) != TREE_DIRECTORY &&
		    strncmp(q->real, real, strlen(real)) != 0)
			return true;
	}
	return false;
}

static void judge_path(const struct tree *tree, int node, const struct tree_call *call,
		       struct tree_wanted *wanted)
{
	bool moves = call->kind == TREE_RENAME;
	struct question q, new;

	ask(&q, tree, node, call->name[0]);
	ask(&new, tree, node, call->name[1]);
	strcpy(wanted->real[0], q.real);
	strcpy(wanted->real[1], new.real);
	wanted->result = wanted->other = judge_name(&q, &new, call->kind);
	if (is_crooked(&q) || (moves && is_crooked(&new)))
		wanted->result = wanted->other = TREE_UNSAID;
	else if (moves && may_move(wanted->result) && takes(&q.model))
		wanted->result = -EACCES;
}

struct tree_wanted tree_judge(const struct tree *tree, int node, const struct tree_call *call)
{
	struct tree_wanted wanted = { .by_policy = false, .other = TREE_ANY };
	int index = syscall_of[call->kind];

	if (call->kind == TREE_METHOD) {
		int method = 0;

		while (strcmp(tree_methods[method], call->name[0]) != 0)
			method++;
		wanted.result = is_offered(tree, node, method)
					? call_method(tree, node, method, call->word)
					: -ENOENT;
	} else if (call->kind == TREE_CONNECT) {
		wanted.by_policy = true;
		wanted.result = connects(tree, node, call->word) ? 0 : -EACCES;
	} else if (!is_decided(tree, node, index, &wanted.result)) {
		wanted.by_policy = index < SYSCALL_KERNEL;
		wanted.result = TREE_ANY;
		if (wanted.by_policy)
			judge_path(tree, node, call, &wanted);
	}
	if (wanted.other == TREE_ANY)
		wanted.other = wanted.result;
	return wanted;
}

void tree_apply(struct tree *tree, const struct tree_call *call, const struct tree_wanted *wanted,
		int64_t result)
{
	struct tree_files *files = &tree->files;
	int number = tree_file_number(wanted->real[0]), new = tree_file_number(wanted->real[1]);

	if (!wanted->by_policy || result != 0 || number < 0)
		return;
	if (call->kind == TREE_MKDIR)
		files->type[number] = TREE_DIRECTORY;
	if (call->kind == TREE_CREATE && files->type[number] == TREE_NOTHING) {
		files->type[number] = TREE_FILE;
		files->byte[number] = -1;
	}
	if (call->kind == TREE_RMDIR || call->kind == TREE_UNLINK)
		files->type[number] = TREE_NOTHING;
	if (call->kind != TREE_RENAME || new < 0 || new == number)
		return;
	files->type[new] = files->type[number];
	files->byte[new] = files->byte[number];
	files->type[number] = TREE_NOTHING;
}

bool tree_moved_well(const struct tree *tree, int node, const struct tree_call *call)
{
	struct model model;

	tree_chain(tree, node, &model);
	for (unsigned int right = 0; right < MODEL_RIGHTS; right++)
		if (model_takes(&model, model.depth, call->name[0], right) &&
		    model_judge(&model, model.depth, call->name[1], right) == MODEL_ALLOW)
			return false;
	return true;
}
