/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A keeper: the parent of a child that has a terminal of its own, and nothing else.
 *
 * The kernel lets a terminal stop (^Z) only those for whom somebody is there who could continue
 * them: a process group with a parent in the same session, and in another group. The zygote is not
 * in that session, and a command that leads one has nobody. So the zygote clones a keeper, which
 * leads the session, has the terminal, and clones the child; it tells the engine of the child's
 * stops and end as the zygote does of others, passes a hang-up on to it, and gives the terminal
 * back to a child that goes on.
 *
 * Should hold the engine's socket alone: who held the terminal open would keep whoever relays it
 * from seeing its end. Mustn't feel the terminal's signals: all are blocked, as in the zygote.
 */
#include "zygote/session_leader.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "zygote/child.h"
#include "zygote/order.h"

/* The first that is a terminal. Never one that is somebody else's: 0 does not steal. */
static int terminal_take(const int *fds, size_t count)
{
	int r = -ENOTTY;

	for (size_t i = 0; r < 0 && i < count; i++)
		r = ioctl(fds[i], TIOCSCTTY, 0) < 0 ? -errno : 0;
	return r;
}

static int session_make(const struct keeping *keeping)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != keeping->zygote)
		return -ESRCH;
	prctl(PR_SET_NAME, "pcall-keeper");
	if (setsid() < 0)
		return -errno;
	return terminal_take(keeping->terminals, keeping->terminals_count);
}

static int child_clone(const struct keeping *keeping, int *ret_pidfd, int signals)
{
	pid_t self = getpid();
	long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, ret_pidfd, NULL, 0);

	if (pid != 0)
		return pid < 0 ? -errno : (int)pid;
	for (size_t i = 0; i < keeping->terminals_count; i++)
		close(keeping->terminals[i]);
	close(signals);
	close(keeping->socket);
	newborn_wait(keeping->report, self);
}

/* As a shell's fg does. What the child did with the terminal before it stopped is over. */
static void terminal_give(pid_t pid)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t group = getpgid(pid);

	if (fd < 0)
		return;
	if (group > 0)
		ioctl(fd, TIOCSPGRP, &group);
	close(fd);
}

static bool is_end(int code)
{
	return code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED;
}

/* What has become of it since the last look. True: it has ended. */
static bool changes_tell(const struct keeping *keeping, pid_t pid)
{
	siginfo_t info;

	for (;;) {
		struct zygote_change change = { .pid = pid };

		info.si_pid = 0;
		/* libc's has no usage */
		if (syscall(SYS_waitid, P_PID, pid, &info,
			    WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL, &change.usage) < 0)
			return true;
		if (info.si_pid == 0)
			return false;
		if (info.si_code == CLD_CONTINUED)
			terminal_give(pid);
		change.code = info.si_code;
		change.status = info.si_status;
		if (is_end(change.code))
			*keeping->slot = 0;
		(void)!send(keeping->socket, &change, sizeof(change), MSG_NOSIGNAL);
		if (is_end(change.code))
			return true;
	}
}

/* Until it has ended. A terminal that hangs up tells whoever leads its session, which the child
 * would do without us. An engine that is gone takes the zygote along, and that us. */
static void child_watch(const struct keeping *keeping, pid_t pid, int signals)
{
	struct signalfd_siginfo signal;

	while (!changes_tell(keeping, pid)) {
		if (read(signals, &signal, sizeof(signal)) != sizeof(signal))
			continue;
		if (signal.ssi_signo == SIGHUP) {
			kill(pid, SIGHUP);
			kill(pid, SIGCONT);
		}
	}
}

static int signals_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void session_lead(const struct keeping *keeping)
{
	int pidfd = -1, r = session_make(keeping), signals = r < 0 ? r : signals_open();

	r = signals < 0 ? signals : child_clone(keeping, &pidfd, signals);
	*keeping->slot = r > 0 ? r : 0;
	birth_report(keeping->report, r < 0 ? SV_STAGE_SESSION : SV_STAGE_CLONE, r > 0 ? r : -1,
		     r < 0 ? -r : 0, pidfd);
	if (r < 0) {
		/* what comes, and nobody takes, would tear away what was told */
		(void)!recv(keeping->report, &r, sizeof(r), 0);
		_exit(1);
	}
	close(pidfd);
	close(keeping->report);
	for (size_t i = 0; i < keeping->terminals_count; i++)
		close(keeping->terminals[i]);
	child_watch(keeping, r, signals);
	_exit(0);
}
