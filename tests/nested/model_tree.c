/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whole trees against the reference model: random trees of real processes, up to six levels deep,
 * each node with a policy, views, methods, handlers and masks; random calls of all of them, before
 * and after masks have changed. Every result must be the one that the model computes, and what a
 * node may do to an object, its parent may.
 *
 * TREE_COUNT=N tries N trees, TREE_SEED=N others, TREE_FIRST=N begins with that one: a disagreement
 * is seen again with what its message says. `TREE_COUNT=10000 build/tests/nested/nested-model_tree`
 * is the long run.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "check_main.h"
#include "stopwatch.h"
#include "tree_model.h"

enum {
	WORLD = 50,	   /* trees under one root */
	SECONDS = 25,	   /* how long trees are tried, if nobody says how many */
	LEAST = 40,	   /* and so many in any case */
	PATIENCE = 120000, /* ms that a node has for an order; who is dead never answers */
	DIRECTORIES = 40,  /* those that stay */
};

static char root[64], program[TREE_PATH];
static int ends[TREE_NODES + 1];
static uint64_t inodes[DIRECTORIES];
static struct tree tree;
static struct tree_actor *actor;
static struct tree_order order;
static struct tree_report report;
static unsigned int first_seed;
static int number; /* of the tree */
static struct tree_result done_results[TREE_BATCH];
static unsigned int calls, allowed, parents; /* what was tried, for the line at the end */

static int setting(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value ? (int)strtol(value, NULL, 10) : otherwise;
}

/* --- the directory ------------------------------------------------------------------------- */

static const char *absolute(const char *name, char ret[TREE_PATH])
{
	snprintf(ret, TREE_PATH, "%s%s", root, name);
	return ret;
}

static void file_make(int i, int type, int byte)
{
	char name[MODEL_PATH], path[TREE_PATH];
	unsigned char content = (unsigned char)byte;
	int fd;

	tree_file_path(i, name);
	absolute(name, path);
	if (type == TREE_DIRECTORY)
		ck_assert_int_eq(mkdir(path, 0755), 0);
	if (type != TREE_FILE)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	if (byte >= 0)
		ck_assert_int_eq(write(fd, &content, 1), 1);
	close(fd);
}

static int file_type(int i)
{
	char name[MODEL_PATH], path[TREE_PATH];
	struct stat st;

	tree_file_path(i, name);
	if (lstat(absolute(name, path), &st) < 0)
		return TREE_NOTHING;
	return S_ISDIR(st.st_mode) ? TREE_DIRECTORY : TREE_FILE;
}

static void file_remove(int i)
{
	char name[MODEL_PATH], path[TREE_PATH];

	tree_file_path(i, name);
	ck_assert_int_eq(remove(absolute(name, path)), 0);
}

/* --- what is said when something is wrong -------------------------------------------------- */

static const char *const kinds[TREE_KINDS] = {
	"open to read", "open to write", "create", "list",    "stat", "readlink", "mkdir",
	"rmdir",	"unlink",	 "rename", "connect", "ppid", "times",	  "method",
};

static void tell_offers(const struct tree_node *node, char *to, size_t size)
{
	static const char *const answers[] = { "forward", "value", "errno" };

	for (size_t i = 0; i < node->offer_count; i++) {
		const struct tree_offer *offer = &node->offer[i];
		size_t n = strlen(to);

		if (offer->method >= 0)
			snprintf(to + n, size - n, "  defines %s", tree_methods[offer->method]);
		else
			snprintf(to + n, size - n, "  handles system call %d",
				 offer->syscall < 0 ? -1 : tree_syscalls[offer->syscall]);
		n = strlen(to);
		snprintf(to + n, size - n, ": %s %d, from child %d on\n",
			 answers[offer->reply.answer], offer->reply.value, offer->from);
	}
}

/* The nodes from the root's embedder down to this one. */
static const char *tell(int node)
{
	static char text[65536];

	snprintf(text, sizeof(text), "\nTREE_SEED=%u TREE_FIRST=%d TREE_COUNT=1\n", first_seed,
		 number);
	for (int n = 0; n <= tree.count; n++) {
		const struct tree_node *is = &tree.node[n];
		char policy[TREE_POLICY] = "";
		size_t at = strlen(text);
		int below = node;

		while (below > n)
			below = tree.node[below].parent;
		if (below != n)
			continue;
		if (n)
			tree_policy(is, "", policy);
		snprintf(text + at, sizeof(text) - at, "node %d under %d, masked %x, sees %x\n%s",
			 n, is->parent, is->masked, is->revocable, policy);
		tell_offers(is, text, sizeof(text));
	}
	return text;
}

