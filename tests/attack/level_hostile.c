/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level that lies (E6): it speaks PCALL_SLOT_* by hand, and says whatever a level must not. Run
 * as `level_hostile ATTACK`; its own children are the same program, with other words.
 */
#include "level_speak.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static unsigned int seed = 1;

static uint32_t random_word(void)
{
	static const uint32_t odd[] = { 0, 1, 2, 3, 7, 255, 4096, 0x7fffffff, 0x80000000, ~0u };
	uint32_t r = (uint32_t)rand_r(&seed);

	return r % 3 ? odd[r / 3 % COUNT(odd)] : r % 5 ? r % 8192 : r * 2654435761u;
}

/* Every offset, count and number garbage, a few at a time. */
static void requests(void)
{
	struct wish wish = { .word = "end" };
	double end = stopwatch_seconds() + 2;
	size_t size, n = 0;
	char *good = request_make(&wish, &size), *bytes = malloc(size);

	level_open();
	NEED(spawn_bytes(good, size) == 0);
	for (; stopwatch_seconds() < end || n < 300; n++) {
		struct wire_spawn *head = (struct wire_spawn *)bytes;

		memcpy(bytes, good, size);
		head->id = ++last_id;
		for (int changes = 1 + rand_r(&seed) % 3; changes > 0; changes--) {
			size_t words = rand_r(&seed) % 2 ? sizeof(*head) / 4 : size / 4;

			((uint32_t *)bytes)[(size_t)rand_r(&seed) % words] = random_word();
		}
		spawn_bytes(bytes, size);
		ASK(PCALL_SLOT_FREE, last_id);
	}
	free(good);
	free(bytes);
}

/* The size is a lie, or there is nothing where the request should be. */
static void sizes(void)
{
	struct wish wish = { .word = "end" };
	size_t size;
	char *good = request_make(&wish, &size);
	char *edge =
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	level_open();
	for (size_t i = 0; i < size; i += i < 400 ? 1 : 997)
		MUST_FAIL(spawn_bytes(good, i));
	MUST_FAIL(spawn_bytes(good, size + 1));
	MUST_FAIL_WITH(spawn_bytes(good, (size_t)PCALL_REQUEST_MAX + 1), EINVAL);
	MUST_FAIL_WITH(spawn_bytes(good, SIZE_MAX), EINVAL);
	MUST_FAIL_WITH(spawn_bytes(NULL, size), EFAULT);
	MUST_FAIL_WITH(spawn_bytes((void *)(UINTPTR_MAX - 4095), size), EFAULT);
	munmap(edge + (1 << 20) - 4096, 4096);
	MUST_FAIL_WITH(spawn_bytes(edge + (1 << 20) - 4096 - 64, size), EFAULT);
	/* where the answer goes there is nothing */
	MUST_FAIL_WITH(ASK(PCALL_SLOT_SPAWN, good, size, NULL), EFAULT);
	free(good);
}

static char *flipped;
static size_t flipped_size;
static atomic_bool flipping;

static _Atomic uint32_t *flipped_words(void)
{
	return (_Atomic uint32_t *)flipped;
}

static void *flip(void *data)
{
	unsigned int own = 7;

	while (atomic_load(&flipping))
		atomic_fetch_xor(&flipped_words()[(size_t)rand_r(&own) % (flipped_size / 4)],
				 1u << rand_r(&own) % 32);
	return data;
}

/* The request changes while it is read. */
static void memory(void)
{
	struct wish wish = { .word = "end" };
	double end = stopwatch_seconds() + 1.5;
	char *good = request_make(&wish, &flipped_size);
	pthread_t thread;

	level_open();
	flipped = malloc(flipped_size);
	memcpy(flipped, good, flipped_size);
	atomic_store(&flipping, true);
	NEED(pthread_create(&thread, NULL, flip, NULL) == 0);
	while (stopwatch_seconds() < end) {
		((struct wire_spawn *)good)->id = ++last_id;
		for (size_t i = 0; i < flipped_size / 4; i++)
			atomic_store(&flipped_words()[i], ((const uint32_t *)good)[i]);
		spawn_bytes(flipped, flipped_size);
		ASK(PCALL_SLOT_FREE, last_id);
	}
	atomic_store(&flipping, false);
	pthread_join(thread, NULL);
}

