/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one system call costs: calls ROW FILE prints nanoseconds per call.
 *
 * The program times itself, so that neither its start nor a sandbox's counts. Each row runs for
 * about 0.2 s after a first run that finds out how many calls that is.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "stopwatch.h"

#define RUN_NS	 200000000
#define FIRST_NS 10000000

struct subject {
	const char *path;
	int fd; /* of path, at its end: read gives 0 */
};

static int call_stat(const struct subject *subject)
{
	struct stat st;

	return stat(subject->path, &st);
}

static int call_open_close(const struct subject *subject)
{
	int fd = open(subject->path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : close(fd);
}

static int call_getppid(const struct subject *subject)
{
	return syscall(SYS_getppid) < 0 ? -1 : 0;
}

static int call_read(const struct subject *subject)
{
	char byte;

	return read(subject->fd, &byte, 1) < 0 ? -1 : 0;
}

static int call_futex(const struct subject *subject)
{
	static uint32_t word;

	return syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*call)(const struct subject *subject);
} rows[] = {
	{"stat",	  call_stat	    },
	       { "open_close", call_open_close},
	  { "getppid",    call_getppid   },
	{ "read",	  call_read	    },
	       { "futex",	  call_futex     },
};

/* Nanoseconds that n calls take, or -1 if one fails. */
static int64_t run(size_t row, const struct subject *subject, int64_t n)
{
	int64_t begin = stopwatch_ns(), i;

	for (i = 0; i < n; i++) {
		if (rows[row].call(subject) < 0) {
			perror(rows[row].name);
			return -1;
		}
	}
	return stopwatch_ns() - begin;
}

static int measure(size_t row, const struct subject *subject)
{
	int64_t n = 64, ns = run(row, subject, n);

	while (ns >= 0 && ns < FIRST_NS) {
		n *= 2;
		ns = run(row, subject, n);
	}
	if (ns < 0)
		return EXIT_FAILURE;
	n = n * (RUN_NS / 1000) / (ns / 1000) + 1;
	ns = run(row, subject, n);
	if (ns < 0)
		return EXIT_FAILURE;
	printf("%.2f\n", (double)ns / (double)n);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct subject subject;
	size_t i;

	if (argc != 3) {
		fputs("usage: calls ROW FILE\n", stderr);
		return 125;
	}
	subject.path = argv[2];
	subject.fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (subject.fd < 0 || lseek(subject.fd, 0, SEEK_END) < 0) {
		perror(argv[2]);
		return EXIT_FAILURE;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, argv[1]) == 0)
			return measure(i, &subject);
	}
	fprintf(stderr, "calls: no row %s\n", argv[1]);
	return 125;
}
