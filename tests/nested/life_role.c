/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What runs below life.c: life_role ROLE [WORD]. Exits with 0 if all was as it should be. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "life.h"
#include "life_role.h"
#include "pcall.h"

atomic_int role_failed;

void role_check(bool holds, const char *file, const char *what, int line)
{
	if (!holds && !getenv("LIFE_QUIET"))
		fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	if (!holds)
		role_failed = 1;
}

long role_call(const char *name, long word)
{
	return pcall(pcall_method(name), word);
}

/* Every kind of method. */
static void uses(const char *word)
{
	static char large[4096] = "x", huge[PCALL_MESSAGE_MAX + 1];
	char bytes[64] = "";
	int mine = memfd_create("mine", MFD_CLOEXEC);
	long fd;

	(void)word;
	CHECK(pcall(pcall_method("life.sum"), 1L, 2L, 3L, 4L, 5L, 6L) == 21);
	CHECK(pcall_message(pcall_method("life.turn"), "abc", 3, bytes, sizeof(bytes)) == 3);
	CHECK(strcmp(bytes, "cba") == 0);
	CHECK(pcall_message(pcall_method("life.turn"), "abc", 3, bytes, 2) == -EMSGSIZE);
	CHECK(pcall_message(pcall_method("life.turn"), NULL, 3, bytes, 9) == -EFAULT);
	/* more than the handler has room for */
	CHECK(pcall_message(pcall_method("life.turn"), large, sizeof(large), bytes, 9) ==
	      -EMSGSIZE);
	CHECK(pcall_message(pcall_method("life.sink"), huge, PCALL_MESSAGE_MAX, NULL, 0) ==
	      PCALL_MESSAGE_MAX);
	CHECK(pcall_message(pcall_method("life.sink"), huge, sizeof(huge), NULL, 0) == -EMSGSIZE);
	CHECK(pcall_message(pcall_method("life.fill"), NULL, 0, huge, PCALL_MESSAGE_MAX) ==
	      PCALL_MESSAGE_MAX);
	CHECK(pcall_message(pcall_method("life.fill"), NULL, 0, huge, sizeof(huge)) == -EMSGSIZE);
	CHECK(role_call("life.length", (long)"twelve bytes") == 12);
	CHECK(role_call("life.length", 8) == -EFAULT);
	CHECK(pwrite(mine, "content", 7, 0) == 7);
	fd = role_call("life.copy", mine);
	CHECK(fd >= 0 && pread((int)fd, bytes, 7, 0) == 7 && memcmp(bytes, "content", 7) == 0);
	CHECK(role_call("life.copy", 4000) == -EBADF);
	CHECK(role_call("life.later", (long)"1234") == 1234);
	CHECK(role_call("life.early", 0) == 11);
	CHECK(role_call("life.never", 0) == -ETIMEDOUT);
	CHECK(role_call("life.pass", 0) == -ENOSYS);
	CHECK(role_call("life.who", 0) == getpid());
	CHECK(pcall_method("life.none") == -ENOENT);
}

/* Calls now and then, so that its level falls asleep in between. */
static void pauses(const char *word)
{
	char bytes[8];

	(void)word;
	for (int i = 0; i < 4; i++) {
		usleep(500000);
		CHECK(pcall_message(pcall_method("life.turn"), "abc", 3, bytes, sizeof(bytes)) ==
		      3);
	}
}

