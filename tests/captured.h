/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process of the test's, and what it says. */
#ifndef TESTS_CAPTURED_H
#define TESTS_CAPTURED_H

#include <stddef.h>

/* Forks, and exits with what @run returns. All that it writes to stdout and stderr is read, and the
 * beginning kept in @text. Its wait status. */
int captured(int (*run)(const void *data), const void *data, char *text, size_t size);

#endif
