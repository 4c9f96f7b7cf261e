/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kill processes by what they descend from, until none is left; or by their tags, in one look for
 * all that are to die.
 *
 * A process that a SIGKILL has been sent to forks no more, so the race is only with those that are
 * not known yet. New processes get higher numbers: a pass goes through /proc in that order and, at
 * its end, looks at once for what came after. That is faster than fork, so it catches up with a
 * fork bomb.
 *
 * Numbers are reused. What is to be killed is pinned by a pidfd, then checked again, and only then
 * killed: if the number then still belongs to one of ours, the pidfd is of it or of one long gone.
 */
#include "zygote/kill_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common/cleanup.h"

/* PID_MAX_LIMIT: no number is higher. */
#define PIDS_MAX (4u << 20)

/* Between passes, so that what was killed can die; doubled while nothing new turns up. */
#define NAP_NS	   50000
#define NAP_NS_MAX 20000000
/* Passes without anything new: some 5 s. What is killed and not dead then hangs in the kernel, and
 * runs no code. */
#define STALE_MAX 150
/* Passes that must find nothing. One is not enough: a relay, whose members fork and exit, may have
 * its new number where the pass has been already. Those who own what they kill ask the kernel. */
#define EMPTY_MIN 10
/* Of those that were killed before and are there still, how many a pass looks into, which takes
 * longer than all the rest: where thousands die, none of the first ones is somebody new. */
#define DOUBTS_MAX 64
#define NICE_MOST  19

struct reap {
	int proc;
	pid_t root; /* whose descendants; 0: those with a tag that is looked for */
	const struct reap_look *look; /* of those */
	uint8_t *known;	     /* a bit for each that was killed; NULL: of descendants, only children
				are seen */
	unsigned int doubts; /* of this pass */
	bool fresh;	     /* it found one that was not known */
};

static bool known_has(const struct reap *reap, pid_t pid)
{
	if (pid == reap->root)
		return true;
	return reap->known && pid > 0 && (uint32_t)pid < PIDS_MAX &&
	       reap->known[pid / 8] & 1u << pid % 8;
}

static void known_add(struct reap *reap, pid_t pid)
{
	if (reap->known && (uint32_t)pid < PIDS_MAX)
		reap->known[pid / 8] |= (uint8_t)(1u << pid % 8);
}

/* The parent, or -1. A command name may hold anything, so the fields are counted from its last ')'.
 */
static pid_t parent_of(const struct reap *reap, pid_t pid)
{
	char path[32], stat[512], *after;
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/stat", pid);
	fd = openat(reap->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return -1;
	stat[n] = '\0';
	after = strrchr(stat, ')');
	if (!after || strlen(after) < 5)
		return -1;
	return (pid_t)strtol(after + 4, NULL, 10);
}

/* Does a SIGKILL wait for it? Numbers come round: one that was killed before may be somebody new by
 * now. */
static bool is_dying(const struct reap *reap, pid_t pid)
{
	const uint64_t kill_bit = 1u << (SIGKILL - 1);
	char path[32], status[2048], *pending;
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/status", pid);
	fd = openat(reap->proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	if (n <= 0)
		return false;
	status[n] = '\0';
	pending = strstr(status, "\nSigPnd:");
	if (pending && strtoull(pending + strlen("\nSigPnd:"), NULL, 16) & kill_bit)
		return true;
	pending = strstr(status, "\nShdPnd:");
	return pending && strtoull(pending + strlen("\nShdPnd:"), NULL, 16) & kill_bit;
}

static enum reap_want want(const struct reap *reap, pid_t pid)
{
	struct rlimit limit;

	if (pid == reap->root || pid == getpid())
		return REAP_NOT;
	if (reap->root)
		return known_has(reap, parent_of(reap, pid)) ? REAP_ONE : REAP_NOT;
	if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) < 0 || limit.rlim_cur > UINT32_MAX)
		return REAP_NOT;
	return reap->look->want((uint32_t)limit.rlim_cur, reap->look->data);
}

/* Is it one that no pass has killed? */
static bool is_fresh(struct reap *reap, pid_t pid)
{
	if (!known_has(reap, pid))
		return true;
	return reap->doubts++ < DOUBTS_MAX && !is_dying(reap, pid);
}

/* Kills it if it is ours and alive. Was it? */
static bool reap_one(struct reap *reap, pid_t pid)
{
	struct pollfd ended = { .events = POLLIN };
	cleanup_fd int fd = -1;
	enum reap_want how;

	if (want(reap, pid) == REAP_NOT)
		return false;
	fd = pidfd_open(pid, 0);
	if (fd < 0 && errno == ESRCH)
		return false;
	if (fd < 0) {
		/* no descriptor to pin it with: better a small risk than one that lives */
		kill(pid, SIGKILL);
		return true;
	}
	how = want(reap, pid);
	if (how == REAP_NOT)
		return false;
	ended.fd = fd;
	if (poll(&ended, 1, 0) > 0) {
		known_add(reap, pid); /* its children may be alive */
		return false;
	}
	reap->fresh = reap->fresh || is_fresh(reap, pid);
	known_add(reap, pid);
	if (how == REAP_MANY)
		syscall(SYS_setpriority, PRIO_PROCESS, pid, NICE_MOST);
	pidfd_send_signal(fd, SIGKILL, NULL, 0);
	return true;
}

