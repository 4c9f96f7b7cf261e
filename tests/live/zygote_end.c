/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree dies together: whoever goes first, and whatever the children do against it. */
#include "zygote_kit.h"
#include "zygote/kill_tree.h"

#include <grp.h>
#include <pwd.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/* Leaves a session of its own and a grandchild behind that ignores what can be ignored. */
static const char stubborn[] =
	"trap '' INT TERM HUP QUIT; setsid sleep 60 & setsid sh -c 'sleep 61 & "
	"sleep 62' & sleep 63";

static struct zygote_birth start(struct zygote *zygote, const char *command, pthread_t *ret_server)
{
	struct zygote_order order = KIT_SH(command);
	static struct zygote_birth birth;
	enum sv_stage stage;

	ck_assert_int_eq(zygote_spawn(zygote, &order, &birth, &stage), 0);
	ck_assert_int_eq(kit_exec(&birth, ret_server), 0);
	return birth;
}

static void count_tag(uint32_t tag, void *data)
{
	*(size_t *)data += tag == KIT_TAG;
}

static size_t tagged(void)
{
	size_t count = 0;

	reap_each_tag(count_tag, &count);
	return count;
}

static enum reap_want want_one(uint32_t tag, void *data)
{
	return tag == *(const uint32_t *)data ? REAP_ONE : REAP_NOT;
}

/* Looks until ten times it finds nothing: a relay may be where the look has been. */
static void kill_tagged(uint32_t tag)
{
	struct reap_look look = { .want = want_one, .data = &tag };

	bool fresh = false;

	for (int empty = 0; empty < 10; empty = fresh ? 0 : empty + 1)
		ck_assert(reap_look(&look, &fresh));
	reap_look_end(&look);
}

START_TEST(hang_up_kills_all)
{
	struct zygote zygote;
	pthread_t server;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	start(&zygote, stubborn, &server);
	WAIT_FOR(tagged() == 6);
	zygote_close(&zygote);
	pthread_join(server, NULL);
	ck_assert_uint_eq(tagged(), 0);
	ck_assert_int_eq(zygote.socket, -1);
}
END_TEST

/* Ends the engine, or its group with all that is in it. */
static void engine_ends(bool group)
{
	pid_t engine = fork();

	if (engine == 0) {
		struct zygote zygote;
		pthread_t server;

		if (group)
			setpgid(0, 0);
		zygote_open(&zygote);
		start(&zygote, stubborn, &server);
		for (;;)
			pause();
	}
	WAIT_FOR(tagged() == 6);
	kill(group ? -engine : engine, SIGKILL);
	waitpid(engine, NULL, 0);
	WAIT_FOR(tagged() == 0);
}

START_TEST(end_of_the_engine_kills_all)
{
	engine_ends(false);
}
END_TEST

START_TEST(end_of_the_engines_group_kills_all)
{
	engine_ends(true);
}
END_TEST

START_TEST(end_of_the_zygote_is_told_and_kills_children)
{
	struct zygote_change change;
	struct zygote_birth birth;
	struct zygote zygote;
	pthread_t server;

	/* what becomes an orphan comes to us */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ck_assert_int_eq(zygote_open(&zygote), 0);
	birth = start(&zygote, stubborn, &server);
	WAIT_FOR(tagged() == 6);
	kill(zygote.pid, SIGKILL);
	WAIT_FOR(waitpid(birth.pid, NULL, 0) == birth.pid);
	ck_assert_int_eq(zygote_next(&zygote, &change), -EPIPE);
	ck_assert_int_eq(kit_run(&zygote,
				 &(struct zygote_order){
					 .spec.argv = (const char *const[]){"x",  NULL},
					 .spec.candidates = (const char *const[]){ "x", NULL},
					 .floor = -1,
					 .inbox = -1,
	 })
				 .code,
			 0);
	kill_tagged(KIT_TAG);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert_uint_eq(tagged(), 0);
	zygote_close(&zygote);
	pthread_join(server, NULL);
}
END_TEST

START_TEST(tag_finds_what_the_child_left)
{
	struct zygote zygote;
	pthread_t server;
	struct zygote_birth birth;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	birth = start(&zygote, "setsid sleep 60 & exit 0", &server);
	ck_assert_int_eq(kit_change(&zygote).pid, birth.pid);
	WAIT_FOR(tagged() == 1);
	kill_tagged(KIT_TAG_OTHER);
	ck_assert_uint_eq(tagged(), 1);
	kill_tagged(KIT_TAG);
	WAIT_FOR(tagged() == 0);
	zygote_close(&zygote);
	pthread_join(server, NULL);
}
END_TEST

