/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One node of a tree: defines, intercepts, spawns, masks and calls, as it is told. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <unistd.h>
#include "pcall.h"
#include "supervisor.h"
#include "profiles.h"
#include "tree_wire.h"
#include "common/cleanup.h"

enum {
	REPLIES_MAX = 64,
};

struct tree_actor {
	struct sv *sv;
	struct sv_child *child[TREE_NODES + 1];
	struct sv_policy *policy[TREE_NODES + 1];
	struct tree_reply reply[REPLIES_MAX];
	size_t reply_count;
};

/* A method's answer says who called by which child, and what came with the call. */
static struct sv_answer answer(struct sv_call *call, void *data)
{
	const struct tree_reply *reply = data;
	int64_t value = reply->value;

	if (reply->answer == TREE_FORWARD)
		return sv_answer_forward();
	if (reply->answer == TREE_ERROR)
		return sv_answer_error(reply->value);
	if (sv_call_number(call) >= PCALL_BASE)
		value += (int64_t)sv_call_word(call, 0) + 1000 * (int64_t)sv_call_badge(call);
	return sv_answer_value(value);
}

static long result_of(long r)
{
	return r < 0 ? -errno : r;
}

/* The names of a directory, by their order. */
static long list(int fd, char ret[16])
{
	char buffer[4096] __attribute__((aligned(8)));
	long size = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	size_t count = 0;

	if (size < 0)
		return -errno;
	for (long at = 0; at < size;) {
		const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);

		at += entry->d_reclen;
		if (entry->d_name[0] != '.' && count < 15)
			ret[count++] = entry->d_name[0];
	}
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j > 0 && ret[j - 1] > ret[j]; j--) {
			char letter = ret[j];

			ret[j] = ret[j - 1];
			ret[j - 1] = letter;
		}
	return 0;
}

static void opened(const struct tree_call *call, struct tree_result *ret)
{
	cleanup_fd int fd = (int)ret->result;
	struct stat st = { .st_ino = 0 };
	unsigned char byte;

	ret->result = 0;
	fstat(fd, &st);
	ret->inode = st.st_ino;
	if (call->kind == TREE_OPEN_READ && read(fd, &byte, 1) == 1)
		ret->byte = byte;
	if (call->kind == TREE_LIST)
		ret->result = list(fd, ret->names);
}

static long connect_to(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -errno;
	return result_of(connect(fd, (const struct sockaddr *)&to, sizeof(to)));
}

/* By numbers that libc and our library do not use themselves: masks of these stop no node. */
static void act(const struct tree_call *call, struct tree_result *ret)
{
	static const int flags[] = {
		[TREE_OPEN_READ] = O_RDONLY,
		[TREE_OPEN_WRITE] = O_WRONLY,
		[TREE_CREATE] = O_WRONLY | O_CREAT,
		[TREE_LIST] = O_RDONLY | O_DIRECTORY,
	};
	const char *name = call->name[0];
	struct stat st = { .st_ino = 0 };
	char buffer[64];
	long r = -ENOSYS;

	switch (call->kind) {
	case TREE_OPEN_READ:
	case TREE_OPEN_WRITE:
	case TREE_CREATE:
	case TREE_LIST:
		r = result_of(syscall(SYS_open, name, flags[call->kind] | O_CLOEXEC, 0644));
		break;
	case TREE_STAT: r = result_of(syscall(SYS_stat, name, &st)); break;
	case TREE_READLINK:
		r = result_of(syscall(SYS_readlinkat, AT_FDCWD, name, buffer, sizeof(buffer)));
		break;
	case TREE_MKDIR: r = result_of(syscall(SYS_mkdir, name, 0755)); break;
	case TREE_RMDIR: r = result_of(syscall(SYS_rmdir, name)); break;
	case TREE_UNLINK: r = result_of(syscall(SYS_unlink, name)); break;
	case TREE_RENAME: r = result_of(syscall(SYS_rename, name, call->name[1])); break;
	case TREE_CONNECT: r = connect_to(call->word); break;
	case TREE_PPID: r = result_of(syscall(SYS_getppid)); break;
	case TREE_TIMES: r = result_of(syscall(SYS_times, NULL)); break;
	case TREE_METHOD: r = pcall(pcall_method(name), (long)call->word); break;
	case TREE_KINDS: break;
	}
	*ret = (struct tree_result){ .result = r, .inode = st.st_ino, .byte = -1 };
}

