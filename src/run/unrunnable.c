/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a command could not be run, where the kernel's word for it does not say: a look at what is
 * there, with our own eyes, after it has failed. Nothing is decided by it.
 */
#include "run/run.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	HEAD_SIZE = 256,  /* what the kernel looks at */
	SCRIPTS_MAX = 16, /* it gives up sooner */
};

/* The interpreter that a #! line names, in place of the path; false: there is none. */
static bool next_interpreter(char path[PATH_MAX])
{
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char head[HEAD_SIZE + 1], *word;
	ssize_t n = fd < 0 ? -1 : read(fd, head, HEAD_SIZE);

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return false;
	head[n] = '\0';
	word = head + 2 + strspn(head + 2, " \t");
	word[strcspn(word, " \t\n")] = '\0';
	snprintf(path, PATH_MAX, "%s", word);
	return true;
}

/* What is wrong with one file; NULL: nothing that can be seen. */
static const char *wrong_with(const char *path, int error)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? "is not there" : NULL;
	if (S_ISDIR(st.st_mode))
		return "is a directory";
	if (!S_ISREG(st.st_mode))
		return "is no regular file";
	if (error == EACCES && access(path, X_OK) < 0)
		return "is not marked as executable for us";
	if (error == ENOEXEC)
		return "is neither a program of this machine nor a script with a #! line";
	return NULL;
}

bool run_report_unrunnable(struct run *run, int error)
{
	const char *name = run->options.command[0], *why;
	struct text text cleanup_text = { 0 };
	char path[PATH_MAX];

	if (!strchr(name, '/') ||
	    snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : run->site.cwd,
		     name[0] == '/' ? "" : "/", name) >= PATH_MAX)
		return false;
	text_quoted(&text, name);
	why = wrong_with(path, error);
	for (int i = 0; !why && next_interpreter(path); i++) {
		text_clear(&text);
		text_quoted(&text, name);
		text_add(&text, ": its interpreter ");
		text_quoted(&text, path);
		why = i == SCRIPTS_MAX ? "leads to itself" : wrong_with(path, error);
	}
	if (why)
		message_say(&run->message, "cannot run %s%s %s", text.data,
			    strstr(text.data, ": its interpreter ") ? "" : ": it", why);
	return why;
}
