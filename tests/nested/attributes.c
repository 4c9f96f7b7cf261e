/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a process inherits, told line by line (`attributes print`), and a process that differs in
 * all of it from whoever started it (`attributes set COMMAND...`). `attributes fork COMMAND...` is
 * what a command is started by everywhere; `attributes filter COMMAND...` starts one that can make
 * no directories any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#ifndef PR_SET_MDWE /* 6.3 */
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif

enum {
	IOPRIO_PROCESS = 1, /* linux/ioprio.h came with Linux 5.15 */
	IOPRIO_BEST_EFFORT = 2 << 13,
	FDS = 64,
};

static const struct {
	const char *name;
	int option;
	unsigned long argument;
} controls[] = {
	{"dumpable",	      PR_GET_DUMPABLE,	       0			 },
	{ "keepcaps",	      PR_GET_KEEPCAPS,	       0			 },
	{ "securebits",	PR_GET_SECUREBITS,	   0			     },
	{ "timerslack",	PR_GET_TIMERSLACK,	   0			     },
	{ "thp_disable",	 PR_GET_THP_DISABLE,	     0		       },
	{ "mdwe",		  PR_GET_MDWE,	       0			 },
	{ "mce_kill",	      PR_MCE_KILL_GET,	       0			 },
	{ "store_bypass",	  PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS	},
	{ "indirect_branch", PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH},
};

static const char *const files[] = {
	"oom_score_adj",
	"coredump_filter",
	"cgroup",
};

/* Of /proc/self/status. */
static const char *const fields[] = {
	"Name:",	 "Uid:",	  "Gid:",     "Groups:",      "CapInh:",
	"CapPrm:",	 "CapEff:",	  "CapBnd:",  "CapAmb:",      "NoNewPrivs:",
	"Seccomp:",	 "SigBlk:",	  "SigIgn:",  "SigPnd:",      "ShdPnd:",
	"Cpus_allowed:", "Mems_allowed:", "Threads:", "THP_enabled:", "Seccomp_filters:",
};

static const int limits[] = {
	RLIMIT_CPU,    RLIMIT_FSIZE,  RLIMIT_DATA,   RLIMIT_STACK,	RLIMIT_CORE,
	RLIMIT_RSS,    RLIMIT_NPROC,  RLIMIT_NOFILE, RLIMIT_MEMLOCK,	RLIMIT_AS,
	RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIMIT_NICE,   RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
};

static void fail(const char *what)
{
	fprintf(stderr, "attributes: %s: %s\n", what, strerror(errno));
	exit(99);
}

/* linux/sched/types.h clashes with sched.h */
struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static void print_schedule(void)
{
	struct scheduling s = { .size = sizeof(s) };
	cpu_set_t cpus;

	if (syscall(SYS_sched_getattr, 0, &s, sizeof(s), 0) < 0)
		fail("sched_getattr");
	printf("schedule %u %llu %d %u\n", s.policy, (unsigned long long)s.flags, s.nice,
	       s.priority);
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	printf("cpus %d\n", CPU_COUNT(&cpus));
	printf("ioprio %ld\n", syscall(SYS_ioprio_get, IOPRIO_PROCESS, 0));
}

static void print_controls(void)
{
	int signal = -1, reaper = -1;

	for (size_t i = 0; i < LENGTH(controls); i++)
		printf("%s %d\n", controls[i].name,
		       prctl(controls[i].option, controls[i].argument, 0L, 0L, 0L));
	prctl(PR_GET_PDEATHSIG, &signal);
	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	printf("pdeathsig %d\nsubreaper %d\n", signal, reaper);
	printf("personality %#x\n", (unsigned int)personality(0xffffffff));
}

static void print_limits(void)
{
	struct rlimit limit;

	for (size_t i = 0; i < LENGTH(limits); i++) {
		getrlimit((__rlimit_resource_t)limits[i], &limit);
		printf("limit %d %llu %llu\n", limits[i], (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_max);
	}
}

static void print_signals(void)
{
	struct sigaction action;
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int signal = 1; signal <= 64; signal++) {
		if (sigismember(&blocked, signal) == 1)
			printf("blocked %d\n", signal);
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			printf("ignored %d\n", signal);
	}
}

static void print_files(void)
{
	for (size_t i = 0; i < LENGTH(files); i++) {
		char path[64], text[256] = "";
		int fd;
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/%s", files[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = read(fd, text, sizeof(text) - 1);
		printf("%s %s", files[i], n < 0 ? strerror(errno) : text);
		close(fd);
	}
}

static void print_status(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[512];

	while (status && fgets(line, sizeof(line), status))
		for (size_t i = 0; i < LENGTH(fields); i++)
			if (!strncmp(line, fields[i], strlen(fields[i])))
				printf("%s", line);
	if (!status)
		fail("status");
	fclose(status);
}

/* Those that came with exec: the rest of the program has closed its own. */
static void print_descriptors(void)
{
	struct stat st;

	for (int fd = 0; fd < FDS; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || fstat(fd, &st) < 0)
			continue;
		printf("fd %d flags %#x cloexec %d inode %llu mode %#o offset %lld\n", fd, flags,
		       fcntl(fd, F_GETFD), (unsigned long long)st.st_ino, st.st_mode,
		       fd > 2 ? (long long)lseek(fd, 0, SEEK_CUR) : 0);
	}
}