static const char *tell_call(const struct tree_call *call)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s %s %s (%d)", kinds[call->kind], call->name[0],
		 call->name[1], call->word);
	return text;
}

/* --- orders -------------------------------------------------------------------------------- */

static void give(int node)
{
	struct pollfd p = { .fd = ends[node], .events = POLLIN };

	if (node == 0) {
		tree_obey(actor, &order, &report);
		return;
	}
	ck_assert_int_eq(write(ends[node], &order, sizeof(order)), sizeof(order));
	ck_assert_msg(poll(&p, 1, PATIENCE) == 1, "node %d does not answer%s", node, tell(node));
	ck_assert_int_eq(read(ends[node], &report, sizeof(report)), sizeof(report));
}

static void offer(int node, const struct tree_offer *is)
{
	order.kind = is->method >= 0 ? TREE_DEFINE : TREE_INTERCEPT;
	order.number = is->syscall < 0 ? -1 : tree_syscalls[is->syscall];
	order.reply = is->reply;
	strcpy(order.name, is->method >= 0 ? tree_methods[is->method] : "");
	give(node);
	ck_assert_msg(report.error == 0, "%d: offer: %s%s", node, strerror(-report.error),
		      tell(node));
}

static void fill_masks(const struct tree_node *node)
{
	order.masks_count = order.masks_named_count = order.revocable_count = 0;
	for (int i = 0; i < TREE_METHODS; i++)
		if (node->masked & TREE_BIT_METHOD(i))
			strcpy(order.masks_named[order.masks_named_count++], tree_methods[i]);
	for (int i = 0; i < TREE_SYSCALLS; i++) {
		if (node->masked & TREE_BIT_SYSCALL(i) && order.masks_count < TREE_MASKS)
			order.masks[order.masks_count++] = tree_syscalls[i];
		if (node->revocable & TREE_BIT_SYSCALL(i) && order.revocable_count < TREE_MASKS)
			order.revocable[order.revocable_count++] = tree_syscalls[i];
	}
}

static void spawn(int n)
{
	const struct tree_node *node = &tree.node[n];
	size_t size;

	for (size_t i = 0; i < tree.node[node->parent].offer_count; i++) {
		const struct tree_offer *is = &tree.node[node->parent].offer[i];
		bool given = node->parent == 0;

		for (int m = is->from > 1 ? is->from : 1; m < n; m++)
			given |= tree.node[m].parent == node->parent;
		if (!given && is->from <= n)
			offer(node->parent, is);
	}
	order.kind = TREE_SPAWN;
	order.child = n;
	strcpy(order.program, program);
	tree_policy(node, root, order.policy);
	size = strlen(order.policy);
	snprintf(order.policy + size, sizeof(order.policy) - size,
		 "exec \"%s\"\nread /proc/self\n"
		 "read /lib /lib64 /usr/lib /etc/ld.so.cache\nexec /lib64/ld-linux-x86-64.so.2\n",
		 program);
	order.below = 0;
	for (int m = n; m <= tree.count; m++) {
		int above = m;

		while (above > n)
			above = tree.node[above].parent;
		if (above == n)
			order.below |= 1U << m;
	}
	fill_masks(node);
	give(node->parent);
	ck_assert_msg(report.error == 0, "spawn: %s%s", report.text, tell(n));
}

static void change_mask(int n, unsigned int *seed)
{
	unsigned int bit = (unsigned int)rand_r(seed) % (TREE_METHODS + TREE_SYSCALLS);
	bool gives = tree.node[n].masked >> bit & 1;
	int wanted = tree_judge_mask(&tree, n, bit);

	order.kind = TREE_MASK;
	order.child = n;
	order.allowed = gives;
	order.number = bit < TREE_METHODS ? -1 : tree_syscalls[bit - TREE_METHODS];
	strcpy(order.name, bit < TREE_METHODS ? tree_methods[bit] : "");
	give(tree.node[n].parent);
	ck_assert_msg(report.error == wanted, "mask %s %d of node %d: %d, wanted %d%s", order.name,
		      order.number, n, report.error, wanted, tell(n));
	if (wanted == 0)
		tree.node[n].masked ^= 1U << bit;
}

/* --- calls --------------------------------------------------------------------------------- */

