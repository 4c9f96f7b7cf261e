/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A level that wants more than there is of what the root keeps for it (E6): names, numbers, labels,
 * levels. As level_hostile.c, whose kin it is.
 */
#include "level_speak.h"

#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void defines(void)
{
	char name[PCALL_NAME_MAX + 8];
	int made = 0;

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "m0", 3) >= 0);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_DEFINE, "m0", 3), EEXIST);
	NEED(ASK(PCALL_SLOT_INTERCEPT, SYS_openat) >= 0);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, SYS_openat), EEXIST);
	for (int i = 1; i < 20000; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		made += ASK(PCALL_SLOT_DEFINE, name, strlen(name) + 1) >= 0;
	}
	if (made != 512 - 2)
		broke("definitions are not bounded");
	NEED(ASK(PCALL_SLOT_LEVEL, 0) == 0);
	while (ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0) != 0)
		usleep(1000);
	memset(name, 'a', sizeof(name));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, name, sizeof(name)));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, "", 1));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, "A", 2));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, "a/b", 4));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, "a\nb", 4));
	MUST_FAIL(ASK(PCALL_SLOT_DEFINE, NULL, 4));
	MUST_FAIL(ASK(PCALL_SLOT_FIND, NULL));
	MUST_FAIL(ASK(PCALL_SLOT_FIND, "no.such"));
	/* What nobody would try again, and what is no call. */
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, SYS_close), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, SYS_futex), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, SYS_fork), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, SYS_rt_sigreturn), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, 400), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, INT_MIN), EINVAL);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_INTERCEPT, PCALL_BASE + 2), EINVAL);
	for (int i = -600; i < 2000; i++)
		TRY(ASK(PCALL_SLOT_INTERCEPT, i));
}

static void descriptors(void)
{
	static const int bad[][4] = {
		{0,  1, 2, 999    },
		{ 0, 1, 2, -1     },
		{ 0, 1, 2, INT_MAX},
		{ 0, 1, 2, INT_MIN},
	};
	static int many[300];
	static const int twice_same[4] = { 0, 1, 1, 1 }, numbers[4] = { 0, 1, -5, INT_MAX };
	struct wish wish = { .word = "end", .fds_count = 4 };

	level_open();
	for (size_t i = 0; i < COUNT(bad); i++) {
		wish.fds = bad[i];
		MUST_FAIL(spawn(&wish));
	}
	wish.fds = twice_same;
	wish.numbers = numbers;
	MUST_FAIL(spawn(&wish));
	wish.numbers = NULL;
	TRY(spawn(&wish));
	wish.fds = many;
	wish.fds_count = 300;
	MUST_FAIL_WITH(spawn(&wish), E2BIG);
	if (spawned.stage != SV_STAGE_DESCRIPTORS) /* none of them was taken */
		broke("descriptors without end");
}

/* A view that leads to a name which is too long one level further out. */
static void views(void)
{
	char raw[2 * PATH_MAX], view[PATH_MAX];
	struct wish wish = { .word = "end", .raw = raw };
	size_t size = (size_t)snprintf(view, sizeof(view), "%s/w/v/", getenv("X"));

	level_open();
	for (; size < PATH_MAX - 2; size++)
		view[size] = size % 100 ? 'a' : '/';
	view[size] = '\0';
	snprintf(raw, sizeof(raw), "l 0 bind - w bind\nb $X/w/b %s", view);
	MUST_FAIL_WITH(spawn(&wish), ENAMETOOLONG);
	view[size - 3] = '\0';
	snprintf(raw, sizeof(raw), "l 0 bind - w bind\nb $X/w/b %s", view);
	NEED(spawn(&wish) == 0);
}

