/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ways out that were found by reading the supervisor, and closed. The attacks are in
 * holes_hostile.c. */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLE(name, ...) BOX_TEST(name, "holes_hostile", __VA_ARGS__)

HOLE(links_do_not_tell_what_lies_behind, "exists_behind_link")
HOLE(dotdot_does_not_tell_what_it_leaves, "exists_before_dotdot", .no_native = true)
HOLE(standing_in_a_foreign_proc_gives_nothing, "relative_in_foreign_proc", .lines = { "read /" },
     .cwd = "/proc/SUPERVISOR")
HOLE(binding_the_root_does_not_show_processes, "proc_through_binding",
     .lines = { "bind /all / ro" }, .no_native = true)

START_TEST(another_proc_does_not_show_processes)
{
	if (getuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/mnt", "proc", 0, NULL) < 0)
		test_skip("nothing can be mounted");
	BOX_ATTACK("holes_hostile", "other_proc", .lines = { "read /mnt" });
}
END_TEST

HOLE(rename_under_a_binding_keeps_what_is_refused, "rename_under_binding", .no_native = true,
     .lines = { "bind /view $X/w", "deny write $X/w/dir/hooks/**" })

static void make_secret(void)
{
	close(open("w/secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	pause();
}

HOLE(listing_under_a_binding_leaves_out_what_is_hidden, "listing_under_binding", .no_native = true,
     .outside = make_secret, .lines = { "bind /view $X/w", "hide $X/w/secret" })

/* A terminal of this name: the lowest numbers come first, and other tests have terminals, too. */
static bool terminal_named(const char *name)
{
	for (int tries = 0; tries < 300; tries++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (master >= 0 && strcmp(ptsname(master), name) == 0)
			return grantpt(master) == 0 && unlockpt(master) == 0;
		/* Lower ones are held, that the next is higher; of those above there is no need. */
		if (master >= 0 &&
		    atoi(ptsname(master) + strlen("/dev/pts/")) > atoi(name + strlen("/dev/pts/")))
			close(master);
		usleep(10000);
	}
	return false;
}

/* Waits until the hostile program has closed its terminal, and gets the number. */
static void take_terminal(void)
{
	char name[64] = "";
	int fd;

	while ((fd = open("w/closed", O_RDONLY | O_CLOEXEC)) < 0 ||
	       read(fd, name, sizeof(name) - 1) <= 0) {
		if (fd >= 0)
			close(fd);
		usleep(1000);
	}
	if (!terminal_named(name))
		return;
	fd = open("w/taken.new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (write(fd, name, strlen(name)) > 0)
		rename("w/taken.new", "w/taken");
	pause();
}

HOLE(terminal_of_the_same_number_is_another, "terminal_number_again", .outside = take_terminal)
HOLE(deleted_file_is_opened_as_it_is_held, "deleted_file_wider")
HOLE(core_file_is_not_written_where_one_may_not_write, "core_file", .no_native = true)
HOLE(what_is_no_file_is_not_opened_to_be_executed, "exec_of_no_file", .no_native = true)
HOLE(h04_every_call_refuses_what_one_does, "verbs_through_binding", .no_native = true,
     .lines = { "read $X/s except $X/s/dir", "bind /view $X/s/dir rw" })
HOLE(h03_rename_gives_no_rights_beneath, "rename_gains", .no_native = true,
     .lines = { "dev $X/w/gain" })
HOLE(binding_gives_no_right_to_execute, "exec_through_binding", .no_native = true,
     .lines = { "bind /view $X/w", "read /view" })
HOLE(binding_executes_nothing_that_its_own_name_may_not, "exec_through_binding", .no_native = true,
     .lines = { "bind /view $X/w", "exec /view", "deny exec $X/w/prog" })

Suite *test_suite(void)
{
	Suite *suite = suite_create("holes");
	TCase *tcase = test_case(suite, "holes");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, links_do_not_tell_what_lies_behind);
	tcase_add_test(tcase, dotdot_does_not_tell_what_it_leaves);
	tcase_add_test(tcase, standing_in_a_foreign_proc_gives_nothing);
	tcase_add_test(tcase, binding_the_root_does_not_show_processes);
	tcase_add_test(tcase, another_proc_does_not_show_processes);
	tcase_add_test(tcase, rename_under_a_binding_keeps_what_is_refused);
	tcase_add_test(tcase, listing_under_a_binding_leaves_out_what_is_hidden);
	tcase_add_test(tcase, terminal_of_the_same_number_is_another);
	tcase_add_test(tcase, deleted_file_is_opened_as_it_is_held);
	tcase_add_test(tcase, core_file_is_not_written_where_one_may_not_write);
	tcase_add_test(tcase, what_is_no_file_is_not_opened_to_be_executed);
	tcase_add_test(tcase, h04_every_call_refuses_what_one_does);
	tcase_add_test(tcase, h03_rename_gives_no_rights_beneath);
	tcase_add_test(tcase, binding_gives_no_right_to_execute);
	tcase_add_test(tcase, binding_executes_nothing_that_its_own_name_may_not);
	return suite;
}
