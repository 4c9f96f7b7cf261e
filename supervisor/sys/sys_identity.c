/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that change whose a task is, or ask what it may. What is done for a child is done as the
 * child, and the supervisor has one identity, the one that the child was born with: a task with
 * another would be served as somebody that it is not any more, and its memory could not be read. So
 * nobody becomes somebody else.
 *
 * What the kernel refuses anyway it refuses; what changes nothing goes on. A task's identity is its
 * own thread's to change, and that waits for us: what was looked at stays so. What others are, and
 * may, is asked by number.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/procfs.h"
#include "call/call.h"
#include "call/memory.h"
#include "confine/sysrow.h"
#include "tree/child.h"

enum {
	STATUS_MAX = 4096, /* the capabilities come after the list of groups, which may be long */
	IDS = 4,	   /* real, effective, saved, of the file system */
};

static bool status_ids(const char *status, const char *key, uint64_t ret[IDS])
{
	const char *at = strstr(status, key);
	char *end;

	if (!at)
		return false;
	at += strlen(key);
	for (size_t i = 0; i < IDS; i++, at = end)
		ret[i] = strtoull(at, &end, 10);
	return true;
}

/* Of the caller: the one id that it is in every way, and whether it may become another. */
static bool identity_read(const struct registers *regs, const char *key, int cap, uint64_t *ret_id,
			  bool *ret_may)
{
	uint64_t ids[IDS], caps;
	char status[STATUS_MAX];

	if (proc_task_read(regs->tid, "status", status, sizeof(status)) <= 0 ||
	    !status_ids(status, key, ids) || !proc_number(status, "\nCapEff:", 16, &caps))
		return false;
	*ret_id = ids[0];
	*ret_may = caps >> cap & 1;
	for (size_t i = 1; i < IDS; i++)
		if (ids[i] != ids[0])
			return false;
	return true;
}

static struct sv_gate identity_refuse(const struct registers *regs)
{
	return gate_error(registers_deny(regs, VERB_NONE, "another identity", EPERM));
}

/* @count ids, of which -1 stands for no change. */
static struct sv_gate gate_ids(const struct registers *regs, const char *key, int cap, int count)
{
	uint64_t id;
	bool may;

	if (!identity_read(regs, key, cap, &id, &may))
		return identity_refuse(regs);
	for (int i = 0; may && i < count; i++)
		if (regs->arg[i].u != id && (uint32_t)regs->arg[i].u != UINT32_MAX)
			return identity_refuse(regs);
	return gate_continue();
}

static struct sv_gate gate_user(const struct registers *regs)
{
	return gate_ids(regs, "\nUid:", CAP_SETUID, 1);
}

static struct sv_gate gate_users(const struct registers *regs)
{
	return gate_ids(regs, "\nUid:", CAP_SETUID, regs->nr == __NR_setresuid ? 3 : 2);
}

static struct sv_gate gate_group(const struct registers *regs)
{
	return gate_ids(regs, "\nGid:", CAP_SETGID, 1);
}

static struct sv_gate gate_groups(const struct registers *regs)
{
	return gate_ids(regs, "\nGid:", CAP_SETGID, regs->nr == __NR_setresgid ? 3 : 2);
}

/* setgroups(count, list): the list is in memory, so whether it changes anything is not asked. */
static struct sv_gate gate_setgroups(const struct registers *regs)
{
	uint64_t id;
	bool may;

	return identity_read(regs, "\nGid:", CAP_SETGID, &id, &may) && !may ? gate_continue()
									    : identity_refuse(regs);
}

/* Structs of capget(2), of which the first version of the interface has one and the others two. */
static int capget_count(uint32_t version)
{
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1: return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3: return _LINUX_CAPABILITY_U32S_3;
	}
	return 0;
}

/* capget(header, data): of the caller, or of a process of the child's. */
static struct sv_answer sys_capget(struct call *call)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct header, ask = { _LINUX_CAPABILITY_VERSION_3, 0 };
	uint64_t to = arg_u64(call, 1);
	int count, r = mem_read(call, arg_u64(call, 0), &header, sizeof(header));

	if (r != 0)
		return answer_fail(call, r);
	count = capget_count(header.version);
	if (count == 0) {
		header.version = _LINUX_CAPABILITY_VERSION_3;
		r = mem_write(call, arg_u64(call, 0), &header.version, sizeof(header.version));
		return r || to != 0 ? sv_answer_error(r ? r : EINVAL) : sv_answer_value(0);
	}
	if (to == 0 || header.pid < 0)
		return to == 0 ? sv_answer_value(0) : sv_answer_error(EINVAL);
	ask.pid = header.pid ? header.pid : call->regs.tid;
	if (!child_owns(call->regs.child, ask.pid) || syscall(SYS_capget, &ask, data) < 0)
		return sv_answer_error(ESRCH);
	r = mem_write(call, to, data, (size_t)count * sizeof(data[0]));
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

#define CHANGES(call, args_, gate_) \
	ROW(call, args_, .tier = TIER_NOTIFY, .gate = (gate_), .note = SAME)

static const char SAME[] =
	"the supervisor acts as whom the child was born: another identity is EPERM";

const struct sysrow identity_rows[] = {
	CHANGES(setuid, "u", gate_user),
	CHANGES(setgid, "u", gate_group),
	CHANGES(setreuid, "uu", gate_users),
	CHANGES(setregid, "uu", gate_groups),
	CHANGES(setresuid, "uuu", gate_users),
	CHANGES(setresgid, "uuu", gate_groups),
	CHANGES(setfsuid, "u", gate_user),
	CHANGES(setfsgid, "u", gate_group),
	CHANGES(setgroups, "iz", gate_setgroups),
	HANDLED(capget, "oo", "processes outside: ESRCH"),
	ROWS_END,
};
