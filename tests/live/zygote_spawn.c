/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a child of the zygote gets and does not get, and how a birth that fails is told. */
#include "zygote_kit.h"
#include "base/fdpass.h"
#include "zygote/image.h"

#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct zygote zygote;

static void zygote_begin(void)
{
	ck_assert_int_eq(zygote_open(&zygote), 0);
}

static void zygote_end(void)
{
	zygote_close(&zygote);
}

static struct zygote_change run_sh(const char *command)
{
	struct zygote_order order = KIT_SH(command);

	return kit_run(&zygote, &order);
}

START_TEST(exit_code_is_told)
{
	struct zygote_change change = run_sh("exit 7");

	ck_assert_int_eq(change.code, CLD_EXITED);
	ck_assert_int_eq(change.status, 7);
}
END_TEST

START_TEST(ending_signal_is_told)
{
	struct zygote_change change = run_sh("kill -TERM $$");

	ck_assert_int_eq(change.code, CLD_KILLED);
	ck_assert_int_eq(change.status, SIGTERM);
}
END_TEST

START_TEST(stop_and_continue_are_told)
{
	/* No trap: what dash has forked loses a signal that comes before it has reset its own. */
	struct zygote_order order = KIT_SH("kill -STOP $$; exec sleep 60");
	struct zygote_birth birth;
	enum sv_stage stage;
	pthread_t server;

	ck_assert_int_eq(zygote_spawn(&zygote, &order, &birth, &stage), 0);
	ck_assert_int_eq(kit_exec(&birth, &server), 0);
	ck_assert_int_eq(kit_change(&zygote).code, CLD_STOPPED);
	kill(birth.pid, SIGCONT);
	ck_assert_int_eq(kit_change(&zygote).code, CLD_CONTINUED);
	kill(birth.pid, SIGTERM); /* not before: who has ended is no more told to have gone on */
	ck_assert_int_eq(kit_change(&zygote).code, CLD_KILLED);
	birth_close(&birth, server);
}
END_TEST

START_TEST(orphans_are_reaped_and_not_told)
{
	/* Who was not waited for is still there to be signalled. */
	struct zygote_change change = run_sh("pid=$(sh -c 'exit 5 >&2 & echo $!'); "
					     "while kill -0 $pid 2>/dev/null; do :; done; exit 6");

	ck_assert_int_eq(change.status, 6);
	change.status = 0;
	ck_assert_int_eq(zygote_next(&zygote, &change), 0);
}
END_TEST

/* Many descriptors, each a memfd named for its number, so that misplaced ones show. */
struct many {
	int fds[120];
	size_t count;
};

static void many_set(struct zygote_order *order, void *data)
{
	struct many *many = data;

	order->spec.fds = many->fds;
	order->spec.fds_count = many->count;
}

START_TEST(descriptors_are_exactly_those_ordered)
{
	struct many many = {
		.fds = {2, 1, 0},
		    .count = 3
	};
	char name[32], *text, *line;
	size_t found = 0, others = 0;

	for (int fd = 119; fd > 20; fd -= 2) {
		int memfd;

		snprintf(name, sizeof(name), "fd-%d", fd);
		memfd = memfd_create(name, MFD_CLOEXEC);
		dup3(memfd, fd, O_CLOEXEC);
		if (memfd != fd)
			close(memfd);
		many.fds[many.count++] = fd;
	}
	text = kit_shell(&zygote,
			 "exec ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> /\\1 /p'",
			 many_set, &many);
	for (size_t i = 3; i < many.count; i++)
		close(many.fds[i]);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		int number = 0, named;

		if (sscanf(line, "%d /memfd:fd-%d", &number, &named) == 2) {
			ck_assert_int_eq(number, named);
			found++;
		} else if (number > 2) {
			others++;
		}
	}
	ck_assert_uint_eq(others, 1); /* the directory that ls reads */
	ck_assert_uint_eq(found, many.count - 3);
}
END_TEST

static void without_stdin(struct zygote_order *order, void *data)
{
	order->spec.fds = kit_fds + 1;
	order->spec.fds_count = 2;
}

START_TEST(closed_stdin_stays_closed)
{
	kit_shell(&zygote, "test ! -L /proc/$$/fd/0", without_stdin, NULL);
}
END_TEST