/* Nobody tells it to go on: whoever would is dead. */
START_TEST(stopped_zygote_goes_on_when_it_is_left)
{
	struct zygote zygote;
	siginfo_t info;
	pthread_t server;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	start(&zygote, stubborn, &server);
	WAIT_FOR(tagged() == 6);
	kill(zygote.pid, SIGSTOP);
	ck_assert_int_eq(waitid(P_PID, (id_t)zygote.pid, &info, WSTOPPED | WNOWAIT), 0);
	ck_assert_int_eq(shutdown(zygote.socket, SHUT_RDWR), 0);
	WAIT_FOR(tagged() == 0);
	zygote_close(&zygote);
	pthread_join(server, NULL);
}
END_TEST

START_TEST(stopped_zygote_ends_too)
{
	struct zygote zygote;
	pthread_t server;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	start(&zygote, stubborn, &server);
	WAIT_FOR(tagged() == 6);
	kill(zygote.pid, SIGSTOP);
	zygote_close(&zygote);
	pthread_join(server, NULL);
	ck_assert_uint_eq(tagged(), 0);
}
END_TEST

/*
 * Fork bombs. Each stops by itself after some seconds and many forks, so that a failing test does
 * not take the machine along; ending by itself counts as a failure.
 */
#define BOMB_SECONDS 20
#define BOMB_FORKS   150000

struct bomb {
	atomic_uint forks;
	time_t until;
	unsigned int most;
};

static bool bomb_over(struct bomb *bomb)
{
	return atomic_load(&bomb->forks) > BOMB_FORKS || time(NULL) > bomb->until;
}

/* Each process makes the next and ends: none lives long enough to be found by its number. */
static void bomb_relay(struct bomb *bomb)
{
	while (!bomb_over(bomb)) {
		atomic_fetch_add(&bomb->forks, 1);
		if (fork() > 0)
			_exit(0);
	}
	_exit(0);
}

/* Forks while the limit lets it; root has no RLIMIT_NPROC: its forks are counted. */
static pid_t bomb_fork(struct bomb *bomb)
{
	pid_t pid;

	if (atomic_fetch_add(&bomb->forks, 1) >= bomb->most && getuid() == 0) {
		atomic_fetch_sub(&bomb->forks, 1);
		usleep(10000);
		return -1;
	}
	pid = fork();
	if (pid < 0)
		atomic_fetch_sub(&bomb->forks, 1);
	return pid;
}

/* All stay and make more. */
static void bomb_crowd(struct bomb *bomb)
{
	while (!bomb_over(bomb))
		bomb_fork(bomb);
	_exit(0);
}

/* Those whom nobody waits for, in sessions of their own, with stopped ones among them. */
static void bomb_sessions(struct bomb *bomb)
{
	while (!bomb_over(bomb)) {
		if (bomb_fork(bomb) != 0)
			continue;
		setsid();
		if (atomic_load(&bomb->forks) % 7 == 0)
			raise(SIGSTOP);
	}
	_exit(0);
}

static void (*const bombs[])(struct bomb *bomb) = { bomb_relay, bomb_crowd, bomb_sessions };

/* Until it goes on, or as far as the limit lets it: then its forks fail, and nobody counts them. */
static void bomb_begins(const struct bomb *bomb)
{
	for (int ms = 0; ms < 1000 && atomic_load(&bomb->forks) < bomb->most; ms++)
		usleep(1000);
}

START_TEST(fork_bomb_is_outrun)
{
	struct rlimit limit = { .rlim_cur = 100, .rlim_max = 100 };
	struct bomb *bomb = mmap(NULL, sizeof(*bomb), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int after;

	bomb->until = time(NULL) + BOMB_SECONDS;
	bomb->most = 100;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < 10; i++) {
		if (fork() == 0) {
			setrlimit(RLIMIT_NPROC, &limit);
			bombs[_i](bomb);
		}
	}
	bomb_begins(bomb);
	reap_descendants(getpid());
	ck_assert_msg(!bomb_over(bomb), "%u forks", atomic_load(&bomb->forks));
	after = atomic_load(&bomb->forks);
	usleep(50000); /* no event tells that one more will not come */
	ck_assert_uint_eq(atomic_load(&bomb->forks), after);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	munmap(bomb, sizeof(*bomb));
}
END_TEST