/* In a child below: nothing of what the level has not is there. */
static void try_all(void)
{
	static const char *const names[] = { "s/canary",     "h/canary", "s/dir/file", "w/b/canary",
					     "w/b/dir/file", "w/link",	 "w/b" };
	char prog[] = "prog", *const argv[] = { prog, NULL };

	for (size_t i = 0; i < COUNT(names); i++) {
		int fd = open(at(names[i]), O_RDONLY);

		if (is_canary(fd))
			broke(names[i]);
		MUST_FAIL(open(at(names[i]), O_WRONLY));
	}
	MUST_FAIL(open(at("r/file"), O_WRONLY));
	MUST_FAIL(open(at("r/new"), O_WRONLY | O_CREAT, 0600));
	MUST_FAIL(open(at("s/new"), O_WRONLY | O_CREAT, 0600));
	MUST_FAIL(open(at("w/b/new"), O_WRONLY | O_CREAT, 0600));
	MUST_FAIL(open("/etc/shadow", O_RDONLY));
	MUST_FAIL(open("/dev/kmsg", O_RDWR));
	MUST_FAIL(unlink(at("s/canary")));
	MUST_FAIL(rename(at("r/file"), at("w/file")));
	MUST_FAIL(execv(at("s/prog"), argv));
	MUST_FAIL(execv(at("w/b/prog"), argv));
	exit(hostile_end());
}

/* Policies that give what the level has not. */
static void wider(void)
{
	static const char *const raw[] = {
		"l 0 read - - read\ng /",
		"l 0 write - - write\ng /",
		"l 0 write - - write\ng $X/s\ng $X/h\ng $X/r\ng $X/w",
		"l 0 exec - - exec\ng $X/s\nk $X/s",
		"l 0 exec - - exec\ng $X/s/prog\nr $X/s/prog",
		"l 0 exec - - exec\ng /\nk /",
		"l 0 dev - - dev\ng /dev",
		"l 0 unix - - unix\ng /",
		"l 0 bind - w bind\ng $X/w/b\nb $X/w/b $X/s",
		"l 0 bind - - bind\ng $X/w/b\nb $X/w/b $X/s",
		"l 0 bind - w bind\ng $X/w/b\nb $X/w/b $X/h",
		"l 0 bind - w bind\ng $X/w/b\nb $X/w/b /",
		"l 0 bind - w bind\ng $X/w/b\nb $X/w/b $X/w/../s",
		"l 0 bind - w bind\ng $X/w/b\nb $X/w/b $X/w/link",
		"l 0 bind - w bind\ng /\nb / $X/s",
		"l 0 bind - w bind\ng $X/r\nb $X/r $X/s",
	};
	unsigned int runs = 0;

	level_open();
	NEED(symlink("../s", at("w/link")) == 0);
	for (size_t i = 0; i < COUNT(raw); i++) {
		struct wish wish = { .word = "try_all", .raw = raw[i] };
		int status;

		if (spawn(&wish) < 0) {
			printf("no: %zu %s\n", i, spawned.text);
			continue;
		}
		runs++;
		status = wait_exit(last_id);
		if (status != 0) {
			broke(raw[i]);
			printf("  status %x\n", status);
		}
	}
	NEED(runs >= 8);
}