START_TEST(too_many_descriptors_are_refused)
{
	struct zygote_order order = KIT_ORDER("/bin/true", "true");
	struct zygote_birth birth;
	enum sv_stage stage;
	int fds[254] = { 0 };

	order.spec.fds = fds;
	order.spec.fds_count = 254;
	ck_assert_int_eq(zygote_spawn(&zygote, &order, &birth, &stage), -E2BIG);
}
END_TEST

START_TEST(order_of_execve_limits_is_refused)
{
	const char *argv[] = { "true", NULL, NULL };
	const char *candidates[] = { "/bin/true", NULL };
	struct zygote_order order = kit_order(argv, candidates);
	char *big = malloc(128 << 10);

	memset(big, 'x', 128 << 10);
	big[(128 << 10) - 1] = '\0';
	argv[1] = big + 1;
	ck_assert_int_eq(kit_run(&zygote, &order).code, CLD_EXITED);
	argv[1] = big;
	ck_assert_int_eq(kit_run(&zygote, &order).status, 0); /* the longest that execve takes */
	big[(128 << 10) - 1] = 'x';
	big = realloc(big, (128 << 10) + 1);
	big[128 << 10] = '\0';
	argv[1] = big;
	ck_assert_int_eq(kit_run(&zygote, &order).status, -E2BIG);
	free(big);
}
END_TEST

/* What an order gets wrong, and where that is said. */
static void wrong_fd(struct zygote_order *order)
{
	static const int fds[] = { 0, 1, 2, 999 };

	order->spec.fds = fds;
	order->spec.fds_count = 4;
}

static void wrong_cwd(struct zygote_order *order)
{
	order->spec.cwd = "/absent";
}

static void file_cwd(struct zygote_order *order)
{
	order->spec.cwd = "/etc/passwd";
}

static void wrong_limit(struct zygote_order *order)
{
	order->limit_set[RLIMIT_AS] = true;
	order->limits[RLIMIT_AS] = (struct rlimit){ .rlim_cur = 2, .rlim_max = 1 };
}

static void wrong_floor(struct zygote_order *order)
{
	order->floor = 0;
}

static void wrong_filter(struct zygote_order *order)
{
	static struct sock_filter load[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };

	order->filter = (struct sock_fprog){ 1, load };
}

static void no_filter(struct zygote_order *order)
{
	order->filter.len = 0;
}

static const struct {
	void (*set)(struct zygote_order *order);
	enum sv_stage stage;
	int error;
} failures[] = {
	{wrong_fd,	    SV_STAGE_DESCRIPTORS, EBADF	},
	   { wrong_cwd,	SV_STAGE_CWD,	      ENOENT },
	{ file_cwd,	    SV_STAGE_CWD,	  ENOTDIR},
	   { wrong_limit,  SV_STAGE_LIMITS,	   EINVAL },
	{ wrong_floor,  SV_STAGE_FLOOR,       EBADFD },
	   { wrong_filter, SV_STAGE_FILTER,	    EINVAL },
	{ no_filter,    SV_STAGE_FILTER,      EINVAL },
};

START_TEST(failing_stage_is_named)
{
	const char *argv[] = { "true", NULL };
	const char *candidates[] = { "/bin/true", NULL };
	struct zygote_order order = kit_order(argv, candidates);
	struct zygote_birth birth;
	enum sv_stage stage;
	int r;

	failures[_i].set(&order);
	r = zygote_spawn(&zygote, &order, &birth, &stage);
	ck_assert_int_eq(r, -failures[_i].error);
	ck_assert_int_eq(stage, failures[_i].stage);
	/* and the next one works: what is told of the failed one is another's */
	usleep(50000);
	while (zygote_next(&zygote, &(struct zygote_change){ 0 }) > 0)
		;
	order = kit_order(argv, candidates);
	ck_assert_int_eq(kit_run(&zygote, &order).code, CLD_EXITED);
}
END_TEST

/* Candidates, and what execvpe would say. */
static const struct {
	const char *candidates[4];
	int error;
} searches[] = {
	{{ "/absent", "/etc/passwd/x", "/bin/true" }, 0	 },
	{ { "/absent", "/etc/passwd/x" },		  ENOTDIR},
	{ { "/absent" },			      ENOENT },
	{ { "/etc/passwd", "/absent" },		EACCES },
	{ { "/tmp", "/bin/true" },			   0	     },
	{ { "/tmp" },				 EACCES },
	{ { "" },				     ENOENT },
};