/* One way through /proc; how many were alive. */
static size_t reap_pass(struct reap *reap)
{
	char buffer[1024] __attribute__((aligned(8)));
	size_t alive = 0, batch = 0;
	off_t last = 0;
	long n;

	reap->fresh = false;
	reap->doubts = 0;
	lseek(reap->proc, 0, SEEK_SET);
	for (;;) {
		n = syscall(SYS_getdents64, reap->proc, buffer, sizeof(buffer));
		if (n < 0)
			break;
		if (n == 0) {
			/* the end; while there was something to kill, look again for what came
			 * after it */
			if (batch == 0 || lseek(reap->proc, last, SEEK_SET) < 0)
				break;
			alive += batch;
			batch = 0;
			continue;
		}
		for (long at = 0; at < n;) {
			struct dirent64 *entry = (struct dirent64 *)(buffer + at);

			at += entry->d_reclen;
			if (!isdigit((unsigned char)entry->d_name[0]))
				continue;
			batch += reap_one(reap, (pid_t)strtol(entry->d_name, NULL, 10));
			last = entry->d_off;
		}
	}
	return alive + batch;
}

/* True while there are children of our own. */
static bool children_wait(void)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) < 0)
			return errno != ECHILD;
		if (info.si_pid == 0)
			return true;
	}
}

/* /proc, if it is of our own pid namespace: numbers of another one are other processes. */
static int proc_open(void)
{
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char self[16] = "";

	if (fd < 0)
		return -1;
	if (readlinkat(fd, "self", self, sizeof(self) - 1) > 0 && atoi(self) == getpid())
		return fd;
	close(fd);
	return -1;
}

/* Passes until nothing is alive, or until all that is left has been killed and only takes long to
 * die. */
static void reap_all(struct reap *reap)
{
	struct timespec nap = { .tv_nsec = NAP_NS };
	bool own = reap->root == getpid();
	size_t alive, stale = 0, empty = 0;

	do {
		alive = reap_pass(reap);
		if (own && children_wait())
			alive++;
		stale = reap->fresh ? 0 : stale + 1;
		if (!reap->fresh && nap.tv_nsec < NAP_NS_MAX)
			nap.tv_nsec *= 2;
		empty = alive ? 0 : empty + 1;
		if (alive)
			nanosleep(&nap, NULL);
	} while (empty < (own ? 1 : EMPTY_MIN) && stale < STALE_MAX);
}

/* NULL: there is no room. */
static uint8_t *known_make(void)
{
	void *known = mmap(NULL, PIDS_MAX / 8, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return known == MAP_FAILED ? NULL : known;
}

static void known_free(uint8_t *known)
{
	if (known)
		munmap(known, PIDS_MAX / 8);
}

void reap_descendants(pid_t pid)
{
	struct reap reap = { .root = pid };

	if (pid == getpid() && !children_wait())
		return; /* a subreaper without children has no descendants */
	reap.proc = proc_open();
	if (reap.proc < 0)
		return;
	reap.known = known_make();
	reap_all(&reap);
	known_free(reap.known);
	close(reap.proc);
}

bool reap_look(struct reap_look *look, bool *ret_fresh)
{
	struct reap reap = { .look = look, .proc = proc_open() };

	if (reap.proc < 0)
		return false;
	if (!look->known)
		look->known = known_make();
	reap.known = look->known;
	reap_pass(&reap);
	close(reap.proc);
	*ret_fresh = reap.fresh;
	return true;
}

void reap_look_end(struct reap_look *look)
{
	known_free(look->known);
	look->known = NULL;
}

void reap_each_tag(void (*each)(uint32_t tag, void *data), void *data)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct rlimit limit;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    prlimit((pid_t)strtol(entry->d_name, NULL, 10), RLIMIT_LOCKS, NULL, &limit) ==
			    0 &&
		    limit.rlim_cur <= UINT32_MAX)
			each((uint32_t)limit.rlim_cur, data);
	if (proc)
		closedir(proc);
}

static void continue_one(const struct reap *reap, pid_t pid, pid_t group)
{
	cleanup_fd int fd = -1;

	if (want(reap, pid) == REAP_NOT || getpgid(pid) != group)
		return;
	fd = pidfd_open(pid, 0);
	if (fd >= 0 && want(reap, pid) != REAP_NOT)
		pidfd_send_signal(fd, SIGCONT, NULL, 0);
}

void reap_continue(const struct reap_look *look, pid_t group)
{
	struct reap reap = { .look = look };
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			continue_one(&reap, (pid_t)strtol(entry->d_name, NULL, 10), group);
	if (proc)
		closedir(proc);
}
