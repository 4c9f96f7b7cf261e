/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: looks for processes outside, and reaches for them. See box.h. */
#include "hostile.h"

#include <linux/capability.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

/* What a call says of a process: its errno, 0 if it succeeds. */
typedef int question(pid_t pid);

static int said(long result)
{
	return result < 0 ? errno : 0;
}

static clockid_t clock_of(pid_t pid)
{
	return ~pid * 8 + 2;
}

static int ask_capget(pid_t pid)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, pid };
	struct __user_cap_data_struct data[2];

	return said(syscall(SYS_capget, &header, data));
}

static int ask_kill(pid_t pid)
{
	return said(kill(pid, 0));
}

static int ask_kill_group(pid_t pid)
{
	return said(kill(-pid, 0));
}

static int ask_tkill(pid_t pid)
{
	return said(syscall(SYS_tkill, pid, 0));
}

static int ask_tgkill(pid_t pid)
{
	return said(syscall(SYS_tgkill, pid, pid, 0));
}

static int ask_sigqueue(pid_t pid)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	return said(syscall(SYS_rt_sigqueueinfo, pid, 0, &info));
}

static int ask_clock(pid_t pid)
{
	struct timespec time;

	return said(clock_gettime(clock_of(pid), &time));
}

static int ask_resolution(pid_t pid)
{
	return said(clock_getres(clock_of(pid), NULL));
}

static int ask_timer(pid_t pid)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int timer;

	return said(syscall(SYS_timer_create, clock_of(pid), &event, &timer));
}

static int ask_sleep(pid_t pid)
{
	struct timespec none = { 0, 1 };

	return said(syscall(SYS_clock_nanosleep, clock_of(pid), TIMER_ABSTIME, &none, NULL));
}

static int ask_owner(pid_t pid)
{
	int pair[2], r;

	NEED(pipe(pair) == 0);
	r = said(fcntl(pair[0], F_SETOWN, pid));
	close(pair[0]);
	close(pair[1]);
	return r;
}

static int ask_owner_ioctl(pid_t pid)
{
	int pair[2], r;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	r = said(ioctl(pair[0], FIOSETOWN, &pid));
	close(pair[0]);
	close(pair[1]);
	return r;
}

static int ask_owner_ex(pid_t pid)
{
	struct f_owner_ex owner = { F_OWNER_PID, pid };
	int pair[2], r;

	NEED(pipe(pair) == 0);
	r = said(fcntl(pair[0], F_SETOWN_EX, &owner));
	close(pair[0]);
	close(pair[1]);
	return r;
}

