/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level that is after its newborns (G1, G2): before its exec a child is a copy of the root's
 * zygote, and nobody's but the root's. Its execve is held up here, by a level that has it to answer
 * or by a lease, and meanwhile all is tried that reaches a process.
 */
#include "level_speak.h"

#include <ctype.h>
#include <dirent.h>
#include <linux/kcmp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum {
	DESCRIPTORS = 64,
	PAGE = 4096,
};

static atomic_int spawned_with; /* what a spawn that was under way came to; 1: still under way */
static struct wish child = { .word = "end" };

static void *spawn_run(void *data)
{
	atomic_store(&spawned_with, spawn(&child) == 0 ? 0 : -errno);
	return data;
}

/* The spawn returns when the newborn has execed, which is not before it is answered. */
static pthread_t spawn_begin(void)
{
	pthread_t thread;

	atomic_store(&spawned_with, 1);
	NEED(pthread_create(&thread, NULL, spawn_run, NULL) == 0);
	return thread;
}

static int spawn_end(pthread_t thread)
{
	pthread_join(thread, NULL);
	return atomic_load(&spawned_with);
}

/* A level that has every such call of its children, and the first one of a newborn. */
static uint64_t hold(int number, pthread_t *ret_thread)
{
	uint64_t id;

	level_open();
	NEED(ASK(PCALL_SLOT_INTERCEPT, number) >= 0);
	*ret_thread = spawn_begin();
	id = wait_call();
	if (record.head.value != SYS_execve)
		broke("a call before its exec");
	return id;
}

static void let_go(uint64_t id, pthread_t thread)
{
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_ERROR, EACCES, 0) == 0);
	if (spawn_end(thread) >= 0)
		broke("what was refused has run");
}

static void proc_try(pid_t pid)
{
	static const char *const names[] = { "",	 "/environ", "/mem",  "/maps",	 "/smaps",
					     "/auxv",	 "/cmdline", "/exe",  "/cwd",	 "/root",
					     "/fd",	 "/fdinfo",  "/task", "/status", "/stat",
					     "/pagemap", "/syscall", "/ns",   "/limits" };
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d%s", pid, names[i]);
		MUST_FAIL(open(path, O_RDONLY));
		MUST_FAIL(access(path, F_OK));
		MUST_FAIL(readlink(path, (char[8]){ 0 }, 8));
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	MUST_FAIL(open(path, O_RDWR));
	snprintf(path, sizeof(path), "/proc/self/task/%d/environ", pid);
	MUST_FAIL(open(path, O_RDONLY));
}

static void number_try(pid_t pid)
{
	struct rlimit limit = { 0, 0 };
	struct sched_param param = { 0 };
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
	cpu_set_t cpus;

	MUST_FAIL(kill(pid, 0));
	MUST_FAIL(kill(pid, SIGSTOP));
	MUST_FAIL(syscall(SYS_tkill, pid, SIGSTOP));
	MUST_FAIL(syscall(SYS_tgkill, pid, pid, SIGSTOP));
	MUST_FAIL(sigqueue(pid, SIGUSR1, (union sigval){ 0 }));
	MUST_FAIL(syscall(SYS_pidfd_open, pid, 0));
	MUST_FAIL(prlimit(pid, RLIMIT_NOFILE, NULL, &limit));
	MUST_FAIL(prlimit(pid, RLIMIT_NOFILE, &limit, NULL));
	MUST_FAIL(getpgid(pid));
	MUST_FAIL(getsid(pid));
	MUST_FAIL(setpgid(pid, pid));
	MUST_FAIL(setpriority(PRIO_PROCESS, (id_t)pid, 19));
	MUST_FAIL(sched_setparam(pid, &param));
	MUST_FAIL(sched_getscheduler(pid));
	MUST_FAIL(sched_getaffinity(pid, sizeof(cpus), &cpus));
	MUST_FAIL(syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0));
	MUST_FAIL(process_vm_readv(pid, &here, 1, &there, 1, 0));
	MUST_FAIL(process_vm_writev(pid, &here, 1, &there, 1, 0));
	MUST_FAIL(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, pid, 0, 0));
}

/* Is a process in /proc that still is a copy of the zygote? */
static bool newborn_listed(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool listed = false;

	NEED(proc);
	while ((entry = readdir(proc))) {
		char path[300], name[32] = "";
		int fd;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		TRY(read(fd, name, sizeof(name) - 1));
		close(fd);
		listed |= strcmp(name, "pcall-zygote\n") == 0;
	}
	closedir(proc);
	return listed;
}

static void process(void)
{
	pthread_t thread;
	uint64_t id = hold(SYS_execve, &thread);
	pid_t pid = record.head.pid;

	proc_try(pid);
	number_try(pid);
	if (newborn_listed())
		broke("it is in /proc");
	let_go(id, thread);
}