/* One of ours that stays, and is alive at the end. */
static void others(void)
{
	struct wish wish = { .word = "stay" };
	int pair[2], status;
	uint64_t id;
	pid_t pid;

	level_open();
	NEED(spawn(&wish) == 0);
	id = last_id;
	NEED(pipe(pair) == 0);
	pid = fork();
	if (pid == 0) {
		/* A second level in the same box, and no level at all: the child is not theirs. */
		for (int round = 0; round < 2; round++) {
			int error = round ? ECHILD : ENOTCONN;

			for (uint64_t n = 0; n < 70; n++) {
				uint64_t name = n < 32	 ? n
						: n < 64 ? WIRE_ID_ADOPTED | (n - 32)
							 : ~(uint64_t)0 - n;

				MUST_FAIL_WITH(ASK(PCALL_SLOT_KILL, name, SIGKILL), error);
				MUST_FAIL_WITH(ASK(PCALL_SLOT_FREE, name), error);
				MUST_FAIL_WITH(ASK(PCALL_SLOT_MASK, name, SYS_openat, 0), error);
				MUST_FAIL_WITH(ASK(PCALL_SLOT_MASK, name, SYS_openat, 1), error);
			}
			if (round == 0)
				level_open();
		}
		exit(hostile_end());
	}
	NEED(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		broke("children of others");
	if (ASK(PCALL_SLOT_KILL, id, 0) != 0)
		broke("the child is gone");
	for (int signal = -3; signal < 80; signal++)
		if (signal < 0 || signal > 64)
			MUST_FAIL_WITH(ASK(PCALL_SLOT_KILL, id, signal), EINVAL);
	static const int numbers[] = { -1,
				       -2,
				       INT_MIN,
				       INT_MAX,
				       511,
				       512,
				       PCALL_BASE,
				       SYS_read,
				       SYS_close,
				       PCALL_BASE + 31,
				       PCALL_BASE + 32,
				       PCALL_BASE + 0x8000,
				       PCALL_BASE + 0xffff };
	for (size_t i = 0; i < COUNT(numbers); i++)
		MUST_FAIL(ASK(PCALL_SLOT_MASK, id, numbers[i], 1));
}

/* A child below: makes calls of every kind to its level. */
static void call_much(void)
{
	char buffer[64] = "bytes";

	for (long i = 0; i < 40; i++)
		TRY(ASK(PCALL_SLOT_FIRST, i, buffer, sizeof(buffer)));
	exit(0);
}

static void forge(uint64_t id, int error)
{
	char buffer[16];

	MUST_FAIL_WITH(ASK(PCALL_SLOT_ANSWER, id, WIRE_VALUE, 0, 0), error);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_READ, id, buffer, buffer, 8), error);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_WRITE, id, buffer, buffer, 8), error);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_PATH, id, 0, buffer, 16), error);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_TAKE, id, 0), error);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_LIMIT, id, 5), error);
}

/* Calls that are not its own, answers that are none. */
static void answers(void)
{
	static const uint64_t values[] = { 0, 1, 2, 77, 1023, 0x7fffffff, ~0u, ~(uint64_t)0 };
	struct wish wish = { .word = "call_much" };
	int path = open("/", O_PATH | O_CLOEXEC), status;
	char buffer[256];

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0);
	for (uint64_t id = 0; id < 40; id++)
		forge(id < 20 ? id : ~(uint64_t)0 - id, ESRCH);
	NEED(spawn(&wish) == 0);
	for (int i = 0; i < 40; i++) {
		uint64_t id = wait_call(), value = values[(size_t)i % COUNT(values)];
		uint64_t buffer_there = record.head.word[1];
		pid_t pid = i % 8 ? 0 : fork();

		if (i % 8 == 0 && pid == 0) {
			forge(id, ENOTCONN);
			level_open();
			forge(id, ESRCH);
			exit(hostile_end());
		}
		if (pid > 0 && (waitpid(pid, &status, 0) != pid || status != 0))
			broke("a call of others");
		MUST_FAIL(ASK(PCALL_SLOT_READ, id, value | 1ull << 63, buffer, 8));
		MUST_FAIL(ASK(PCALL_SLOT_READ, id, buffer_there, value | 1ull << 63, 8));
		MUST_FAIL(ASK(PCALL_SLOT_WRITE, id, value | 1ull << 63, buffer, 8));
		MUST_FAIL(ASK(PCALL_SLOT_READ, id, buffer_there, buffer, ~(uint64_t)0));
		MUST_FAIL(ASK(PCALL_SLOT_TAKE, id, 4000));
		MUST_FAIL(ASK(PCALL_SLOT_TAKE, id, -1));
		if (ASK(PCALL_SLOT_READ, id, buffer_there, buffer, 6) != 0 ||
		    strcmp(buffer, "bytes"))
			broke("a call of its own cannot be read");
		if (ASK(PCALL_SLOT_ANSWER, id, (uint64_t)i % 7, i % 3 ? value : (uint64_t)path,
			~0ull))
			broke("a call of its own cannot be answered");
		forge(id, ESRCH);
	}
	NEED(wait_exit(last_id) == 0);
}