/* Is a level with methods of its own; its child uses these, and ends as WORD says. */
static void serves(const char *word)
{
	static const char *const lines[] = { "method life.*", NULL };
	const char *words[] = { word ? word : "uses", NULL };
	struct sv_options options = { .handlers_in_dispatch = getenv("LIFE_DISPATCH") != NULL };
	struct sv_spec like = { .label = "served", .badge = 7 };
	struct life life;

	CHECK(life_open(&life, options) == 0 && life_define(life.sv) == 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(life_wait(&life, 1) == 0);
	life_close(&life);
}

/* Calls until it is told something else than at first: 0, then this errno. */
static void *until(void *data)
{
	long wanted = (long)data, r;

	do
		r = pcall(pcall_method("life.sum"), 0L, 0L, 0L, 0L, 0L, 0L);
	while (r == 0);
	CHECK(r == wanted);
	role_call("life.who", 0);
	do
		r = pcall(pcall_method("life.sum"), 0L, 0L, 0L, 0L, 0L, 0L);
	while (r == wanted);
	CHECK(r == 0);
	return NULL;
}

/* Its methods are taken, and given back. */
static void masked(const char *word)
{
	pthread_t threads[3];

	(void)word;
	for (int i = 0; i < 3; i++)
		CHECK(pthread_create(&threads[i], NULL, until, (void *)(long)-EACCES) == 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

/* A level whose method of the same name forwards. */
struct sv_answer role_forward(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	return sv_answer_forward();
}

static void forwards(const char *word)
{
	static const char *const lines[] = { "method life.*", NULL };
	const char *words[] = { word, NULL };
	struct sv_spec like = { .label = "forwarded" };
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(sv_define(life.sv, "life.sum", role_forward, NULL) >= 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(life_wait(&life, 1) == 0);
	life_close(&life);
}

/* getppid is the kernel's, until it is revoked. */
static void revoked(const char *word)
{
	(void)word;
	while (syscall(SYS_getppid) >= 0)
		pcall(pcall_method("life.sum"), 0L, 0L, 0L, 0L, 0L, 0L);
	CHECK(errno == EPERM);
	role_call("life.who", 0);
	while (syscall(SYS_getppid) < 0)
		;
}

static void *hold(void *data)
{
	long r = role_call("life.hold", 0);

	__atomic_fetch_add(&((int *)data)[r == -EAGAIN	? 0
					  : r == -EBUSY ? 1
							: 2],
			   1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *keep(void *data)
{
	long r = role_call("life.keep", 0);

	(void)data;
	CHECK(r == 5 || (r == -EAGAIN && write(LIFE_PIPE, "a", 1) == 1));
	return NULL;
}

static void eight(void *(*run)(void *), void *data)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		CHECK(pthread_create(&threads[i], NULL, run, data) == 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

/* Eight calls at once: one is held, or as many are kept as the policy says. */
static void pends(const char *word)
{
	int counts[3] = { 0 };

	eight(word ? keep : hold, counts);
}

/* Makes a directory; and one for which there is no time, and says that it knows. By names and as a
 * caller that the root needs not ask for again. */
static void late(const char *word)
{
	char here[4096], path[4200];

	(void)word;
	CHECK(getcwd(here, sizeof(here)) != NULL);
	snprintf(path, sizeof(path), "%s/early", here);
	CHECK(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%s/late", here);
	CHECK(mkdir(path, 0755) < 0 && errno == ETIMEDOUT);
	CHECK(role_call("life.go", 0) == 0);
	/* no event tells that it will not be made */
	for (int i = 0; i < 40; i++, usleep(5000))
		CHECK(access(path, F_OK) < 0);
}

static void *stick(void *data)
{
	CHECK(role_call("life.stuck", 0) == 0);
	return data;
}

/* Calls whose handler does not return: three, and another one that lets them go; or twelve. */
static void sticks(const char *word)
{
	int count = word ? 12 : 3;
	pthread_t threads[12];

	for (int i = 0; i < count; i++)
		CHECK(pthread_create(&threads[i], NULL, stick, NULL) == 0);
	if (!word)
		CHECK(role_call("life.go", 0) == 0);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* Opens what is looked at by name alone, and what a handler reads once more. */
static void looked_at(const char *word)
{
	(void)word;
	CHECK(open("/proc/self/none", O_RDONLY) < 0 && errno == ENOENT);
	CHECK(open("/proc/self/read", O_RDONLY) < 0 && errno == EACCES);
	CHECK(open("/proc/self/string", O_RDONLY) < 0 && errno == EACCES);
}

static void renames(const char *word)
{
	(void)word;
	CHECK(rename("/a", "/b") < 0 && errno == EXDEV);
}

static atomic_int spawned;
static struct life crowd_life;

static void *spawns(void *data)
{
	static const char *const words[] = { "stays", NULL };
	struct sv_spec like = { .label = "one" };

	if (life_run(&crowd_life, &like, NULL, words, NULL) == 0)
		atomic_fetch_add(&spawned, 1);
	return data;
}

/* Six threads spawn at once: exits with how many succeeded. */
static void crowd(const char *word)
{
	pthread_t threads[6];

	(void)word;
	CHECK(life_open(&crowd_life, (struct sv_options){ .answer_ms = 0 }) == 0);
	for (int i = 0; i < 6; i++)
		CHECK(pthread_create(&threads[i], NULL, spawns, NULL) == 0);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	life_close(&crowd_life);
	exit(10 + spawned);
}

_Noreturn void role_stay(void)
{
	for (;;)
		pause();
}

static void stays(const char *word)
{
	(void)word;
	role_stay();
}

static atomic_bool waited;

static struct sv_answer wait_for_ever(struct sv_call *call, void *data)
{
	(void)call;
	(void)data;
	atomic_store(&waited, true);
	return sv_answer_later();
}

static bool word_is(const char *word, const char *is)
{
	return word && strcmp(word, is) == 0;
}

/* LIFE_PIPE is a pipe's end; in the child, too. Then waits, or ends: where the child is to survive
 * it, when the root says so, and a survivor waits for its answer. */
static void keeps(const char *word)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const lines[] = { "method life.*", NULL };
	bool ends = word && strcmp(word, "stays") != 0;
	const char *words[] = { word ? word : "stays", "kept", NULL };
	struct sv_spec like = { .label = "kept",
				.badge = 777,
				.keep_fds = kept,
				.keep_fds_count = 1,
				.survives = word != NULL,
				.adopts = 1 };
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(sv_define(life.sv, "life.own", role_forward, NULL) >= 0);
	CHECK(sv_define(life.sv, "life.waits", wait_for_ever, NULL) >= 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(write(LIFE_PIPE, "r", 1) == 1);
	if (ends)
		CHECK(role_call("life.stuck", 0) == 0);
	while (word_is(word, "survivor") && !atomic_load(&waited))
		usleep(1000);
	if (word)
		_exit(role_failed);
	role_stay();
}

/* Its level dies: what was the root's stays, what was the level's is refused. WORD: the level is
 * one of "keeps". */
static void survivor(const char *word)
{
	CHECK(!word || role_call("life.waits", 0) == -ENOSYS);
	CHECK(role_call("life.own", 0) == -ENOSYS);
	while (role_call("life.hold", 0) != 5)
		;
	CHECK(role_call("life.who", 0) == getpid());
	CHECK(!word || role_call("life.turn", 0) == -EACCES); /* taken from its level */
	CHECK(!word || role_call("life.sum", 0) == -EACCES);  /* and from itself */
	CHECK(role_call("life.own", 0) == -ENOSYS);
	CHECK(write(LIFE_PIPE, role_failed ? "f" : "s", 1) == 1);
	role_stay();
}

/* Survives its level, then has as many children as it may: exits with how many more. */
static void breeds(const char *word)
{
	static const char *const words[] = { "stays", NULL };
	struct sv_spec like = { .label = "bred" };
	struct life life;
	int count = 0;

	(void)word;
	CHECK(role_call("life.hold", 0) == 5);
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	while (count < 6 && life_run(&life, &like, NULL, words, NULL) == 0)
		count++;
	life_close(&life);
	exit(10 + count);
}

/* Survives its level, and leaves a survivor itself. */
static void leaves(const char *word)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const words[] = { "stays", NULL };
	struct sv_spec like = {
		.label = "left", .keep_fds = kept, .keep_fds_count = 1, .survives = 1
	};
	struct life life;

	(void)word;
	CHECK(role_call("life.hold", 0) == 5);
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_run(&life, &like, NULL, words, NULL) == 0);
	_exit(role_failed);
}

/* One process that waits for its answer, until another one is told to kill it, and tells of that.
 */
static void killed(const char *word)
{
	pid_t caller = fork();

	(void)word;
	if (caller == 0)
		_exit((int)role_call("life.hold", 0));
	CHECK(role_call("life.stuck", 0) == 0);
	CHECK(kill(caller, SIGKILL) == 0 && waitpid(caller, NULL, 0) == caller);
	CHECK(write(LIFE_PIPE, "d", 1) == 1);
	role_stay();
}

/* A level that answers who was killed meanwhile; WORD: how. */
static void answers(const char *word)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const lines[] = { "method life.*", NULL }, *const words[] = { "killed",
											 NULL };
	struct sv_spec like = { .label = "killed", .keep_fds = kept, .keep_fds_count = 1 };
	struct sv_child *child;
	struct life life;
	int pair[2];
	char byte;

	CHECK(pipe(pair) == 0 && dup2(pair[1], LIFE_PIPE) == LIFE_PIPE);
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_define(life.sv) == 0);
	CHECK(life_run(&life, &like, lines, words, &child) == 0);
	while (!atomic_load(&life_held))
		usleep(1000);
	CHECK(sv_call_child(life_held) == child && sv_call_badge(life_held) == 0);
	atomic_store(&life_go, true);
	CHECK(read(pair[0], &byte, 1) == 1 && byte == 'd');
	CHECK(sv_call_answer(life_held, word_is(word, "forward") ? sv_answer_forward()
					: word_is(word, "fd")	 ? sv_answer_fd(dup(0), 0)
								 : sv_answer_value(0)) == -ESRCH);
	life_close(&life);
}

/* A level that frees a child of which it has a call. */
static void frees(const char *word)
{
	static const char *const lines[] = { "method life.*", NULL }, *const words[] = { "pends",
											 NULL };
	struct sv_spec like = { .label = "freed" };
	struct sv_child *child;
	struct life life;

	(void)word;
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_define(life.sv) == 0);
	CHECK(life_run(&life, &like, lines, words, &child) == 0);
	while (!atomic_load(&life_held))
		usleep(1000);
	CHECK(sv_call_child(life_held) == child);
	sv_child_free(child);
	CHECK(sv_call_child(life_held) == NULL);
	sv_call_answer(life_held, sv_answer_value(0));
	life_close(&life);
}

/* A level, and one child more than all its threads could serve at once that calls what does not
 * return; the last one lets them go. */
static void crowded(const char *word)
{
	static const char *const lines[] = { "method life.*", NULL };
	static const char *const all[] = { "sticks", "all", NULL },
				 *const one[] = { "stick", NULL },
				 *const last[] = { "lets_go", NULL };
	struct sv_spec like = { .label = "crowd" };
	struct life life;

	(void)word;
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_define(life.sv) == 0);
	CHECK(life_run(&life, &like, lines, all, NULL) == 0);
	for (int i = 0; i < 9; i++)
		CHECK(life_run(&life, &like, lines, one, NULL) == 0);
	while (atomic_load(&life_stuck) < 8 + 9)
		usleep(1000);
	CHECK(life_run(&life, &like, lines, last, NULL) == 0);
	CHECK(life_wait(&life, 11) == 0);
	CHECK(atomic_load(&life_stuck) == 12 + 9);
	life_close(&life);
}

static void stick_once(const char *word)
{
	(void)word;
	CHECK(role_call("life.stuck", 0) == 0);
}

static void lets_go(const char *word)
{
	(void)word;
	CHECK(role_call("life.go", 0) == 0);
}

/* A level whose children all have one name. */
static void names(const char *word)
{
	static const char *const labels[] = { "top/one", "top/one-2", "top/one-3" };
	static const char *const words[] = { "stays", NULL };
	struct sv_spec like = { .label = "one" };
	struct sv_child *child;
	struct life life;

	(void)word;
	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(life_run(&life, &like, NULL, words, &child) == 0);
		CHECK(strcmp(sv_child_label(child), labels[i]) == 0);
	}
	life_close(&life);
}

/* Calls without end. */
static void *hammer(void *data)
{
	while (role_call("life.again", 0) == 0)
		;
	return data;
}

static void hammers(const char *word)
{
	(void)word;
	eight(hammer, NULL);
}

/* Descriptors in messages, which whoever serves the call has to have. */
static void sends(const char *word)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {
		.align = {.cmsg_len = CMSG_LEN(2 * sizeof(int)),
			   .cmsg_level = SOL_SOCKET,
			   .cmsg_type = SCM_RIGHTS}
	};
	char byte = 'x';
	struct iovec vector = { &byte, 1 };
	struct msghdr header = { .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	int pair[2];

	(void)word;
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	memcpy(CMSG_DATA(&control.align), pair, sizeof(pair));
	for (int i = 0; i < 5; i++)
		CHECK(sendmsg(pair[0], &header, 0) == 1);
	close(pair[0]);
	close(pair[1]);
}

/* Opens a file that its supervisors intercept. */
static void opens(const char *word)
{
	int fd;

	(void)word;
	for (int i = 0; i < 50; i++) {
		fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		close(fd);
		CHECK(open("/intercepted", O_RDONLY) < 0 && errno == EXDEV);
		CHECK(open("/proc/self/read", O_RDONLY) < 0 && errno == EACCES);
	}
	sends(NULL);
}

static struct sv_answer on_open(struct sv_call *call, void *data)
{
	const char *path = sv_call_path(call, 0);
	char text[64];

	(void)data;
	if (path && strcmp(path, "/intercepted") == 0)
		return sv_answer_error(EXDEV);
	if (path && strcmp(path, "/proc/self/read") == 0)
		sv_call_string(call, sv_call_word(call, 1), text, sizeof(text));
	return sv_answer_forward();
}

/* A level that sees what its child opens; or every call. */
static void intercepts(const char *word)
{
	static const char *const words[] = { "opens", NULL };
	struct sv_spec like = { .label = "seen" };
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(sv_intercept(life.sv, SYS_openat, on_open, NULL) == 0);
	if (word)
		CHECK(sv_intercept(life.sv, SV_EVERY_CALL, role_forward, NULL) == 0);
	CHECK(sv_intercept(life.sv, SYS_close, role_forward, NULL) == -EINVAL);
	CHECK(sv_intercept(life.sv, SYS_openat, on_open, NULL) == -EEXIST);
	CHECK(life_run(&life, &like, NULL, words, NULL) == 0);
	CHECK(life_wait(&life, 1) == 0);
	life_close(&life);
}

/* A level whose only thread judges the execve of the child that it is spawning. */
static void gates(const char *word)
{
	static const char *const lines[] = { "method life.*", NULL }, *const words[] = { "uses",
											 NULL };
	struct sv_spec like = { .label = "gated" };
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .handlers_in_dispatch = 1 }) == 0);
	CHECK(life_define(life.sv) == 0);
	CHECK(life_gate(life.sv, word ? SV_EVERY_CALL : SYS_execve) == 0);
	CHECK(life_run(&life, &like, lines, words, NULL) == 0);
	CHECK(life_gated > 0 && pthread_equal(life_gate_thread, pthread_self()));
	CHECK(life_wait(&life, 1) == 0);
	life_gate_error = EXDEV;
	CHECK(life_run(&life, &like, lines, words, NULL) == -EXDEV);
	life_close(&life);
}

