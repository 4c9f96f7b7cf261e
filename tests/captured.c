/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What it does stands in captured.h. */
#include "captured.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int captured(int (*run)(const void *data), const void *data, char *text, size_t size)
{
	char piece[4096];
	size_t have = 0;
	int pair[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(pair), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(pair[1], 1);
		dup2(pair[1], 2);
		close(pair[0]);
		close(pair[1]);
		_exit(run(data));
	}
	close(pair[1]);
	/* What is too much is read, too: it must not end by SIGPIPE. */
	while ((n = read(pair[0], piece, sizeof(piece))) > 0) {
		size_t more = (size_t)n < size - 1 - have ? (size_t)n : size - 1 - have;

		memcpy(text + have, piece, more);
		have += more;
	}
	text[have] = '\0';
	close(pair[0]);
	ck_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}
