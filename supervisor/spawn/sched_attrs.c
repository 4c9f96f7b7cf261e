/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes that a fork inherits and that a child of the zygote has to be given. */
#include "spawn/sched_attrs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	IOPRIO_PROCESS = 1, /* linux/ioprio.h came with Linux 5.15 */
};

/* linux/sched/types.h clashes with sched.h */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* What it may not be given (real-time without the right to it), or what a list of calls above us
 * refuses, it does not have: with that error no attribute is a failure. */
static int attribute_error(int error)
{
	return error == EPERM || error == ENOSYS ? 0 : -error;
}

static int copy_policy(pid_t from, pid_t to)
{
	struct attributes attributes = { .size = sizeof(attributes) };

	if (syscall(SYS_sched_getattr, from, &attributes, sizeof(attributes), 0) < 0 ||
	    syscall(SYS_sched_setattr, to, &attributes, 0) < 0)
		return attribute_error(errno);
	return 0;
}

static int copy_cpus(pid_t from, pid_t to)
{
	cpu_set_t cpus[8]; /* 8,192 CPUs */

	if (sched_getaffinity(from, sizeof(cpus), cpus) < 0 ||
	    sched_setaffinity(to, sizeof(cpus), cpus) < 0)
		return -errno;
	return 0;
}

static int copy_io(pid_t from, pid_t to)
{
	long priority = syscall(SYS_ioprio_get, IOPRIO_PROCESS, from);

	if (priority < 0 || syscall(SYS_ioprio_set, IOPRIO_PROCESS, to, priority) < 0)
		return attribute_error(errno);
	return 0;
}

/* A number in a file of /proc, which is read without the prefix that it is to be written with.
 * Kernels lack some, and refuse others: the default stays. */
static void copy_file(pid_t from, pid_t to, const char *name, const char *prefix)
{
	cleanup_fd int in = -1, out = -1;
	char path[64], text[32];
	size_t size = strlen(prefix);
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", from, name);
	in = open(path, O_RDONLY | O_CLOEXEC);
	memcpy(text, prefix, size);
	n = in < 0 ? -1 : read(in, text + size, sizeof(text) - size);
	snprintf(path, sizeof(path), "/proc/%d/%s", to, name);
	out = n > 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	if (out >= 0 && write(out, text, size + (size_t)n) < 0)
		return;
}

int schedule_inherit(pid_t from, pid_t to)
{
	int r;

	if ((r = copy_policy(from, to)) < 0 || (r = copy_cpus(from, to)) < 0 ||
	    (r = copy_io(from, to)) < 0)
		return r;
	copy_file(from, to, "oom_score_adj", "");
	copy_file(from, to, "coredump_filter", "0x");
	return 0;
}
