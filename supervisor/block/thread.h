/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that may block, on a thread each. */
#ifndef BLOCK_THREAD_H
#define BLOCK_THREAD_H

struct work_backend;

extern const struct work_backend work_backend_thread;

#endif