static int ask_futex(pid_t pid)
{
	uint32_t word = (uint32_t)pid;

	return said(syscall(SYS_futex, &word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
}

static int ask_futex_lock(pid_t pid)
{
	struct timespec past = { 0, 1 };
	uint32_t word = (uint32_t)pid;

	return said(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, &past, NULL, 0));
}

static int ask_group(pid_t pid)
{
	return said(getpgid(pid));
}

static int ask_session(pid_t pid)
{
	return said(getsid(pid));
}

static int ask_pidfd(pid_t pid)
{
	return said(syscall(SYS_pidfd_open, pid, 0));
}

static int ask_priority(pid_t pid)
{
	errno = 0;
	return getpriority(PRIO_PROCESS, (id_t)pid) == -1 ? errno : 0;
}

static int ask_ioprio(pid_t pid)
{
	return said(syscall(SYS_ioprio_get, 1, pid));
}

static int ask_scheduler(pid_t pid)
{
	return said(sched_getscheduler(pid));
}

static int ask_affinity(pid_t pid)
{
	cpu_set_t set;

	return said(sched_getaffinity(pid, sizeof(set), &set));
}

static int ask_limit(pid_t pid)
{
	struct rlimit limit;

	return said(prlimit(pid, RLIMIT_NOFILE, NULL, &limit));
}

static int ask_memory(pid_t pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return said(process_vm_readv(pid, &here, 1, &there, 1, 0));
}

static int ask_kcmp(pid_t pid)
{
	return said(syscall(SYS_kcmp, getpid(), pid, 0, 0, 0));
}

static int ask_robust(pid_t pid)
{
	void *head;
	size_t size;

	return said(syscall(SYS_get_robust_list, pid, &head, &size));
}

static int ask_proc(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return said(access(path, F_OK));
}

static const struct {
	const char *name;
	question *ask;
	bool refused; /* also of its own */
} questions[] = {
	{"capget",		    ask_capget,	false},
	{ "kill",		  ask_kill,	    false},
	{ "kill of a group",    ask_kill_group,  false},
	{ "tkill",		   ask_tkill,	      false},
	{ "tgkill",		    ask_tgkill,	false},
	{ "rt_sigqueueinfo",    ask_sigqueue,	   false},
	{ "clock_gettime",	   ask_clock,	      false},
	{ "clock_getres",	  ask_resolution,  false},
	{ "timer_create",	  ask_timer,	     false},
	{ "clock_nanosleep",    ask_sleep,	true }, /* of the caller's own: EINVAL */
	{ "F_SETOWN",	      ask_owner,	 false},
	{ "FIOSETOWN",	       ask_owner_ioctl, true },
	{ "F_SETOWN_EX",	 ask_owner_ex,    true },
	{ "FUTEX_TRYLOCK_PI",   ask_futex,	 true },
	{ "FUTEX_LOCK_PI",	   ask_futex_lock,  true },
	{ "getpgid",	     ask_group,	false},
	{ "getsid",		    ask_session,	 false},
	{ "pidfd_open",		ask_pidfd,	   false},
	{ "getpriority",	 ask_priority,    false},
	{ "ioprio_get",		ask_ioprio,	    false},
	{ "sched_getscheduler", ask_scheduler,   false},
	{ "sched_getaffinity",  ask_affinity,    false},
	{ "prlimit",	     ask_limit,	false},
	{ "process_vm_readv",   ask_memory,	  true },
	{ "kcmp",		  ask_kcmp,	    false},
	{ "get_robust_list",    ask_robust,	 true },
	{ "/proc/PID",	       ask_proc,	 false},
};

/* A number that no process has. */
static pid_t nobody(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
	return pid;
}

static void outside(void)
{
	pid_t there = atoi(getenv("SUP")), missing = nobody();

	NEED(there > 0);
	for (size_t i = 0; i < COUNT(questions); i++) {
		int of_there = questions[i].ask(there), of_missing = questions[i].ask(missing);

		if (of_there == of_missing)
			continue;
		broke(questions[i].name);
		printf("  outside: %s, nobody: %s\n", strerrorname_np(of_there),
		       strerrorname_np(of_missing));
	}
}

static void own(void)
{
	NEED(setpgid(0, 0) == 0);
	for (size_t i = 0; i < COUNT(questions); i++) {
		int r = questions[i].refused ? 0 : questions[i].ask(getpid());

		/* containers' lists refuse it to all */
		if (r == 0 || (r == EPERM && questions[i].ask == ask_kcmp))
			continue;
		broke(questions[i].name);
		printf("  %s\n", strerrorname_np(r));
	}
	if (ask_clock(0) || ask_capget(0))
		broke("of itself as 0");
}

static void own_group(void)
{
	NEED(setpgid(0, 0) == 0);
	if (kill(0, 0) < 0)
		broke("its own group by 0");
}

static void commands(void)
{
	struct f_owner_ex owner = { F_OWNER_PGRP, getpgrp() };
	int file = open(at("r/file"), O_RDONLY), written = open(at("w/canary"), O_RDWR);
	int directory = open(at("w"), O_RDONLY | O_DIRECTORY);

	NEED(file >= 0 && written >= 0 && directory >= 0);
	MUST_FAIL_WITH(fcntl(file, F_SETLEASE, F_RDLCK), EINVAL);
	MUST_FAIL_WITH(fcntl(file, F_SETLEASE, F_WRLCK), EINVAL);
	close(file);
	MUST_FAIL_WITH(fcntl(written, F_SETLEASE, F_WRLCK), EINVAL);
	MUST_FAIL_WITH(fcntl(directory, F_NOTIFY, DN_CREATE), EINVAL);
	MUST_FAIL_WITH(fcntl(directory, 1040, F_RDLCK), EINVAL); /* F_SETDELEG */
	MUST_FAIL_WITH(fcntl(written, F_SETSIG, SIGRTMIN), EINVAL);
	MUST_FAIL_WITH(fcntl(written, F_SETOWN_EX, &owner), EINVAL);
	/* The group is its supervisor's, too. */
	MUST_FAIL_WITH(fcntl(written, F_SETOWN, -getpgrp()), ESRCH);
}

static void leased_done(void)
{
	NEED(close(open(at("w/done"), O_CREAT | O_WRONLY, 0644)) == 0);
}

enum {
	OPENERS = 12, /* more than a box has receivers */
};

/* A lease of somebody else: who would not wait is told so, who waits gets the file. */
static void leased(void)
{
	pid_t pids[OPENERS];
	int fd, status;

	while ((fd = open(at("r/file"), O_RDONLY | O_NONBLOCK)) >= 0) {
		close(fd);
		poll(NULL, 0, 1);
	}
	if (errno != EAGAIN)
		broke("an open that does not wait");
	for (int i = 0; i < OPENERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			fd = open(at("r/file"), O_RDONLY);
			_exit(fd < 0 ? errno : fcntl(fd, F_GETFL) & O_NONBLOCK ? 255 : 0);
		}
		NEED(pids[i] > 0);
	}
	leased_done();
	for (int i = 0; i < OPENERS; i++) {
		NEED(waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
		if (WEXITSTATUS(status)) {
			broke("an open that waits");
			printf("  %s\n", strerrorname_np(WEXITSTATUS(status)));
		}
	}
}

static void leased_program(void)
{
	char *const argv[] = { (char[]){ "x" }, NULL };
	int fd;

	while ((fd = open(at("w/prog"), O_RDONLY | O_NONBLOCK)) >= 0) {
		close(fd);
		poll(NULL, 0, 1);
	}
	NEED(errno == EAGAIN);
	MUST_FAIL_WITH(execv(at("w/prog"), argv), ETXTBSY);
	MUST_FAIL_WITH(truncate(at("w/prog"), 1), EAGAIN);
	leased_done();
}

/* $X/s may be listed; somebody outside, who owns it, put an attribute there. */
static void attributes(void)
{
	char value[64];
	int fd = open(at("s"), O_PATH | O_DIRECTORY);
	int plain = open(at("s"), O_RDONLY | O_DIRECTORY);

	NEED(fd >= 0 && plain >= 0);
	MUST_FAIL(fgetxattr(plain, "user.secret", value, sizeof(value)));
	MUST_FAIL(fgetxattr(fd, "user.secret", value, sizeof(value)));
	MUST_FAIL(fgetxattr(20, "user.secret", value, sizeof(value)));
	MUST_FAIL(getxattr(at("s"), "user.secret", value, sizeof(value)));
}

static const struct hostile_attack attacks[] = {
	{"outside",	     outside	     },
	      { "own",	       own	   },
	    { "own_group",	   own_group     },
	{ "commands",	      commands      },
	      { "leased",	  leased	 },
	    { "leased_program", leased_program},
	{ "attributes",	attributes	   },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
