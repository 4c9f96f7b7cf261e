/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: at the supervisor's descriptors, memory and time. See box.h and supervisor_attacks.c.
 *
 * In a crowd it is started where it may write; the floods go on for FLOOD_SECONDS, and
 * their own first thread measures that it is served meanwhile.
 */
#include "hostile.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum {
	FLOOD_SECONDS = 2,
	FLOOD_THREADS = 400,
	FLOOD_PROCESSES = 60,
	SERVED_SECONDS = 15, /* the longest that a call may take, on a busy machine */
};

extern char **environ;

/* As a name for each question that can be put to a notifier. */
static void e01(void)
{
	struct stat st;

	/* 4095 is its own to send by, in some containers: see live/fd_sender */
	for (int fd = 3; fd < 4095; fd++)
		if (fstat(fd, &st) == 0)
			broke("a descriptor more than was given");
	for (int fd = 0; fd < 64; fd++)
		for (unsigned int nr = 0; nr < 8; nr++) {
			MUST_FAIL(syscall(SYS_ioctl, fd, 0xc0502100u | nr, &st));
			MUST_FAIL(syscall(SYS_ioctl, fd, 0xc0182101u | nr, &st));
			MUST_FAIL(syscall(SYS_ioctl, fd, 0x40082102u | nr, &st));
		}
	for (pid_t pid = atoi(getenv("SUP")), i = 0; i < 2; pid = getppid(), i++) {
		char path[64];

		for (int fd = 0; fd < 64; fd++) {
			snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
			MUST_FAIL(open(path, O_RDWR));
			MUST_FAIL(readlink(path, (char *)&st, sizeof(st)));
		}
		MUST_FAIL(syscall(SYS_pidfd_open, pid, 0));
	}
}

static void e04(void)
{
	struct stat st;
	char text[65536];
	sigset_t mask;
	int fd = open("/proc/self/environ", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text));

	if (n > 0 && memmem(text, (size_t)n, "CANARY", 6))
		broke("the environment in /proc");
	for (char **p = environ; *p; p++)
		if (strstr(*p, "CANARY"))
			broke("the environment");
	if (is_canary(55))
		broke("a descriptor");
	for (fd = 3; fd < 4095; fd++)
		if (fstat(fd, &st) == 0 && fcntl(fd, F_GETFD) != FD_CLOEXEC && fd != 3)
			broke("a descriptor more");
	if (umask(0) != 027)
		broke("another umask than that of who started it");
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int signal = 1; signal < 32; signal++)
		if (sigismember(&mask, signal) == 1)
			broke("a blocked signal");
	if (getenv("LD_PRELOAD") || getenv("PCALL_SECRET"))
		broke("a variable");
}

static double flood_end;

static bool flooding(void)
{
	return stopwatch_seconds() < flood_end;
}

/* Calls like a program's, each timed. */
static void be_served(double until, bool patient)
{
	double worst = 0;
	int count = 0;

	while (stopwatch_seconds() < until) {
		double start = stopwatch_seconds();
		struct stat st;
		int fd = open("/etc/passwd", O_RDONLY);

		if (!patient && (fd < 0 || stat("/etc/passwd", &st) < 0)) {
			printf("open: %s\n", strerror(errno));
			broke("a call failed");
		}
		if (open("/etc/shadow", O_RDONLY) >= 0)
			broke("what is refused");
		close(fd);
		count++;
		if (stopwatch_seconds() - start > worst)
			worst = stopwatch_seconds() - start;
		usleep(2000);
	}
	if (worst > SERVED_SECONDS || count < 1) {
		printf("%d calls, the longest took %.2f s\n", count, worst);
		broke("waited too long");
	}
}

static void neighbour(void)
{
	be_served(stopwatch_seconds() + 2, false);
}

static void neighbour_patient(void)
{
	be_served(stopwatch_seconds() + 2, true);
}

