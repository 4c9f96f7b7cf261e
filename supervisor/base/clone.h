/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone(2) of who shares our memory. The thread sanitizer takes each call of clone for a fork,
 * after which it looks at no lock of who called; libc's other name for it says what it is.
 */
#ifndef BASE_CLONE_H
#define BASE_CLONE_H

#include <sched.h>

#ifdef __SANITIZE_THREAD__
int __clone(int (*run)(void *data), void *stack, int flags, void *data, ...);
#define clone_sharing __clone
#else
#define clone_sharing clone
#endif

#endif
