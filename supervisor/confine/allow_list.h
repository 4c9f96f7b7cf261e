/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A filter of a process of ours, made of a list of the calls that it takes.
 *
 * Numbers stand in groups that say what for; what is in no group fails with EPERM. The kernel walks
 * the whole filter for each number when it is installed, so numbers are searched in a tree.
 */
#ifndef CONFINE_ALLOW_LIST_H
#define CONFINE_ALLOW_LIST_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* clang-format off */
#define RETURN(action)	BPF_STMT(BPF_RET | BPF_K, (action))
#define ERROR(error)	RETURN(SECCOMP_RET_ERRNO | (error))
#define PASS		RETURN(SECCOMP_RET_ALLOW)
#define JUMP(how, k, t, f) BPF_JUMP(BPF_JMP | (how) | BPF_K, (k), (t), (f))
#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* What decides a kind of call, by its arguments. Those of int are judged by their low half, which is what counts. */
struct allow_kind {
	const struct sock_filter *code;
	size_t count;
};
#define CODE(...)	{ (const struct sock_filter[]){ __VA_ARGS__ }, \
			  sizeof((const struct sock_filter[]){ __VA_ARGS__ }) / sizeof(struct sock_filter) }
#define NUMBERS(...)  (const short[]) { __VA_ARGS__, -1 }
/* clang-format on */

struct allow_group {
	unsigned int kind;
	const short *numbers; /* -1 at the end */
};

/* kinds[0] is what is in no group. */
struct allow_list {
	const struct allow_group *groups;
	size_t group_count;
	const struct allow_kind *kinds;
};

/*
 * For this process and its threads, for good; no_new_privs as well. Other entries than that of
 * 64-bit programs end it. 0; -EBUSY: a thread has a filter of its own; or a negative errno.
 */
int allow_list_install(const struct allow_list *list);

#endif