/* Starts threads with small stacks; as many as there may be. They end with the process. */
static int threads_start(int count, void *(*run)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < count; i++)
		if (pthread_create(&thread, &attr, run, (void *)(intptr_t)i) != 0)
			return i;
	return count;
}

static void block_once(intptr_t i)
{
	int fd;

	if (i % 3 == 2) { /* a socket whose queue is full */
		struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "queue" };

		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		TRY(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	} else { /* a pipe that nobody writes to */
		fd = open(i % 3 ? "pipe" : "./pipe", i % 2 ? O_RDONLY : O_WRONLY);
	}
	close(fd);
}

static void *block(void *data)
{
	while (flooding())
		block_once((intptr_t)data);
	return NULL;
}

static void make_blockers(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "queue" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	NEED(mkfifo("pipe", 0600) == 0);
	NEED(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0);
}

static void pending(void)
{
	make_blockers();
	threads_start(FLOOD_THREADS, block);
	be_served(flood_end, true);
}

static atomic_ulong flood_calls;

/* A call that would wait, is refused where too many do, and is made again. */
static void *block_ten_times(void *data)
{
	intptr_t i = (intptr_t)data;

	for (int n = 0; n < 10 && flooding(); n++) {
		atomic_fetch_add(&flood_calls, 1);
		block_once(i);
		usleep(100000);
	}
	return NULL;
}

/*
 * As many as there may be. The kernel looks through the list of all calls of a box for each of
 * them, so this box itself becomes slow: its neighbour may not.
 */
static void ten_thousand(void)
{
	int count;

	flood_end = stopwatch_seconds() + 2 * FLOOD_SECONDS;
	make_blockers();
	count = threads_start(10000, block_ten_times);
	while (flooding())
		usleep(10000);
	printf("%d threads, %lu calls\n", count, atomic_load(&flood_calls));
	NEED(count > 100);
}

static pthread_t interrupted[32];

static void on_signal(int signal)
{
	(void)signal;
}

static void *block_and_note(void *data)
{
	interrupted[(intptr_t)data] = pthread_self();
	return block(data);
}

static void interrupt_all(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	make_blockers();
	sigaction(SIGUSR1, &action, NULL);
	threads_start(COUNT(interrupted), block_and_note);
	usleep(100000);
	while (flooding()) {
		for (size_t i = 0; i < COUNT(interrupted); i++)
			if (interrupted[i])
				pthread_kill(interrupted[i], SIGUSR1);
		usleep(500);
	}
}

static void *huge_call(void *data)
{
	static char page[1 << 20];
	static struct iovec vectors[1024];
	static struct mmsghdr slots[1024];
	int pair[2];

	(void)data;
	memset(page, 'x', sizeof(page) - 1);
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	for (size_t i = 0; i < COUNT(vectors); i++) {
		vectors[i] = (struct iovec){ page, sizeof(page) };
		slots[i].msg_hdr = (struct msghdr){ .msg_iov = vectors,
						    .msg_iovlen = 1024,
						    .msg_control = page,
						    .msg_controllen = sizeof(page) };
	}
	while (flooding()) {
		struct msghdr header = slots[0].msg_hdr;

		TRY(open(page, O_RDONLY));
		TRY(mkdir(page + sizeof(page) - 4096, 0700));
		TRY(rename(page + sizeof(page) - 4095, page + sizeof(page) - 4096));
		TRY(sendmsg(pair[0], &header, MSG_DONTWAIT));
		header.msg_iovlen = 1UL << 40;
		TRY(sendmsg(pair[0], &header, MSG_DONTWAIT));
		TRY(sendmmsg(pair[0], slots, 1024, MSG_DONTWAIT));
		TRY(sendto(pair[0], page, 1UL << 62, MSG_DONTWAIT, NULL, 0));
		TRY(setxattr("pipe", page + sizeof(page) - 200, page, sizeof(page), 0));
		TRY(execve(page, (char *[]){ page, NULL }, (char *[]){ page, NULL }));
	}
	return NULL;
}

