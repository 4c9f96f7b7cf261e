/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * without ERRNO NUMBER... -- COMMAND: runs COMMAND where these system calls fail with this error,
 * as on an older kernel or in a container that refuses them.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	NUMBERS_MAX = 32,
};

int main(int argc, char **argv)
{
	struct sock_filter code[2 * NUMBERS_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = 1, .filter = code };
	unsigned int error;
	int i = 2;

	if (argc < 5)
		return 125;
	error = (unsigned int)atoi(argv[1]);
	for (; i < argc && strcmp(argv[i], "--") != 0 && program.len < 2 * NUMBERS_MAX; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)atoi(argv[i]), 0, 1);
		code[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (i + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("without");
		return 125;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