struct expected {
	struct tree_wanted wanted;
	int number; /* of the file it is about; -1: none that is kept */
	int byte;
	char names[16]; /* of a listing; "?": not looked at */
};

/* A descriptor has no name of its own: under views it is listed by one of those that it could have.
 */
static void expect_names(int node, const char *name, char ret[16])
{
	struct model model;
	size_t count = 0, views = 0;

	tree_chain(&tree, node, &model);
	for (size_t i = 0; i < model.depth; i++)
		views += model.layer[i].bind_count;
	strcpy(ret, views ? "?" : "");
	for (char letter = 'a'; letter <= 'c' && !views; letter++) {
		char one[MODEL_PATH];
		int n;

		snprintf(one, sizeof(one), "%.60s/%c", name, letter);
		n = tree_file_number(one);
		if (n >= 0 && tree.files.type[n] &&
		    model_judge(&model, model.depth, one, 0) == MODEL_ALLOW)
			ret[count++] = letter;
		ret[count] = '\0';
	}
}

static void expect(int node, const struct tree_call *call, struct expected *ret)
{
	ret->wanted = tree_judge(&tree, node, call);
	ret->number = ret->wanted.by_policy && call->kind <= TREE_STAT
			      ? tree_file_number(ret->wanted.real[0])
			      : -1;
	ret->byte = ret->number >= 0 ? tree.files.byte[ret->number] : -1;
	if (call->kind == TREE_LIST)
		expect_names(node, call->name[0], ret->names);
}

/*
 * Of the outermost policy alone, a name under a view may be refused by the first of its names. And
 * what a descriptor leads to under views is judged by one of the names that it could have. Of what
 * stands against a renaming and what it would gain either may be found first.
 */
static bool is_as_good(int node, const struct tree_call *call, const struct expected *is,
		       int64_t result)
{
	if (call->kind == TREE_RENAME && is->wanted.result < 0 && result == -EXDEV)
		return true;
	if (!is->wanted.by_policy)
		return false;
	if (call->kind == TREE_LIST && is->names[0] == '?' && is->wanted.result == 0)
		return result == -EACCES || result == -ENOENT;
	return tree.node[node].depth == 1 && is->wanted.result == -ENOENT && result == -EACCES &&
	       tree.node[node].layer.bind_count;
}

static void compare(int node, const struct tree_call *call, const struct expected *is,
		    const struct tree_result *result)
{
	const struct tree_wanted *wanted = &is->wanted;
	int64_t r = result->result;
	bool agrees =
		wanted->result == TREE_ANY ? r >= 0 : r == wanted->result || r == wanted->other;

	ck_assert_msg(agrees || is_as_good(node, call, is, r), "node %d: %s: %lld, wanted %lld%s",
		      node, tell_call(call), (long long)r, (long long)wanted->result, tell(node));
	calls++;
	allowed += r >= 0;
	if (r != 0 || !wanted->by_policy)
		return;
	if (is->number >= 0 && is->number < DIRECTORIES)
		ck_assert_msg(result->inode == inodes[is->number], "node %d: %s: another object%s",
			      node, tell_call(call), tell(node));
	if (call->kind == TREE_OPEN_READ && is->number >= DIRECTORIES &&
	    tree.files.type[is->number] == TREE_FILE)
		ck_assert_msg(result->byte == is->byte, "node %d: %s: byte %d, wanted %d%s", node,
			      tell_call(call), result->byte, is->byte, tell(node));
	if (call->kind == TREE_LIST && is->names[0] != '?')
		ck_assert_msg(strcmp(result->names, is->names) == 0,
			      "node %d: %s: lists %s, wanted %s%s", node, tell_call(call),
			      result->names, is->names, tell(node));
	if (call->kind == TREE_RENAME)
		ck_assert_msg(tree_moved_well(&tree, node, call), "node %d: %s: moved%s", node,
			      tell_call(call), tell(node));
}

/* What a node could do, as its parent would say it. 0: it is nothing that can be tried again. */
static bool parent_call(int node, const struct tree_call *call, struct tree_call *ret)
{
	struct model model;

	if (call->kind > TREE_STAT && call->kind != TREE_CONNECT)
		return false;
	if (tree_answered(&tree, node, call->kind))
		return false;
	*ret = *call;
	if (call->kind == TREE_LIST)
		ret->kind = TREE_OPEN_READ; /* see is_as_good */
	tree_chain(&tree, node, &model);
	model_translate(&model, model.depth, 1, call->name[0], ret->name[0]);
	return true;
}