static void huge(void)
{
	threads_start(8, huge_call);
	be_served(flood_end, false);
}

/* Children that ask and end, some while they ask. */
static void forks(void)
{
	for (int i = 0; i < FLOOD_PROCESSES; i++) {
		pid_t pid = fork();

		if (pid != 0)
			continue;
		while (flooding()) {
			pid = vfork();
			if (pid == 0) {
				TRY(access("/etc/passwd", R_OK));
				_exit(0);
			}
			if (pid > 0 && waitpid(pid, NULL, 0) < 0)
				break;
			pid = fork();
			if (pid == 0) {
				alarm(1);
				TRY(open("/etc/shadow", O_RDONLY));
				kill(getpid(), SIGKILL);
			}
			waitpid(pid, NULL, 0);
		}
		_exit(0);
	}
	be_served(flood_end, false);
	while (wait(NULL) > 0)
		;
}

static void no_descriptors(void)
{
	struct rlimit none = { 0, 4095 }, few = { 64, 4095 };
	struct stat st;
	int fd;

	while (flooding()) {
		NEED(setrlimit(RLIMIT_NOFILE, &none) == 0);
		MUST_FAIL_WITH(open("/etc/passwd", O_RDONLY), EMFILE);
		MUST_FAIL_WITH(open("new", O_CREAT | O_WRONLY, 0600), EMFILE);
		MUST_FAIL(open("/etc/shadow", O_RDONLY));
		NEED(stat("/etc/passwd", &st) == 0);
		NEED(setrlimit(RLIMIT_NOFILE, &few) == 0);
		while (dup(0) >= 0)
			;
		MUST_FAIL_WITH(open("/etc/passwd", O_RDONLY), EMFILE);
		NEED(stat("/etc/passwd", &st) == 0);
		for (fd = 3; fd < 64; fd++)
			close(fd);
		fd = open("/etc/passwd", O_RDONLY);
		NEED(fd == 3);
		close(fd);
	}
}

static void *refused(void *data)
{
	char path[PATH_MAX];
	unsigned int n = (unsigned int)(intptr_t)data << 24;
	size_t at;

	while (flooding()) {
		at = (size_t)snprintf(path, sizeof(path), "/etc/%u-\033[2J", n++);
		memset(path + at, '\n', 200);
		for (size_t i = at; i < 3900; i++)
			path[i] = i % 200 ? 'a' : '/';
		path[3900] = '\0';
		TRY(open(path, O_RDONLY));
		TRY(unlink(path));
	}
	return NULL;
}

static void refusals(void)
{
	threads_start(4, refused);
	be_served(flood_end, false);
}

static int here;

/* Each is one more that the supervisor would like to remember. */
static void *ask_by_descriptor(void *data)
{
	struct stat st;

	while (flooding()) {
		if (fstatat(here, ".", &st, 0) < 0)
			broke("a call of many callers failed");
		usleep(1000);
	}
	return data;
}

static void callers(void)
{
	here = open(".", O_RDONLY | O_DIRECTORY);
	NEED(here >= 0);
	threads_start(200, ask_by_descriptor);
	be_served(flood_end, false);
}

static const struct hostile_attack attacks[] = {
	{"e01",		 e01		     },
	{ "e04",		 e04		     },
	{ "neighbour",	       neighbour	 },
	{ "neighbour_patient", neighbour_patient},
	{ "pending",	     pending	     },
	{ "threads",	     ten_thousand	  },
	{ "interrupted",	 interrupt_all    },
	{ "huge",		  huge	       },
	{ "forks",		   forks		 },
	{ "no_descriptors",    no_descriptors   },
	{ "callers",	     callers	     },
	{ "refusals",	      refusals	       },
};

int main(int argc, char **argv)
{
	int r;

	flood_end = stopwatch_seconds() + FLOOD_SECONDS;
	r = hostile_main(attacks, COUNT(attacks), argc, argv);
	_exit(r); /* whatever threads are left */
}
