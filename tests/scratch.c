/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What it does stands in scratch.h. */
#include "scratch.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char scratch[128];

void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char *real = realpath(tmp ? tmp : "/tmp", NULL);
	int n;

	ck_assert_ptr_nonnull(real);
	n = snprintf(scratch, sizeof(scratch), "%s/scratch.XXXXXX", real);
	free(real);
	ck_assert_int_lt(n, (int)sizeof(scratch));
	ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

void scratch_remove(void)
{
	ck_assert_int_eq(nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_path(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", scratch, name);
	return path;
}

void scratch_write(const char *name, const char *text)
{
	int fd = open(scratch_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}