static void labels(void)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a/b",
		"/",
		"a\n",
		"\033[2J",
		"\177",
		"\t",
		"\xff\xfe",
		"a\x9b",
		"a\xc2\x9b",
		"\xc0\xaf",
		"a\xe2\x80\xae",
		"\xe2\x81\xa6",
		"\xe2\x80\x8b",
		"\xed\xa0\x80",
	};
	char large[PCALL_LABEL_MAX + 1];
	struct wish wish = { .word = "end" };

	level_open();
	for (size_t i = 0; i < COUNT(bad); i++) {
		wish.label = bad[i];
		MUST_FAIL_WITH(spawn(&wish), EINVAL);
	}
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	wish.label = large;
	MUST_FAIL_WITH(spawn(&wish), ENAMETOOLONG);
	large[PCALL_LABEL_PART_MAX] = '\0';
	MUST_FAIL_WITH(spawn(&wish), ENAMETOOLONG);
}

/* Labels that grow with each level: as long as may be, and then the next does not start. */
static void labels_deep(void)
{
	char large[PCALL_LABEL_PART_MAX];
	struct wish wish = { .word = "labels_deep", .label = large };
	static struct wire_inside inside;
	int status;

	NEED(ASK(PCALL_SLOT_INSIDE, &inside, sizeof(inside)) == 0);
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	level_open();
	if (strlen(inside.label) + 1 + strlen(large) >= PCALL_LABEL_MAX) {
		MUST_FAIL_WITH(spawn(&wish), ENAMETOOLONG);
		exit(hostile_end());
	}
	NEED(spawn(&wish) == 0);
	status = wait_exit(last_id);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != HOSTILE_REFUSED)
		broke("labels without end");
	exit(hostile_end());
}

/* In a child: what a file may be opened for is its status. */
static void open_some(void)
{
	int r = open(at("r/file"), O_RDONLY) >= 0, w = open(at("w/canary"), O_RDONLY) >= 0;

	exit(r | w << 1);
}

/* Policies of one size that are not the same: each child has its own. */
static void policies(void)
{
	static const char *const raw[] = { "l 0 read - - read\ng $X/r",
					   "l 0 read - - read\ng $X/w" };

	level_open();
	for (int i = 0; i < 4; i++) {
		struct wish wish = { .word = "open_some", .raw = raw[i % 2] };

		NEED(spawn(&wish) == 0);
		if (wait_exit(last_id) != (1 << i % 2) << 8)
			broke("a policy that is another child's");
	}
}

/* A child starts nowhere that its level may not look up, and nothing tells what is there. */
static void directories(void)
{
	static const char *const names[] = { "s", "s/dir", "s/none", "w/../s", "w/link", "h" };
	struct wish wish = { .word = "end" };

	level_open();
	NEED(symlink("../s", at("w/link")) == 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		wish.cwd = at(names[i]);
		MUST_FAIL_WITH(spawn(&wish), ENOENT);
	}
	wish.cwd = at("w/dir");
	if (spawn(&wish) != 0)
		broke("nowhere");
}

static void look_at(const char *name)
{
	char word[] = "x", *argv[] = { word, NULL };
	struct stat st;

	MUST_FAIL_WITH(stat(name, &st), ENOENT);
	MUST_FAIL_WITH(execv(name, argv), ENOENT);
	exit(0);
}

static void look_there(void)
{
	look_at(at("s/dir"));
}

static void look_nowhere(void)
{
	look_at(at("s/none"));
}

/* How many refusals a level is told of its child that does this. */
static int hear(const char *word)
{
	struct wish wish = { .word = word };
	int told = 0;

	NEED(spawn(&wish) == 0);
	do {
		NEED(wait_record(&record, sizeof(record)) > 0);
		told += record.head.event == SV_EVENT_DENIED;
	} while (record.head.event != SV_EVENT_EXITED);
	NEED(record.head.value == 0);
	return told;
}

/* What a level hears of its child's refusals does not tell what is there. */
static void hears(void)
{
	int there, nowhere;

	level_open();
	there = hear("look_there");
	nowhere = hear("look_nowhere");
	if (there != nowhere || there < 2)
		broke("some refusals are told, and others are not");
}

