/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The world of a hostile program, and the box around it: see box.h. */
#include "box.h"
#include "captured.h"
#include "check_main.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "policyc/api.h"
#include "policyc/finish/finish.h"
#include "profiles.h"
#include "supervisor.h"

static char world[512];
static uint64_t digest;

static void need(bool ok, const char *what)
{
	ck_assert_msg(ok, "%s: %s", what, strerror(errno));
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
	close(fd);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	char bytes[65536];
	ssize_t n;

	need(in >= 0 && out >= 0, to);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		need(write(out, bytes, (size_t)n) == n, to);
	close(in);
	close(out);
}

static void make_socket(const char *name, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	need(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		     (type != SOCK_STREAM || listen(fd, 64) == 0),
	     name);
	/* Kept by whoever made it, so that it can be connected to. */
	fcntl(fd, F_DUPFD_CLOEXEC, 100);
	close(fd);
}

static void world_make(void)
{
	char hostile[1024];
	const char *tmp = getenv("TMPDIR");

	snprintf(world, sizeof(world), "%s/world.XXXXXX", tmp ? tmp : "/tmp");
	need(mkdtemp(world) && chdir(world) == 0, world);
	need(!mkdir("w", 0755) && !mkdir("r", 0755) && !mkdir("h", 0755) && !mkdir("s", 0755),
	     "mkdir");
	need(!mkdir("s/dir", 0755) && !mkdir("w/dir", 0755), "mkdir");
	make_file("w/canary", "plain\n", 0644);
	make_file("w/prog", "#!/bin/sh\nexit 42\n", 0755);
	make_file("r/file", "plain\n", 0644);
	make_file("h/canary", "CANARY of h\n", 0644);
	make_file("s/canary", "CANARY of s\n", 0644);
	make_file("s/dir/file", "CANARY of s/dir\n", 0644);
	make_file("s/prog", "#!/bin/sh\nexit 43\n", 0755);
	snprintf(hostile, sizeof(hostile), "%s/tests/attack/race_hostile", getenv("PCALL_BUILD"));
	copy_file(hostile, "s/elf");
	copy_file(hostile, "w/elf");
	copy_file(hostile, "r/elf");
	/* Not every file system has them. */
	setxattr("s", "user.secret", "CANARY", 6, 0);
	need(mkfifo("s/fifo", 0666) == 0 && mkfifo("w/fifo", 0666) == 0, "mkfifo");
	make_socket("w/sock", SOCK_STREAM);
	make_socket("s/sock", SOCK_STREAM);
	make_socket("w/dgram", SOCK_DGRAM);
	make_socket("s/dgram", SOCK_DGRAM);
}

static int remove_one(const char *path, const struct stat *st __attribute__((unused)),
		      int kind __attribute__((unused)), struct FTW *ftw __attribute__((unused)))
{
	return remove(path);
}

static void digest_add(const void *bytes, size_t size)
{
	for (const unsigned char *p = bytes; size--; p++)
		digest = (digest ^ *p) * 1099511628211u;
}

/* All that a call could have changed; not the time of reading. */
static int digest_one(const char *path, const struct stat *st, int kind,
		      struct FTW *ftw __attribute__((unused)))
{
	char bytes[65536];
	ssize_t n;
	int fd;

	digest_add(path, strlen(path));
	digest_add(&st->st_ino, sizeof(st->st_ino));
	digest_add(&st->st_mode, sizeof(st->st_mode));
	digest_add(&st->st_nlink, sizeof(st->st_nlink));
	digest_add(&st->st_uid, sizeof(st->st_uid));
	digest_add(&st->st_ctim, sizeof(st->st_ctim));
	if (kind != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, bytes, sizeof(bytes))) > 0)
		digest_add(bytes, (size_t)n);
	close(fd);
	return 0;
}

static uint64_t world_digest(void)
{
	digest = 14695981039346656037u;
	nftw("r", digest_one, 16, FTW_PHYS);
	nftw("h", digest_one, 16, FTW_PHYS);
	nftw("s", digest_one, 16, FTW_PHYS);
	return digest;
}

static void expand(const char *from, char *to, size_t size)
{
	size_t n = 0;

	for (; *from && n + 1 < size; from++) {
		if (from[0] == '$' && from[1] == 'X') {
			n += (size_t)snprintf(to + n, size - n, "%s", world);
			from++;
		} else {
			to[n++] = *from;
		}
	}
	to[n < size ? n : size - 1] = '\0';
}

static const char *const always[] = {
	"write $X/w", "exec $X/w", "unix $X/w", "read $X/r", "hide $X/h", "exec /bin /usr/bin",
};

/* Seconds that a box may take: as many times more as a test may under a sanitizer. */
static int patience(void)
{
	const char *slower = getenv("CK_TIMEOUT_MULTIPLIER");

	return 60 * (slower && atoi(slower) > 1 ? atoi(slower) : 1);
}

