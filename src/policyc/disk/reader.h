/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads a small text file that a stranger may have put there.
 *
 * Nothing but a regular file is opened: opening a FIFO may block for ever, opening a device may do
 * something. A name that becomes another object while we look is refused.
 */
#ifndef POLICYC_READER_H
#define POLICYC_READER_H

#include <stddef.h>
#include <sys/types.h>

#include "common/arena.h"

#define READER_MAX ((size_t)1 << 20)

struct reader_file {
	char *bytes; /* in the arena, a NUL behind them */
	size_t size;
	dev_t device; /* which file it was */
	ino_t inode;
};

/**
 * reader_load - the whole of a regular file of at most READER_MAX bytes
 * @ret_why: what is wrong, for people; a constant
 *
 * Returns 0; -EISDIR, -EINVAL for what is neither file nor directory, -EFBIG, -EAGAIN if the name
 * changed meanwhile or the file grew, else what stat(2), open(2) or read(2) say.
 */
int reader_load(const char *path, struct arena *arena, struct reader_file *ret,
		const char **ret_why);

#endif