START_TEST(candidates_are_tried_as_execvpe_does)
{
	const char *argv[] = { "true", NULL };
	struct zygote_order order = kit_order(argv, searches[_i].candidates);
	struct zygote_change change = kit_run(&zygote, &order);

	if (searches[_i].error)
		ck_assert_int_eq(change.status, -searches[_i].error);
	else
		ck_assert_int_eq(change.code, CLD_EXITED);
}
END_TEST

START_TEST(script_without_interpreter_is_not_run)
{
	char path[] = "/tmp/zygote-XXXXXX";
	const char *argv[] = { "script", NULL };
	const char *candidates[] = { path, "/bin/true", NULL };
	struct zygote_order order = kit_order(argv, candidates);
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "exit 0\n", 7), 7);
	fchmod(fd, 0755);
	close(fd);
	ck_assert_int_eq(kit_run(&zygote, &order).status, -ENOEXEC);
	unlink(path);
}
END_TEST

START_TEST(cwd_is_where_the_caller_stands)
{
	char dir[] = "/tmp/zygote-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_str_eq(strtok(kit_shell(&zygote, "/bin/pwd", NULL, NULL), "\n"), dir);
	ck_assert_int_eq(rmdir(dir), 0);
	/* also where no path leads any more */
	ck_assert_ptr_nonnull(
		strstr(kit_shell(&zygote, "readlink /proc/$$/cwd", NULL, NULL), "(deleted)"));
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

static void limits_set(struct zygote_order *order, void *data)
{
	order->limit_set[RLIMIT_NOFILE] = true;
	order->limits[RLIMIT_NOFILE] = (struct rlimit){ 4, 4 };
	order->limit_set[RLIMIT_CPU] = true;
	order->limits[RLIMIT_CPU] = (struct rlimit){ 11, 12 };
}

START_TEST(limits_and_tag_are_set)
{
	const struct {
		const char *line;
		int soft, hard;
	} limits[] = {
		{"Max cpu time",	  11,	      12		 },
		{ "Max open files", 4,	       4		 },
		{ "Max file locks", (int)KIT_TAG, (int)KIT_TAG},
	};
	const char *text = kit_shell(&zygote, "exec cat /proc/self/limits", limits_set, NULL);

	for (size_t i = 0; i < array_size(limits); i++) {
		const char *line = strstr(text, limits[i].line);
		int soft, hard;

		ck_assert_ptr_nonnull(line);
		ck_assert_int_eq(sscanf(line + strlen(limits[i].line), "%d %d", &soft, &hard), 2);
		ck_assert_int_eq(soft, limits[i].soft);
		ck_assert_int_eq(hard, limits[i].hard);
	}
}
END_TEST

static void signals_set(struct zygote_order *order, void *data)
{
	sigemptyset(&order->spec.sigmask);
	sigaddset(&order->spec.sigmask, SIGUSR1);
	sigemptyset(&order->spec.sigignore);
	sigaddset(&order->spec.sigignore, SIGHUP);
	sigaddset(&order->spec.sigignore, 40);
}

START_TEST(signals_are_as_ordered)
{
	const char *text;

	/* what the embedder does with its own signals is not inherited */
	zygote_close(&zygote);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(zygote_open(&zygote), 0);
	text = kit_shell(&zygote, "exec grep Sig /proc/self/status", signals_set, NULL);
	ck_assert_ptr_nonnull(strstr(text, "SigBlk:\t0000000000000200\n"));
	ck_assert_ptr_nonnull(strstr(text, "SigIgn:\t0000008000000001\n"));
}
END_TEST

static void session_set(struct zygote_order *order, void *data)
{
	order->spec.new_session = true;
}

START_TEST(group_and_session_are_the_callers)
{
	int pid, group, session;
	const char *text;

	/* moved since the zygote was made */
	setpgid(0, 0);
	text = kit_shell(&zygote, "exec cut -d' ' -f1,5,6 /proc/self/stat", NULL, NULL);
	ck_assert_int_eq(sscanf(text, "%d %d %d", &pid, &group, &session), 3);
	ck_assert_int_eq(group, getpgrp());
	ck_assert_int_eq(session, getsid(0));
	text = kit_shell(&zygote, "exec cut -d' ' -f1,5,6 /proc/self/stat", session_set, NULL);
	ck_assert_int_eq(sscanf(text, "%d %d %d", &pid, &group, &session), 3);
	ck_assert_int_eq(group, pid);
	ck_assert_int_eq(session, pid);
}
END_TEST

START_TEST(child_can_gain_no_privilege)
{
	const char *text = kit_shell(
		&zygote, "exec grep -E 'NoNewPrivs|Seccomp:' /proc/self/status", NULL, NULL);

	ck_assert_str_eq(text, "NoNewPrivs:\t1\nSeccomp:\t2\n");
}
END_TEST

static void sealed_set(struct zygote_order *order, void *data)
{
	order->sealed = true;
}

START_TEST(sealed_child_makes_no_code)
{
	static const char code[] = "python3 -c 'import mmap\n"
				   "try: mmap.mmap(-1, 4096, prot=7); print(\"made\")\n"
				   "except PermissionError: print(\"refused\")'";

	ck_assert_str_eq(kit_shell(&zygote, code, NULL, NULL), "made\n");
	ck_assert_str_eq(kit_shell(&zygote, code, sealed_set, NULL), "refused\n");
}
END_TEST

START_TEST(zygote_holds_nothing_of_the_embedders)
{
	char command[128];
	int pair[2];

	zygote_close(&zygote);
	ck_assert_int_eq(pipe(pair), 0);
	dup2(pair[1], 50);
	dup2(pair[1], 0);
	ck_assert_int_eq(zygote_open(&zygote), 0);
	snprintf(command, sizeof(command), "readlink /proc/%d/fd/* | sed 's/:.*//' | tr '\\n' ' '",
		 zygote.pid);
	ck_assert_str_eq(kit_shell(&zygote, command, NULL, NULL), "socket anon_inode ");
	close(50);
	close(0);
	close(pair[1]);
	/* so a reader sees the end */
	ck_assert_int_eq(read(pair[0], command, 1), 0);
	close(pair[0]);
	open("/dev/null", O_RDONLY);
}
END_TEST

/* What is in a file of the zygote's in proc. */
static size_t zygote_file(const char *name, char *text, size_t size)
{
	char path[64];
	cleanup_fd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", zygote.pid, name);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	n = read(fd, text, size - 1);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return (size_t)n;
}

/* The newborn's socket of reports, as only a debugger could get it. */
static int report_steal(const struct zygote_birth *birth)
{
	for (int number = 3; number < 64; number++) {
		char path[64], link[64] = "";

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", birth->pid, number);
		if (readlink(path, link, sizeof(link) - 1) > 0 && strncmp(link, "socket:", 7) == 0)
			return pidfd_getfd(birth->pidfd, number, 0);
	}
	return -1;
}

/* It says what its sender is, and not who that is. */
START_TEST(report_of_another_process_is_none)
{
	struct zygote_order order = KIT_ORDER("/bin/true", "true");
	struct zygote_report report = { .stage = SV_STAGE_EXEC, .error = EPERM };
	struct zygote_birth birth;
	enum sv_stage stage;
	int stolen;

	ck_assert_int_eq(zygote_spawn(&zygote, &order, &birth, &stage), 0);
	stolen = report_steal(&birth);
	ck_assert_int_ge(stolen, 0);
	ck_assert_int_eq(fdpass_send(stolen, &report, sizeof(report), &stolen, 1, 0), 0);
	ck_assert_int_eq(zygote_wait_exec(&birth, -1), -EPROTO);
	ck_assert_int_eq(fdpass_send(stolen, &report, sizeof(report), NULL, 0, 0), 0);
	ck_assert_int_eq(zygote_wait_exec(&birth, -1), -EPROTO);
	close(stolen);
	zygote_abandon(&birth);
	ck_assert_int_eq(kit_change(&zygote).code, CLD_KILLED);
}
END_TEST

static void order_secret(struct zygote_order *order, void *data)
{
	static const char *const envp[] = { "ORDER_SECRET=1", NULL };

	(void)data;
	order->spec.envp = envp;
}

/* Writable memory of the zygote's: is this in it? */
static bool zygote_remembers(const char *text)
{
	char path[64], line[256], bytes[65536];
	cleanup_file FILE *maps = NULL;
	cleanup_fd int mem = -1;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/maps", zygote.pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/mem", zygote.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert(maps && mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		ssize_t n;

		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2)
			continue;
		for (; from < to; from += sizeof(bytes)) {
			n = pread(mem, bytes, sizeof(bytes), (off_t)from);
			found |= n > 0 && memmem(bytes, (size_t)n, text, strlen(text));
		}
	}
	return found;
}

