/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section E of the attacks, E1, E2 and E4: the supervisor's descriptors, its time and memory, what
 * leaks from it. The attacks themselves are in supervisor_hostile.c.
 *
 * For E2 two boxes have one supervisor. What the one does must not keep the other waiting, nor this
 * process from staying small; and all must be gone at the end.
 */
#include "box.h"
#include "check_main.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "core/policy.h"
#include "supervisor.h"

#define SUPERVISOR(attack_, ...)                                                           \
	do {                                                                               \
		static const struct box_attack attack = { .program = "supervisor_hostile", \
							  .attack = (attack_),             \
							  ##__VA_ARGS__ };                 \
		box_attack(&attack);                                                       \
	} while (0)

START_TEST(e01_descriptors_of_the_supervisor_are_out_of_reach)
{
	SUPERVISOR("e01", .no_native = true);
}
END_TEST

/* A descriptor that would pass an exec, a variable, a mask: natively a child has them. */
START_TEST(e04_nothing_leaks_into_the_child)
{
	char name[] = "/tmp/leak.XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_eq(write(fd, "CANARY\n", 7), 7);
	ck_assert_int_eq(dup2(fd, 55), 55);
	close(fd);
	unlink(name);
	setenv("PCALL_SECRET", "CANARY of the environment", 1);
	umask(027);
	SUPERVISOR("e04");
	close(55);
}
END_TEST

enum {
	BOX_HOSTILE,
	BOX_NEIGHBOUR,
	BOX_COUNT,
};

/* The address sanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_MAX_KB (1024 * 1024)
#else
#define GROWTH_MAX_KB (96 * 1024)
#endif

struct crowd {
	const char *attack;
	bool deaf;     /* nobody takes the events while it goes on */
	rlim_t files;  /* of the supervisor; 0: as they are */
	bool failures; /* the neighbour's calls may fail: it is to be answered, no more */
};

static struct sv_child *boxes[BOX_COUNT];
static int ends[BOX_COUNT];
static char directory[64];

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	for (int i = 0; i < BOX_COUNT; i++)
		if (event->type == SV_EVENT_EXITED && event->child == boxes[i])
			ends[i] = event->value;
}

static struct sv_policy *policy_make(const char *program)
{
	const char *directories[] = { getenv("PCALL_POLICY_PATH"), NULL },
		   *names[] = { "base", NULL };
	char write[1200], local[1200], exec[1200];
	const char *lines[] = { write, local, exec, "limit time=60s", NULL };
	const struct sv_policy_source source = { .size = sizeof(source),
						 .names = names,
						 .lines = lines,
						 .directories = directories,
						 .cwd = "/tmp",
						 .home = "/tmp" };
	struct sv_policy *policy = NULL;

	snprintf(write, sizeof(write), "write %s", directory);
	snprintf(local, sizeof(local), "unix %s", directory);
	snprintf(exec, sizeof(exec), "exec %s", program);
	return sv_policy_read(&source, &policy, NULL) < 0 ? NULL : policy;
}

static struct sv_child *box_start(struct sv *sv, struct sv_policy *policy, const char *program,
				  const char *attack)
{
	const char *argv[] = { program, attack, NULL }, *envp[] = { NULL };
	struct sv_spawn spawn = { .size = sizeof(spawn),
				  .argv = argv,
				  .envp = envp,
				  .policy = policy,
				  .cwd = directory };
	struct sv_error error = { .text = "" };
	struct sv_child *child = NULL;

	if (sv_spawn(sv, &spawn, &child, &error) < 0)
		printf("# %s\n", error.text);
	return child;
}

/* Opened before the table of descriptors is full. */
static int status_file;

static long status_number(const char *key)
{
	char text[4096] = "";
	ssize_t n = pread(status_file, text, sizeof(text) - 1, 0);
	const char *at = n > 0 ? strstr(text, key) : NULL;

	return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Of the engine's: a sanitizer has its own. */
static int threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	char path[512], name[32];
	int n = 0;

	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		file = fopen(path, "re");
		n += file && fgets(name, sizeof(name), file) && strncmp(name, "pcall-", 6) == 0;
		if (file)
			fclose(file);
	}
	closedir(dir);
	return n;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_for(struct sv *sv, int box, bool deaf)
{
	double end = now() + 40;

	if (deaf)
		usleep(3000000);
	while (ends[box] < 0 && now() < end)
		sv_dispatch(sv, 100);
}

static int crowd_fail(const char *what, long number)
{
	fprintf(stderr, "%s (%ld)\n", what, number);
	return 1;
}

