/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that may block, on one io_uring. */
#ifndef BLOCK_URING_H
#define BLOCK_URING_H

struct work_backend;

extern const struct work_backend work_backend_uring;

#endif