/* What one child is given, the next is no copy of. */
START_TEST(zygote_remembers_no_order)
{
	ck_assert_str_eq(kit_shell(&zygote, "echo $ORDER_SECRET", order_secret, NULL), "1\n");
	ck_assert(!zygote_remembers("ORDER_SECRET"));
	ck_assert(!zygote_remembers("echo $"));
	ck_assert(zygote_remembers("pcall-zygote")); /* its own argv */
}
END_TEST

START_TEST(zygote_is_a_program_of_its_own)
{
	char text[4096], path[64], link[64] = "";

	kit_shell(&zygote, "true", NULL, NULL); /* it has begun by now */
	ck_assert_uint_eq(zygote_file("environ", text, sizeof(text)), 0);
	zygote_file("cmdline", text, sizeof(text));
	ck_assert_str_eq(text, "pcall-zygote");
	zygote_file("comm", text, sizeof(text));
	ck_assert_str_eq(text, "pcall-zygote\n");
	snprintf(path, sizeof(path), "/proc/%d/exe", zygote.pid);
	ck_assert_int_gt(readlink(path, link, sizeof(link) - 1), 0);
	ck_assert_str_eq(link, "/memfd:pcall-zygote (deleted)");
	zygote_file("maps", text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "libc"));
	ck_assert_ptr_null(strstr(text, "[heap]"));
}
END_TEST

