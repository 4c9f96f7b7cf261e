/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Terminals of a child: its controlling one, the pseudo-terminals that it made, and those it was
 * started on. No other terminal of the user is the child's to open, whatever the policy says of
 * /dev/pts.
 */
#ifndef SUPERVISOR_PTY_H
#define SUPERVISOR_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct child;
struct place;

/* Before the device at this place is opened. Turns /dev/tty into the caller's own. 0, or ENXIO,
 * EACCES. */
int pty_admit(struct call *call, struct place *place);

/* After the device was opened: if it is a new pseudo-terminal's master, its slave is the child's. 0
 * or ENOMEM. */
int pty_opened(struct child *child, int fd);

/* Is it a terminal that the child made? All others it shares with somebody. */
bool pty_made(struct child *child, int fd);

/* Lets go of all of them. */
void ptys_free(struct child *child);

/* The terminal behind a descriptor that the child is started with, if it is one. 0 or -ENOMEM. */
int pty_given(struct child *child, int fd);

#endif
