/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: a level whose births hang, since nobody can close the descriptor that it passes
 * (stall.c); and its neighbour, a level that spawns meanwhile. And the child of a level whose calls
 * hang when they are forwarded, since nobody can write their results; its siblings are to be served
 * meanwhile. Their end comes when the stall is released (stall_attacks.c), but a birth's has to
 * come before.
 */
#include "level_speak.h"

#include <sys/mman.h>
#include <sys/wait.h>

enum {
	BIRTHS = 8, /* as many as the supervisor has threads for one box */
	SPAWNS = 6,
	SOON = 7,	 /* seconds that all of these may take: a small part of one would do */
	LATE = 20,	 /* seconds; the release waits for thirty */
	LARGE = 3 << 20, /* bytes of a request, of which two may be under way */
};

/* As large as that, by what nobody reads. */
static void *request_pad(void *bytes, size_t *size)
{
	struct wire_spawn *ret = calloc(1, LARGE);

	NEED(ret && *size < LARGE);
	memcpy(ret, bytes, *size);
	free(bytes);
	*size = ret->size = LARGE;
	return ret;
}

/* One level of them: says so when it can begin, and how its spawn failed. */
static void hang_one(int stuck, int go, int said, bool large)
{
	/* Under another number than it comes with: then its first one is to be closed. */
	static const int numbers[] = { 0, 1, 2, 100 };
	int fds[] = { 0, 1, 2, stuck }, error = 0;
	struct wish wish = {
		.word = "end", .fds = fds, .numbers = numbers, .fds_count = COUNT(fds)
	};
	void *bytes;
	size_t size;
	char byte;

	level_open();
	bytes = request_make(&wish, &size);
	if (large)
		bytes = request_pad(bytes, &size);
	NEED(write(said, &error, sizeof(error)) == sizeof(error) && read(go, &byte, 1) == 0);
	error = spawn_bytes(bytes, size) < 0 ? errno : 0;
	NEED(write(said, &error, sizeof(error)) == sizeof(error));
	_exit(0); /* which closes the descriptor, too */
}

/* How many births hung, and how many did not begin. */
static void hang_many(bool large, int *ret_hung, int *ret_refused)
{
	int stuck = open("mount/close", O_RDONLY), done = open("done", O_WRONLY);
	int go[2], said[2], error, status;
	char byte;

	NEED(stuck >= 0 && done >= 0 && pipe(go) == 0 && pipe(said) == 0);
	for (int i = 0; i < BIRTHS; i++)
		if (fork() == 0) {
			close(go[1]);
			hang_one(stuck, go[0], said[1], large);
		}
	for (int i = 0; i < BIRTHS; i++)
		NEED(read(said[0], &error, sizeof(error)) == sizeof(error));
	NEED(read(stuck, &byte, 1) == 1);
	close(go[1]);
	for (int i = 0; i < BIRTHS; i++) {
		NEED(read(said[0], &error, sizeof(error)) == sizeof(error));
		*ret_hung += error == ETIMEDOUT;
		*ret_refused += error == EAGAIN;
	}
	NEED(write(done, "x", 1) == 1);
	while (wait(&status) > 0)
		if (status != 0)
			broke("did not come to its end");
}

static void hang(void)
{
	int hung = 0, refused = 0;

	hang_many(false, &hung, &refused);
	if (hung != BIRTHS)
		broke("a birth that hangs");
}

static void hang_large(void)
{
	int hung = 0, refused = 0;

	hang_many(true, &hung, &refused);
	printf("%d requests were kept, %d refused\n", hung, refused);
	if (hung == 0 || refused == 0 || hung + refused != BIRTHS)
		broke("requests are kept without end");
}

/* Small requests, and large ones. */
static void neighbour(void)
{
	struct wish wish = { .word = "end" };
	double begin;

	level_open();
	while (access("held", F_OK) < 0)
		usleep(10000);
	begin = stopwatch_seconds();
	for (int i = 0; i < SPAWNS; i++) {
		size_t size;
		void *bytes = request_make(&wish, &size);

		if (i % 2)
			bytes = request_pad(bytes, &size);
		if (spawn_bytes(bytes, size) < 0 || wait_exit(last_id) != 0)
			broke("a neighbour's birth");
		free(bytes);
		usleep(200000); /* so that they go on for as long as the other takes to begin */
	}
	if (stopwatch_seconds() - begin > SOON)
		broke("a neighbour's births were held up");
}

