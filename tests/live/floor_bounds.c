/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The floor alone, without the filter's help: what a child with nothing else can do. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "judge/restrict.h"
#include "policy/image_read.h"
#include "policy_help.h"
#include "confine/landlock.h"
#include "base/landlock.h"

static char copy[] = "/tmp/floor-XXXXXX";

static const struct policy_env env = { .cwd = "/", .home = "/", .path = "/usr/bin:/bin" };

static int floor_of(const char *const *lines)
{
	struct policy *policy = help_policy_of(&env, lines);
	int floor = -2;

	ck_assert_int_eq(floor_build(policy, &floor), 0);
	policy_free(policy);
	return floor;
}

/* The floor of a child of a level; what the level gives to it may have come as text. */
static int floor_of_two(const char *const *outer_lines, struct policy *inner)
{
	struct policy *outer = help_policy_of(&env, outer_lines), *joined;
	int floor = -2;

	ck_assert_int_eq(policy_join(outer, inner, &joined), 0);
	policy_free(outer);
	policy_free(inner);
	ck_assert_int_eq(floor_build(joined, &floor), 0);
	policy_free(joined);
	return floor;
}

/* Runs this under the floor; its result is a byte: 0, or an errno. */
static int under(int floor, int (*run)(const char *arg), const char *arg)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_restrict_self(floor) < 0)
			_exit(255);
		_exit(run(arg));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int do_exec(const char *path)
{
	execl(path, "true", NULL);
	return errno;
}

static int do_read(const char *path)
{
	return open(path, O_RDONLY) < 0 ? errno : 0;
}

static int do_write(const char *path)
{
	return open(path, O_WRONLY) < 0 ? errno : 0;
}

static int do_create(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) < 0 ? errno : 0;
}

static int do_mkdir(const char *path)
{
	return mkdir(path, 0700) < 0 ? errno : 0;
}

static int do_unlink(const char *path)
{
	return unlink(path) < 0 ? errno : 0;
}

static int do_truncate(const char *path)
{
	return truncate(path, 0) < 0 ? errno : 0;
}

static int do_list(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY) < 0 ? errno : 0;
}

static int do_signal_parent(const char *unused)
{
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static int do_signal_self(const char *unused)
{
	return kill(getpid(), 0) < 0 ? errno : 0;
}

static int do_connect(const char *unused)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

static int do_abstract(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path + 1, name);
	return connect(fd, (struct sockaddr *)&address,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) < 0
		       ? errno
		       : 0;
}

static const struct {
	int (*run)(const char *arg);
	const char *arg;
	int error, abi; /* from this ABI on */
} bounds[] = {
	{do_exec,	   "/bin/true",	0,	   1},
	{ do_exec,	   "/usr/bin/true",    0,      1},
	{ do_exec,	   copy,		 EACCES, 1},
	{ do_read,	   copy,		 EACCES, 1},
	{ do_read,	   "/etc/passwd",	  EACCES, 1},
	{ do_read,	   "/proc/self/maps",  EACCES, 1},
	{ do_write,	    copy,		  EACCES, 1},
	{ do_write,	    "/dev/null",	 EACCES, 1},
	{ do_truncate,      copy,		     EACCES, 3},
	{ do_create,	     "/tmp/floor-new",   EACCES, 1},
	{ do_create,	     "/usr/floor-new",   EACCES, 1},
	{ do_mkdir,	    "/tmp/floor-new",   EACCES, 1},
	{ do_unlink,	     copy,		   EACCES, 1},
	{ do_list,	   "/usr",		   EACCES, 1},
	{ do_list,	   "/",		EACCES, 1},
	{ do_signal_parent, "",			EPERM,  6},
	{ do_signal_self,	  "",		      0,	 1},
	{ do_connect,	      "",		  EACCES, 4},
	{ do_abstract,      "pcall-floor-test", EPERM,  6},
};

static void make_copy(void)
{
	char command[64];
	int fd;

	if (floor_abi() == 0)
		test_skip("no Landlock");
	strcpy(copy, "/tmp/floor-XXXXXX");
	fd = mkstemp(copy);
	close(fd);
	snprintf(command, sizeof(command), "cp /bin/true %s && chmod 755 %s", copy, copy);
	ck_assert_int_eq(system(command), 0);
}

static void drop_copy(void)
{
	unlink(copy);
}

