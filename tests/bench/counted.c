/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes calls to be counted: counted FILE reads lines "ROW N", makes N calls of that row, and says
 * "done". Before and after it waits in read, which nobody mediates.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

struct subject {
	const char *path, *name; /* of a file, and from the directory that it is in */
	int file, directory;	 /* both open */
};

static long call_stat(const struct subject *subject)
{
	struct stat st;

	return syscall(SYS_newfstatat, AT_FDCWD, subject->path, &st, 0);
}

static long call_stat_relative(const struct subject *subject)
{
	struct stat st;

	return syscall(SYS_newfstatat, AT_FDCWD, subject->name, &st, 0);
}

static long call_fstat(const struct subject *subject)
{
	struct stat st;

	return syscall(SYS_newfstatat, subject->file, "", &st, AT_EMPTY_PATH);
}

static long call_missing(const struct subject *subject)
{
	return access(subject->path, F_OK) < 0 || access("missing", F_OK) == 0 ? -1 : 0;
}

static long call_access(const struct subject *subject)
{
	return access(subject->path, R_OK);
}

static long call_open_close(const struct subject *subject)
{
	int fd = open(subject->path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : close(fd);
}

static long call_opendir(const struct subject *subject)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)subject;
	return fd < 0 ? -1 : close(fd);
}

/* lseek asks nobody. */
static long call_getdents(const struct subject *subject)
{
	char entries[4096];

	if (lseek(subject->directory, 0, SEEK_SET) < 0)
		return -1;
	return syscall(SYS_getdents64, subject->directory, entries, sizeof(entries));
}

static long call_exec(const struct subject *subject)
{
	char program[] = "true", *const argv[] = { program, NULL };
	int status;
	pid_t pid = vfork();

	(void)subject;
	if (pid == 0) {
		execve("/bin/true", argv, argv + 1);
		_exit(127);
	}
	return pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0 ? -1 : 0;
}

static const struct {
	const char *name;
	long (*call)(const struct subject *subject);
} rows[] = {
	{"stat",		  call_stat	    },
	     { "stat_relative", call_stat_relative},
	{ "fstat",	   call_fstat	      },
	     { "access",	 call_access	     },
	{ "missing",	     call_missing	  },
	     { "open_close",    call_open_close   },
	{ "opendir",	     call_opendir	  },
	     { "getdents",	   call_getdents	 },
	{ "exec",	  call_exec	    },
};

static int run(const char *name, long n, const struct subject *subject)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		for (long j = 0; j < n; j++) {
			if (rows[i].call(subject) < 0) {
				perror(name);
				return EXIT_FAILURE;
			}
		}
		puts("done");
		return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "counted: no row %s\n", name);
	return 125;
}

int main(int argc, char **argv)
{
	struct subject subject;
	char name[32];
	int r = EXIT_SUCCESS;
	long n;

	if (argc != 2 || !strrchr(argv[1], '/')) {
		fputs("usage: counted FILE\n", stderr);
		return 125;
	}
	subject.path = argv[1];
	subject.name = strrchr(argv[1], '/') + 1;
	subject.file = open(argv[1], O_RDONLY | O_CLOEXEC);
	subject.directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (subject.file < 0 || subject.directory < 0) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	while (r == EXIT_SUCCESS && scanf("%31s %ld", name, &n) == 2)
		r = run(name, n, &subject);
	return r;
}