/* What is installed on this machine may be of another version: then it is none. */
static bool this_one_is_installed(void)
{
	cleanup_free char *bytes = malloc(zygote_image_size + 1);
	cleanup_fd int fd = open(zygote_path, O_RDONLY | O_CLOEXEC);

	ck_assert_ptr_nonnull(bytes);
	return fd >= 0 && read(fd, bytes, zygote_image_size + 1) == (ssize_t)zygote_image_size &&
	       memcmp(bytes, zygote_image, zygote_image_size) == 0;
}

/* Where no memfd may be executed, as under vm.memfd_noexec=2. */
START_TEST(zygote_without_a_memfd_is_the_installed_one_or_none)
{
	struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = array_size(refuse), .filter = refuse };
	struct zygote second;
	int r;

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
	r = zygote_open(&second);
	if (r == 0)
		zygote_close(&second);
	else
		ck_assert_int_eq(r, -EACCES);
	ck_assert_int_eq(r == 0, this_one_is_installed());
}
END_TEST

START_TEST(terminal_signals_do_not_touch_the_zygote)
{
	static const int signals[] = {
		SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM
	};

	for (size_t i = 0; i < array_size(signals); i++)
		kill(zygote.pid, signals[i]);
	ck_assert_int_eq(run_sh("exit 4").status, 4);
}
END_TEST

START_TEST(stopped_zygote_is_told_to_go_on)
{
	kill(zygote.pid, SIGSTOP);
	ck_assert_int_eq(run_sh("exit 4").status, 4);
}
END_TEST

static void *many_spawns(void *data)
{
	struct zygote_order order = KIT_ORDER("/bin/true", "true");

	for (int i = 0; i < 10; i++) {
		struct zygote_birth birth;
		enum sv_stage stage;
		pthread_t server;

		if (zygote_spawn(&zygote, &order, &birth, &stage) < 0)
			return data;
		if (kit_exec(&birth, &server) < 0)
			return data;
		birth_close(&birth, server);
	}
	return NULL;
}

START_TEST(threads_spawn_at_the_same_time)
{
	pthread_t threads[4];
	void *failed;

	for (size_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, many_spawns, &zygote);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	for (int i = 0; i < 40; i++)
		ck_assert_int_eq(kit_change(&zygote).code, CLD_EXITED);
}
END_TEST