static void make_absolute(struct tree_call *call)
{
	char name[TREE_PATH];

	for (int i = 0; call->kind < TREE_CONNECT && i < 2; i++) {
		strcpy(name, call->name[i]);
		absolute(name, call->name[i]);
	}
}

/* What was allowed a moment ago is asked of the parent: without the model, but for the way there.
 */
static void ask_parent(int node, const struct tree_call *done, const struct tree_result *results,
		       unsigned int count)
{
	struct tree_call tried[TREE_BATCH];
	int parent = tree.node[node].parent;

	order.kind = TREE_CALLS;
	order.count = 0;
	for (unsigned int i = 0; i < count; i++)
		if (results[i].result >= 0 && results[i].result < 1000 &&
		    parent_call(node, &done[i], &tried[order.count])) {
			order.calls[order.count] = tried[order.count];
			make_absolute(&order.calls[order.count++]);
		}
	if (parent == 0 || order.count == 0)
		return;
	give(parent);
	for (unsigned int i = 0; i < order.count; i++) {
		int64_t r = report.results[i].result;
		struct tree_wanted wanted = tree_judge(&tree, parent, &tried[i]);

		/* It may be gone by now, and then be missing for both. */
		ck_assert_msg(r >= 0 || ((r == -ENOENT || r == -ENOTDIR || r == -EISDIR) &&
					 (r == wanted.result || wanted.result == TREE_UNSAID) &&
					 wanted.by_policy),
			      "node %d may, but not its parent: %s: %lld%s", node,
			      tell_call(&tried[i]), (long long)r, tell(node));
		parents++;
	}
}

/* Ends early where only the call itself shows what becomes of the directory. */
static void run_calls(int node, unsigned int *seed)
{
	struct tree_call done[TREE_BATCH];
	struct expected is[TREE_BATCH];
	unsigned int count = 0;
	bool known = true;

	while (known && count < TREE_BATCH) {
		struct tree_call *call = &done[count];

		tree_random_call(&tree, node, call, seed);
		expect(node, call, &is[count]);
		known = is[count].wanted.result == is[count].wanted.other ||
			is[count].wanted.other != 0;
		if (known)
			tree_apply(&tree, call, &is[count].wanted, is[count].wanted.result);
		order.calls[count] = *call;
		make_absolute(&order.calls[count++]);
	}
	order.kind = TREE_CALLS;
	order.count = count;
	give(node);
	for (unsigned int i = 0; i < count; i++)
		compare(node, &done[i], &is[i], &report.results[i]);
	if (!known)
		tree_apply(&tree, &done[count - 1], &is[count - 1].wanted,
			   report.results[count - 1].result);
	ask_parent(node, done, memcpy(done_results, report.results, sizeof(done_results)), count);
}

/* --- trees --------------------------------------------------------------------------------- */

/* What the model did not foresee is seen here, and the rest undone. */
static void restore(void)
{
	struct tree_files begin;

	tree_files_init(&begin);
	for (int i = TREE_FILES - 1; i >= DIRECTORIES; i--) {
		ck_assert_msg(file_type(i) == tree.files.type[i], "file %d is of type %d%s", i,
			      file_type(i), tell(tree.count));
		if (tree.files.type[i] &&
		    (tree.files.type[i] != begin.type[i] || tree.files.byte[i] != begin.byte[i]))
			file_remove(i);
	}
	for (int i = DIRECTORIES; i < TREE_FILES; i++)
		if (begin.type[i] &&
		    (tree.files.type[i] != begin.type[i] || tree.files.byte[i] != begin.byte[i]))
			file_make(i, begin.type[i], begin.byte[i]);
	tree.files = begin;
}

static void run_tree(void)
{
	unsigned int seed = first_seed * 1000003 + (unsigned int)number;

	rand_r(&seed);
	tree_random(&tree, &seed);
	for (int n = 1; n <= tree.count; n++)
		spawn(n);
	for (int n = 1; n <= tree.count; n++)
		run_calls(n, &seed);
	for (int n = 1; n <= tree.count; n++)
		change_mask(n, &seed);
	for (int n = 1; n <= tree.count; n++)
		run_calls(n, &seed);
	for (int n = 1; n <= tree.count; n++)
		if (tree.node[n].parent == 0)
			tree_actor_drop(actor, n);
	restore();
}

static void end_world(void)
{
	if (actor)
		tree_actor_free(actor);
	actor = NULL;
}

