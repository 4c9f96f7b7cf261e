/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The terminal that we share with the command. Whatever that leaves behind, raw input, no echo, no
 * signals, is put back at our end: a command that is killed could not do it, and one that is
 * hostile would not.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include "common/cleanup.h"

/* Where the command gets it from; without any it can open the one of its session. */
static int terminal_find(void)
{
	static const int standard[] = { STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO };

	for (size_t i = 0; i < array_size(standard); i++)
		if (isatty(standard[i]))
			return fcntl(standard[i], F_DUPFD_CLOEXEC, 3);
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* In the background it is somebody else's by now; but not where the group in the foreground is
 * gone: that was the command's. */
static bool is_ours(int fd)
{
	pid_t group = tcgetpgrp(fd);

	return group < 0 || group == getpgrp() || (kill(-group, 0) < 0 && errno == ESRCH);
}

void terminal_keep(struct kept_terminal *kept)
{
	if (kept->known)
		return;
	if (kept->fd < 0)
		kept->fd = terminal_find();
	/* who starts in the background would keep another's modes */
	kept->known = kept->fd >= 0 && is_ours(kept->fd) && tcgetattr(kept->fd, &kept->before) == 0;
}

void terminal_put_back(struct kept_terminal *kept)
{
	/* At once, and not after what is still to be shown: nobody may show it. */
	if (kept->known && is_ours(kept->fd))
		tcsetattr(kept->fd, TCSANOW, &kept->before);
	kept->known = false;
	if (kept->fd >= 0)
		close(kept->fd);
	kept->fd = -1;
}