enum {
	CLIMBS = 12, /* more than the supervisor has threads for one box */
	STUCK = 100, /* the descriptor that they have */
};

/* In a child: its first process ends, and another of it hangs. */
static void end_stuck(void)
{
	int pair[2];
	char byte;

	NEED(pipe(pair) == 0);
	if (fork() == 0) {
		NEED(read(pair[0], &byte, 1) == 1 && read(STUCK, &byte, 1) == 1);
		_exit(close(STUCK) < 0);
	}
	close(STUCK); /* nobody who does that hangs before it was read */
	NEED(write(pair[1], "x", 1) == 1);
	usleep(300000);
	exit(0);
}

static void end_hangs(void)
{
	static const int numbers[] = { 0, 1, 2, STUCK };
	int fds[] = { 0, 1, 2, open("mount/close", O_RDONLY) }, done = open("done", O_WRONLY);
	struct wish wish = { .word = "end_stuck", .fds = fds, .numbers = numbers, .fds_count = 4 };

	NEED(fds[3] >= 0 && done >= 0);
	level_open();
	NEED(spawn(&wish) == 0);
	if (wait_exit(last_id) != 0)
		broke("an end that hangs");
	NEED(write(done, "x", 1) == 1);
}

/* In a child, which its level has to look after: calls whose results nobody can write. */
static void climb_stuck(void)
{
	int status;

	for (int i = 0; i < CLIMBS; i++)
		if (fork() == 0) {
			char *page =
				mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, STUCK, 0);

			NEED(page != MAP_FAILED);
			_exit(syscall(SYS_stat, "/lib", page + 1024) != 0);
		}
	while (wait(&status) > 0)
		if (status != 0)
			broke("not answered at the end");
	exit(hostile_end());
}

/* In its sibling. */
static void climb_well(void)
{
	struct stat st;

	for (int i = 0; i < 50; i++)
		NEED(syscall(SYS_stat, "/lib", &st) == 0);
	exit(0);
}

/* Forwards all calls until a child has ended; how it did. */
static int forward_until(uint64_t child)
{
	uint64_t answered = 0;

	for (;;) {
		long r = ASK(PCALL_SLOT_WAIT, answered, answered ? WIRE_FORWARD : WIRE_NOTHING, 0,
			     0, &record, sizeof(record));

		if (r < 0 && errno == EINTR) {
			answered = 0;
			continue;
		}
		NEED(r > 0);
		answered = record.head.type == WIRE_RECORD_CALL ? record.head.call : 0;
		if (record.head.type == WIRE_RECORD_EVENT && record.head.event == SV_EVENT_EXITED &&
		    record.head.child == child)
			return record.head.value;
	}
}

static void climb(void)
{
	static const int numbers[] = { 0, 1, 2, STUCK };
	int fds[] = { 0, 1, 2, open("mount/stall", O_RDONLY) }, done = open("done", O_WRONLY);
	struct wish stuck = {
		.word = "climb_stuck", .fds = fds, .numbers = numbers, .fds_count = 4
	};
	struct wish well = { .word = "climb_well" };
	double begin = stopwatch_seconds();
	uint64_t first;

	NEED(fds[3] >= 0 && done >= 0);
	level_open();
	NEED(ASK(PCALL_SLOT_INTERCEPT, SYS_stat) >= 0);
	NEED(spawn(&stuck) == 0);
	first = last_id;
	for (int i = 0; i < SPAWNS; i++) {
		NEED(spawn(&well) == 0);
		if (forward_until(last_id) != 0)
			broke("a sibling was not served");
	}
	/* if that was for the release, it is late */
	if (stopwatch_seconds() - begin > LATE)
		broke("siblings were held up");
	NEED(write(done, "x", 1) == 1);
	if (forward_until(first) != 0)
		broke("did not come to its end");
}

static void end(void)
{
	exit(0);
}

static const struct hostile_attack attacks[] = {
	{"hang",	  hang       },
	{ "end_hangs",   end_hangs	 },
	{ "end_stuck",   end_stuck	 },
	{ "hang_large",	hang_large },
	{ "climb",	   climb	 },
	{ "climb_stuck", climb_stuck},
	{ "climb_well",	climb_well },
	{ "neighbour",   neighbour	 },
	{ "end",	 end	     },
};

int main(int argc, char **argv)
{
	NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
