/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: callers that die, are signalled or start others while their calls are under way, and
 * structs that change. See box.h.
 */
#include "race.h"

#include <linux/fs.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

/* One that asks about its own file, under its own name, until it is killed. */
static void own_file(unsigned int number)
{
	char name[32], text[32];
	int fd;

	snprintf(name, sizeof(name), "own%u", number);
	for (;;) {
		struct stat st;

		fd = open(name, O_RDWR | O_CREAT, 0600);
		memset(&st, 0x55, sizeof(st));
		if (fd < 0 || fstat(fd, &st) < 0)
			_exit(1);
		memset(text, 0, sizeof(text));
		if (pread(fd, text, sizeof(text), 0) > 0 && strcmp(text, name) != 0)
			_exit(2);
		TRY(pwrite(fd, name, strlen(name) + 1, 0));
		if (stat(name, &st) < 0 || !S_ISREG(st.st_mode))
			_exit(3);
		close(fd);
	}
}

/* Callers that die in the middle of a call, and others with their numbers: no answer goes astray.
 */
static void a08(void)
{
	double end = stopwatch_seconds() + 2 * RACE;
	pid_t pids[8] = { 0 };
	unsigned int made = 0;

	NEED(chdir(at("w")) == 0);
	while (stopwatch_seconds() < end) {
		unsigned int i = made % 8;
		int status = 0;

		if (pids[i] > 0) {
			kill(pids[i], SIGKILL);
			NEED(waitpid(pids[i], &status, 0) == pids[i]);
			if (WIFEXITED(status))
				broke("got what was another's");
		}
		made++;
		pids[i] = fork();
		if (pids[i] == 0)
			own_file(i);
	}
	for (unsigned int i = 0; i < 8; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static void nothing(int signal)
{
	(void)signal;
}

static void stage(int in, int out)
{
	char byte;

	dup2(in, 0);
	dup2(out, 1);
	for (int fd = 3; fd < 20; fd++)
		close(fd);
	while (read(0, &byte, 1) == 1)
		if (write(1, &byte, 1) != 1)
			_exit(1);
	_exit(0);
}

/* 1,000 pipelines of three stages, under a rain of signals: nothing is lost. */
static void a09(void)
{
	struct itimerval timer = {
		{0,  700},
		    { 0, 700}
	};
	struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 1000; i++) {
		int pipes[4][2], status;
		char text[4] = "";

		for (int j = 0; j < 4; j++)
			NEED(pipe(pipes[j]) == 0);
		for (int j = 0; j < 3; j++) {
			pid_t pid = fork();

			NEED(pid >= 0);
			if (pid == 0)
				stage(pipes[j][0], pipes[j + 1][1]);
		}
		NEED(write(pipes[0][1], "abc", 3) == 3);
		for (int j = 0; j < 4; j++)
			close(pipes[j][1]);
		for (int j = 0; j < 3; j++)
			NEED(read(pipes[3][0], text + j, 1) == 1);
		NEED(strncmp(text, "abc", 3) == 0 && read(pipes[3][0], text, 1) == 0);
		for (int j = 0; j < 4; j++)
			close(pipes[j][0]);
		for (int j = 0; j < 3; j++)
			NEED(wait(&status) > 0 && status == 0);
	}
}

static void *spawn_run(void *data)
{
	double end = stopwatch_seconds() + RACE;

	(void)data;
	while (stopwatch_seconds() < end) {
		char *const argv[] = { (char *)"elf", (char *)"early", NULL };
		char world[PATH_MAX];
		char *const envp[] = { world, NULL };
		int status;
		pid_t pid;

		snprintf(world, sizeof(world), "X=%s", getenv("X"));
		if (posix_spawn(&pid, at("w/elf"), NULL, NULL, argv, envp) != 0) {
			broke("posix_spawn failed");
			break;
		}
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			broke("lost a child");
		else if (WEXITSTATUS(status) == HOSTILE_BROKE)
			broke("read s before it was known");
	}
	return NULL;
}

static void a11(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		NEED(pthread_create(&threads[i], NULL, spawn_run, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static struct sockaddr_un swap_address;
static struct open_how_ {
	uint64_t flags, mode, resolve;
} swap_how;

static void *struct_run(void *data)
{
	char *byte = swap_address.sun_path + strlen(getenv("X")) + 1;

	(void)data;
	pin(1);
	while (!atomic_load(&shared->stop)) {
		*(volatile char *)byte ^= 'w' ^ 's';
		swap_how.flags ^= O_WRONLY | O_TRUNC;
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* Structs that change, or are larger than they can be. */
static void a12(void)
{
	char huge[8192] = "";
	double end;
	int fd;

	shared_make("");
	swap_address.sun_family = AF_UNIX;
	snprintf(swap_address.sun_path, sizeof(swap_address.sun_path), "%s", at("w/sock"));
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 8192), E2BIG);
	huge[1000] = 1;
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 1024), E2BIG);
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, 8), EINVAL);
	MUST_FAIL_WITH(syscall(SYS_openat2, AT_FDCWD, at("w/canary"), huge, -1L), E2BIG);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	MUST_FAIL_WITH(connect(fd, (struct sockaddr *)&swap_address, 200), EINVAL);
	MUST_FAIL_WITH(connect(fd, (struct sockaddr *)&swap_address, (socklen_t)-1), EINVAL);
	close(fd);
	thread_start(struct_run);
	end = stopwatch_seconds() + RACE;
	while (race_on(end, atomic_load(&shared->flips) > 200000)) {
		/* The flags may become those of writing: r may not be. */
		fd = (int)syscall(SYS_openat2, AT_FDCWD, at("r/file"), &swap_how, sizeof(swap_how));
		if (fd >= 0 && write(fd, "x", 1) == 1)
			broke("wrote to r");
		close(fd);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd, (struct sockaddr *)&swap_address, sizeof(swap_address));
		close(fd);
	}
	thread_end();
}

/* What stalls whoever reads us is refused; and what waits holds up nobody else. */
static void a13(void)
{
	double begin;
	pid_t pid;
	int fd;

	MUST_FAIL(syscall(SYS_userfaultfd, O_CLOEXEC));
	MUST_FAIL(syscall(SYS_userfaultfd, O_CLOEXEC | 1));
	MUST_FAIL(open("/dev/userfaultfd", O_RDWR));
	MUST_FAIL(open("/dev/fuse", O_RDWR));
	fd = open(at("w/canary"), O_RDWR);
	NEED(fd >= 0);
	MUST_FAIL_WITH(fcntl(fd, F_SETLEASE, F_WRLCK), EINVAL);
	for (int i = 0; i < 4; i++) {
		pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			open(at("w/fifo"), O_RDONLY);
			_exit(0);
		}
	}
	poll(NULL, 0, 100);
	begin = stopwatch_seconds();
	for (int i = 0; i < 100; i++) {
		int other = open(at("r/file"), O_RDONLY);

		NEED(other >= 0);
		close(other);
	}
	if (stopwatch_seconds() - begin > 1.5)
		broke("held up by another");
	close(fd);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	exit(hostile_end());
}

static const struct hostile_attack attacks[] = {
	{"a08",	 a08},
	{ "a09", a09},
	{ "a11", a11},
	{ "a12", a12},
	{ "a13", a13},
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}