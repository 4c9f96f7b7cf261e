/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: callers that die, and others that get their numbers at once. No answer, no byte and no
 * descriptor may come to another than it was for. See box.h and race_numbers.c.
 *
 * All processes here are forks of one: what stands at an address of the one stands at the same
 * address of the other, and is something else.
 */
#include "race.h"

#include <poll.h>
#include <sys/syscall.h>

enum {
	NUMBERS = 65536,
	SIDES = 2,
	CHILDREN = 4,  /* at once, of each side */
	ENOUGH = 100,  /* numbers that came round */
	ROUND_MS = 35, /* numbers do not come round faster than the supervisor looks */
};

static char path[64]; /* of each process's own */
static struct stat about;

static atomic_uint *seen; /* how often a number was used; shared */
static atomic_uint *again;

static void number_note(pid_t number)
{
	if (number > 0 && number < NUMBERS && atomic_fetch_add(&seen[number], 1) > 0)
		atomic_fetch_add(again, 1);
}

static void numbers_make(void)
{
	size_t size = (NUMBERS + 1) * sizeof(*seen);

	seen = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(seen != MAP_FAILED);
	again = &seen[NUMBERS];
}

/* Where a side's processes are, and what they make, says whose they are. */
static void side_enter(int side)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "side%d", side);
	NEED(chdir(at("w")) == 0 && (mkdir(name, 0700) == 0 || errno == EEXIST) &&
	     chdir(name) == 0);
	fd = open("here", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	NEED(fd >= 0 && write(fd, name, strlen(name) + 1) > 0);
	close(fd);
	umask(side ? 027 : 0);
}

/* Looks at what is its own, in the ways that the supervisor remembers something for. */
static int look(int side, unsigned int turn)
{
	char want[16], text[64] = "";
	int fd;

	snprintf(want, sizeof(want), "side%d", side);
	fd = open("here", O_RDONLY); /* where am I */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0 || strcmp(text, want) != 0)
		return 11;
	close(fd);
	snprintf(path, sizeof(path), "%s/w/%s/made%u", getenv("X"), want, turn);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666); /* what is my mask, my memory */
	if (fd < 0)
		return 12;
	memset(&about, 0x55, sizeof(about));
	if (fstat(fd, &about) < 0 || (about.st_mode & 0777) != (side ? 0640 : 0666))
		return 13;
	close(fd);
	memset(&about, 0x55, sizeof(about));
	if (stat(path, &about) < 0 || about.st_size != 0 || unlink(path) < 0)
		return 14;
	fd = openat(AT_FDCWD, want, O_RDONLY);
	return fd < 0 ? 0 : 15;
}

static bool status_good(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		printf("ended with %d\n", WEXITSTATUS(status));
	return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
}

/* Short lives; every other one ends in the middle of a call. */
static int side_run(int side)
{
	double end = stopwatch_seconds() + 1.5;
	pid_t pids[CHILDREN] = { 0 };

	side_enter(side);
	for (unsigned int turn = 0; race_on(end, atomic_load(again) > ENOUGH); turn++) {
		unsigned int i = turn % CHILDREN;
		int status = 0;

		if (pids[i] > 0) {
			if (turn % 3 == 0)
				kill(pids[i], SIGKILL);
			if (waitpid(pids[i], &status, 0) != pids[i] || !status_good(status))
				return 1;
		}
		pids[i] = fork();
		if (pids[i] == 0) {
			int r = 0;

			for (unsigned int n = 0; r == 0 && n < 4; n++)
				r = look(side, turn * 4 + n);
			_exit(r);
		}
		number_note(pids[i]);
	}
	while (wait(NULL) > 0)
		continue;
	return 0;
}

static void processes(void)
{
	pid_t pids[SIDES];
	int status;

	numbers_make();
	for (int side = 0; side < SIDES; side++) {
		pids[side] = fork();
		if (pids[side] == 0) {
			int r = side_run(side);

			fflush(NULL);
			_exit(r);
		}
	}
	for (int side = 0; side < SIDES; side++)
		if (waitpid(pids[side], &status, 0) < 0 || status != 0)
			broke("got what was another's");
	NEED(atomic_load(again) > ENOUGH);
}

static pid_t thread_number;

static void *ask_once(void *data)
{
	(void)data;
	thread_number = gettid();
	TRY(stat(path, &about));
	return NULL;
}