/* Numbers of children: each is one child's, and none of those that are the root's to give. */
static void numbers(void)
{
	static const uint64_t bad[] = { 0, 2, WIRE_ID_ADOPTED, WIRE_ID_ADOPTED | 1, UINT64_MAX };
	struct wish wish = { .word = "stay" };
	struct wire_spawn *bytes;
	size_t size;

	level_open();
	last_id = 1;
	bytes = request_make(&wish, &size);
	NEED(bytes->id == 2 && spawn_bytes(bytes, size) == 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		bytes->id = bad[i];
		MUST_FAIL_WITH(spawn_bytes(bytes, size), EINVAL);
	}
	/* they may come in any order */
	bytes->id = 1;
	NEED(spawn_bytes(bytes, size) == 0);
	NEED(ASK(PCALL_SLOT_FREE, (uint64_t)2) == 0);
	bytes->id = 2;
	NEED(spawn_bytes(bytes, size) == 0);
	free(bytes);
}

static void stay(void)
{
	for (;;)
		pause();
}

/* What was let go is gone, although its end may take a while. */
static void gone(void)
{
	struct wish wish = { .word = "stay" };

	for (int i = 0; i < 10; i++) {
		while (ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0) != 0)
			usleep(1000);
		last_id = 0;
		NEED(spawn(&wish) == 0);
		NEED(ASK(PCALL_SLOT_FREE, last_id) == 0);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_KILL, last_id, 0), ECHILD);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_MASK, last_id, SYS_openat, 0), ECHILD);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_FREE, last_id), ECHILD);
		NEED(spawn(&wish) == 0);
		NEED(ASK(PCALL_SLOT_LEVEL, 0) == 0);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_KILL, last_id, 0), ENOTCONN);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_DEFINE, "a.b", 4), ENOTCONN);
		MUST_FAIL_WITH(spawn(&wish), ENOTCONN);
	}
}

enum {
	LEVELS = 64, /* as many as may be in one child */
	LEVELS_MORE = 6,
};

/* Processes of one box that are levels: some, and no more. And who was one is none. */
static void levels(void)
{
	int ready[2], stop[2], count[2] = { 0, 0 };
	char byte;

	for (int i = 0; i < 20; i++) {
		while (ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0) != 0)
			usleep(1000);
		NEED(ASK(PCALL_SLOT_LEVEL, 0) == 0);
		MUST_FAIL_WITH(ASK(PCALL_SLOT_DEFINE, "a.b", 4), ENOTCONN);
	}
	NEED(pipe(ready) == 0 && pipe(stop) == 0);
	for (int i = 0; i < LEVELS + LEVELS_MORE; i++)
		if (fork() == 0) {
			int r;

			/* What has ended may not be buried yet: that is for a while. */
			for (int tries = 0; tries < 200; tries++) {
				r = (int)ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0);
				if (r == 0 || errno != EAGAIN)
					break;
				usleep(5000);
			}
			byte = r == 0;
			close(stop[1]);
			_exit(write(ready[1], &byte, 1) != 1 || read(stop[0], &byte, 1) != 0);
		}
	for (int i = 0; i < LEVELS + LEVELS_MORE; i++) {
		NEED(read(ready[0], &byte, 1) == 1);
		count[byte != 0]++;
	}
	printf("%d levels, %d not\n", count[1], count[0]);
	if (count[1] != LEVELS)
		broke("levels of one box are not bounded");
	close(stop[1]);
	while (wait(NULL) > 0)
		;
}

/* In a child: which of its moves were made is its status. */
static void go_twice(void)
{
	int first = chdir("/lib") == 0, second = chdir("/lib") == 0;

	exit(first | second << 1);
}