/* The level's own requests, by the number of the call that it is to answer. */
static void call_try(uint64_t id, uint64_t near)
{
	static char page[PAGE];

	MUST_FAIL_WITH(ASK(PCALL_SLOT_READ, id, near, page, (uint64_t)1), EPERM);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_WRITE, id, near, page, (uint64_t)1), EPERM);
	for (uint64_t at = near & ~(uint64_t)(PAGE - 1), i = 0; i < 64; i++)
		MUST_FAIL(ASK(PCALL_SLOT_READ, id, at + i * PAGE, page, (uint64_t)PAGE));
	for (uint64_t at = 0x400000; at < 0x420000; at += PAGE) {
		MUST_FAIL(ASK(PCALL_SLOT_READ, id, at, page, (uint64_t)PAGE));
		MUST_FAIL(ASK(PCALL_SLOT_WRITE, id, at, page, (uint64_t)PAGE));
	}
	for (uint64_t fd = 0; fd < DESCRIPTORS; fd++)
		MUST_FAIL(ASK(PCALL_SLOT_TAKE, id, fd));
}

/* What is the level's to know: the path, as it was copied. */
static void path_see(uint64_t id)
{
	char path[PATH_MAX] = "";

	NEED(ASK(PCALL_SLOT_PATH, id, (uint64_t)0, path, sizeof(path)) > 0);
	NEED(strcmp(path, self) == 0);
}

static void call(void)
{
	pthread_t thread;
	uint64_t id = hold(SYS_execve, &thread);

	path_see(id);
	call_try(id, record.head.word[0]);
	call_try(id, record.head.word[1]);
	call_try(id, record.head.word[2]);
	let_go(id, thread);
}

static void every_call(void)
{
	pthread_t thread;
	uint64_t id = hold(SV_EVERY_CALL, &thread);

	call_try(id, record.head.word[0]);
	let_go(id, thread);
}

/* Whatever the level answers, nothing has been executed, and the newborn holds nothing more. */
static void answers(void)
{
	static const struct {
		uint64_t kind, value;
	} given[] = {
		{WIRE_VALUE,  0		},
		{ WIRE_VALUE, 7		},
		{ WIRE_VALUE, UINT64_MAX},
		{ WIRE_FD,	   0	     },
		{ WIRE_FD,	   1000	}
	};
	pthread_t thread;
	uint64_t id = hold(SYS_execve, &thread);

	for (size_t i = 0;; i++) {
		NEED(ASK(PCALL_SLOT_ANSWER, id, given[i].kind, given[i].value, (uint64_t)0) == 0);
		if (spawn_end(thread) == 0)
			broke("what did not exec is said to run");
		if (i + 1 == COUNT(given))
			return;
		thread = spawn_begin();
		id = wait_call();
	}
}

/* Once it has execed it is the level's: what follows is looked into as ever. */
static void afterwards(void)
{
	pthread_t thread;
	uint64_t id = hold(SV_EVERY_CALL, &thread);
	char byte;

	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_FORWARD, 0, 0) == 0);
	do {
		id = wait_call();
		if (record.head.value == SYS_openat)
			break;
		NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_FORWARD, 0, 0) == 0);
	} while (true);
	NEED(spawn_end(thread) == 0);
	NEED(ASK(PCALL_SLOT_READ, id, record.head.word[1], &byte, (uint64_t)1) == 0);
	NEED(ASK(PCALL_SLOT_TAKE, id, (uint64_t)1) >= 0);
	NEED(ASK(PCALL_SLOT_KILL, last_id, (uint64_t)SIGKILL) == 0);
}

static atomic_bool racing;

static void *births(void *data)
{
	while (atomic_load(&racing))
		NEED(spawn(&child) == 0 && ASK(PCALL_SLOT_FREE, last_id) == 0);
	return data;
}

/* By speed alone. */
static void race(void)
{
	double end = stopwatch_seconds() + 3;
	pthread_t thread;

	level_open();
	atomic_store(&racing, true);
	NEED(pthread_create(&thread, NULL, births, NULL) == 0);
	while (stopwatch_seconds() < end && !newborn_listed())
		;
	if (newborn_listed() || stopwatch_seconds() < end)
		broke("it was in /proc");
	atomic_store(&racing, false);
	pthread_join(thread, NULL);
}

static bool stalled_or_refused(void)
{
	int with = atomic_load(&spawned_with);

	return with == 1 || with == -ETXTBSY;
}

/* Somebody outside holds a lease on what is executed: the kernel waits for him. */
static void lease(void)
{
	double end = stopwatch_seconds() + 30;
	pthread_t thread;

	snprintf(self, sizeof(self), "%s", at("w/elf"));
	while (stopwatch_seconds() < end && access(at("w/leased"), F_OK) < 0)
		sched_yield();
	NEED(access(at("w/leased"), F_OK) == 0);
	level_open();
	thread = spawn_begin();
	while (stopwatch_seconds() < end && access(at("w/broken"), F_OK) < 0 &&
	       atomic_load(&spawned_with) == 1)
		sched_yield();
	/* What is leased is not executed, which may be known at once, or once somebody has waited.
	 */
	NEED(stalled_or_refused());
	for (int i = 0; i < 50; i++)
		if (newborn_listed())
			broke("it is in /proc");
	NEED(stalled_or_refused());
	NEED(close(open(at("w/done"), O_WRONLY | O_CREAT, 0600)) == 0);
	spawn_end(thread);
}

static void end(void)
{
	exit(0);
}

static const struct hostile_attack attacks[] = {
	{"process",     process   },
	      { "call",	call	     },
	{ "every_call", every_call},
	      { "answers",	   answers   },
	{ "afterwards", afterwards},
	      { "race",	race	     },
	{ "lease",	   lease	 },
	      { "end",	       end	   },
};

int main(int argc, char **argv)
{
	NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