/* A descriptor is told from a handler's value by what it refers to: values are far above. */
static void act_all(const struct tree_order *order, struct tree_report *ret)
{
	for (unsigned int i = 0; i < order->count; i++) {
		struct tree_result *result = &ret->results[i];

		act(&order->calls[i], result);
		if (order->calls[i].kind <= TREE_LIST && result->result >= 0 &&
		    result->result < 1000)
			opened(&order->calls[i], result);
	}
}

static int policy_read(const char *lines, struct sv_policy **ret, struct sv_error *error)
{
	cleanup_free char *text = strdup(lines);
	const char *line[64];
	const struct sv_policy_source source = {
		.size = sizeof(source), .lines = line, .cwd = "/", .home = "/"
	};
	size_t count = 0;
	char *rest = text, *one;

	while (count < 63 && (one = strsep(&rest, "\n")))
		if (*one)
			line[count++] = one;
	line[count] = NULL;
	return sv_policy_read(&source, ret, error);
}

static size_t masks_fill(const struct tree_order *order, struct sv_mask masks[2 * TREE_MASKS])
{
	size_t count = 0;

	for (unsigned int i = 0; i < order->masks_named_count; i++)
		masks[count++] = (struct sv_mask){ .name = order->masks_named[i] };
	for (unsigned int i = 0; i < order->masks_count; i++)
		masks[count++] = (struct sv_mask){ .number = order->masks[i] };
	return count;
}

static int spawn(struct tree_actor *actor, const struct tree_order *order, struct sv_error *error)
{
	char number[8], label[8];
	const char *const argv[] = { order->program, number, NULL }, *const envp[] = { NULL };
	struct sv_mask masks[2 * TREE_MASKS];
	int fds[TREE_NODES + 1], n = order->child;
	struct sv_spec spawn = {
		.size = sizeof(spawn),
		.argv = argv,
		.envp = envp,
		.label = label,
		.keep_fds = fds,
		.masks = masks,
		.masks_count = masks_fill(order, masks),
		.revocable = order->revocable,
		.revocable_count = order->revocable_count,
		.badge = (uint64_t)n,
	};
	int r = policy_read(order->policy, &actor->policy[n], error);

	for (int i = 1; i <= TREE_NODES; i++)
		if (order->below >> i & 1)
			fds[spawn.keep_fds_count++] = TREE_FD + i;
	snprintf(number, sizeof(number), "%d", n);
	snprintf(label, sizeof(label), "n%d", n);
	spawn.policy = actor->policy[n];
	return r < 0 ? r : sv_spawn(actor->sv, &spawn, &actor->child[n], error);
}

static int mask(struct tree_actor *actor, const struct tree_order *order)
{
	int number = order->number >= 0 ? order->number : sv_method(actor->sv, order->name);

	return number < 0 ? number
			  : sv_child_mask(actor->child[order->child], number, order->allowed);
}

static int offer(struct tree_actor *actor, const struct tree_order *order)
{
	struct tree_reply *reply = &actor->reply[actor->reply_count];
	int r;

	if (actor->reply_count == REPLIES_MAX)
		return -ENOSPC;
	*reply = order->reply;
	actor->reply_count++;
	r = order->kind == TREE_DEFINE ? sv_define(actor->sv, order->name, answer, reply)
				       : sv_intercept(actor->sv, order->number, answer, reply);
	return r < 0 ? r : 0;
}

void tree_obey(struct tree_actor *actor, const struct tree_order *order, struct tree_report *ret)
{
	const struct sv_options options = { .size = sizeof(options),
					    .degraded = profile_degraded() };
	struct sv_error error = { .text = "" };
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	if (order->kind != TREE_CALLS && !actor->sv)
		r = sv_new(&options, &actor->sv, &error);
	if (r == 0)
		switch (order->kind) {
		case TREE_DEFINE:
		case TREE_INTERCEPT: r = offer(actor, order); break;
		case TREE_SPAWN: r = spawn(actor, order, &error); break;
		case TREE_MASK: r = mask(actor, order); break;
		case TREE_CALLS: act_all(order, ret); break;
		}
	ret->error = r;
	snprintf(ret->text, sizeof(ret->text), "%.500s", error.text);
}

struct tree_actor *tree_actor_new(void)
{
	return calloc(1, sizeof(struct tree_actor));
}

void tree_actor_drop(struct tree_actor *actor, int child)
{
	actor->child[child] = sv_child_free(actor->child[child]);
	actor->policy[child] = sv_policy_free(actor->policy[child]);
}

void tree_actor_free(struct tree_actor *actor)
{
	sv_free(actor->sv);
	for (int i = 0; i <= TREE_NODES; i++)
		sv_policy_free(actor->policy[i]);
	free(actor);
}