/* A path that the kernel reads once more may be forwarded, or looked at. */
static void forwards(void)
{
	struct wish wish = { .word = "go_twice" };
	char buffer[64] = "unchanged";
	uint64_t id, word;

	level_open();
	NEED(ASK(PCALL_SLOT_INTERCEPT, SYS_chdir) >= 0);
	NEED(spawn(&wish) == 0);
	id = wait_call();
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_FORWARD, 0, 0) == 0);
	id = wait_call();
	word = record.head.word[0];
	MUST_FAIL_WITH(ASK(PCALL_SLOT_READ, id, word, buffer, (1 << 20) + 1), EMSGSIZE);
	MUST_FAIL_WITH(ASK(PCALL_SLOT_ANSWER, id + 1, WIRE_FORWARD, 0, 0), ESRCH);
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_FORWARD, 0, 0) == 0);
	if (wait_exit(last_id) != 1 << 8)
		broke("what was read goes on");
	wish.word = "go_twice";
	NEED(spawn(&wish) == 0);
	id = wait_call();
	MUST_FAIL_WITH(ASK(PCALL_SLOT_PATH, id, 0, buffer, 3), ENAMETOOLONG);
	if (strcmp(buffer, "unchanged") != 0)
		broke("more than there is room for");
	for (uint64_t i = 2; i < 20; i++)
		NEED(ASK(PCALL_SLOT_PATH, id, i < 10 ? i : ~(uint64_t)0 - i, buffer,
			 sizeof(buffer)) == 0);
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_ERROR, EPERM, 0) == 0);
	id = wait_call();
	NEED(ASK(PCALL_SLOT_PATH, id, 0, buffer, sizeof(buffer)) == 5 && !strcmp(buffer, "/lib"));
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_FORWARD, 0, 0) == 0);
	if (wait_exit(last_id) != 0)
		broke("a path that was looked at goes on");
}

/* Answers that are none, and what their callers get. */
static const struct {
	uint64_t kind, value;
	int error; /* 0: the value */
} answered[] = {
	{WIRE_VALUE,    77,			  0	    },
	{ WIRE_ERROR,   EXDEV,		     EXDEV },
	{ WIRE_ERROR,   4095,		    4095	 },
	{ WIRE_ERROR,   0,			 EIO   },
	{ WIRE_ERROR,   4096,		    EIO	},
	{ WIRE_ERROR,   (uint64_t)1 << 32 | 1, EIO	 },
	{ WIRE_ERROR,   (uint64_t)-1,	    EIO	},
	{ WIRE_ERROR,   (uint64_t)-4000,       EIO   },
	{ WIRE_FD,	   4000,			 EIO   },
	{ WIRE_FD,	   (uint64_t)-1,		 EIO   },
	{ WIRE_NOTHING, 0,			   EIO   },
	{ 99,	      0,		     EIO   },
	{ WIRE_FORWARD, 0,			   ENOSYS},
};

static void call_answered(void)
{
	for (size_t i = 0; i < COUNT(answered); i++) {
		long r = ASK(PCALL_SLOT_FIRST);

		if (answered[i].error ? r != -1 || errno != answered[i].error
				      : r != (long)answered[i].value)
			exit(10 + (int)i);
	}
	exit(0);
}

static void kinds(void)
{
	struct wish wish = { .word = "call_answered" };
	int status;

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0);
	NEED(spawn(&wish) == 0);
	for (size_t i = 0; i < COUNT(answered); i++)
		NEED(ASK(PCALL_SLOT_ANSWER, wait_call(), answered[i].kind, answered[i].value,
			 (uint64_t)0) == 0);
	status = wait_exit(last_id);
	if (status != 0) {
		broke("another answer than was given");
		printf("  status %x\n", status);
	}
}

enum {
	PENDING = 3, /* limit pending= */
	CALLERS = 8,
	ASKED = 4096,	/* answers that a level may owe */
	DEFAULT = 1024, /* calls of one child that are kept, where its policy does not say */
	MORE = 20,
};

/* Says so where its call is one too many. */
static void *call_once(void *data)
{
	int said = atoi(getenv("PIPE"));

	if (ASK(PCALL_SLOT_FIRST) < 0 && errno == EAGAIN)
		NEED(write(said, "x", 1) == 1);
	return data;
}

static void call_by(int count)
{
	static pthread_t threads[ASKED + MORE];
	pthread_attr_t small;

	NEED(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 131072) == 0);
	for (int i = 0; i < count; i++)
		NEED(pthread_create(&threads[i], &small, call_once, NULL) == 0);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	exit(0);
}

static void call_many(void)
{
	call_by(CALLERS);
}