/* How deep in a tree the hostile program runs; 1: right under the supervisor. */
static int depth(void)
{
	const char *text = getenv("PCALL_DEPTH");

	return text ? atoi(text) : 1;
}

static struct policy *policy_make(const struct box_attack *attack)
{
	const char *directories[] = { getenv("PCALL_POLICY_PATH"), NULL };
	const char *environment[] = { NULL };
	struct policy_env env = { .cwd = world,
				  .home = world,
				  .tmp = world,
				  .path = "/usr/bin:/bin",
				  .environment = environment,
				  .directories = directories };
	struct policy_error error;
	struct policy *policy;
	char line[2048];
	int r;

	need(policy_new(&env, &policy) == 0, "policy_new");
	r = policy_use(policy, "base", &error);
	for (size_t i = 0; r == 0 && i < sizeof(always) / sizeof(always[0]); i++) {
		expand(always[i], line, sizeof(line));
		r = policy_line(policy, "test", line, &error);
	}
	for (size_t i = 0; r == 0 && attack->lines[i]; i++) {
		expand(attack->lines[i], line, sizeof(line));
		r = policy_line(policy, "test", line, &error);
	}
	snprintf(line, sizeof(line), "limit time=%ds", patience());
	if (r == 0)
		r = policy_line(policy, "test", line, &error);
	snprintf(line, sizeof(line), "exec %s/tests/attack/%s", getenv("PCALL_BUILD"),
		 attack->program);
	if (r == 0)
		r = policy_line(policy, "test", line, &error);
	snprintf(line, sizeof(line), "exec %s/tests/nested/under", getenv("PCALL_BUILD"));
	if (r == 0 && depth() > 1)
		r = policy_line(policy, "test", line, &error);
	if (r == 0)
		r = policy_finish(policy, &error);
	if (r != 0)
		fprintf(stderr, "%s\n", error.text);
	return r == 0 ? policy : NULL;
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int exit_status = -1;

static void on_event(const struct sv_event *event, void *data)
{
	(void)data;
	if (event->type == SV_EVENT_EXITED)
		exit_status = event->value;
	else if (getenv("BOX_VERBOSE"))
		fprintf(stderr, "event %d %s %s %s %s\n", event->type,
			event->syscall ? event->syscall : "", event->verb ? event->verb : "",
			event->object ? event->object : "", event->text ? event->text : "");
}

/* What the hostile program is told: the world, the supervisor, and what the outside has. */
static void environment_make(char text[8][600], const char *envp[8])
{
	snprintf(text[0], 600, "X=%s", world);
	snprintf(text[1], 600, "SUP=%d", getpid());
	snprintf(text[2], 600, "PATH=/usr/bin:/bin");
	snprintf(text[3], 600, "PTS=%s", getenv("PTS") ? getenv("PTS") : "");
	for (int i = 0; i < 4; i++)
		envp[i] = text[i];
	envp[4] = NULL;
}

static void enter(const struct box_attack *attack, char cwd[600])
{
	snprintf(cwd, 600, "%s/%s", world, attack->cwd ? attack->cwd : "w");
	if (attack->cwd && strcmp(attack->cwd, "/proc/SUPERVISOR") == 0)
		snprintf(cwd, 600, "/proc/%d", getpid());
	if (attack->directory) {
		int fd = open("s", O_RDONLY | O_DIRECTORY);

		if (fd < 0 || dup2(fd, 20) < 0 || dup2(open("s/canary", O_RDONLY), 21) < 0)
			_exit(HOSTILE_UNFIT);
	}
}

static int run_boxed(const struct box_attack *attack, const char *const *argv)
{
	static const int keep[] = { 20, 21 };
	struct sv_options options = { .size = sizeof(options),
				      .confine = 1,
				      .on_event = on_event,
				      .degraded = profile_degraded() };
	struct sv_spec spawn = { .size = sizeof(spawn), .argv = argv };
	char text[8][600], cwd[600];
	struct sv_error error = { .stage = 0 };
	const char *envp[8];
	struct policy *policy = policy_make(attack);
	struct sv_policy *sealed;
	struct sv_child *child;
	struct sv *sv;

	environment_make(text, envp);
	enter(attack, cwd);
	spawn.envp = envp;
	spawn.cwd = cwd;
	spawn.keep_fds = attack->directory ? keep : NULL;
	spawn.keep_fds_count = attack->directory ? 2 : 0;
	if (!policy || sv_policy_new(policy, &sealed) < 0)
		return HOSTILE_UNFIT;
	spawn.policy = sealed;
	if (sv_new(&options, &sv, &error) < 0 || sv_spawn(sv, &spawn, &child, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return HOSTILE_UNFIT;
	}
	while (exit_status < 0)
		sv_dispatch(sv, -1);
	sv_free(sv);
	return code_of(exit_status);
}

static int run_native(const struct box_attack *attack, const char *const *argv)
{
	char text[8][600], cwd[600];
	const char *envp[8];
	pid_t pid;
	int status;

	environment_make(text, envp);
	enter(attack, cwd);
	pid = fork();
	if (pid == 0) {
		if (chdir(cwd) == 0)
			execve(argv[0], (char **)argv, (char **)envp);
		_exit(HOSTILE_UNFIT);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return HOSTILE_UNFIT;
	return code_of(status);
}

static pid_t outside_start(const struct box_attack *attack)
{
	pid_t pid;

	if (!attack->outside)
		return 0;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		attack->outside();
		_exit(0);
	}
	return pid;
}

struct run {
	const struct box_attack *attack;
	bool boxed;
	const char *const *command;
};

static int run_either(const void *data)
{
	const struct run *run = data;

	return run->boxed ? run_boxed(run->attack, run->command)
			  : run_native(run->attack, run->command);
}

/* Runs it on a fresh world, in a process of its own; what it prints is in output. */
static int run(const struct box_attack *attack, bool boxed, char *output, size_t size,
	       uint64_t *ret_before)
{
	char path[1024], under[1024], levels[16];
	const char *argv[] = { under, levels, path, attack->attack, NULL };
	struct run run = { .attack = attack,
			   .boxed = boxed,
			   .command = boxed && depth() > 1 ? argv : argv + 2 };
	pid_t outside;
	int status;

	world_make();
	*ret_before = world_digest();
	snprintf(path, sizeof(path), "%s/tests/attack/%s", getenv("PCALL_BUILD"), attack->program);
	snprintf(under, sizeof(under), "%s/tests/nested/under", getenv("PCALL_BUILD"));
	snprintf(levels, sizeof(levels), "%d", depth() - 1);
	outside = outside_start(attack);
	status = captured(run_either, &run, output, size);
	if (outside) {
		kill(outside, SIGKILL);
		waitpid(outside, NULL, 0);
	}
	return code_of(status);
}

static void world_remove(void)
{
	need(chdir("/") == 0, "chdir");
	nftw(world, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (int fd = 100; fd < 104; fd++)
		close(fd);
}

/* Did anybody connect to a socket in s, or send to it? They were made second and fourth. */
static bool world_called(void)
{
	char byte;
	int fd;

	if (fcntl(101, F_SETFL, O_NONBLOCK) == 0 && (fd = accept(101, NULL, NULL)) >= 0) {
		close(fd);
		return true;
	}
	return recv(103, &byte, 1, MSG_DONTWAIT) >= 0;
}

enum {
	NATIVE_TRIES = 4,
};

void box_attack(const struct box_attack *attack)
{
	static char output[4096]; /* Check takes no longer messages */
	uint64_t before, after;
	bool called;
	int status = -1;

	if (attack->floor && profile_degraded())
		test_skip("only Landlock holds this");
	/* That it works natively was shown at depth 1. */
	if (!attack->no_native && depth() == 1) {
		int wanted = attack->same_native ? HOSTILE_REFUSED : HOSTILE_BROKE;

		/* A race may be lost on a busy machine; natively it has to be won once. */
		for (int tries = 0; tries < NATIVE_TRIES && status != wanted; tries++) {
			status = run(attack, false, output, sizeof(output), &before);
			world_remove();
		}
		if (status == HOSTILE_REFUSED && wanted == HOSTILE_BROKE &&
		    getenv("PCALL_TEST_PROFILE"))
			test_skip("a container's profile refuses it already");
		ck_assert_msg(status == wanted, "%s proves nothing: natively it ends with %d\n%s",
			      attack->attack, status, output);
	}
	status = run(attack, true, output, sizeof(output), &before);
	after = world_digest();
	called = world_called();
	world_remove();
	ck_assert_msg(status == HOSTILE_REFUSED, "%s: status %d\n%s", attack->attack, status,
		      output);
	ck_assert_msg(!strstr(output, "CANARY"), "%s: read what it may not\n%s", attack->attack,
		      output);
	ck_assert_msg(before == after, "%s: changed what it may not", attack->attack);
	ck_assert_msg(!called, "%s: reached a socket", attack->attack);
}

static const char inside[] = "PCALL_BOX_NAMESPACED";

bool box_namespaced(void)
{
	return getenv(inside);
}

void box_namespace(const char *flags, const char *probe)
{
	char command[512], path[1024];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	snprintf(command, sizeof(command), "unshare %s %s 2>/dev/null", flags, probe);
	if (n < 0 || box_namespaced() || system(command) != 0)
		return;
	path[n] = '\0';
	setenv(inside, "1", 1);
	snprintf(command, sizeof(command), "exec unshare %s%s \"$0\"", flags,
		 strchr(flags, 'f') ? " --kill-child" : "");
	execl("/bin/sh", "sh", "-c", command, path, NULL);
}
