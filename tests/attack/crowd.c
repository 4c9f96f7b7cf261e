/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two boxes, one supervisor: see crowd.h. */
#include "crowd.h"
#include "base/fd_sender.h"
#include "base_policy.h"
#include "captured.h"
#include "check_main.h"
#include "stopwatch.h"
#include "scratch.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "profiles.h"
#include "supervisor.h"

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

static struct sv_child *boxes[BOX_COUNT];
static int ends[BOX_COUNT];
static const char *directory;

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	for (int i = 0; i < BOX_COUNT; i++)
		if (event->type == SV_EVENT_EXITED && event->child == boxes[i])
			ends[i] = event->value;
}

static void program_path(char to[1024], const char *name)
{
	snprintf(to, 1024, "%s/tests/attack/%s", getenv("PCALL_BUILD"), name);
}

static struct sv_policy *policy_make(const char *program, const char *neighbour)
{
	char write[1200], local[1200], exec[2200];
	const char *lines[] = { write, local, exec, "limit time=60s", NULL };

	snprintf(write, sizeof(write), "write %s", directory);
	snprintf(local, sizeof(local), "unix %s", directory);
	snprintf(exec, sizeof(exec), "exec %s %s", program, neighbour);
	return base_policy(lines);
}

static struct sv_child *box_start(struct sv *sv, struct sv_policy *policy, const char *program,
				  const char *attack)
{
	const char *argv[] = { program, attack, NULL }, *envp[] = { NULL };
	struct sv_spec spawn = { .size = sizeof(spawn),
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

static void wait_for(struct sv *sv, int box, bool deaf)
{
	double end = stopwatch_seconds() + 40;

	if (deaf)
		usleep(3000000);
	while (ends[box] < 0 && stopwatch_seconds() < end)
		sv_dispatch(sv, 100);
}

static int crowd_fail(const char *what, long number)
{
	fprintf(stderr, "%s (%ld)\n", what, number);
	return 1;
}

/* Frees a box whose threads of ours hang: these stay, with what they look at, until our end. Who is
 * there meanwhile is served. */
static int crowd_abandon(const struct crowd *crowd, struct sv *sv, struct sv_policy *policy,
			 const char *neighbour)
{
	sv_child_free(boxes[BOX_HOSTILE]);
	boxes[BOX_HOSTILE] = NULL;
	if (threads() < 3)
		return crowd_fail("nothing hung", threads());
	ends[BOX_NEIGHBOUR] = -1;
	boxes[BOX_NEIGHBOUR] = box_start(sv, policy, neighbour, "neighbour");
	wait_for(sv, BOX_NEIGHBOUR, false);
	if (ends[BOX_NEIGHBOUR] != 0)
		return crowd_fail("nobody is served afterwards", ends[BOX_NEIGHBOUR]);
	sv_free(sv);
	crowd->release();
	return 0;
}

/* In a process of its own: it is confined for good. */
static int crowd_run(const void *data)
{
	const struct crowd *crowd = data;
	struct sv_options options = { .size = sizeof(options),
				      .confine = 1,
				      .on_event = on_event,
				      .degraded = profile_degraded() };
	struct sv_error error = { .text = "" };
	struct sv_policy *policy;
	char program[1024], neighbour[1024];
	struct sv *sv;
	long before, grown;
	int opened;

	if (crowd->begin && crowd->begin(directory) < 0)
		return crowd_fail("cannot be set up", errno);
	program_path(program, crowd->program);
	program_path(neighbour, crowd->neighbour ? crowd->neighbour : "supervisor_hostile");
	policy = policy_make(program, neighbour);
	status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	opened = entries_count("/proc/self/fd");
	if (crowd->files && fd_sender_needed())
		test_skip("where pidfd_getfd is refused, a supervisor needs 4096 descriptors");
	if (crowd->files)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ crowd->files, crowd->files });
	if (!policy || sv_new(&options, &sv, &error) < 0)
		return crowd_fail(error.text, 0);
	ends[0] = ends[1] = -1;
	before = status_number("VmRSS:");
	boxes[BOX_NEIGHBOUR] = box_start(sv, policy, neighbour,
					 crowd->failures ? "neighbour_patient" : "neighbour");
	boxes[BOX_HOSTILE] = box_start(sv, policy, program, crowd->attack);
	if (!boxes[BOX_NEIGHBOUR] || !boxes[BOX_HOSTILE])
		return crowd_fail("a box does not start", 0);
	wait_for(sv, BOX_NEIGHBOUR, crowd->deaf);
	grown = status_number("VmRSS:") - before;
	if (grown > GROWTH_MAX_KB)
		return crowd_fail("the supervisor grew, by KiB", grown);
	if (ends[BOX_NEIGHBOUR] != 0)
		return crowd_fail("the neighbour was not served", ends[BOX_NEIGHBOUR]);
	if (crowd->abandon)
		return crowd_abandon(crowd, sv, policy, neighbour);
	if (crowd->release)
		crowd->release();
	wait_for(sv, BOX_HOSTILE, false);
	if (ends[BOX_HOSTILE] != 0)
		return crowd_fail("the hostile box's other threads were not served",
				  ends[BOX_HOSTILE]);
	sv_free(sv);
	if (entries_count("/proc/self/fd") != opened)
		return crowd_fail("descriptors are left", entries_count("/proc/self/fd") - opened);
	if (threads() != 0)
		return crowd_fail("threads are left", threads());
	sv_policy_free(policy);
	fprintf(stderr, "%s: the supervisor grew by %ld KiB\n", crowd->attack, grown);
	return 0;
}

void crowd(const struct crowd *crowd)
{
	char text[16384];
	int status;

	scratch_make();
	directory = scratch;
	status = captured(crowd_run, crowd, text, sizeof(text));
	scratch_remove();
	fputs(text, stderr);
	ck_assert_msg(status == 0, "%s: status %x\n%s", crowd->attack, status, text);
}

struct sv_child *crowd_start_one(struct sv *sv, const char *program)
{
	directory = "/tmp";
	return box_start(sv, policy_make(program, program), program, "x");
}