enum {
	BEGETTERS = 12,
};

static void *begets_one(void *data)
{
	static const char *const lines[] = { "method life.*", NULL }, *const words[] = { "uses",
											 NULL };
	struct sv_spec like = { .label = "first" };

	CHECK(life_run(data, &like, lines, words, NULL) == 0);
	return NULL;
}

/* A level whose handler spawns, too: one within the other, and from many threads at once. */
static void begets(const char *word)
{
	int number = strcmp(word, "every") == 0 ? SV_EVERY_CALL : SYS_execve;
	bool dispatch = getenv("LIFE_DISPATCH") != NULL;
	pthread_t threads[BEGETTERS];
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .handlers_in_dispatch = dispatch }) == 0);
	CHECK(life_define(life.sv) == 0);
	life_births = LIFE_BIRTHS;
	CHECK(life_gate_with_births(&life, number) == 0);
	for (int i = 0; i < BEGETTERS; i++)
		CHECK(pthread_create(&threads[i], NULL, begets_one, &life) == 0);
	for (int i = 0; i < BEGETTERS; i++)
		pthread_join(threads[i], NULL);
	CHECK(life_wait(&life, LIFE_BIRTHS + BEGETTERS) == 0);
	life_close(&life);
}

static void *calls(void *data)
{
	for (;;)
		role_call("life.turn", 0);
	return data;
}