/* In a process of its own: it is confined for good. */
static int crowd_run(const struct crowd *crowd)
{
	struct sv_options options = { .size = sizeof(options), .confine = 1, .on_event = on_event };
	struct sv_error error = { .text = "" };
	struct sv_policy *policy;
	char program[1024];
	struct sv *sv;
	long before;
	int opened;

	snprintf(program, sizeof(program), "%s/tests/attack/supervisor_hostile",
		 getenv("PCALL_BUILD"));
	policy = policy_make(program);
	status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	opened = descriptors();
	if (crowd->files)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ crowd->files, crowd->files });
	if (!policy || sv_new(&options, &sv, &error) < 0)
		return crowd_fail(error.text, 0);
	ends[0] = ends[1] = -1;
	before = status_number("VmRSS:");
	boxes[BOX_NEIGHBOUR] =
		box_start(sv, policy, program, crowd->failures ? "neighbour_patient" : "neighbour");
	boxes[BOX_HOSTILE] = box_start(sv, policy, program, crowd->attack);
	if (!boxes[BOX_NEIGHBOUR] || !boxes[BOX_HOSTILE])
		return crowd_fail("a box does not start", 0);
	wait_for(sv, BOX_NEIGHBOUR, crowd->deaf);
	if (status_number("VmRSS:") - before > GROWTH_MAX_KB)
		return crowd_fail("the supervisor grew, by KiB", status_number("VmRSS:") - before);
	if (ends[BOX_NEIGHBOUR] != 0)
		return crowd_fail("the neighbour was not served", ends[BOX_NEIGHBOUR]);
	wait_for(sv, BOX_HOSTILE, false);
	if (ends[BOX_HOSTILE] != 0)
		return crowd_fail("the hostile box's other threads were not served",
				  ends[BOX_HOSTILE]);
	sv_free(sv);
	if (descriptors() != opened)
		return crowd_fail("descriptors are left", descriptors() - opened);
	if (threads() != 0)
		return crowd_fail("threads are left", threads());
	sv_policy_free(policy);
	return 0;
}

static void crowd(const struct crowd *crowd)
{
	char command[128], text[16384] = "";
	int status = -1, pair[2];
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	snprintf(directory, sizeof(directory), "/tmp/crowd.XXXXXX");
	ck_assert(mkdtemp(directory) && pipe(pair) == 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(pair[1], 1);
		dup2(pair[1], 2);
		close(pair[0]);
		close(pair[1]);
		_exit(crowd_run(crowd));
	}
	close(pair[1]);
	/* What is too much is read, too: it must not end by SIGPIPE. */
	while ((n = read(pair[0], text + have, sizeof(text) - 1 - have)) > 0)
		have = have + (size_t)n < sizeof(text) / 2 ? have + (size_t)n : sizeof(text) / 2;
	close(pair[0]);
	waitpid(pid, &status, 0);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(status == 0, "%s: status %x\n%s", crowd->attack, status, text);
}

#define CROWD(...)                                                       \
	do {                                                             \
		static const struct crowd c = { .attack = __VA_ARGS__ }; \
		crowd(&c);                                               \
	} while (0)

/* A ring does what it is told past every filter, with a polling thread even without a call. */
static int ring_run(void)
{
	struct io_uring_params params = { .flags = 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	struct sv_error error = { .text = "" };
	struct sv *sv;

	if (ring < 0)
		return 77;
	dup2(ring, 0);
	snprintf(directory, sizeof(directory), "/tmp");
	if (sv_new(NULL, &sv, &error) < 0)
		return 2;
	return box_start(sv, policy_make("/bin/true"), "/bin/true", "x") ? 1 : 0;
}

START_TEST(d05_ring_is_not_inherited)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(ring_run());
	waitpid(pid, &status, 0);
	if (status == 77 << 8)
		test_skip("io_uring is not to be had here");
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(e02_pending_calls_hold_up_nobody)
{
	CROWD("pending");
}
END_TEST

START_TEST(e02_huge_arguments_hold_up_nobody)
{
	CROWD("huge");
}
END_TEST

START_TEST(e02_small_fork_bomb_holds_up_nobody)
{
	CROWD("forks");
}
END_TEST

START_TEST(e02_child_without_descriptors_is_answered)
{
	CROWD("no_descriptors");
}
END_TEST

START_TEST(e02_supervisor_without_descriptors_answers)
{
	CROWD("pending", .files = 64, .failures = true);
}
END_TEST

START_TEST(e02_flood_of_refusals_stays_small)
{
	CROWD("refusals");
}
END_TEST

START_TEST(e02_flood_of_refusals_that_nobody_takes_stays_small)
{
	CROWD("refusals", .deaf = true);
}
END_TEST

START_TEST(e02_signals_at_pending_calls_hold_up_nobody)
{
	CROWD("interrupted");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("supervisor");
	TCase *tcase = test_case(suite, "supervisor");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, d05_ring_is_not_inherited);
	tcase_add_test(tcase, e01_descriptors_of_the_supervisor_are_out_of_reach);
	tcase_add_test(tcase, e02_pending_calls_hold_up_nobody);
	tcase_add_test(tcase, e02_huge_arguments_hold_up_nobody);
	tcase_add_test(tcase, e02_small_fork_bomb_holds_up_nobody);
	tcase_add_test(tcase, e02_child_without_descriptors_is_answered);
	tcase_add_test(tcase, e02_supervisor_without_descriptors_answers);
	tcase_add_test(tcase, e02_flood_of_refusals_stays_small);
	tcase_add_test(tcase, e02_flood_of_refusals_that_nobody_takes_stays_small);
	tcase_add_test(tcase, e02_signals_at_pending_calls_hold_up_nobody);
	tcase_add_test(tcase, e04_nothing_leaks_into_the_child);
	return suite;
}