START_TEST(child_killed_before_exec_is_no_hang)
{
	static struct sock_filter kill_exec[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct zygote_order order = KIT_ORDER("/bin/true", "true");
	struct zygote_birth birth;
	enum sv_stage stage;
	pthread_t server;
	int r;

	order.filter = (struct sock_fprog){ 4, kill_exec };
	r = zygote_spawn(&zygote, &order, &birth, &stage);
	if (r == 0) {
		ck_assert_int_eq(kit_exec(&birth, &server), 0);
		birth_close(&birth, server);
	} else {
		ck_assert_int_eq(r, -ESRCH);
	}
	ck_assert_int_eq(kit_change(&zygote).status, SIGSYS);
}
END_TEST

/* The child that is there, by what it has said of itself. */
static pid_t ahead_pid(void)
{
	struct zygote_report report;

	ck_assert_int_eq(recv(zygote.ahead, &report, sizeof(report), MSG_PEEK), sizeof(report));
	ck_assert_int_gt(report.value, 1); /* else kill would mean others */
	return report.value;
}

/* There is one at most, whatever is asked of the zygote. */
START_TEST(child_cloned_ahead_takes_the_next_order)
{
	ck_assert_int_eq(run_sh("exit 1").status, 1);
	zygote_ahead(&zygote);
	ck_assert_int_lt(zygote.ahead, 0); /* who wanted one wants no more */
	ck_assert_int_eq(run_sh("exit 2").status, 2);
	for (int i = 3; i < 6; i++) {
		char command[] = "exit 0";
		struct zygote_change change;
		pid_t ahead;

		zygote_ahead(&zygote);
		ck_assert_int_ge(zygote.ahead, 0);
		ahead = ahead_pid();
		zygote_ahead(&zygote);
		ck_assert_int_eq(ahead_pid(), ahead);
		command[5] = (char)('0' + i);
		change = run_sh(command);
		ck_assert_int_eq(change.status, i);
		ck_assert_int_eq(change.pid, ahead);
		ck_assert_int_lt(zygote.ahead, 0);
	}
}
END_TEST

/* Its death is one of a child, told before that of the next. */
START_TEST(child_cloned_ahead_that_is_dead_is_done_without)
{
	struct zygote_change change;
	pid_t ahead;

	run_sh("exit 1");
	run_sh("exit 2");
	zygote_ahead(&zygote);
	ahead = ahead_pid();
	kill(ahead, SIGKILL);
	change = kit_change(&zygote);
	ck_assert_int_eq(change.pid, ahead);
	ck_assert_int_eq(change.status, SIGKILL);
	ck_assert_int_eq(run_sh("exit 3").status, 3);
}
END_TEST

START_TEST(child_cloned_ahead_ends_with_the_zygote)
{
	pid_t ahead;

	run_sh("exit 1");
	run_sh("exit 2");
	zygote_ahead(&zygote);
	ahead = ahead_pid();
	ck_assert_int_eq(kill(ahead, 0), 0);
	zygote_kill(&zygote);
	ck_assert_int_eq(kill(ahead, 0), -1);
	zygote_begin();
}
END_TEST

Suite *test_suite(void)
{
	kit_need();
	Suite *suite = suite_create("zygote");
	TCase *tcase = test_case(suite, "spawn");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, zygote_begin, zygote_end);
	tcase_add_test(tcase, exit_code_is_told);
	tcase_add_test(tcase, ending_signal_is_told);
	tcase_add_test(tcase, stop_and_continue_are_told);
	tcase_add_test(tcase, orphans_are_reaped_and_not_told);
	tcase_add_test(tcase, descriptors_are_exactly_those_ordered);
	tcase_add_test(tcase, closed_stdin_stays_closed);
	tcase_add_test(tcase, too_many_descriptors_are_refused);
	tcase_add_test(tcase, order_of_execve_limits_is_refused);
	tcase_add_loop_test(tcase, failing_stage_is_named, 0, array_size(failures));
	tcase_add_loop_test(tcase, candidates_are_tried_as_execvpe_does, 0, array_size(searches));
	tcase_add_test(tcase, script_without_interpreter_is_not_run);
	tcase_add_test(tcase, cwd_is_where_the_caller_stands);
	tcase_add_test(tcase, limits_and_tag_are_set);
	tcase_add_test(tcase, signals_are_as_ordered);
	tcase_add_test(tcase, group_and_session_are_the_callers);
	tcase_add_test(tcase, child_can_gain_no_privilege);
	tcase_add_test(tcase, sealed_child_makes_no_code);
	tcase_add_test(tcase, zygote_holds_nothing_of_the_embedders);
	tcase_add_test(tcase, zygote_is_a_program_of_its_own);
	tcase_add_test(tcase, zygote_remembers_no_order);
	tcase_add_test(tcase, report_of_another_process_is_none);
	tcase_add_test(tcase, zygote_without_a_memfd_is_the_installed_one_or_none);
	tcase_add_test(tcase, terminal_signals_do_not_touch_the_zygote);
	tcase_add_test(tcase, stopped_zygote_is_told_to_go_on);
	tcase_add_test(tcase, threads_spawn_at_the_same_time);
	tcase_add_test(tcase, child_killed_before_exec_is_no_hang);
	tcase_add_test(tcase, child_cloned_ahead_takes_the_next_order);
	tcase_add_test(tcase, child_cloned_ahead_that_is_dead_is_done_without);
	tcase_add_test(tcase, child_cloned_ahead_ends_with_the_zygote);
	return suite;
}