/* A child that calls by so many threads; the end of a pipe by which it says what is refused. */
static int callers_start(const char *word, int pair[2])
{
	struct wish wish = { .word = word, .fds_count = 4 };
	int fds[4] = { 0, 1, 2, pair[1] };
	char text[16];

	snprintf(text, sizeof(text), "%d", pair[1]);
	setenv("PIPE", text, 1);
	wish.fds = fds;
	NEED(spawn(&wish) == 0);
	return pair[0];
}

/* So many calls of a child are refused. */
static bool refused(int from, int count)
{
	struct pollfd p = { .fd = from, .events = POLLIN };
	char byte;

	for (; count > 0; count--)
		if (poll(&p, 1, -1) != 1 || read(from, &byte, 1) != 1)
			return false;
	return true;
}

/* Calls that nobody answers: as many as the policy says are kept. */
static void pending(void)
{
	uint64_t ids[PENDING];
	int pair[2];

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0 && pipe(pair) == 0);
	if (!refused(callers_start("call_many", pair), CALLERS - PENDING)) {
		broke("more calls are kept than may be");
		return;
	}
	for (int i = 0; i < PENDING; i++)
		ids[i] = wait_call();
	for (int i = 0; i < PENDING; i++)
		NEED(ASK(PCALL_SLOT_ANSWER, ids[i], WIRE_VALUE, 0, 0) == 0);
	NEED(wait_exit(last_id) == 0);
}

/* Two children whose calls wait: the second one's come in turn with the first one's. */
static void rounds(void)
{
	uint64_t ids[2 * PENDING], from[2 * PENDING];
	int pair[2];

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0 && pipe(pair) == 0);
	for (int i = 0; i < 2; i++)
		NEED(refused(callers_start("call_many", pair), CALLERS - PENDING));
	for (int i = 0; i < 2 * PENDING; i++) {
		ids[i] = wait_call();
		from[i] = record.head.child;
	}
	for (int i = 0; i < 2 * PENDING; i += 2)
		if (from[i] == from[i + 1])
			broke("one child has two turns in a round");
	for (int i = 0; i < 2 * PENDING; i++)
		NEED(ASK(PCALL_SLOT_ANSWER, ids[i], WIRE_VALUE, 0, 0) == 0);
}

static void call_for_five(void)
{
	exit(ASK(PCALL_SLOT_FIRST) != 5);
}

static void *wait_nowhere(void *data)
{
	for (int i = 0; i < 5; i++) {
		MUST_FAIL(wait_record((void *)8, sizeof(record)));
		if (errno != EFAULT)
			broke("nowhere");
	}
	return data;
}

/* A call that could not be told is told again. */
static void returned(void)
{
	struct wish wish = { .word = "call_for_five" };
	pthread_t thread;
	uint64_t id;

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0);
	NEED(pthread_create(&thread, NULL, wait_nowhere, NULL) == 0);
	NEED(spawn(&wish) == 0);
	pthread_join(thread, NULL);
	id = wait_call();
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_VALUE, 5, 0) == 0);
	if (wait_exit(last_id) != 0)
		broke("another answer than was given");
}

static void call_asked(void)
{
	call_by(ASKED + MORE);
}

static void call_default(void)
{
	call_by(DEFAULT + MORE);
}

/* Calls without end, and nobody takes them: all but those that are too many wait. */
static void crowd_of(const char *word)
{
	int pair[2];

	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0 && pipe(pair) == 0);
	if (!refused(callers_start(word, pair), MORE))
		broke("more calls wait than may");
	NEED(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0);
	MUST_FAIL_WITH(read(pair[0], &(char){ 0 }, 1), EAGAIN);
}

static void asked(void)
{
	crowd_of("call_asked");
}

static void pending_default(void)
{
	crowd_of("call_default");
}

/* The last that is refused: what a sanitizer does at its start may be, before. */
#define LAST "/last"

/* Two calls, and between them others of its own, which nobody may hold up. */
static void *call_and_close(void *data)
{
	ASK(PCALL_SLOT_FIRST);
	return data;
}

