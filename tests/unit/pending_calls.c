/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait: when their callers are looked at, how they are given up, and what is answered
 * then. The kernel's side of a caller is played. */
#include "check_main.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "base/thread.h"
#include "block/pending.h"
#include "block/signals.h"
#include "block/thread.h"

static struct child child;
static struct workers workers;
static struct work *work;
static bool waits;  /* the caller, in its notification */
static int looks;   /* at its signals */
static int cancels; /* of the backend */
static int answers; /* that it got */
static struct seccomp_notif_resp answered;
static int stops;	  /* that it was brought to */
static pthread_t stopper; /* by whom */
static int parts;	  /* that were sent */

/* Of a listener: does the caller wait, and what it is told. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list list;

	(void)fd;
	va_start(list, request);
	if (request == SECCOMP_IOCTL_NOTIF_SEND) {
		answers++;
		answered = *va_arg(list, struct seccomp_notif_resp *);
	}
	va_end(list);
	errno = ENOENT;
	return waits ? 0 : -1;
}

/* Of one that somebody else traces. */
long ptrace(enum __ptrace_request request, ...)
{
	(void)request;
	stops++;
	stopper = pthread_self();
	errno = EPERM;
	return -1;
}

int signals_read(pid_t tid, struct signals *ret)
{
	looks++;
	*ret = (struct signals){ .tgid = tid, .own = 1u << (SIGUSR1 - 1) };
	return 0;
}

/* The second part is the last one before the call is given up. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	(void)fd;
	(void)message;
	(void)flags;
	if (++parts == 2)
		work->first->cancelling = true;
	return parts == 1 ? 3 : 4;
}

static void cancel(struct work *of, struct pending *pending)
{
	(void)of;
	(void)pending;
	cancels++;
}

static const struct work_backend counting = { .cancel = cancel };

static void setup(void)
{
	work = calloc(1, sizeof(*work));
	ck_assert_ptr_nonnull(work);
	work_lock_init(&work->lock);
	pthread_cond_init(&work->ended, NULL);
	workers_init(&workers);
	work->workers = &workers;
	work->backend = &counting;
	waits = true;
	looks = cancels = answers = stops = parts = 0;
}

static void teardown(void)
{
	ck_assert(workers_end(&workers));
	ck_assert_ptr_null(work->first);
	workers_deinit(&workers);
	pthread_cond_destroy(&work->ended);
	work_lock_deinit(&work->lock);
	free(work);
}

static struct pending *begin(enum pending_kind kind)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	ck_assert_ptr_nonnull(pending);
	*pending = (struct pending){
		.work = work,
		.child = &child,
		.tid = 1,
		.kind = kind,
		.fd = -1,
		.pidfd = -1,
		.to = ENDPOINT_INIT,
	};
	work_lock_take(&work->lock);
	pending_link(work, pending);
	work_lock_give(&work->lock);
	return pending;
}

/* Who wakes the reaper often has no caller looked at more often, and no signal taken for one that
 * stays. */
START_TEST(two_looks_are_a_tick_apart)
{
	struct pending *pending = begin(PENDING_SEND);
	uint64_t first = clock_ms();

	while (cancels == 0)
		ck_assert(work_tick(work));
	ck_assert_uint_ge(clock_ms() - first, LOOK_MS);
	ck_assert_int_eq(looks, 2);
	ck_assert_int_eq(pending->end, PENDING_RESTART);
	pending_done(pending, -ECANCELED);
	ck_assert(!work_tick(work));
}
END_TEST

START_TEST(room_that_is_there_too_late_is_no_answer)
{
	static const struct {
		enum pending_end end;
		int error;
	} ends[] = {
		{PENDING_INTERRUPTED, EINTR},
		{ PENDING_RESTART,	   512  },
	};

	for (size_t i = 0; i < 2; i++) {
		struct pending *pending = begin(PENDING_READY);

		pending->end = ends[i].end;
		pending_done(pending, 4);
		ck_assert_int_eq(-answered.error, ends[i].error);
	}
	ck_assert_int_eq(answers, 2);
	ck_assert_int_eq(stops, 0);
}
END_TEST

START_TEST(who_begins_anew_is_stopped_by_nobody_who_serves_others)
{
	pending_done(begin(PENDING_READY), 4);
	ck_assert(workers_end(&workers));
	ck_assert_int_eq(stops, 1);
	ck_assert(!pthread_equal(stopper, pthread_self()));
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(-answered.error, EINTR); /* it cannot be stopped */
	waits = false;
	pending_done(begin(PENDING_READY), 4);
	ck_assert(workers_end(&workers));
	ck_assert_int_eq(stops, 1);
	ck_assert_int_eq(answers, 1);
}
END_TEST

START_TEST(all_parts_are_told_of)
{
	struct pending *pending = begin(PENDING_SEND);

	pending->message = calloc(1, sizeof(*pending->message));
	ck_assert_ptr_nonnull(pending->message);
	*pending->message = (struct message){ .to = ENDPOINT_INIT, .stream = true, .size = 10 };
	work->backend = &work_backend_thread;
	ck_assert_int_eq(work->backend->open(work), 0);
	work_lock_take(&work->lock);
	ck_assert_int_eq(work->backend->start(work, pending), 0);
	work_lock_give(&work->lock);
	ck_assert(workers_end(&workers));
	work->backend->close(work);
	ck_assert_int_eq(parts, 2);
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(answered.error, 0);
	ck_assert_int_eq(answered.val, 7);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pending_calls");
	TCase *tcase = test_case(suite, "pending");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, two_looks_are_a_tick_apart);
	tcase_add_test(tcase, room_that_is_there_too_late_is_no_answer);
	tcase_add_test(tcase, who_begins_anew_is_stopped_by_nobody_who_serves_others);
	tcase_add_test(tcase, all_parts_are_told_of);
	return suite;
}