/* The one whose thread asked, and ended: its memory lives on. */
static void thread_side(int in, int out)
{
	pthread_t asking;

	snprintf(path, sizeof(path), "%s", at("w/wrong"));
	for (;;) {
		char byte;

		memset(&about, 0x55, sizeof(about));
		if (pthread_create(&asking, NULL, ask_once, NULL) != 0 ||
		    pthread_join(asking, NULL) != 0)
			_exit(1);
		memset(&about, 0x55, sizeof(about));
		if (write(out, &thread_number, sizeof(thread_number)) < 0 ||
		    read(in, &byte, 1) != 1)
			_exit(1);
		for (size_t i = 0; i < sizeof(about); i++)
			if (((unsigned char *)&about)[i] != 0x55)
				_exit(2);
	}
}

/* The next one with this number. */
static int ask_as(pid_t number)
{
	for (int tries = 0; tries < 100; tries++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			if (getpid() != number)
				_exit(3);
			snprintf(path, sizeof(path), "%s", at("w/right"));
			memset(&about, 0x55, sizeof(about));
			_exit(stat(path, &about) == 0 && about.st_size == 5 ? 0 : 4);
		}
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		if (WEXITSTATUS(status) != 3)
			return WEXITSTATUS(status);
	}
	return 3;
}

static void threads(void)
{
	double end = stopwatch_seconds() + 1.5;
	unsigned int met = 0;
	int to[2], from[2], status, fd = open(at("w/right"), O_WRONLY | O_CREAT, 0600);
	pid_t number, other;

	NEED(fd >= 0 && write(fd, "right", 5) == 5 && pipe(to) == 0 && pipe(from) == 0);
	NEED(close(open(at("w/wrong"), O_WRONLY | O_CREAT, 0600)) == 0);
	signal(SIGPIPE, SIG_IGN);
	other = fork();
	if (other == 0) {
		close(to[1]);
		thread_side(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	while (race_on(end, met > 5) && read(from[0], &number, sizeof(number)) == sizeof(number)) {
		int r;

		poll(NULL, 0, ROUND_MS);
		r = ask_as(number);
		if (r == 4)
			broke("was answered with another's memory");
		met += r != 3;
		if (write(to[1], "x", 1) != 1)
			break;
	}
	close(to[1]);
	NEED(waitpid(other, &status, 0) == other && WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		broke("another's answer was written here");
	NEED(broken || met > 5);
}

/* Waits for a pipe to be opened, and is killed; the next one with its number waits for nothing. */
static int wait_as(pid_t number)
{
	for (int tries = 0; tries < 100; tries++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			double end = stopwatch_seconds() + 0.03;
			struct stat st;

			if (getpid() != number)
				_exit(3);
			/* In a call most of the time, when the answer comes that is not for
			 * us. */
			while (stopwatch_seconds() < end)
				if (stat(at("w/right"), &st) < 0 || st.st_size != 5)
					_exit(4);
			for (int fd = 3; fd < 64; fd++)
				if (fcntl(fd, F_GETFD) >= 0)
					_exit(5);
			_exit(0);
		}
		NEED(pid > 0);
		/* Somebody comes to the pipe, after all: nobody is to get it. */
		if (tries % 2)
			close(open(at("w/fifo"), O_WRONLY | O_NONBLOCK));
		NEED(waitpid(pid, &status, 0) == pid);
		if (WEXITSTATUS(status) != 3)
			return WEXITSTATUS(status);
	}
	return 3;
}

static void pending(void)
{
	double end = stopwatch_seconds() + 1.5;
	unsigned int met = 0;
	int fd = open(at("w/right"), O_WRONLY | O_CREAT, 0600);

	NEED(fd >= 0 && write(fd, "right", 5) == 5 && close(fd) == 0);
	close_range(3, ~0U, 0);
	while (race_on(end, met > ENOUGH / 20)) {
		pid_t pid = fork();
		int r;

		if (pid == 0) {
			open(at("w/fifo"), O_RDONLY);
			_exit(0);
		}
		NEED(pid > 0);
		poll(NULL, 0, 2);
		kill(pid, SIGKILL);
		NEED(waitpid(pid, NULL, 0) == pid);
		r = wait_as(pid);
		if (r == 4)
			broke("was given another's answer");
		if (r == 5)
			broke("was given another's descriptor");
		met += r != 3;
	}
	NEED(broken || met > ENOUGH / 20);
}

static const struct hostile_attack attacks[] = {
	{"processes", processes},
	{ "threads",  threads  },
	{ "pending",  pending  },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