static void begin_world(void)
{
	unsigned int seed = first_seed * 1000003 + (unsigned int)(number / WORLD) + 77777;

	rand_r(&seed);
	end_world();
	actor = tree_actor_new();
	ck_assert_ptr_nonnull(actor);
	tree.node[0] = (struct tree_node){ .parent = 0 };
	tree_random_offers(&tree.node[0], &seed);
	for (size_t i = 0; i < tree.node[0].offer_count; i++)
		offer(0, &tree.node[0].offer[i]);
}

static void make_directory(void)
{
	struct stat st;

	snprintf(root, sizeof(root), "%.40s/tree.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	umask(022);
	tree_files_init(&tree.files);
	for (int i = 0; i < TREE_FILES; i++) {
		char name[MODEL_PATH], path[TREE_PATH];

		if (i > 0)
			file_make(i, tree.files.type[i], tree.files.byte[i]);
		tree_file_path(i, name);
		if (i < DIRECTORIES) {
			ck_assert_int_eq(lstat(absolute(name, path), &st), 0);
			inodes[i] = st.st_ino;
		}
	}
}

static void make_ends(void)
{
	for (int i = 1; i <= TREE_NODES; i++) {
		int pair[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		ends[i] = fcntl(pair[0], F_DUPFD_CLOEXEC, TREE_FD + TREE_NODES + 1);
		close(pair[0]);
		ck_assert_int_eq(dup3(pair[1], TREE_FD + i, O_CLOEXEC), TREE_FD + i);
		close(pair[1]);
	}
}

static void clean(void)
{
	end_world();
	for (int i = 1; i <= TREE_NODES; i++) {
		close(ends[i]);
		close(TREE_FD + i);
	}
	for (int i = TREE_FILES - 1; i >= 0; i--)
		if (tree.files.type[i])
			file_remove(i);
}

START_TEST(trees_of_processes_agree_with_the_model)
{
	int count = setting("TREE_COUNT", 0), begin = setting("TREE_FIRST", 0);
	double start = stopwatch_seconds(), took;

	first_seed = (unsigned int)setting("TREE_SEED", 1);
	for (number = begin;
	     count ? number < begin + count
		   : number < begin + LEAST || stopwatch_seconds() - start < SECONDS;
	     number++) {
		if (number == begin || number % WORLD == 0)
			begin_world();
		run_tree();
	}
	took = stopwatch_seconds() - start;
	fprintf(stderr, "# seed %u: %d trees, %u calls (%u allowed, %u asked of parents), %.1f s\n",
		first_seed, number - begin, calls, allowed, parents, took);
	/* else the agreement would say little */
	ck_assert_uint_gt(allowed, calls / 8);
}
END_TEST

/* What the kernel decides alone cannot be kept from a child, and nobody is told that it is. */
START_TEST(what_never_leaves_the_kernel_is_not_taken_away)
{
	static const int never[] = { SYS_write, SYS_close, SYS_futex, SYS_wait4, SYS_fork };

	actor = tree_actor_new();
	tree.count = 1;
	tree.node[1] = (struct tree_node){ .depth = 1 };
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		order = (struct tree_order){ .kind = TREE_INTERCEPT, .number = never[i] };
		give(0);
		ck_assert_int_eq(report.error, -EINVAL);
		order = (struct tree_order){ .kind = TREE_SPAWN, .child = 1, .masks_count = 1 };
		order.masks[0] = never[i];
		strcpy(order.program, program);
		snprintf(order.policy, sizeof(order.policy), "exec \"%s\"", program);
		give(0);
		ck_assert_int_eq(report.error, -EOPNOTSUPP);
		tree_actor_drop(actor, 1);
	}
}
END_TEST

static void prepare(void)
{
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - sizeof("/tree_node"));

	/* Nodes run what lies beside this program. */
	ck_assert_int_gt(size, 0);
	program[size] = '\0';
	strcpy(strrchr(program, '/'), "/tree_node");
	ck_assert_int_eq(access(program, X_OK), 0);
	make_directory();
	make_ends();
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("model_tree");
	TCase *tcase = test_case(suite, "model");

	tcase_set_timeout(tcase, getenv("TREE_COUNT") ? 0 : 170);
	tcase_add_checked_fixture(tcase, prepare, clean);
	tcase_add_test(tcase, what_never_leaves_the_kernel_is_not_taken_away);
	tcase_add_test(tcase, trees_of_processes_agree_with_the_model);
	return suite;
}
