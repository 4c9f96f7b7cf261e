/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section C of the attacks, C7 to C9: signals, terminals, shared memory, other processes. The
 * attacks themselves are in ipc_hostile.c; a victim waits outside.
 */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#define IPC(name, ...) BOX_TEST(name, "ipc_hostile", __VA_ARGS__)

static void on_hit(int signal)
{
	(void)signal;
	close(open("w/hit", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static void write_number(const char *name, int number)
{
	char text[32];
	int fd = open("w/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	int n = snprintf(text, sizeof(text), "%d", number);

	if (fd >= 0 && write(fd, text, (size_t)n) == n)
		rename("w/new", name);
	close(fd);
}

/* Whoever signals it leaves a mark. Its memory and its descriptors may be taken by a tracer's
 * right: Yama lets everybody natively. */
static void victim(void)
{
	static const int signals[] = { SIGURG, SIGIO, SIGWINCH, SIGUSR1 };
	struct sigaction action = { .sa_handler = on_hit, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	setpgid(0, 0);
	dup2(open("s/canary", O_RDONLY | O_CLOEXEC), 77);
	write_number("w/victim", getpid());
	for (;;)
		pause();
}

/* In the group that the child is born into. */
static void victim_in_group(void)
{
	struct sigaction action = { .sa_handler = on_hit, .sa_flags = SA_RESTART };

	sigaction(SIGURG, &action, NULL);
	write_number("w/victim", getpid());
	for (;;)
		pause();
}

IPC(c07_signals_reach_nobody_outside, "c07_signals", .outside = victim)
IPC(c07_signals_to_all_and_to_the_group_stay_inside, "c07_everybody", .outside = victim_in_group,
    .no_native = true)
IPC(c07_descriptors_signal_nobody_outside, "c07_owners", .outside = victim)
IPC(c07_terminals_are_not_typed_into, "c07_terminal")

/* Keys and names that the hostile program knows, as it is in this session. */
START_TEST(c08_shared_memory_and_queues_do_not_exist)
{
	key_t key = 0x70000000 | getsid(0);
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 64 };
	char name[64];
	int shm = shmget(key, 4096, IPC_CREAT | 0666), sem = semget(key, 1, IPC_CREAT | 0666);
	int msg = msgget(key, IPC_CREAT | 0666), mq, fd;

	snprintf(name, sizeof(name), "/pcall-%d", getsid(0));
	mq = mq_open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0666, &attr);
	fd = shm_open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
	BOX_ATTACK("ipc_hostile", "c08");
	close(fd);
	close(mq);
	shm_unlink(name);
	mq_unlink(name);
	shmctl(shm, IPC_RMID, NULL);
	semctl(sem, 0, IPC_RMID);
	msgctl(msg, IPC_RMID, NULL);
}
END_TEST

IPC(c09_other_processes_are_not_touched, "c09", .outside = victim)
IPC(c09_supervisor_is_not_touched, "c09_supervisor", .no_native = true)

Suite *test_suite(void)
{
	Suite *suite = suite_create("ipc");
	TCase *tcase = test_case(suite, "ipc");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, c07_signals_reach_nobody_outside);
	tcase_add_test(tcase, c07_signals_to_all_and_to_the_group_stay_inside);
	tcase_add_test(tcase, c07_descriptors_signal_nobody_outside);
	tcase_add_test(tcase, c07_terminals_are_not_typed_into);
	tcase_add_test(tcase, c08_shared_memory_and_queues_do_not_exist);
	tcase_add_test(tcase, c09_other_processes_are_not_touched);
	tcase_add_test(tcase, c09_supervisor_is_not_touched);
	return suite;
}