/* Calls, spawns and fails to spawn, until it is killed. */
static void storm(const char *word)
{
	static const int kept[] = { LIFE_PIPE };
	static const char *const lines[] = { "method life.*", NULL };
	const char *words[] = { word && word[0] > '0' ? "storm" : "uses",
				word && word[0] == '2' ? "1" : "0", NULL };
	struct sv_spec like = { .label = "s", .keep_fds = kept, .keep_fds_count = 1 };
	struct sv_child *child;
	pthread_t thread;
	struct life life;

	CHECK(life_open(&life, (struct sv_options){ .answer_ms = 0 }) == 0);
	CHECK(life_define(life.sv) == 0);
	setenv("LIFE_QUIET", "1", 1);
	pthread_create(&thread, NULL, calls, NULL);
	for (;;)
		if (life_run(&life, &like, lines, words, &child) == 0 && !(word && word[0] > '0'))
			sv_child_free(child);
		else
			sv_dispatch(life.sv, 20);
}

static const struct {
	const char *name;
	void (*run)(const char *word);
} roles[] = {
	{"anew",	  anew      },
	    { "answers",	 answers	 },
	{ "breeds",	    breeds	   },
	    { "crowded",	 crowded	 },
	{ "frees",	   frees	 },
	    { "gates",      gates     },
	{ "hammers",    hammers   },
	    { "killed",	killed    },
	{ "leaves",	    leaves	   },
	    { "lets_go",	 lets_go	 },
	{ "names",	   names	 },
	    { "stick",      stick_once},
	{ "crowd",	   crowd	 },
	    { "execs",      execs     },
	{ "forwards",   forwards  },
	    { "intercepts", intercepts},
	{ "keeps",	   keeps	 },
	    { "late",	      late	   },
	{ "looked_at",  looked_at },
	    { "masked",	masked    },
	{ "opens",	   opens	 },
	    { "outlives",	  outlives  },
	{ "pauses",	    pauses	   },
	    { "pends",      pends     },
	{ "renames",    renames   },
	    { "revoked",	 revoked	 },
	{ "sends",	   sends	 },
	    { "serves",	serves    },
	{ "stays",	   stays	 },
	    { "sticks",	sticks    },
	{ "storm",	   storm	 },
	    { "survivor",	  survivor  },
	{ "uses",	  uses      },
	    { "begets",	begets    },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].name, argv[1]) == 0) {
			roles[i].run(argc > 2 ? argv[2] : NULL);
			return role_failed;
		}
	return 2;
}