static int print(void)
{
	char cwd[4096] = "?";
	mode_t mask = umask(0);
	int tty;

	umask(mask);
	print_descriptors();
	printf("umask %#o\ncwd %s\n", mask, getcwd(cwd, sizeof(cwd)));
	printf("group %d session %d\n", getpgrp(), getsid(0));
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	printf("terminal %s\n", tty >= 0 ? "yes" : strerrorname_np(errno));
	if (tty >= 0)
		printf("foreground %d\n", tcgetpgrp(tty));
	print_schedule();
	print_controls();
	print_limits();
	print_signals();
	print_files();
	print_status();
	for (char **variable = environ; *variable; variable++)
		printf("env %s\n", *variable);
	/* Offsets are shared: whoever looks after us finds 3 more. */
	lseek(7, 3, SEEK_CUR);
	return 0;
}

static void must(const char *what, long result)
{
	if (result < 0)
		fail(what);
}

static void lower(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit;

	getrlimit((__rlimit_resource_t)resource, &limit);
	if (hard < limit.rlim_max)
		limit.rlim_max = hard;
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	must("setrlimit", setrlimit((__rlimit_resource_t)resource, &limit));
}

static void set_limits(void)
{
	lower(RLIMIT_CPU, 1001, 2002);
	lower(RLIMIT_FSIZE, 1 << 28, 1 << 29);
	/* more than there are addresses: a sanitizer's shadow takes most of them */
	lower(RLIMIT_DATA, (rlim_t)1 << 50, (rlim_t)1 << 51);
	lower(RLIMIT_STACK, 5 << 20, 1 << 29);
	lower(RLIMIT_CORE, 4096, 8192);
	lower(RLIMIT_NPROC, 4000, 5000);
	lower(RLIMIT_NOFILE, 211, 422);
	lower(RLIMIT_MEMLOCK, 65536, 131072);
	if (!getenv("ATTRIBUTES_ALL_ADDRESSES"))
		lower(RLIMIT_AS, (rlim_t)1 << 52, (rlim_t)1 << 53);
	lower(RLIMIT_SIGPENDING, 123, 456);
	lower(RLIMIT_MSGQUEUE, 1000, 2000);
	lower(RLIMIT_RTTIME, 1000000, 2000000);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail(path);
	close(fd);
}

static void set_schedule(void)
{
	struct sched_param none = { 0 };
	cpu_set_t cpus, one;

	must("setpriority", setpriority(PRIO_PROCESS, 0, 15));
	must("sched_setscheduler", sched_setscheduler(0, SCHED_BATCH, &none));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			CPU_SET(cpu, &one);
	must("sched_setaffinity", sched_setaffinity(0, sizeof(one), &one));
	must("ioprio_set", syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_BEST_EFFORT | 6));
}

static void set_signals(void)
{
	static const int blocked[] = { SIGUSR2, SIGALRM, 44 }, ignored[] = { SIGUSR1, SIGPIPE, 45 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < LENGTH(blocked); i++)
		sigaddset(&set, blocked[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < LENGTH(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

/* 5 appends, 6 does not wait, 7 stands at 11, and 9 is closed by exec. */
static void set_descriptors(void)
{
	int pipe_ends[2], fd = open("append", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	must("append", dup2(fd, 5));
	close(fd);
	must("pipe", pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK));
	must("pipe", dup2(pipe_ends[0], 6));
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	fd = open("text", O_RDONLY | O_CLOEXEC);
	must("text", dup2(fd, 7));
	must("text", lseek(7, 11, SEEK_SET));
	must("text", dup3(fd, 9, O_CLOEXEC));
	close(fd);
}

static int set(char **command)
{
	set_descriptors();
	set_signals();
	set_schedule();
	write_file("/proc/self/oom_score_adj", "321\n");
	write_file("/proc/self/coredump_filter", "0x13\n");
	must("timer slack", prctl(PR_SET_TIMERSLACK, 70000L));
	must("THP", prctl(PR_SET_THP_DISABLE, 1L, 0L, 0L, 0L));
	must("subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1L));
	/* containers' lists let few pass */
	if (personality(ADDR_NO_RANDOMIZE) < 0 && errno != EPERM && errno != ENOSYS)
		must("personality", -1);
	/* Not every CPU has what could be turned off. */
	prctl(PR_SET_SPECULATION_CTRL, (long)PR_SPEC_STORE_BYPASS, (long)PR_SPEC_DISABLE, 0L, 0L);
	/* Linux 6.3 */
	prctl(PR_SET_MDWE, 1L, 0L, 0L, 0L);
	set_limits();
	umask(031);
	execvp(command[0], command);
	fail(command[0]);
	return 99;
}

static int filter(char **command)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = LENGTH(code), .filter = code };

	must("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
	must("seccomp", prctl(PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER, &program));
	execvp(command[0], command);
	fail(command[0]);
	return 99;
}

/* A Landlock domain of one's own: of what there is none here, nothing may be made. */
static int domain(char **command)
{
	const uint64_t handled = 1 << 6; /* LANDLOCK_ACCESS_FS_MAKE_CHAR */
	/* landlock_create_ruleset, landlock_restrict_self */
	int fd = (int)syscall(444, &handled, sizeof(handled), 0);

	must("no_new_privs", prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
	must("landlock", fd < 0 ? -1 : (int)syscall(446, fd, 0));
	execvp(command[0], command);
	fail(command[0]);
	return 99;
}

static int fork_and_wait(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(command[0], command);
		fail(command[0]);
	}
	must("fork", pid);
	must("wait", waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "print"))
		return print();
	if (argc > 2 && !strcmp(argv[1], "set"))
		return set(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "fork"))
		return fork_and_wait(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "filter"))
		return filter(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "domain"))
		return domain(argv + 2);
	fprintf(stderr, "usage: attributes print | set|fork|filter|domain COMMAND...\n");
	return 99;
}
