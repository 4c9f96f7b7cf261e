/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The main function of a Check program: runs one suite, prints TAP on stdout.
 *
 * A program defines `Suite *test_suite(void)` and nothing else. Its cases run each in a process of
 * their own. A case made with test_case() is also checked for descriptors that it leaves open.
 */
#ifndef TESTS_CHECK_MAIN_H
#define TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdarg.h>
#include <unistd.h>

/* The program's suite. */
Suite *test_suite(void);

/* A new case of the suite that fails if it ends with more or fewer descriptors than it began with.
 */
TCase *test_case(Suite *suite, const char *name);

/* How many entries a directory has: of /proc/self/fd, of /proc/self/task. -1: it cannot be read. */
int entries_count(const char *directory);

/* Until it holds, which something else brings about; after ten seconds the test fails. */
#define WAIT_FOR(condition)                                                      \
	do {                                                                     \
		for (int wait_ms = 0; !(condition); wait_ms++) {                 \
			ck_assert_msg(wait_ms < 10000, "never: %s", #condition); \
			usleep(1000);                                            \
		}                                                                \
	} while (0)

/* Ends the program before any test: TAP says `1..0 # SKIP reason`. */
void test_skip_all(const char *reason) __attribute__((noreturn));

/* Ends the running test: TAP says `ok N # SKIP reason`. Only from the test's own process. */
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