START_TEST(nothing_but_execution_below_the_roots)
{
	static const char *const lines[] = { "exec /usr/**", "exec /absent/**", NULL };
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0pcall-floor-test" };
	int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int floor;

	if (floor_abi() < bounds[_i].abi)
		test_skip("Landlock's ABI is %d", floor_abi());
	bind(socket_fd, (struct sockaddr *)&address,
	     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen("pcall-floor-test")));
	listen(socket_fd, 1);
	floor = floor_of(lines);
	ck_assert_int_eq(under(floor, bounds[_i].run, bounds[_i].arg), bounds[_i].error);
	close(floor);
	close(socket_fd);
}
END_TEST

START_TEST(granted_file_runs_and_its_neighbour_does_not)
{
	char line[128];
	const char *const lines[] = { line, "exec /usr/lib/**", NULL };
	int floor;

	snprintf(line, sizeof(line), "exec %s", copy);
	floor = floor_of(lines);
	ck_assert_int_eq(under(floor, do_exec, copy), 0);
	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), EACCES);
	close(floor);
}
END_TEST

START_TEST(root_below_a_binding_is_the_target)
{
	static const char *const lines[] = { "bind /tmp/floor-view /usr ro",
					     "exec /tmp/floor-view/**", "exec /usr/lib/**", NULL };
	int floor = floor_of(lines);

	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), 0);
	ck_assert_int_eq(under(floor, do_exec, copy), EACCES);
	close(floor);
}
END_TEST

START_TEST(policy_without_exec_runs_nothing)
{
	static const char *const lines[] = { "read /usr/**", NULL };
	int floor = floor_of(lines);

	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), EACCES);
	close(floor);
}
END_TEST

START_TEST(floor_of_two_levels_is_what_both_have)
{
	static const char *const outer[] = { "exec /usr/bin", "exec /usr/lib", NULL };
	static const char *const all[] = { "exec /", NULL }, *const none[] = { "exec /opt", NULL };
	static const char *const view[] = { "bind /tmp/floor-view /usr/bin ro",
					    "exec /tmp/floor-view /usr/lib", NULL };
	int floor = floor_of_two(outer, help_policy_of(&env, all));

	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), 0);
	ck_assert_int_eq(under(floor, do_exec, copy), EACCES);
	close(floor);
	floor = floor_of_two(outer, help_policy_of(&env, view));
	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), 0);
	ck_assert_int_eq(under(floor, do_exec, copy), EACCES);
	close(floor);
	floor = floor_of_two(outer, help_policy_of(&env, none));
	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), EACCES);
	close(floor);
}
END_TEST

/* By the letters the link lies in what the outer level may run; it leads to what it may not. */
START_TEST(common_place_is_reached_through_no_link)
{
	char directory[] = "/tmp/floor-XXXXXX", line[64], link[64], text[256];
	const char *const outer[] = { line, "exec /usr/lib", NULL };
	struct policy_error error;
	struct policy *inner;
	int floor;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(line, sizeof(line), "exec %s", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	ck_assert_int_eq(symlink("/usr/bin", link), 0);
	snprintf(text, sizeof(text),
		 "pcall-flat 1\nf\ts\tp\nl\t1\texec\t-\t-\tx\ng\t%s\ng\t/usr/lib\n"
		 "r\t%s\nr\t/usr/lib\nend\n",
		 link, link);
	ck_assert_msg(policy_image_read(text, strlen(text), &env, &inner, &error) == 0, "%s",
		      error.text);
	floor = floor_of_two(outer, inner);
	ck_assert_int_eq(under(floor, do_exec, "/usr/bin/true"), EACCES);
	close(floor);
	unlink(link);
	rmdir(directory);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("floor");
	TCase *tcase = test_case(suite, "bounds");

	tcase_add_checked_fixture(tcase, make_copy, drop_copy);
	tcase_add_loop_test(tcase, nothing_but_execution_below_the_roots, 0, array_size(bounds));
	tcase_add_test(tcase, granted_file_runs_and_its_neighbour_does_not);
	tcase_add_test(tcase, root_below_a_binding_is_the_target);
	tcase_add_test(tcase, policy_without_exec_runs_nothing);
	tcase_add_test(tcase, floor_of_two_levels_is_what_both_have);
	tcase_add_test(tcase, common_place_is_reached_through_no_link);
	return suite;
}
