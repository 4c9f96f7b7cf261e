/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The relayed terminal. A process can only have the terminal of its session, and a child cannot
 * join the session of a level that made one of its own (setsid, script): it gets a pseudo-terminal,
 * and we stand between the two. Ours is in raw mode meanwhile, so that ^C and ^Z are the inner
 * terminal's to understand. What ^Z stops there we follow, as a job of the shell that is ours. In
 * the background the terminal is somebody else's: nothing is read from it, and its mode is let be.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	LOOK_MS = 500,	/* between two looks for whose the terminal is, in the background */
	SHOW_MS = 1000, /* how long the terminal may take nothing, before we stop or end */
};

static bool pair_open(struct relay *relay)
{
	char name[64];

	relay->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (relay->master < 0 || unlockpt(relay->master) < 0 ||
	    ptsname_r(relay->master, name, sizeof(name)) != 0)
		return false;
	relay->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return relay->slave >= 0;
}

static void descriptors_close(struct relay *relay)
{
	int *fds[] = { &relay->master, &relay->slave, &relay->terminal };

	for (size_t i = 0; i < array_size(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void size_copy(const struct relay *relay)
{
	struct winsize size;

	if (ioctl(relay->terminal, TIOCGWINSZ, &size) == 0)
		ioctl(relay->master, TIOCSWINSZ, &size);
}

void relay_open(struct relay *relay, const struct sv *sv)
{
	if (sv_shares_session(sv) || (!isatty(0) && !isatty(1) && !isatty(2)))
		return;
	relay->terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	/* Without a pseudo-terminal the command has none: it runs all the same. */
	if (relay->terminal < 0 || tcgetattr(relay->terminal, &relay->before) < 0 ||
	    !pair_open(relay)) {
		descriptors_close(relay);
		return;
	}
	tcsetattr(relay->slave, TCSANOW, &relay->before);
	size_copy(relay);
}

size_t relay_fds(const struct relay *relay, struct sv_fd ret[3])
{
	size_t count = 0;

	for (int fd = 0; relay->slave >= 0 && fd < 3; fd++)
		if (isatty(fd))
			ret[count++] = (struct sv_fd){ .fd = relay->slave, .number = fd };
	return count;
}

static bool is_in_foreground(const struct relay *relay)
{
	return tcgetpgrp(relay->terminal) == getpgrp();
}

/* Whoever had the terminal meanwhile may have changed it. */
static void raw_set(struct relay *relay)
{
	struct termios raw;

	if (relay->raw || tcgetattr(relay->terminal, &relay->before) < 0)
		return;
	raw = relay->before;
	cfmakeraw(&raw);
	relay->raw = tcsetattr(relay->terminal, TCSANOW, &raw) == 0;
}

static void raw_end(struct relay *relay)
{
	if (relay->raw && is_in_foreground(relay))
		tcsetattr(relay->terminal, TCSANOW, &relay->before);
	relay->raw = false;
}

void relay_begin(struct relay *relay)
{
	if (relay->master < 0)
		return;
	/* The command's end alone keeps the pair open: when it is gone, reading says so. */
	close(relay->slave);
	relay->slave = -1;
	relay_look(relay);
}

/* A shell that moves a job which runs to the foreground tells nobody. */
int relay_look(struct relay *relay)
{
	if (relay->master < 0 || relay->ended)
		return -1;
	if (!is_in_foreground(relay)) {
		relay->raw = false; /* by now it is as its shell wants it */
		return -1;
	}
	raw_set(relay);
	return relay->terminal;
}

int relay_wait_ms(const struct relay *relay)
{
	return relay->master >= 0 && !relay->ended && !relay->raw ? LOOK_MS : -1;
}

void relay_type(struct relay *relay)
{
	char bytes[4096];
	ssize_t n = read(relay->terminal, bytes, sizeof(bytes));

	/* what nobody reads is lost */
	if (n > 0 && write(relay->master, bytes, (size_t)n) >= 0)
		return;
	if (n != 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* put into the background in between, it cannot be read */
	relay->ended = n == 0 || is_in_foreground(relay);
}

struct pollfd relay_shows(const struct relay *relay)
{
	if (relay->shown_size)
		return (struct pollfd){ .fd = relay->terminal, .events = POLLOUT };
	return (struct pollfd){ .fd = relay->hung_up ? -1 : relay->master, .events = POLLIN };
}

/* Takes from the one end what there is, or gives to the other what it takes. */
void relay_show(struct relay *relay)
{
	size_t size = relay->shown_size;
	ssize_t n = size ? write(relay->terminal, relay->shown, size)
			 : read(relay->master, relay->shown, sizeof(relay->shown));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && size)
		memmove(relay->shown, relay->shown + n, size - (size_t)n);
	relay->shown_size = size    ? size - (size_t)(n > 0 ? n : (ssize_t)size)
			    : n > 0 ? (size_t)n
				    : 0;
	relay->hung_up |= n <= 0;
}

/* All that there is, unless the terminal takes nothing. */
static void show_all(struct relay *relay)
{
	struct pollfd p;

	do {
		p = relay_shows(relay);
		if (p.fd < 0 || poll(&p, 1, p.events & POLLOUT ? SHOW_MS : 0) <= 0)
			break;
		relay_show(relay);
	} while (true);
}

void relay_signal(struct relay *relay, int signal)
{
	if (relay->master >= 0 && (signal == SIGWINCH || signal == SIGCONT))
		size_copy(relay); /* it may have changed while we were stopped, too */
}

void relay_stop(struct relay *relay)
{
	if (relay->master < 0)
		return;
	show_all(relay);
	raw_end(relay);
}

void relay_close(struct relay *relay)
{
	if (relay->master < 0)
		return;
	show_all(relay);
	raw_end(relay);
	descriptors_close(relay);
}
