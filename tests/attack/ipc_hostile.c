/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: signals, terminals, shared memory and other processes. See box.h and ipc_attacks.c. */
#include "hostile.h"

#include <linux/kcmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>

#define HIGH (0xdeadbeefUL << 32)

/* The victim's number, once it is ready. */
static pid_t victim(void)
{
	char text[32] = "";
	int fd = -1;

	for (int i = 0; i < 500 && fd < 0; i++) {
		fd = open(at("w/victim"), O_RDONLY);
		if (fd < 0)
			poll(NULL, 0, 10);
	}
	NEED(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

static void look_for_hit(const char *what)
{
	poll(NULL, 0, 100);
	if (access(at("w/hit"), F_OK) == 0)
		broke(what);
}

static void signal_one(pid_t pid)
{
	siginfo_t info = { .si_signo = SIGURG, .si_code = SI_QUEUE };
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	MUST_FAIL(kill(pid, SIGURG));
	MUST_FAIL(kill(pid, 0));
	MUST_FAIL(kill(pid, SIGCONT));
	MUST_FAIL(kill(-pid, SIGURG));
	MUST_FAIL(syscall(SYS_kill, HIGH | (unsigned int)pid, SIGURG));
	MUST_FAIL(syscall(SYS_tkill, pid, SIGURG));
	MUST_FAIL(syscall(SYS_tgkill, pid, pid, SIGURG));
	MUST_FAIL(syscall(SYS_tgkill, -1, pid, SIGURG));
	MUST_FAIL(syscall(SYS_rt_sigqueueinfo, pid, SIGURG, &info));
	MUST_FAIL(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGURG, &info));
	if (pidfd >= 0)
		broke("pidfd_open");
	MUST_FAIL(syscall(SYS_pidfd_send_signal, pidfd, SIGURG, NULL, 0));
	MUST_FAIL(syscall(SYS_pidfd_open, pid, O_EXCL));
	/* A directory of /proc is taken for a pidfd by some calls. */
	MUST_FAIL(syscall(SYS_pidfd_send_signal, open("/proc/1", O_RDONLY | O_DIRECTORY), 0, NULL,
			  0));
}

static void c07_signals(void)
{
	pid_t pid = victim();

	signal_one(pid);
	look_for_hit("the victim was signalled");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return;
	/* Only boxed: the supervisor, the process that made us, and the first of all. */
	for (pid_t other = atoi(getenv("SUP")), i = 0; i < 3; i++, other = i == 1 ? getppid() : 1)
		MUST_FAIL(kill(other, SIGURG));
	MUST_FAIL(kill(getppid(), SIGKILL));
	MUST_FAIL(kill(atoi(getenv("SUP")), SIGSTOP));
}

/* Only boxed. */
static void c07_everybody(void)
{
	signal(SIGURG, SIG_IGN);
	victim();
	kill(-1, SIGURG);
	kill(0, SIGURG);
	kill(-getpgid(0), SIGURG);
	killpg(getpgrp(), SIGURG);
	look_for_hit("the victim was signalled");
}

/* Whose signals come from a descriptor; with the number to signal in fcntl, ioctl and a struct. */
static void own_by(pid_t pid, int how)
{
	struct {
		int type;
		pid_t pid;
	} owner = { 1, pid };
	int pair[2], on = 1;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	switch (how) {
	case 0: TRY(fcntl(pair[0], F_SETOWN, pid)); break;
	case 1: TRY(fcntl(pair[0], F_SETOWN, -pid)); break;
	case 2: TRY(syscall(SYS_fcntl, pair[0], F_SETOWN, HIGH | (unsigned int)pid)); break;
	case 3: TRY(fcntl(pair[0], F_SETOWN_EX, &owner)); break;
	case 4: TRY(ioctl(pair[0], 0x8901, &pid)); break; /* FIOSETOWN */
	case 5: TRY(ioctl(pair[0], 0x8902, &pid)); break; /* SIOCSPGRP */
	}
	if (how % 2 == 0)
		TRY(fcntl(pair[0], F_SETSIG, SIGURG));
	TRY(ioctl(pair[0], FIOASYNC, &on));
	TRY(fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	NEED(write(pair[1], "x", 1) == 1);
	TRY(send(pair[1], "x", 1, MSG_OOB));
	close(pair[0]);
	close(pair[1]);
}

static void c07_owners(void)
{
	pid_t pid = victim();

	signal(SIGURG, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	for (int how = 0; how < 6; how++)
		own_by(pid, how);
	look_for_hit("the victim was signalled");
}

static void c07_terminal(void)
{
	static const unsigned int typing[] = { TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD };
	int file = open(at("w/canary"), O_RDONLY);
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), slave, zero = 0;
	char path[64], c = 'x', text[64] = "";
	unsigned int number;

	NEED(master >= 0 && ioctl(master, TIOCGPTN, &number) == 0);
	NEED(ioctl(master, TIOCSPTLCK, &zero) == 0);
	snprintf(path, sizeof(path), "/dev/pts/%u", number);
	slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
	NEED(slave >= 0);
	/* Its own it may stop. */
	NEED(tcflow(slave, TCOOFF) == 0 && tcflow(slave, TCOON) == 0);
	MUST_FAIL_WITH(tcflow(file, TCOOFF), ENOTTY);
	MUST_FAIL(ioctl(slave, TIOCSTI, &c));
	MUST_FAIL(syscall(SYS_ioctl, slave, HIGH | TIOCSTI, &c));
	MUST_FAIL(syscall(SYS_ioctl, HIGH | (unsigned int)slave, HIGH | TIOCSTI, &c));
	MUST_FAIL(ioctl(slave, TIOCLINUX, &c));
	MUST_FAIL(syscall(SYS_ioctl, slave, HIGH | TIOCLINUX, &c));
	MUST_FAIL(ioctl(slave, TIOCCONS));
	MUST_FAIL(ioctl(slave, TIOCSETD, &zero));
	MUST_FAIL(ioctl(slave, TIOCEXCL));
	MUST_FAIL(syscall(SYS_ioctl, slave, HIGH | TIOCEXCL));
	/* By the box, whatever the kernel says of a descriptor that is no terminal: where TIOCSTI
	 * is switched off, it proves nothing. */
	for (size_t i = 0; i < COUNT(typing); i++) {
		MUST_FAIL_WITH(ioctl(file, typing[i], &c), EPERM);
		MUST_FAIL_WITH(syscall(SYS_ioctl, file, HIGH | typing[i], &c), EPERM);
	}
	if (read(slave, text, sizeof(text)) > 0)
		broke("something was typed");
	/* Those of others. */
	MUST_FAIL(open("/dev/console", O_RDWR | O_NOCTTY));
	MUST_FAIL(open("/dev/tty1", O_RDWR | O_NOCTTY));
	MUST_FAIL(open("/dev/vcs", O_RDONLY));
}

static void c08(void)
{
	int key = 0x70000000 | getsid(0);
	char name[64], shm[80], message[64] = "\1\0\0\0\0\0\0\0x";

	snprintf(name, sizeof(name), "pcall-%d", getsid(0));
	snprintf(shm, sizeof(shm), "/dev/shm/%s", name);
	MUST_FAIL(syscall(SYS_shmget, key, 4096, 0));
	MUST_FAIL(syscall(SYS_shmget, IPC_PRIVATE, 4096, 0600));
	MUST_FAIL(syscall(SYS_semget, key, 1, 0));
	MUST_FAIL(syscall(SYS_msgget, key, 0));
	for (int id = 0; id < 64; id++) {
		MUST_FAIL(syscall(SYS_shmctl, id, 2, message));
		MUST_FAIL((long)syscall(SYS_shmat, id, NULL, 0) == -1 ? -1 : 0);
		MUST_FAIL(syscall(SYS_msgsnd, id, message, 1, IPC_NOWAIT));
	}
	MUST_FAIL(syscall(SYS_mq_open, name, O_RDWR, 0, NULL));
	MUST_FAIL(syscall(SYS_mq_open, name, O_RDWR | O_CREAT, 0600, NULL));
	MUST_FAIL(syscall(SYS_mq_unlink, name));
	MUST_FAIL(open(shm, O_RDWR));
	MUST_FAIL(open(shm, O_RDONLY));
	MUST_FAIL(access(shm, F_OK));
	MUST_FAIL(open("/dev/mqueue", O_RDONLY));
	MUST_FAIL(syscall(SYS_memfd_secret, 0));
}

/* All that names a task by its number. */
static void touch(pid_t pid)
{
	static const int whole[] = { RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_LOCKS };
	struct rlimit limit;
	cpu_set_t cpus;
	char bytes[256];
	struct iovec local = { bytes, sizeof(bytes) }, remote = { (void *)0x400000, 16 };
	struct sched_param param = { 0 };
	void *head;
	size_t size;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (size_t i = 0; i < COUNT(whole); i++) {
		MUST_FAIL(prlimit(pid, (__rlimit_resource_t)whole[i], NULL, &limit));
		MUST_FAIL(prlimit(pid, (__rlimit_resource_t)whole[i], &limit, NULL));
	}
	MUST_FAIL(sched_getaffinity(pid, sizeof(cpus), &cpus));
	MUST_FAIL(sched_setaffinity(pid, sizeof(cpus), &cpus));
	MUST_FAIL(sched_getscheduler(pid));
	MUST_FAIL(sched_setscheduler(pid, SCHED_OTHER, &param));
	MUST_FAIL(sched_getparam(pid, &param));
	MUST_FAIL(syscall(SYS_sched_getattr, pid, bytes, 48, 0));
	MUST_FAIL(setpriority(PRIO_PROCESS, (id_t)pid, 5));
	MUST_FAIL(setpriority(PRIO_PGRP, (id_t)pid, 5));
	/* Only boxed: they reach everything that the user runs. */
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		MUST_FAIL(setpriority(PRIO_USER, getuid(), 5));
		MUST_FAIL(syscall(SYS_ioprio_set, 3, getuid(), 0x4007));
	}
	MUST_FAIL(syscall(SYS_setpriority, PRIO_PROCESS, HIGH | (unsigned int)pid, 5));
	MUST_FAIL(syscall(SYS_ioprio_set, 1, pid, 0x4007));
	MUST_FAIL(getpgid(pid));
	MUST_FAIL(getsid(pid));
	MUST_FAIL(setpgid(pid, 0));
	MUST_FAIL(ptrace(PTRACE_SEIZE, pid, 0, 0));
	MUST_FAIL(ptrace(PTRACE_ATTACH, pid, 0, 0));
	TRY(ptrace(PTRACE_DETACH, pid, 0, 0));
	MUST_FAIL(process_vm_readv(pid, &local, 1, &remote, 1, 0));
	MUST_FAIL(process_vm_writev(pid, &local, 1, &remote, 1, 0));
	MUST_FAIL(syscall(SYS_process_madvise, pidfd, &remote, 1, 21, 0));
	MUST_FAIL(syscall(SYS_process_mrelease, pidfd, 0));
	for (int fd = 0; fd < 80; fd++)
		MUST_FAIL(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	if (is_canary((int)syscall(SYS_pidfd_getfd, pidfd, 77, 0)))
		broke("its descriptor");
	MUST_FAIL(syscall(SYS_kcmp, pid, getpid(), KCMP_VM, 0, 0));
	MUST_FAIL(syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, 0, 0));
	MUST_FAIL(syscall(SYS_get_robust_list, pid, &head, &size));
	MUST_FAIL(syscall(SYS_move_pages, pid, 1, &remote.iov_base, NULL, bytes, 0));
	MUST_FAIL(syscall(SYS_migrate_pages, pid, 0, NULL, NULL));
	MUST_FAIL(syscall(SYS_perf_event_open, bytes, pid, -1, -1, 0));
	MUST_FAIL(syscall(SYS_setns, pidfd, 0x40000000));
}

static void look(pid_t pid)
{
	static const char *const names[] = { "",	"/mem",		 "/maps",  "/environ",
					     "/status", "/cwd",		 "/fd/77", "/root/etc",
					     "/task",	"/oom_score_adj" };
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d%s", pid, names[i]);
		MUST_FAIL(open(path, O_RDONLY));
		MUST_FAIL(open(path, O_RDWR));
		MUST_FAIL(access(path, F_OK));
	}
}

static void c09(void)
{
	pid_t pid = victim();

	touch(pid);
	look(pid);
	look_for_hit("the victim was signalled");
}

static void c09_supervisor(void)
{
	pid_t supervisor = atoi(getenv("SUP"));

	touch(supervisor);
	look(supervisor);
	touch(getppid());
	look(getppid());
	touch(1);
}

static const struct hostile_attack attacks[] = {
	{"c07_signals",	 c07_signals   },
	{ "c07_everybody",  c07_everybody },
	{ "c07_owners",	c07_owners	   },
	{ "c07_terminal",	  c07_terminal  },
	{ "c08",		 c08	     },
	{ "c09",		 c09	     },
	{ "c09_supervisor", c09_supervisor},
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