static void call_stalled(void)
{
	int said = atoi(getenv("PIPE"));
	pthread_t thread;
	struct stat st;
	char byte;

	MUST_FAIL(open(LAST, O_RDWR | O_CREAT, 0600));
	NEED(read(said, &byte, 1) == 1);
	NEED(pthread_create(&thread, NULL, call_and_close, NULL) == 0);
	for (int i = 0; i < 50; i++) {
		NEED(stat("/lib", &st) == 0);
		usleep(5000);
	}
	NEED(write(said, "x", 1) == 1);
	NEED(ASK(PCALL_SLOT_FIRST) == 5);
	pthread_join(thread, NULL);
	exit(0);
}

static char *page; /* of a file that nobody can read; see stall.h */

static void *wait_on_page(void *data)
{
	const struct wire_record *head = (const struct wire_record *)page;

	NEED(wait_record(page, 4096) > 0);
	NEED(ASK(PCALL_SLOT_ANSWER, head->call, WIRE_VALUE, 7, 0) == 0);
	return data;
}

/*
 * A call that is told to a thread of ours on a page that nobody brings: the caller's other threads
 * are served meanwhile, and so are we. From here on nothing of our memory may be mapped anew: the
 * kernel keeps it as it is until the page is there.
 */
static void stalls(void)
{
	double begin = stopwatch_seconds();
	int fd = open("mount/stall", O_RDONLY), pair[2];
	pthread_t thread;
	struct stat st;
	uint64_t id;
	char byte;

	NEED(fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	NEED(page != MAP_FAILED);
	level_open();
	NEED(ASK(PCALL_SLOT_DEFINE, "x.y", 4) >= 0);
	callers_start("call_stalled", pair);
	do
		NEED(wait_record(&record, sizeof(record)) > 0);
	while (!memmem(&record, sizeof(record), LAST, sizeof(LAST)));
	NEED(pthread_create(&thread, NULL, wait_on_page, NULL) == 0);
	NEED(write(pair[0], "x", 1) == 1 && read(pair[0], &byte, 1) == 1);
	id = wait_call();
	NEED(ASK(PCALL_SLOT_ANSWER, id, WIRE_VALUE, 5, 0) == 0);
	for (int i = 0; i < 20; i++)
		NEED(stat("/etc/passwd", &st) == 0);
	/* The release waits for this, and then comes late. */
	if (stopwatch_seconds() - begin > 15)
		broke("held up");
	NEED(write(open("done", O_WRONLY), "x", 1) == 1);
	pthread_join(thread, NULL);
	NEED(wait_exit(last_id) == 0);
}

static void end(void)
{
	exit(0);
}

static const struct hostile_attack attacks[] = {
	{"asked",		   asked		 },
	{ "call_asked",	call_asked	   },
	{ "call_default",	  call_default   },
	{ "call_many",       call_many	 },
	{ "pending_default", pending_default},
	{ "call_stalled",	  call_stalled   },
	{ "stalls",	    stalls	   },
	{ "call_answered",   call_answered	 },
	{ "kinds",	   kinds		 },
	{ "views",	   views		 },
	{ "gone",		  gone	       },
	{ "stay",		  stay	       },
	{ "call_for_five",   call_for_five	 },
	{ "returned",	      returned       },
	{ "rounds",	    rounds	   },
	{ "pending",	     pending	     },
	{ "forwards",	      forwards       },
	{ "go_twice",	      go_twice       },
	{ "defines",	     defines	     },
	{ "descriptors",	 descriptors    },
	{ "directories",	 directories    },
	{ "hears",	   hears		 },
	{ "look_there",	look_there	   },
	{ "look_nowhere",	  look_nowhere   },
	{ "end",		 end	     },
	{ "labels",	    labels	   },
	{ "labels_deep",	 labels_deep    },
	{ "levels",	    levels	   },
	{ "numbers",	     numbers	     },
	{ "open_some",       open_some	 },
	{ "policies",	      policies       },
};

int main(int argc, char **argv)
{
	NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
