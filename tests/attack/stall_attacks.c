/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A13 of the attacks: memory that stalls whoever reads it. userfaultfd is refused in the box; a
 * mapping of a file whose server hangs is not in anybody's power, so here is one. The attacks
 * themselves are in stall_hostile.c, and those by levels in stall_level_hostile.c.
 *
 * This program runs itself again in a mount namespace of its own.
 */
#include "box.h"
#include "check_main.h"
#include "crowd.h"
#include "stall.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int release_fd = -1;
static int done_fd;  /* the hostile box writes to it: this process is confined then */
static int patience; /* tenths of a second */

static int begin(const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/done", directory);
	done_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	snprintf(path, sizeof(path), "%s/mount", directory);
	/* So that it goes with this process. */
	if (mkdir(path, 0755) < 0 || unshare(CLONE_NEWNS) < 0)
		return -1;
	return stall_mount(path, &release_fd);
}

/* When the hostile box has done what it can do meanwhile. */
static void release(void)
{
	struct stat st = { .st_size = 0 };

	for (int i = 0; i < patience && fstat(done_fd, &st) == 0 && st.st_size == 0; i++)
		usleep(100000);
	if (write(release_fd, "x", 1) != 1)
		abort();
}

#define STALL_BY(name, program_, attack_, patience_, ...)                        \
	START_TEST(name)                                                         \
	{                                                                        \
		static const struct crowd c = { .program = (program_),           \
						.attack = (attack_),             \
						.begin = begin,                  \
						.release = release,              \
						##__VA_ARGS__ };                 \
		if (!box_namespaced() || access("/dev/fuse", R_OK | W_OK) < 0)   \
			test_skip("no file system of one's own can be mounted"); \
		patience = (patience_);                                          \
		crowd(&c);                                                       \
	}                                                                        \
	END_TEST

#define STALL(name, attack_, patience_) STALL_BY(name, "stall_hostile", attack_, patience_)

STALL(a13_path_on_a_page_that_stalls_holds_up_no_other_box, "path", 0)
STALL(a13_result_on_a_page_that_stalls_holds_up_no_other_box, "result", 0)
STALL(a13_message_on_a_page_that_stalls_holds_up_no_other_box, "message", 0)
STALL(a13_few_stalls_hold_up_nobody, "few", 200)

/* A level that takes what it is given on such a page. */
STALL_BY(a13_record_on_a_page_that_stalls_holds_up_nobody, "level_bounds_hostile", "stalls", 200)

/* The end of the box waits for its threads of ours, but not for ever. */
STALL_BY(a13_box_that_stalls_is_left_behind, "stall_hostile", "path", 0, .abandon = true)

/* Births that hang: a descriptor that nobody can close. */
STALL_BY(a13_births_that_hang_end_and_hold_up_no_other_birth, "stall_level_hostile", "hang", 300,
	 .neighbour = "stall_level_hostile")
STALL_BY(a13_requests_of_births_that_hang_are_bounded, "stall_level_hostile", "hang_large", 300,
	 .neighbour = "stall_level_hostile")

/* A process that nobody can kill, of a child whose first one has ended. */
STALL_BY(a13_end_that_hangs_holds_up_no_birth, "stall_level_hostile", "end_hangs", 300,
	 .neighbour = "stall_level_hostile")

/* Calls that hang when a level has forwarded them. */
STALL_BY(a13_child_that_stalls_holds_up_no_sibling_below_its_level, "stall_level_hostile", "climb",
	 300)

Suite *test_suite(void)
{
	Suite *suite = suite_create("stalls");
	TCase *tcase = test_case(suite, "stalls"), *levels = test_case(suite, "levels");

	box_namespace(geteuid() == 0 ? "-m" : "-rm", "sh -c ': <>/dev/fuse'");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a13_path_on_a_page_that_stalls_holds_up_no_other_box);
	tcase_add_test(tcase, a13_result_on_a_page_that_stalls_holds_up_no_other_box);
	tcase_add_test(tcase, a13_message_on_a_page_that_stalls_holds_up_no_other_box);
	tcase_add_test(tcase, a13_few_stalls_hold_up_nobody);
	tcase_add_test(tcase, a13_record_on_a_page_that_stalls_holds_up_nobody);
	tcase_add_test(tcase, a13_box_that_stalls_is_left_behind);
	tcase_set_timeout(levels, 60);
	tcase_add_test(levels, a13_births_that_hang_end_and_hold_up_no_other_birth);
	tcase_add_test(levels, a13_requests_of_births_that_hang_are_bounded);
	tcase_add_test(levels, a13_end_that_hangs_holds_up_no_birth);
	tcase_add_test(levels, a13_child_that_stalls_holds_up_no_sibling_below_its_level);
	return suite;
}