static void *wait_thread(void *data)
{
	atomic_uint *count = data;
	static _Thread_local char bytes[PCALL_RECORD_MAX];

	if (wait_record(bytes, sizeof(bytes)) < 0)
		atomic_fetch_add(&count[errno == EAGAIN ? 0 : errno == ESHUTDOWN ? 1 : 2], 1);
	else
		atomic_fetch_add(&count[2], 1);
	return NULL;
}

enum {
	WAITERS = 300,
};

static void waits(void)
{
	static atomic_uint counts[3];
	struct wish wish = { .word = "end" };
	pthread_t threads[WAITERS];
	pthread_attr_t small;

	level_open();
	NEED(spawn(&wish) == 0);
	while (ASK(PCALL_SLOT_KILL, last_id, 0) == 0)
		usleep(1000);
	MUST_FAIL(ASK(PCALL_SLOT_WAIT, 0, WIRE_NOTHING, 0, 0, NULL, sizeof(record)));
	for (int i = 0; i < 3; i++) {
		void *const to[] = { NULL, (void *)4096, (void *)(UINTPTR_MAX - 4096) };

		NEED(spawn(&wish) == 0);
		MUST_FAIL(wait_record(to[i], sizeof(record)));
		NEED(spawn(&wish) == 0);
		MUST_FAIL(wait_record(&record, (size_t)i * 8));
	}
	/* what is left of these */
	NEED(spawn(&wish) == 0);
	wait_exit(last_id);
	NEED(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 65536) == 0);
	for (int i = 0; i < WAITERS; i++)
		NEED(pthread_create(&threads[i], &small, wait_thread, counts) == 0);
	while (atomic_load(&counts[0]) < WAITERS - 64)
		usleep(1000);
	NEED(ASK(PCALL_SLOT_LEVEL, 0) == 0);
	for (int i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);
	if (counts[0] != WAITERS - 64 || counts[1] != 64 || counts[2] != 0)
		broke("threads that sleep are not bounded");
	printf("%u %u %u\n", counts[0], counts[1], counts[2]);
}

static void *open_and_close(void *data)
{
	for (int i = 0; i < 200; i++) {
		TRY(ASK(PCALL_SLOT_LEVEL, i % 2 ? WIRE_VERSION : 0, 0));
		TRY(ASK(PCALL_SLOT_DEFINE, "a.b", 4));
	}
	return data;
}