/* The same by tag, where the bomb's processes are somebody else's to wait for. */
START_TEST(fork_bomb_is_outrun_by_tag)
{
	struct rlimit limit = { .rlim_cur = 100, .rlim_max = 100 }, tag = { KIT_TAG, KIT_TAG };
	struct bomb *bomb = mmap(NULL, sizeof(*bomb), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int after;

	bomb->until = time(NULL) + BOMB_SECONDS;
	bomb->most = 100;
	if (fork() == 0) {
		setrlimit(RLIMIT_NPROC, &limit);
		setrlimit(RLIMIT_LOCKS, &tag);
		for (int i = 0; i < 10; i++)
			if (fork() == 0)
				bombs[_i](bomb);
		_exit(0);
	}
	bomb_begins(bomb);
	kill_tagged(KIT_TAG);
	ck_assert_msg(!bomb_over(bomb), "%u forks", atomic_load(&bomb->forks));
	after = atomic_load(&bomb->forks);
	usleep(50000); /* no event tells that one more will not come */
	ck_assert_uint_eq(atomic_load(&bomb->forks), after);
	munmap(bomb, sizeof(*bomb));
}
END_TEST

/* The child that waits for the zygote's first order; a descriptor of it. */
static int first_child(const struct zygote *zygote, pid_t *ret_pid)
{
	char path[64];
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", zygote->pid, zygote->pid);
	for (int i = 0; i < 250 && pid == 0; i++) {
		FILE *children = fopen(path, "re");

		if (fscanf(children, "%d", &pid) != 1)
			usleep(20000);
		fclose(children);
	}
	ck_assert_int_gt(pid, 0);
	*ret_pid = pid;
	return pidfd_open(pid, 0);
}

START_TEST(first_child_that_died_is_not_missed)
{
	struct zygote_order order = KIT_SH("exit 7");
	struct zygote_change change;
	struct zygote zygote;
	pid_t first;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	close(first_child(&zygote, &first));
	kill(first, SIGKILL);
	change = kit_change(&zygote);
	ck_assert_int_eq(change.pid, first);
	ck_assert_int_eq(change.code, CLD_KILLED);
	change = kit_run(&zygote, &order);
	ck_assert_int_eq(change.code, CLD_EXITED);
	ck_assert_int_eq(change.status, 7);
	zygote_close(&zygote);
}
END_TEST

START_TEST(first_child_without_an_order_ends_with_the_zygote)
{
	struct zygote zygote;
	pid_t first;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	close(first_child(&zygote, &first));
	zygote_kill(&zygote);
	ck_assert_int_eq(kill(first, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(first_child_dies_with_a_killed_zygote)
{
	struct zygote zygote;
	struct pollfd end = { .events = POLLIN };
	pid_t first;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	end.fd = first_child(&zygote, &first);
	kill(zygote.pid, SIGKILL);
	ck_assert_int_eq(poll(&end, 1, 5000), 1);
	close(end.fd);
	zygote_close(&zygote);
}
END_TEST

/* It was cloned before whatever the engine opened, and holds its socket alone. */
START_TEST(first_child_holds_one_socket)
{
	struct zygote zygote;
	char path[64];
	pid_t first;

	ck_assert_int_eq(zygote_open(&zygote), 0);
	close(first_child(&zygote, &first));
	snprintf(path, sizeof(path), "/proc/%d/fd", first);
	WAIT_FOR(entries_count(path) == 1); /* it closes the zygote's when it begins */
	zygote_close(&zygote);
}
END_TEST

Suite *test_suite(void)
{
	kit_need();
	Suite *suite = suite_create("zygote");
	TCase *tcase = tcase_create("end");

	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, hang_up_kills_all);
	tcase_add_test(tcase, end_of_the_engine_kills_all);
	tcase_add_test(tcase, end_of_the_engines_group_kills_all);
	tcase_add_test(tcase, end_of_the_zygote_is_told_and_kills_children);
	tcase_add_test(tcase, tag_finds_what_the_child_left);
	tcase_add_test(tcase, stopped_zygote_goes_on_when_it_is_left);
	tcase_add_test(tcase, stopped_zygote_ends_too);
	tcase_add_test(tcase, first_child_that_died_is_not_missed);
	tcase_add_test(tcase, first_child_without_an_order_ends_with_the_zygote);
	tcase_add_test(tcase, first_child_dies_with_a_killed_zygote);
	tcase_add_test(tcase, first_child_holds_one_socket);
	tcase_add_loop_test(tcase, fork_bomb_is_outrun, 0, array_size(bombs));
	tcase_add_loop_test(tcase, fork_bomb_is_outrun_by_tag, 0, array_size(bombs));
	return suite;
}
