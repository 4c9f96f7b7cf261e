/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree that each call has, and what is told of both. */
#include "path_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[PATH_MAX];
static char tree[PATH_MAX + 16];

void need(int ok, const char *what)
{
	if (ok)
		return;
	printf("cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
	close(fd);
}

void tree_begin(void)
{
	need(getcwd(top, sizeof(top)) != NULL, "tell where this is");
}

int tree_used = 1;
static uint32_t tree_digest; /* of a fresh one */

static uint32_t digest_tree(void);

void tree_make(void)
{
	static unsigned int n;

	if (!tree_used)
		return;
	tree_used = 0;
	snprintf(tree, sizeof(tree), "%s/t%u", top, ++n);
	need(mkdir(tree, 0755) == 0 && chdir(tree) == 0, "make a tree");
	need(mkdir("d", 0755) == 0 && mkdir("d/sub", 0755) == 0 && mkdir("e", 0755) == 0, "mkdir");
	make_file("f", "text");
	make_file("g", "other");
	make_file("d/file", "file");
	need(symlink("f", "l") == 0 && symlink("d", "ld") == 0 &&
		     symlink("none", "dangling") == 0 && symlink("loop", "loop") == 0,
	     "symlink");
	need(mkfifo("fifo", 0644) == 0, "mkfifo");
	need(mknod("sock", S_IFSOCK | 0644, 0) == 0, "make a socket");
	tree_digest = digest_tree();
}

static uint32_t digest_add(uint32_t digest, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	while (size--)
		digest = (digest ^ *p++) * 16777619u;
	return digest;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static uint32_t digest_directory(uint32_t digest, int at, const char *name);

static uint32_t digest_entry(uint32_t digest, int at, const char *name)
{
	char target[256] = "";
	uint64_t size;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return digest_add(digest, "?", 1);
	size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	digest = digest_add(digest, name, strlen(name));
	digest = digest_add(digest, &st.st_mode, sizeof(st.st_mode));
	digest = digest_add(digest, &st.st_nlink, sizeof(st.st_nlink));
	digest = digest_add(digest, &size, sizeof(size));
	if (S_ISLNK(st.st_mode) && readlinkat(at, name, target, sizeof(target)) > 0)
		digest = digest_add(digest, target, sizeof(target));
	return S_ISDIR(st.st_mode) ? digest_directory(digest, at, name) : digest;
}

static uint32_t digest_directory(uint32_t digest, int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n;
	struct dirent **entries;

	if (fd < 0)
		return digest_add(digest, "!", 1);
	n = scandirat(fd, ".", &entries, NULL, by_name);
	for (int i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			digest = digest_entry(digest, fd, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	close(fd);
	return digest;
}

static uint32_t digest_tree(void)
{
	int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t digest = digest_directory(2166136261u, fd, ".");

	close(fd);
	return digest;
}

static const char *error_name(long result)
{
	return result < 0 ? strerrorname_np(errno) : "ok";
}

void report(const char *name, const char *path, long result)
{
	const char *error = error_name(result);

	printf("%s(", name);
	for (size_t i = 0; path[i] != '\0' && i < 40; i++)
		printf(path[i] > ' ' || path[i] == ' ' ? "%c" : "\\x%02x", path[i] & 0xff);
	if (strlen(path) > 40)
		printf("... %zu bytes", strlen(path));
	printf(") = %s", error);
	if (result >= 0) {
		uint32_t digest = digest_tree();

		printf(" %08x", digest);
		/* What else the digest does not show, times for one, fails no other call. */
		tree_used |=
			digest != tree_digest || strstr(name, "chdir") || strstr(name, "setxattr");
	}
	putchar('\n');
}

long closed(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}