static void twice(void)
{
	pthread_t threads[4];
	int status;
	pid_t pid;

	MUST_FAIL_WITH(ASK(PCALL_SLOT_LEVEL, 0), ENOTCONN);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION + 1, 0), EPROTONOSUPPORT);
	level_open();
	MUST_FAIL_WITH(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0), EBUSY);
	for (int i = 0; i < 4; i++)
		NEED(pthread_create(&threads[i], NULL, open_and_close, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	pid = fork();
	if (pid == 0) {
		execl(self, self, "execd", NULL);
		_exit(HOSTILE_UNFIT);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		broke("what executes another program");
}

static void *wait_for_ever(void *data)
{
	wait_record(&record, sizeof(record));
	return data;
}

/* Becomes a level, sleeps, and executes itself: the threads that slept are gone. Then all ends. */
static void execd(void)
{
	const char *rounds = getenv("ROUNDS");
	int n = rounds ? atoi(rounds) : 0;
	char text[16];
	pthread_t thread;

	TRY(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0));
	for (int i = 0; i < 8; i++)
		NEED(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
	usleep(1000);
	if (n == 20)
		exit(hostile_end());
	snprintf(text, sizeof(text), "%d", n + 1);
	setenv("ROUNDS", text, 1);
	execl(self, self, "execd", NULL);
}

static void die_at_work(int end_of_pipe)
{
	const int fds[] = { 0, 1, 2, end_of_pipe };
	struct wish wish = { .word = "call_for_ever", .fds = fds, .fds_count = 4 };

	if (ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0) != 0)
		_exit(0);
	ASK(PCALL_SLOT_DEFINE, "x.y", 4);
	for (;;) {
		if (spawn(&wish) < 0)
			ASK(PCALL_SLOT_FREE, last_id - 3);
		wait_call();
	}
}

/* Levels that are killed in the middle of everything: their children end, too. */
static void dies(void)
{
	struct pollfd p = { .events = POLLIN };
	int pair[2];

	NEED(pipe(pair) == 0);
	for (int i = 0; i < 25; i++) {
		pid_t pid = fork();

		if (pid == 0)
			die_at_work(pair[1]);
		usleep((unsigned int)(i * 1500));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(pair[1]);
	p.fd = pair[0];
	if (poll(&p, 1, 30000) != 1 || !(p.revents & POLLHUP))
		broke("children of dead levels live");
}

static void call_for_ever(void)
{
	for (;;)
		TRY(ASK(PCALL_SLOT_FIRST, 0));
}

static void refused_much(void)
{
	char name[64];

	for (int i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "/nowhere/%d\n\033[2J", i);
		MUST_FAIL(open(name, O_RDONLY));
	}
	exit(0);
}

/* A level that does not listen while its child is refused much. */
static void floods(void)
{
	struct wish wish = { .word = "refused_much" };
	bool lost = false, ended = false;

	level_open();
	NEED(spawn(&wish) == 0);
	while (ASK(PCALL_SLOT_KILL, last_id, 0) == 0)
		usleep(10000);
	/* In either order: what was lost is told as soon as there is nothing else to tell. */
	while ((!lost || !ended) && wait_record(&record, sizeof(record)) > 0) {
		lost |= record.head.event == SV_EVENT_LOST;
		ended |= record.head.event == SV_EVENT_EXITED;
	}
	ASK(PCALL_SLOT_FREE, last_id);
}

/* Levels that make levels: as many as the policy says. */
static void endless(void)
{
	struct wish wish = { .word = "endless" };
	int status;

	level_open();
	if (spawn(&wish) < 0)
		exit(errno == EAGAIN ? 40 : HOSTILE_BROKE);
	status = wait_exit(last_id);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : HOSTILE_BROKE);
}

static void endless_begin(void)
{
	struct wish wish = { .word = "endless" };

	level_open();
	NEED(spawn(&wish) == 0);
	if (wait_exit(last_id) != 40 << 8)
		broke("levels without end");
}

/* In a session of its own it has children; they are in sessions of theirs. */
static void session(void)
{
	struct wish wish = { .word = "end" };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		NEED(setsid() > 0);
		level_open();
		NEED(spawn(&wish) == 0 && wait_exit(last_id) == 0);
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		broke("no children in a session of its own");
}

static atomic_ullong aim;

static void *free_early(void *data)
{
	while (atomic_load(&flipping))
		TRY(ASK(PCALL_SLOT_FREE, atomic_load(&aim)));
	return data;
}

/* Frees the child that another thread is spawning. */
static void early(void)
{
	struct wish wish = { .word = "end" };
	double end = stopwatch_seconds() + 2;
	pthread_t threads[2];
	size_t size;
	struct wire_spawn *bytes = request_make(&wish, &size);

	level_open();
	atomic_store(&flipping, true);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&threads[i], NULL, free_early, NULL) == 0);
	while (stopwatch_seconds() < end) {
		bytes->id = ++last_id;
		atomic_store(&aim, last_id);
		TRY(spawn_bytes(bytes, size));
	}
	atomic_store(&flipping, false);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void end(void)
{
	exit(0);
}

static void stay(void)
{
	for (;;)
		pause();
}

static const struct hostile_attack attacks[] = {
	{"answers",	     answers	     },
	{ "call_for_ever", call_for_ever},
	{ "call_much",     call_much	 },
	{ "dies",	  dies	       },
	{ "early",	   early	 },
	{ "end",		 end	     },
	{ "endless",	     endless	     },
	{ "endless_begin", endless_begin},
	{ "execd",	   execd	 },
	{ "floods",	    floods	   },
	{ "memory",	    memory	   },
	{ "others",	    others	   },
	{ "refused_much",  refused_much },
	{ "requests",      requests     },
	{ "session",	     session	     },
	{ "sizes",	   sizes	 },
	{ "stay",	  stay	       },
	{ "try_all",	     try_all	     },
	{ "twice",	   twice	 },
	{ "waits",	   waits	 },
	{ "wider",	   wider	 },
};

int main(int argc, char **argv)
{
	NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
