/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that the kernel does not find by the path that it is called by, since that leads
 * through a view: executed by a descriptor, and afterwards told what it would have been told by the
 * path.
 *
 * The caller is made to do it (call/tracee.h). By then what it is to run is judged, and opened, so
 * that the kernel reads no path. When the new program stands before its first instruction, nobody
 * else is in its memory: there the words before its own (an interpreter, and its script), the name
 * that it was called by (AT_EXECFN) and the name of the task are put in place.
 *
 * What differs from an execution by a path: /proc/PID/cmdline of a script begins as its caller said
 * it, without the interpreter. Another than the first thread of a process cannot do it, nor one
 * whose table of descriptors is full.
 */
#ifndef SUPERVISOR_EXEC_FD_H
#define SUPERVISOR_EXEC_FD_H

#include <stddef.h>

struct call;

enum {
	EXEC_WORDS_MAX = 12, /* two of each interpreter, and the script */
};

struct exec_fd {
	int fd;		  /* the program, open for reading: no script */
	const char *name; /* as which it is called */
	const char
		*words[EXEC_WORDS_MAX]; /* in place of the caller's first; none: all are its own */
	size_t count;
};

/* Of an execve. 0: it is answered, or left to another receiver. An errno, as of fd_path_answer: it
 * waits as before. */
int exec_fd_answer(struct call *call, const struct exec_fd *exec);

#endif
